import { useQuery } from '@tanstack/react-query';
import i18next from 'i18next';
import { Inbox, X } from 'lucide-react';
import { listDeliveriesOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { Attempt, Channel, Delivery } from '@/api/gen/types.gen';
import { Badge, Empty, Failure, Skeleton, type Tone } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { type T, useI18n } from '@/i18n';

const MOST = 50;

const TONES: Record<string, Tone> = {
  delivered: 'good',
  waiting: 'warn',
  failed: 'bad',
};

/** The last messages to a channel, each with every attempt. */
export function ChannelLog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t, format } = useI18n();
  const log = useQuery(listDeliveriesOptions({ path: { id: channel.id }, query: { limit: MOST } }));
  const title = t('channels.logOf', { name: channel.name });
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={title}>
      <header className="flex items-center gap-2 border-b px-5 py-3.5">
        <h2 className="min-w-0 flex-1 truncate font-semibold text-base">{title}</h2>
        <SheetClose asChild>
          <Button kind="ghost" size="icon" aria-label={t('common.close')}>
            <X />
          </Button>
        </SheetClose>
      </header>
      <div
        className="min-h-0 flex-1 overflow-y-auto px-5 py-5"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label={title}
      >
        {log.isPending ? (
          <Skeleton className="h-40" />
        ) : log.isError ? (
          <Failure error={log.error} onRetry={() => log.refetch()} />
        ) : log.data.length === 0 ? (
          <Empty icon={<Inbox />} title={t('channels.noLog')} text={t('channels.noLogText')} />
        ) : (
          <ol className="grid gap-3">
            {log.data.map((delivery) => (
              <li key={delivery.id} className="rounded-xl border p-3.5" data-testid="delivery">
                <p className="flex flex-wrap items-center gap-2 font-medium">
                  <Badge tone={TONES[delivery.state] ?? 'neutral'}>
                    {t(`channels.state.${delivery.state as 'waiting'}`, { defaultValue: delivery.state })}
                  </Badge>
                  <span className="min-w-0 break-words">
                    {delivery.trial ? t('channels.trial') : (delivery.subject ?? t('channels.unwritten'))}
                  </span>
                </p>
                <p className="num mt-1 text-muted text-xs">
                  {[
                    format.time(delivery.created_at),
                    ...(delivery.due_at ? [t('channels.due', { when: format.ago(delivery.due_at) })] : []),
                    ...(delivery.notices.length > 1
                      ? [
                          t('channels.together', {
                            count: delivery.notices.length,
                            number: format.number(delivery.notices.length),
                          }),
                        ]
                      : []),
                  ].join(' · ')}
                </p>
                {delivery.attempts.length > 0 && (
                  <ol className="num mt-2 grid gap-1 text-[13px]">
                    {delivery.attempts.map((attempt) => (
                      <li key={attempt.at} className="flex flex-wrap gap-x-3">
                        <span className="text-muted">{format.time(attempt.at)}</span>
                        <span className={attempt.error_code ? 'text-bad' : 'text-good'}>
                          {attemptText(attempt, t)}
                        </span>
                      </li>
                    ))}
                  </ol>
                )}
              </li>
            ))}
          </ol>
        )}
      </div>
    </Sheet>
  );
}

/** How a message went that was sent just now. */
export function Sent({ delivery }: { delivery: Delivery }) {
  const { t } = useI18n();
  const attempt = delivery.attempts.at(-1);
  const arrived = delivery.state === 'delivered';
  return (
    <span className={arrived ? 'text-good' : 'text-bad'}>
      {arrived || !attempt ? t(`channels.state.${delivery.state as 'waiting'}`) : attemptText(attempt, t)}
    </span>
  );
}

/** How an attempt went: the sentence for its code in the reader's language, else as the server says it. */
function attemptText({ error_code: code, error, status }: Attempt, t: T): string {
  const answer = status == null ? '' : ` (${status})`;
  if (!code) return t('channels.state.delivered') + answer;
  const key = `channels.failure.${code}`;
  return i18next.language !== 'en' && i18next.exists(key)
    ? t(key as 'channels.failure.refused') + answer
    : (error ?? code);
}
