import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleUser, KeyRound, LogOut, Ticket } from 'lucide-react';
import { logOutMutation } from '@/api/gen/@tanstack/react-query.gen';
import { queryClient } from '@/api/query';
import { useSession } from '@/api/role';
import { Button } from '@/components/ui/button';
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from '@/components/ui/menu';
import { useI18n } from '@/i18n';

/** Who is logged in, and the way out. Loaded where there are accounts. */
export default function Account() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const session = useSession();
  const logOut = useMutation({ ...logOutMutation(), onSuccess: () => queryClient.resetQueries() });
  const user = session.data?.user;
  if (!user) return null;
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button
          kind="ghost"
          size="icon"
          aria-label={t('account.menu', { name: user.name })}
          data-testid="account"
        >
          <CircleUser />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>
          {user.name}
          {session.data?.role && ` · ${t(`roles.${session.data.role}`)}`}
        </MenuLabel>
        <MenuItem onSelect={() => navigate({ to: '/system/about' })}>
          <KeyRound /> {t('account.title')}
        </MenuItem>
        <MenuItem onSelect={() => navigate({ to: '/system/tokens' })}>
          <Ticket /> {t('system.pages.tokens')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => logOut.mutate({})}>
          <LogOut /> {t('account.logOut')}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
