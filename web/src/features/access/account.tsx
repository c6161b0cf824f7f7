import { useMutation } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { logOutMutation } from '@/api/gen/@tanstack/react-query.gen';
import { queryClient } from '@/api/query';
import { useSession } from '@/app/gate';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';

/** Who is logged in, and the way out; nothing where there are no accounts. */
export function Account() {
  const { t } = useI18n();
  const session = useSession();
  const logOut = useMutation({ ...logOutMutation(), onSuccess: () => queryClient.resetQueries() });
  const user = session.data?.user;
  if (!user) return null;
  return (
    <Button
      kind="ghost"
      size="icon"
      title={t('access.logOutOf', { name: user.name })}
      aria-label={t('access.logOutOf', { name: user.name })}
      onClick={() => logOut.mutate({})}
    >
      <LogOut />
    </Button>
  );
}
