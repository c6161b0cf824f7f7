import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { addUserMutation, changeUserMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { Role, User } from '@/api/gen/types.gen';
import { ROLES } from '@/api/role';
import { say } from '@/components/say';
import { Failure } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Select } from '@/components/ui/fields';
import { NameField, PasswordField } from '@/features/access/fields';
import { useI18n } from '@/i18n';

/** A new account. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const add = useMutation({
    ...addUserMutation(),
    meta: { quiet: true },
    onSuccess: (user) => {
      onClose();
      say(t('users.added', { name: user.name }));
      return client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ body: { username: username.trim(), role, ...(password && { password }) } });
  };
  return (
    <Dialog open onOpenChange={onClose} title={t('users.add')}>
      <form onSubmit={submit} className="grid gap-4">
        <NameField value={username} onChange={setUsername} hint={t('access.nameHint')} autoComplete="off" />
        <PasswordField
          value={password}
          onChange={setPassword}
          required={false}
          hint={t('users.passwordHint')}
        />
        <Field label={t('account.role')} hint={t(`roles.may.${role}`)}>
          {(attributes) => (
            <Select
              {...attributes}
              name="role"
              value={role}
              onChange={(event) => setRole(event.target.value as Role)}
            >
              {ROLES.map((one) => (
                <option key={one} value={one}>
                  {t(`roles.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {add.isError && <Failure error={add.error} />}
        <Button
          type="submit"
          kind="primary"
          disabled={!username.trim() || (password !== '' && password.length < 8) || add.isPending}
          data-testid="add-user-confirm"
        >
          {t('users.add')}
        </Button>
      </form>
    </Dialog>
  );
}

/** A new password for somebody. */
export function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const change = useMutation({
    ...changeUserMutation(),
    meta: { quiet: true },
    onSuccess: () => {
      onClose();
      say(t('users.passwordSet', { name: user.name }));
      return client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ path: { user: user.id }, body: { password } });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('users.setPasswordOf', { name: user.name })}
      description={t('users.setPasswordText')}
    >
      <form onSubmit={submit} className="grid gap-4">
        <PasswordField value={password} onChange={setPassword} hint={t('access.passwordHint')} />
        {change.isError && <Failure error={change.error} />}
        <Button type="submit" kind="primary" disabled={password.length < 8 || change.isPending}>
          {t('common.save')}
        </Button>
      </form>
    </Dialog>
  );
}
