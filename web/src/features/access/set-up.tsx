import { useMutation } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { setUpMutation } from '@/api/gen/@tanstack/react-query.gen';
import { queryClient } from '@/api/query';
import { useSession } from '@/api/role';
import { setCsrfToken } from '@/api/session';
import { say } from '@/components/say';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { Door } from './door';
import { NameField, PasswordField } from './fields';

/** The first account, an administrator's: there is none yet, and from then on everybody logs in. */
export default function SetUp() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const session = useSession().data;
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const setUp = useMutation({
    ...setUpMutation(),
    meta: { quiet: true },
    onSuccess: async (made) => {
      setCsrfToken(made.csrf_token);
      await navigate({ to: '/system/users', replace: true });
      say(t('setup.done', { name: made.user?.name ?? username }));
      return queryClient.resetQueries();
    },
  });
  // Whoever has an account, or is not at the machine, has nothing to do here.
  if (session && !session.setup_possible && !setUp.isPending) return <Navigate to="/" replace />;
  const differs = again !== '' && again !== password;
  return (
    <Door
      title={t('setup.title')}
      text={t('setup.text')}
      error={setUp.error ?? undefined}
      onSubmit={() => setUp.mutate({ body: { username: username.trim(), password } })}
    >
      <NameField value={username} onChange={setUsername} hint={t('access.nameHint')} />
      <PasswordField value={password} onChange={setPassword} hint={t('access.passwordHint')} />
      <PasswordField
        label={t('setup.again')}
        name="password-again"
        value={again}
        onChange={setAgain}
        error={differs ? t('setup.differs') : undefined}
      />
      <Button
        type="submit"
        kind="primary"
        disabled={!username.trim() || password.length < 8 || password !== again || setUp.isPending}
        data-testid="set-up"
      >
        {t('setup.create')}
      </Button>
      <Button kind="ghost" asChild>
        <Link to="/system/users">{t('common.cancel')}</Link>
      </Button>
    </Door>
  );
}
