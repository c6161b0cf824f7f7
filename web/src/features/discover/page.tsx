import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { RowSelectionState } from '@tanstack/react-table';
import { Compass, RotateCw, SearchX } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { estimateSearch } from '@/api/gen/sdk.gen';
import { useMay } from '@/api/role';
import { ExportMenu } from '@/components/export-menu';
import { Badge, Empty, Failure, PageHead, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { currencyOf } from '@/lib/markets';
import type { Row } from './columns';
import { Filters } from './filters';
import { Funnel } from './funnel';
import { Results } from './results';
import { cancelRun, type Run, runKey, startRun, useRun } from './run';
import { type DiscoverSearch, namesSearch, toRequest } from './search-params';
import { fileOf, SelectionBar } from './selection';

const ProductDrawer = lazy(() => import('@/features/product/drawer'));

const route = getRouteApi('/discover');

export default function DiscoverPage() {
  const { t } = useI18n();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const newest = useRun();
  const request = useMemo(() => toRequest(search), [search]);
  const find = search.find ?? false;
  const key = runKey(request, find);
  const run = newest?.key === key ? newest : undefined;
  const [selected, setSelected] = useState<RowSelectionState>({});

  const start = useCallback(
    (next: DiscoverSearch) => {
      setSelected({});
      const { asin: _, ...kept } = search;
      navigate({ search: { ...kept, ...cleared, ...next } });
      startRun(toRequest(next), next.find ?? false);
    },
    [navigate, search],
  );
  const change = useCallback(
    (part: DiscoverSearch) =>
      navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const open = useCallback(
    (asin: string | undefined) => navigate({ search: (old) => ({ ...old, asin }), resetScroll: false }),
    [navigate],
  );
  const rows = useMemo(() => toRows(run, currencyOf(search.market ?? 'us')), [run, search.market]);
  const may = useMay('member');
  const known = useKnown(may && namesSearch(search) && !run, request, key);
  useEffect(() => {
    // An address that was kept or shared shows its answer at once when that costs nothing.
    if (known === true) startRun(request, find);
  }, [known, request, find]);

  return (
    <>
      <PageHead title={t('nav.discover')} lead={t('discover.lead')} needs="member" />
      <Filters search={search} running={run?.state === 'running'} onRun={start} onStop={cancelRun} />
      <div className="mt-5">
        {run ? (
          <Answer run={run} rows={rows} onRetry={() => startRun(request, find)}>
            <Results
              rows={rows}
              waiting={run.state === 'running'}
              sort={search.sort ?? (find ? undefined : '-verdict')}
              onSort={(sort) => change({ sort })}
              columns={search.columns}
              onColumns={(columns) => change({ columns })}
              selected={selected}
              onSelect={setSelected}
              onOpen={open}
              toolbar={<Summary run={run} onRefresh={() => startRun(anew(request), find)} />}
              actions={
                <ExportMenu
                  name="products"
                  disabled={run.state === 'running'}
                  source={() => fileOf(rows, request)}
                />
              }
            />
          </Answer>
        ) : may && known === undefined && namesSearch(search) ? (
          <Skeleton className="h-64" />
        ) : (
          <Empty
            icon={<Compass />}
            title={t('discover.emptyTitle')}
            text={t(known === false ? 'discover.emptyAgain' : 'discover.emptyText')}
          />
        )}
      </div>
      <SelectionBar
        rows={rows}
        selected={selected}
        onClear={() => setSelected({})}
        request={request}
        search={search}
      />
      <Suspense>
        {search.asin && (
          <ProductDrawer
            asin={search.asin}
            market={search.market ?? 'us'}
            strategy={search.strategy ?? 'balanced'}
            condition={search.condition}
            cost={search.cost}
            neighbours={rows.map((row) => row.asin)}
            onMove={open}
            onClose={() => open(undefined)}
          />
        )}
      </Suspense>
    </>
  );
}

/** Filters that a new search does not take over from the old one. */
const cleared: DiscoverSearch = {
  price_min: undefined,
  price_max: undefined,
  condition: undefined,
  no_amazon: undefined,
  cost: undefined,
  find: undefined,
};

type Request = ReturnType<typeof toRequest>;

const anew = (request: Request): Request => ({
  ...request,
  filters: { ...request.filters, force_refresh: true },
});

/** Whether the answer would cost nothing; `undefined` until that is known. */
function useKnown(enabled: boolean, request: Request, key: string): boolean | undefined {
  const estimate = useQuery({
    queryKey: ['known', key],
    queryFn: async ({ signal }) => (await estimateSearch({ body: request, signal, throwOnError: true })).data,
    enabled,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  if (!enabled) return undefined;
  if (estimate.isError) return false;
  return estimate.data && estimate.data.discovery_tokens + estimate.data.scoring_tokens_max === 0;
}

function toRows(run: Run | undefined, currency: string): Row[] {
  const found = new Map(run?.discovery?.products.map((product) => [product.asin, product]));
  return (run?.discovery?.asins ?? []).map((asin, place) => {
    const [one, score] = [found.get(asin), run?.scores.get(asin)];
    return {
      asin,
      place,
      currency: score?.currency ?? currency,
      ...(one && { found: one }),
      ...(score && { score }),
    };
  });
}

/** The progress of a search, then its products, or why there are none. */
function Answer({
  run,
  rows,
  onRetry,
  children,
}: {
  run: Run;
  rows: Row[];
  onRetry: () => void;
  children: React.ReactNode;
}) {
  const { t } = useI18n();
  return (
    <div className="grid gap-3">
      {run.state === 'running' && <Progress run={run} />}
      {run.error && <Failure error={run.error} onRetry={onRetry} />}
      {run.state === 'cancelled' && (
        <Empty title={t('discover.cancelled')} text={t('discover.cancelledText')}>
          <Button needs="member" onClick={onRetry}>
            {t('common.retry')}
          </Button>
        </Empty>
      )}
      {rows.length > 0 && <div>{children}</div>}
      {run.state === 'running' && rows.length === 0 && <Skeleton className="h-64" />}
      {run.state === 'done' && rows.length === 0 && (
        <Empty icon={<SearchX />} title={t('discover.nothing')} text={t('discover.nothingText')} />
      )}
      {run.discovery && run.state === 'done' && (
        <Funnel funnel={run.discovery.funnel} currency={currencyOf(run.request.filters.marketplace)} />
      )}
    </div>
  );
}

function Progress({ run }: { run: Run }) {
  const { t, format } = useI18n();
  const share = run.total ? run.done / run.total : undefined;
  return (
    <div aria-live="polite">
      <p className="num mb-1.5 text-muted">
        {run.waitsUntil !== undefined
          ? t('discover.waiting', { when: format.ago(run.waitsUntil) })
          : run.total === undefined
            ? t('discover.finding')
            : t('discover.scoring', { done: format.number(run.done), total: format.number(run.total) })}
      </p>
      <div
        role="progressbar"
        aria-label={t('discover.progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <div
          className={`h-full rounded-full bg-accent transition-[width] ${share === undefined ? 'w-1/4 animate-pulse' : ''}`}
          style={share === undefined ? undefined : { width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

/** Where the answer came from and what it cost. */
function Summary({ run, onRefresh }: { run: Run; onRefresh: () => void }) {
  const { t, format } = useI18n();
  const { discovery, result } = run;
  if (!discovery) return null;
  const spent = discovery.tokens.charged + (result?.tokens.charged ?? 0);
  const saved = discovery.tokens.saved + (result?.tokens.saved ?? 0);
  return (
    <div
      className="flex flex-wrap items-center gap-x-2 gap-y-1"
      data-testid="summary"
      data-took={run.took && Math.round(run.took)}
    >
      <p className="num">
        <strong>
          {t('discover.count', {
            count: discovery.asins.length,
            number: format.number(discovery.asins.length),
          })}
        </strong>
        {discovery.funnel.matched_total != null && (
          <span className="text-muted">
            {' '}
            {t('discover.ofMatching', { total: format.number(discovery.funnel.matched_total) })}
          </span>
        )}
      </p>
      {discovery.cache_hit ? (
        <Badge tone="good">
          {t('discover.fromCache', { age: format.duration(discovery.data_age_seconds) })}
        </Badge>
      ) : (
        <Badge>{t('discover.fresh')}</Badge>
      )}
      {discovery.stale && <Badge tone="warn">{t('discover.stale')}</Badge>}
      {run.state === 'done' && (
        <>
          <span className="num text-muted">
            {t('discover.spent', { spent: format.number(spent), saved: format.number(saved) })}
          </span>
          <Button size="sm" kind="ghost" needs="member" onClick={onRefresh}>
            <RotateCw /> {t('discover.refresh')}
          </Button>
        </>
      )}
    </div>
  );
}
