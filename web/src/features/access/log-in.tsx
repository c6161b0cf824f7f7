import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { logInMutation } from '@/api/gen/@tanstack/react-query.gen';
import { ApiError } from '@/api/problem';
import { queryClient } from '@/api/query';
import { setCsrfToken } from '@/api/session';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { Door } from './door';
import { NameField, PasswordField } from './fields';

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
  // The identity provider's log-in failed, and the server sent the browser here with why.
  const refused = location.pathname === '/login' && new URLSearchParams(location.search).get('error');
  const back = encodeURIComponent(refused ? '/' : location.pathname + location.search);
  const error = logIn.error ?? (refused ? new ApiError(refused, 403, t('access.oidcFailed')) : undefined);
  return (
    <Door
      title={t('access.title')}
      error={error}
      onSubmit={() => logIn.mutate({ body: { username, password } })}
    >
      {oidc && (
        <>
          <Button kind="primary" asChild>
            <a href={`/api/v1/auth/oidc/login?return_to=${back}`} data-testid="oidc">
              {t('access.oidc')}
            </a>
          </Button>
          <p className="flex items-center gap-3 text-muted text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            {t('access.or')}
          </p>
        </>
      )}
      <NameField value={username} onChange={setUsername} />
      <PasswordField autoComplete="current-password" value={password} onChange={setPassword} />
      <Button type="submit" kind={oidc ? 'plain' : 'primary'} disabled={logIn.isPending}>
        {t('access.logIn')}
      </Button>
    </Door>
  );
}
