import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { BellPlus, BellRing, Ellipsis, KeyRound, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import {
  changeChannelMutation,
  listChannelsOptions,
  listChannelsQueryKey,
  removeChannelMutation,
  renewChannelSecretMutation,
  testChannelMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { Channel } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { Confirm } from '@/components/confirm';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { type T, useI18n } from '@/i18n';
import type { Formats } from '@/lib/format';
import { draftOf, eventsOf, FAMILY_NAMES, type Family, kindsOf } from './channel-draft';
import { ChannelEditor } from './channel-editor';
import { ChannelLog, Sent } from './channel-log';
import { Secret } from './secret';

const route = getRouteApi('/system/notifications');

/** Where people are told what happens, and when. */
export default function ChannelsPage() {
  const { t } = useI18n();
  const { channel: open } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('member');
  const channels = useQuery({ ...listChannelsOptions(), enabled: may });
  const [editing, setEditing] = useState<Channel | 'new'>();
  const [secret, setSecret] = useState<string>();
  const show = (channel: string | undefined) => navigate({ search: channel ? { channel } : {} });
  const shown = channels.data?.find((one) => one.id === open);
  if (!may) return <Empty icon={<BellRing />} title={t('access.needs.member')} />;
  return (
    <Card>
      <CardTitle
        aside={
          <Button
            size="sm"
            kind="primary"
            needs="admin"
            onClick={() => setEditing('new')}
            data-testid="add-channel"
          >
            <BellPlus /> {t('channels.add')}
          </Button>
        }
      >
        {t('system.pages.notifications')}
      </CardTitle>
      {channels.isPending ? (
        <Skeleton className="h-40" />
      ) : channels.isError ? (
        <Failure error={channels.error} onRetry={() => channels.refetch()} />
      ) : channels.data.length === 0 ? (
        <Empty icon={<BellRing />} title={t('channels.none')} text={t('channels.noneText')} />
      ) : (
        <ul className="grid gap-3">
          {channels.data.map((channel) => (
            <Line
              key={channel.id}
              channel={channel}
              onEdit={() => setEditing(channel)}
              onLog={() => show(channel.id)}
              onSecret={setSecret}
            />
          ))}
        </ul>
      )}
      {editing && (
        <ChannelEditor
          channel={editing === 'new' ? undefined : editing}
          onSecret={setSecret}
          onClose={() => setEditing(undefined)}
        />
      )}
      {secret && (
        <Dialog
          open
          onOpenChange={() => setSecret(undefined)}
          title={t('channels.secretTitle')}
          description={t('secret.once')}
        >
          <Secret label={t('channels.secret')} secret={secret} onClose={() => setSecret(undefined)}>
            <p className="text-muted">{t('channels.secretText')}</p>
          </Secret>
        </Dialog>
      )}
      {shown && <ChannelLog channel={shown} onClose={() => show(undefined)} />}
    </Card>
  );
}

type LineProps = {
  channel: Channel;
  onEdit: () => void;
  onLog: () => void;
  onSecret: (secret: string) => void;
};

function Line({ channel, onEdit, onLog, onSecret }: LineProps) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const may = useMay('admin');
  const [asking, setAsking] = useState<'remove' | 'secret'>();
  const path = { id: channel.id };
  const onSuccess = () => client.invalidateQueries({ queryKey: listChannelsQueryKey() });
  // Its log has a line more; a receiver that is gone has switched the channel off.
  const test = useMutation({ ...testChannelMutation(), onSettled: () => client.invalidateQueries() });
  const change = useMutation({ ...changeChannelMutation(), onSuccess });
  const remove = useMutation({
    ...removeChannelMutation(),
    onSuccess: () => {
      setAsking(undefined);
      say(t('channels.removed', { name: channel.name }));
      return onSuccess();
    },
  });
  const renew = useMutation({
    ...renewChannelSecretMutation(),
    onSuccess: ({ secret }) => {
      setAsking(undefined);
      if (secret) onSecret(secret);
    },
  });
  const enabled = channel.enabled !== false;
  return (
    <li className="grid gap-2 rounded-xl border p-4" data-testid="channel">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {channel.name}
            <Badge>{t(`channels.kind.${channel.kind}`)}</Badge>
            {!enabled && <Badge tone="warn">{t('channels.off')}</Badge>}
          </p>
          <p className="truncate text-muted text-xs" title={channel.target}>
            {channel.target}
          </p>
          <p className="num mt-1 text-muted text-xs">{termsText(channel, t, format)}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            needs="admin"
            disabled={test.isPending}
            onClick={() => test.mutate({ path })}
            data-testid="test-channel"
          >
            <Send /> {t('channels.test')}
          </Button>
          <Button size="sm" onClick={onLog} data-testid="channel-log">
            {t('channels.log')}
          </Button>
          {may && (
            <Menu>
              <MenuTrigger asChild>
                <Button size="sm" kind="ghost" aria-label={`${channel.name}: ${t('users.more')}`}>
                  <Ellipsis />
                </Button>
              </MenuTrigger>
              <MenuContent>
                <MenuItem onSelect={onEdit}>
                  <Pencil /> {t('channels.edit')}
                </MenuItem>
                <MenuItem
                  onSelect={() => change.mutate({ path, body: { ...draftOf(channel), enabled: !enabled } })}
                >
                  {enabled ? <Pause /> : <Play />} {t(enabled ? 'channels.switchOff' : 'channels.switchOn')}
                </MenuItem>
                {channel.kind === 'webhook' && (
                  <MenuItem onSelect={() => setAsking('secret')}>
                    <KeyRound /> {t('channels.renew')}
                  </MenuItem>
                )}
                <MenuItem onSelect={() => setAsking('remove')}>
                  <Trash2 /> {t('common.delete')}
                </MenuItem>
              </MenuContent>
            </Menu>
          )}
        </div>
      </div>
      {test.data && (
        <p role="status" className="text-[13px]" data-testid="test-outcome">
          <Sent delivery={test.data} />
        </p>
      )}
      <Confirm
        open={asking === 'remove'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={t('channels.removeTitle', { name: channel.name })}
        text={t('channels.removeText')}
        action={t('common.delete')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate({ path })}
      />
      <Confirm
        open={asking === 'secret'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={t('channels.renewTitle', { name: channel.name })}
        text={t('channels.renewText')}
        action={t('channels.renew')}
        busy={renew.isPending}
        onConfirm={() => renew.mutate({ path })}
      />
    </li>
  );
}

/** What a channel tells and when, on one line. */
function termsText(channel: Channel, t: T, format: Formats): string {
  const news = eventsOf(kindsOf(channel.events ?? [])).map((event) =>
    FAMILY_NAMES.includes(event as Family)
      ? t(`channels.family.${event as Family}`)
      : t(`channels.news.${event.replace('.', '_') as 'run_done'}`),
  );
  const zone = channel.time_zone ?? 'UTC';
  return [
    news.length === 0 ? t('channels.everything') : news.join(', '),
    channel.digest_at ? t('channels.daily', { time: channel.digest_at, zone }) : t('channels.atOnce'),
    ...(channel.quiet_from && channel.quiet_until
      ? [t('channels.quietText', { from: channel.quiet_from, until: channel.quiet_until, zone })]
      : []),
    ...(channel.daily_limit != null
      ? [t('channels.limitText', { count: channel.daily_limit, number: format.number(channel.daily_limit) })]
      : []),
  ].join(' · ');
}
