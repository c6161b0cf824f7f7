import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Ticket, Trash2 } from 'lucide-react';
import { useState } from 'react';
import {
  listApiTokensOptions,
  listApiTokensQueryKey,
  revokeApiTokenMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { ApiToken } from '@/api/gen/types.gen';
import { useSession } from '@/api/role';
import { Confirm } from '@/components/confirm';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';
import { CreateToken } from './create-token';

/** With what programs come in. */
export default function ApiTokensPage() {
  const { t } = useI18n();
  const client = useQueryClient();
  const session = useSession().data;
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken>();
  const tokens = useQuery({ ...listApiTokensOptions(), enabled: session?.accounts === true });
  const revoke = useMutation({
    ...revokeApiTokenMutation(),
    onSuccess: () => {
      setRevoking(undefined);
      say(t('apiTokens.revoked'));
      return client.invalidateQueries({ queryKey: listApiTokensQueryKey() });
    },
  });
  if (session && !session.accounts) {
    return (
      <Card>
        <Empty icon={<Ticket />} title={t('apiTokens.open')} text={t('apiTokens.openText')}>
          <Button asChild>
            <Link to="/system/users">{t('system.pages.users')}</Link>
          </Button>
        </Empty>
      </Card>
    );
  }
  const heads = [
    { key: 'name', name: t('apiTokens.name') },
    ...(session?.role === 'admin' ? [{ key: 'user', name: t('apiTokens.user') }] : []),
    { key: 'scope', name: t('apiTokens.scope') },
    { key: 'expires', name: t('apiTokens.expires') },
    { key: 'used', name: t('apiTokens.used') },
    { key: 'revoke', name: <span className="sr-only">{t('apiTokens.revoke')}</span> },
  ];
  return (
    <Card>
      <CardTitle
        aside={
          <Button size="sm" kind="primary" onClick={() => setCreating(true)} data-testid="create-token">
            <Plus /> {t('apiTokens.create')}
          </Button>
        }
      >
        {t('system.pages.tokens')}
      </CardTitle>
      {tokens.isPending ? (
        <Skeleton className="h-40" />
      ) : tokens.isError ? (
        <Failure error={tokens.error} onRetry={() => tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <Empty icon={<Ticket />} title={t('apiTokens.none')} text={t('apiTokens.noneText')} />
      ) : (
        <Table label={t('system.pages.tokens')} heads={heads} width="min-w-[42rem]">
          {tokens.data.map((token) => (
            <Line
              key={token.id}
              token={token}
              withUser={session?.role === 'admin'}
              onRevoke={() => setRevoking(token)}
            />
          ))}
        </Table>
      )}
      {creating && session?.role && <CreateToken role={session.role} onClose={() => setCreating(false)} />}
      <Confirm
        open={revoking !== undefined}
        onOpenChange={(open) => !open && setRevoking(undefined)}
        title={t('apiTokens.revokeTitle', { name: revoking?.name ?? '' })}
        text={t('apiTokens.revokeText')}
        action={t('apiTokens.revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate({ path: { id: revoking.id } })}
      />
    </Card>
  );
}

type LineProps = { token: ApiToken; withUser: boolean; onRevoke: () => void };

function Line({ token, withUser, onRevoke }: LineProps) {
  const { t, format } = useI18n();
  const isOver = token.expires_at != null && Date.parse(token.expires_at) <= Date.now();
  return (
    <tr data-testid="api-token">
      <Cell>
        <span className="block font-medium">{token.name}</span>
        <code className="text-muted text-xs">{token.beginning}…</code>
      </Cell>
      {withUser && <Cell>{token.user ?? '—'}</Cell>}
      <Cell>{t(`roles.${token.scope}`)}</Cell>
      <Cell className="whitespace-nowrap">
        {isOver ? (
          <Badge tone="bad">{t('apiTokens.over')}</Badge>
        ) : token.expires_at ? (
          <span title={format.time(token.expires_at)}>{format.date(token.expires_at)}</span>
        ) : (
          t('apiTokens.never')
        )}
      </Cell>
      <Cell className="whitespace-nowrap">
        {token.last_used_at ? format.ago(token.last_used_at) : t('apiTokens.unused')}
      </Cell>
      <Cell right>
        <Button
          size="sm"
          kind="danger"
          aria-label={`${token.name}: ${t('apiTokens.revoke')}`}
          onClick={onRevoke}
          data-testid="revoke"
        >
          <Trash2 /> {t('apiTokens.revoke')}
        </Button>
      </Cell>
    </tr>
  );
}
