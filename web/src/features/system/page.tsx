import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Brush } from 'lucide-react';
import {
  getCacheStatsOptions,
  getCacheStatsQueryKey,
  getReadinessOptions,
  purgeCachesMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Failure, PageHead, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { CacheFigures } from '@/features/dashboard/cache-health';
import { useI18n } from '@/i18n';

export default function SystemPage() {
  const { t } = useI18n();
  return (
    <>
      <PageHead title={t('nav.system')} lead={t('system.lead')} />
      <div className="grid gap-5 lg:grid-cols-2">
        <Caches />
        <About />
      </div>
    </>
  );
}

function Caches() {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const caches = useQuery(getCacheStatsOptions());
  const purge = useMutation({
    ...purgeCachesMutation(),
    onSuccess: (removed) => {
      say(
        t('system.purged', {
          count: removed.discovery + removed.scoring,
          number: format.number(removed.discovery + removed.scoring),
        }),
      );
      client.invalidateQueries({ queryKey: getCacheStatsQueryKey() });
    },
  });
  return (
    <Card className="lg:col-span-2">
      <CardTitle
        aside={
          <Button size="sm" disabled={purge.isPending} onClick={() => purge.mutate({})} data-testid="purge">
            <Brush /> {t('system.purge')}
          </Button>
        }
      >
        {t('dashboard.caches')}
      </CardTitle>
      {caches.isPending ? (
        <Skeleton className="h-28" />
      ) : caches.isError ? (
        <Failure error={caches.error} onRetry={() => caches.refetch()} />
      ) : (
        <div className="grid gap-6 md:grid-cols-2">
          <CacheFigures name={t('cache.discovery')} state={caches.data.discovery} />
          <CacheFigures name={t('cache.scoring')} state={caches.data.scoring} />
        </div>
      )}
      <p className="mt-4 text-muted text-xs">{t('system.purgeNote')}</p>
    </Card>
  );
}

function About() {
  const { t } = useI18n();
  const ready = useQuery({ ...getReadinessOptions(), refetchInterval: 20_000 });
  const lines: [string, React.ReactNode][] = ready.data
    ? [
        [t('system.version'), ready.data.version],
        [
          t('system.database'),
          <Badge key="db" tone="good">
            {t('system.databaseOk')}
          </Badge>,
        ],
        [t('system.data'), t(ready.data.demo ? 'system.demo' : 'system.real')],
        [
          t('system.api'),
          <a key="api" className="font-medium text-accent hover:underline" href="/api/v1/openapi.json">
            /api/v1/openapi.json
          </a>,
        ],
      ]
    : [];
  return (
    <Card>
      <CardTitle>{t('system.about')}</CardTitle>
      {ready.isPending ? (
        <Skeleton className="h-32" />
      ) : ready.isError ? (
        <Failure error={ready.error} onRetry={() => ready.refetch()} />
      ) : (
        <dl className="grid gap-2.5">
          {lines.map(([name, value]) => (
            <div
              key={name}
              className="flex flex-wrap justify-between gap-x-4 gap-y-1 border-b pb-2.5 last:border-0 last:pb-0"
            >
              <dt className="text-muted">{name}</dt>
              <dd className="font-medium">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
