import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Brush, Trash2 } from 'lucide-react';
import { useState } from 'react';
import {
  clearCachesMutation,
  getCacheStatsOptions,
  purgeCachesMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { CacheState, Removed } from '@/api/gen/types.gen';
import { Confirm } from '@/components/confirm';
import { say } from '@/components/say';
import { Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { CacheFigures } from '@/features/dashboard/cache-health';
import { useI18n } from '@/i18n';
import { CacheRows } from './cache-rows';

/** How both caches do, what is in them, and emptying them. */
export default function CachesPage() {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const [asking, setAsking] = useState<'discovery' | 'scoring'>();
  const caches = useQuery(getCacheStatsOptions());
  const onSuccess = (removed: Removed) => {
    const count = removed.discovery + removed.scoring;
    setAsking(undefined);
    say(t('system.purged', { count, number: format.number(count) }));
    client.invalidateQueries();
  };
  const purge = useMutation({ ...purgeCachesMutation(), onSuccess });
  const clear = useMutation({ ...clearCachesMutation(), onSuccess });
  return (
    <div className="grid gap-5">
      <Card>
        <CardTitle
          aside={
            <Button
              size="sm"
              needs="admin"
              disabled={purge.isPending}
              onClick={() => purge.mutate({})}
              data-testid="purge"
            >
              <Brush /> {t('system.purge')}
            </Button>
          }
        >
          {t('system.pages.caches')}
        </CardTitle>
        {caches.isPending ? (
          <Skeleton className="h-56" />
        ) : caches.isError ? (
          <Failure error={caches.error} onRetry={() => caches.refetch()} />
        ) : (
          <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
            {(['discovery', 'scoring'] as const).map((name) => (
              <div key={name} className="grid content-start gap-3">
                <CacheFigures name={t(`cache.${name}`)} state={caches.data[name]} />
                <More state={caches.data[name]} />
                <div>
                  <Button
                    size="sm"
                    kind="danger"
                    needs="admin"
                    disabled={caches.data[name].entries === 0}
                    onClick={() => setAsking(name)}
                    data-testid={`clear-${name}`}
                  >
                    <Trash2 /> {t('system.clear')}
                  </Button>
                </div>
              </div>
            ))}
          </div>
        )}
        <p className="mt-4 text-muted text-xs">{t('system.purgeNote')}</p>
      </Card>
      <CacheRows />
      <Confirm
        open={asking !== undefined}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={t('system.clearTitle')}
        text={asking && t(`system.clearText.${asking}`)}
        action={t('system.clear')}
        busy={clear.isPending}
        onConfirm={() => asking && clear.mutate({ body: { cache: asking } })}
      />
    </div>
  );
}

/** How much was answered from a cache lately, and how old its rows are. */
function More({ state }: { state: CacheState }) {
  const { t, format } = useI18n();
  const { window, ages } = state;
  const most = Math.max(1, ...ages.map((age) => age.entries));
  const range = ({ from_hours: from, to_hours: to }: (typeof ages)[number]) =>
    to != null && (from ?? 0) === 0
      ? t('system.younger', { hours: format.number(to) })
      : to != null
        ? t('system.between', { from: format.number(from), to: format.number(to) })
        : from != null
          ? t('system.older', { hours: format.number(from) })
          : t('system.ageUnknown');
  const lines = [
    [
      t('system.hitRatio', { hours: format.number(window.hours) }),
      window.hit_ratio == null
        ? '—'
        : t('system.hitRatioOf', {
            ratio: format.percent(window.hit_ratio * 100, 1),
            hits: format.number(window.hits),
            all: format.number(window.hits + window.misses),
          }),
    ],
    [t('system.oldest'), state.oldest ? format.ago(state.oldest) : '—'],
    [t('system.newest'), state.newest ? format.ago(state.newest) : '—'],
  ];
  return (
    <>
      <dl className="num grid gap-1.5 text-[13px]">
        {lines.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-muted">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {state.entries > 0 && (
        <ul className="num grid gap-1 text-xs" aria-label={t('system.ages')}>
          {ages.map((age) => (
            <li
              key={`${age.from_hours}-${age.to_hours}`}
              className="grid grid-cols-[7rem_1fr_3rem] items-center gap-2"
            >
              <span className="text-muted">{range(age)}</span>
              <span className="h-1.5 rounded-full bg-raised">
                <span
                  className="block h-full rounded-full bg-accent/60"
                  style={{ width: `${(age.entries / most) * 100}%` }}
                />
              </span>
              <span className="text-right">{format.number(age.entries)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
