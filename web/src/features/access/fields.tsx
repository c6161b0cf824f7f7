import { Field, Input } from '@/components/ui/fields';
import { useI18n } from '@/i18n';

type NameProps = { value: string; onChange: (value: string) => void; hint?: string; autoComplete?: string };

/** The name one logs in with. */
export function NameField({ value, onChange, hint, autoComplete = 'username' }: NameProps) {
  const { t } = useI18n();
  return (
    <Field label={t('access.username')} hint={hint}>
      {(attributes) => (
        <Input
          {...attributes}
          name="username"
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={200}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

type PasswordProps = {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  name?: string;
  hint?: string | undefined;
  error?: string | undefined;
  required?: boolean;
  autoComplete?: 'current-password' | 'new-password';
};

/** A password, hidden while it is typed. */
export function PasswordField({
  value,
  onChange,
  label,
  name = 'password',
  hint,
  error,
  required = true,
  autoComplete = 'new-password',
}: PasswordProps) {
  const { t } = useI18n();
  return (
    <Field label={label ?? t('access.password')} hint={hint} error={error}>
      {(attributes) => (
        <Input
          {...attributes}
          name={name}
          type="password"
          autoComplete={autoComplete}
          required={required}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
