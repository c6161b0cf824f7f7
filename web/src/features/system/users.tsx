import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ellipsis, KeyRound, Trash2, UserCheck, UserPlus, Users, UserX } from 'lucide-react';
import { useState } from 'react';
import {
  changeUserMutation,
  listUsersOptions,
  removeUserMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { Role, User } from '@/api/gen/types.gen';
import { ROLES, useMay, useSession } from '@/api/role';
import { AdminsOnly } from '@/components/admins-only';
import { Confirm } from '@/components/confirm';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/fields';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';
import { AddUser, SetPassword } from './user-dialogs';

/** Who may come in, and what they may do. */
export default function UsersPage() {
  const { t } = useI18n();
  const session = useSession().data;
  const may = useMay('admin');
  const [adding, setAdding] = useState(false);
  const users = useQuery({ ...listUsersOptions(), enabled: may && session?.accounts === true });
  if (!may) return <AdminsOnly />;
  if (session && !session.accounts) {
    return (
      <Card>
        <Empty icon={<Users />} title={t('users.open')} text={t('users.openText')}>
          <Button kind="primary" asChild>
            <Link to="/setup">{t('users.first')}</Link>
          </Button>
        </Empty>
      </Card>
    );
  }
  const heads = [
    { key: 'name', name: t('access.username') },
    { key: 'role', name: t('account.role') },
    { key: 'ways', name: t('users.ways') },
    { key: 'last', name: t('users.last') },
    { key: 'menu', name: <span className="sr-only">{t('users.more')}</span> },
  ];
  return (
    <Card>
      <CardTitle
        aside={
          <Button size="sm" kind="primary" onClick={() => setAdding(true)} data-testid="add-user">
            <UserPlus /> {t('users.add')}
          </Button>
        }
      >
        {t('system.pages.users')}
      </CardTitle>
      {users.isPending ? (
        <Skeleton className="h-64" />
      ) : users.isError ? (
        <Failure error={users.error} onRetry={() => users.refetch()} />
      ) : (
        <Table label={t('system.pages.users')} heads={heads} width="min-w-[42rem]">
          {users.data.map((user) => (
            <Line key={user.id} user={user} isMe={user.id === session?.user?.id} />
          ))}
        </Table>
      )}
      <dl className="mt-4 grid gap-1 text-muted text-xs">
        {ROLES.map((role) => (
          <div key={role} className="flex gap-2">
            <dt className="w-28 shrink-0 font-medium text-ink">{t(`roles.${role}`)}</dt>
            <dd>{t(`roles.may.${role}`)}</dd>
          </div>
        ))}
      </dl>
      {adding && <AddUser onClose={() => setAdding(false)} />}
    </Card>
  );
}

function Line({ user, isMe }: { user: User; isMe: boolean }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const [asking, setAsking] = useState<'remove' | 'password'>();
  const path = { user: user.id };
  // One's own role may be among what changed.
  const onSuccess = () => client.invalidateQueries();
  const change = useMutation({ ...changeUserMutation(), onSuccess });
  const remove = useMutation({
    ...removeUserMutation(),
    onSuccess: () => {
      setAsking(undefined);
      say(t('users.removed', { name: user.name }));
      return onSuccess();
    },
  });
  return (
    <tr data-testid="user">
      <Cell>
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {user.name}
          {isMe && <Badge>{t('users.me')}</Badge>}
          {user.disabled && <Badge tone="bad">{t('users.disabled')}</Badge>}
        </span>
      </Cell>
      <Cell className="w-44">
        <Select
          aria-label={`${user.name}: ${t('account.role')}`}
          value={change.isPending ? (change.variables.body.role ?? user.role) : user.role}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ path, body: { role: event.target.value as Role } })}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`roles.${role}`)}
            </option>
          ))}
        </Select>
      </Cell>
      <Cell className="text-muted">
        {[
          ...(user.has_password ? [t('access.password')] : []),
          ...(user.has_identity ? [t('users.identity')] : []),
        ].join(', ') || t('users.identityFirst')}
      </Cell>
      <Cell className="whitespace-nowrap">
        {user.last_login_at ? format.ago(user.last_login_at) : t('users.never')}
      </Cell>
      <Cell right>
        <Menu>
          <MenuTrigger asChild>
            <Button kind="ghost" size="icon" aria-label={`${user.name}: ${t('users.more')}`}>
              <Ellipsis />
            </Button>
          </MenuTrigger>
          <MenuContent>
            <MenuItem onSelect={() => setAsking('password')}>
              <KeyRound /> {t('users.setPassword')}
            </MenuItem>
            <MenuItem onSelect={() => change.mutate({ path, body: { disabled: !user.disabled } })}>
              {user.disabled ? <UserCheck /> : <UserX />}{' '}
              {t(user.disabled ? 'users.enable' : 'users.disable')}
            </MenuItem>
            <MenuItem onSelect={() => setAsking('remove')}>
              <Trash2 /> {t('common.delete')}
            </MenuItem>
          </MenuContent>
        </Menu>
        <Confirm
          open={asking === 'remove'}
          onOpenChange={(open) => !open && setAsking(undefined)}
          title={t('users.removeTitle', { name: user.name })}
          text={t('users.removeText')}
          action={t('common.delete')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ path })}
        />
        {asking === 'password' && <SetPassword user={user} onClose={() => setAsking(undefined)} />}
      </Cell>
    </tr>
  );
}
