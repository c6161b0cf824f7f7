import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { getCacheStatsOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { CacheState } from '@/api/gen/types.gen';
import { Card, CardTitle, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { AlertLines } from './alerts';

/** How both caches do, and what is wrong. */
export function CacheHealth() {
  const { t } = useI18n();
  const caches = useQuery(getCacheStatsOptions());
  return (
    <Card className="lg:col-span-12">
      <CardTitle
        aside={
          <Link to="/system/caches" className="font-medium text-accent text-xs hover:underline">
            {t('dashboard.cacheMore')}
          </Link>
        }
      >
        {t('dashboard.caches')}
      </CardTitle>
      <div className="min-h-24">
        {caches.isPending ? (
          <Skeleton className="h-24" />
        ) : caches.isError ? (
          <Failure error={caches.error} onRetry={() => caches.refetch()} />
        ) : (
          <div className="grid gap-6 md:grid-cols-2">
            <CacheFigures name={t('cache.discovery')} state={caches.data.discovery} />
            <CacheFigures name={t('cache.scoring')} state={caches.data.scoring} />
          </div>
        )}
      </div>
      <div className="mt-4 border-t pt-3">
        <AlertLines />
      </div>
    </Card>
  );
}

/** One cache in figures, with the share of its rows that are still answers. */
export function CacheFigures({ name, state }: { name: string; state: CacheState }) {
  const { t, format } = useI18n();
  return (
    <section aria-label={name}>
      <h3 className="mb-2 font-medium">{name}</h3>
      <div className="mb-3 h-1.5 overflow-hidden rounded-full bg-raised">
        {state.entries > 0 && (
          <div className="h-full bg-accent" style={{ width: `${(state.live / state.entries) * 100}%` }} />
        )}
      </div>
      <div className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure
          label={t('cache.live')}
          value={format.number(state.live)}
          note={t('cache.expired', { count: format.number(state.expired) })}
        />
        <Figure label={t('cache.hits')} value={format.number(state.hits)} />
        <Figure label={t('cache.reuse')} value={format.number(state.average_reuse, 1)} />
        <Figure label={t('cache.size')} value={format.bytes(state.size_bytes)} />
      </div>
    </section>
  );
}
