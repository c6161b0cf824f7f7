import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createApiTokenMutation, listApiTokensQueryKey } from '@/api/gen/@tanstack/react-query.gen';
import type { Role } from '@/api/gen/types.gen';
import { ROLES, reaches } from '@/api/role';
import { Failure } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, Select } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { Secret } from './secret';

/** For how many days a token may be good; none: until it is revoked. */
const DAYS = [30, 90, 365] as const;

/** Makes a token, and shows its secret this once. */
export function CreateToken({ role, onClose }: { role: Role; onClose: () => void }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Role>('viewer');
  const [days, setDays] = useState<string>('90');
  const create = useMutation({
    ...createApiTokenMutation(),
    meta: { quiet: true },
    onSuccess: () => client.invalidateQueries({ queryKey: listApiTokensQueryKey() }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const until = days === '' ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    create.mutate({ body: { name: name.trim(), scope, ...(until && { expires_at: until }) } });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('apiTokens.create')}
      description={t(create.data ? 'secret.once' : 'apiTokens.createText')}
    >
      {create.data ? (
        <Secret label={t('apiTokens.secret')} secret={create.data.token} onClose={onClose}>
          <pre className="whitespace-pre-wrap break-all rounded-lg bg-raised p-3 text-xs">{`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/tokens`}</pre>
        </Secret>
      ) : (
        <form onSubmit={submit} className="grid gap-4">
          <Field label={t('apiTokens.name')} hint={t('apiTokens.nameHint')}>
            {(attributes) => (
              <Input
                {...attributes}
                name="token-name"
                maxLength={100}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('apiTokens.scope')} hint={t(`roles.may.${scope}`)}>
            {(attributes) => (
              <Select
                {...attributes}
                name="token-scope"
                value={scope}
                onChange={(event) => setScope(event.target.value as Role)}
              >
                {ROLES.filter((one) => reaches(role, one)).map((one) => (
                  <option key={one} value={one}>
                    {t(`roles.${one}`)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t('apiTokens.expires')}>
            {(attributes) => (
              <Select
                {...attributes}
                name="token-expires"
                value={days}
                onChange={(event) => setDays(event.target.value)}
              >
                {DAYS.map((one) => (
                  <option key={one} value={one}>
                    {t('apiTokens.in', { time: format.lasting(one * 86_400) })}
                  </option>
                ))}
                <option value="">{t('apiTokens.never')}</option>
              </Select>
            )}
          </Field>
          {create.isError && <Failure error={create.error} />}
          <Button
            type="submit"
            kind="primary"
            disabled={!name.trim() || create.isPending}
            data-testid="create-token-confirm"
          >
            {t('apiTokens.create')}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
