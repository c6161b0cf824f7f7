import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { logInMutation } from '@/api/gen/@tanstack/react-query.gen';
import { queryClient } from '@/api/query';
import { setCsrfToken } from '@/api/session';
import { Brand } from '@/app/brand';
import { ErrorText } from '@/components/error-text';
import { Button } from '@/components/ui/button';
import { Field, Input } from '@/components/ui/fields';
import { useI18n } from '@/i18n';

/** Who are you? */
export default function LogIn({ oidc }: { oidc: boolean }) {
  const { t } = useI18n();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const logIn = useMutation({
    ...logInMutation(),
    meta: { quiet: true },
    onSuccess: (session) => {
      setCsrfToken(session.csrf_token);
      return queryClient.resetQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate({ body: { username, password } });
  };
  const back = encodeURIComponent(location.pathname + location.search);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form
        onSubmit={submit}
        className="grid w-full max-w-sm gap-4 rounded-2xl border bg-panel p-6 shadow-lg"
      >
        <Brand />
        <h1 className="font-semibold text-xl">{t('access.title')}</h1>
        <Field label={t('access.username')}>
          {(attributes) => (
            <Input
              {...attributes}
              name="username"
              autoComplete="username"
              required
              value={username}
              onChange={(event) => setUsername(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('access.password')}>
          {(attributes) => (
            <Input
              {...attributes}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {logIn.isError && (
          <div role="alert" className="rounded-xl bg-bad-soft p-3">
            <ErrorText error={logIn.error} />
          </div>
        )}
        <Button type="submit" kind="primary" disabled={logIn.isPending}>
          {t('access.logIn')}
        </Button>
        {oidc && (
          <Button asChild>
            <a href={`/api/v1/auth/oidc/login?return_to=${back}`}>{t('access.oidc')}</a>
          </Button>
        )}
      </form>
    </main>
  );
}
