import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import {
  getBuyListOptions,
  listHistoryOptions,
  listSourcingRunsOptions,
} from '@/api/gen/@tanstack/react-query.gen';
import { Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';

const SHOWN = 5;

/** What to buy, what the jobs did, what was searched last. */
export function Today() {
  const { t, format } = useI18n();
  const picks = useQuery(getBuyListOptions({ query: { limit: SHOWN } }));
  const runs = useQuery(listSourcingRunsOptions({ query: { limit: SHOWN } }));
  const searches = useQuery(listHistoryOptions({ query: { limit: SHOWN } }));
  return (
    <>
      <List
        title={t('dashboard.bestPicks')}
        to="/sourcing"
        query={picks}
        none={t('dashboard.noPicks')}
        next={<Link to="/sourcing">{t('nav.sourcing')}</Link>}
        lines={picks.data?.items.map((one) => ({
          id: one.pick_id,
          what: one.title ?? one.asin,
          more: t('dashboard.pick', {
            cost: format.money(one.max_cost, one.currency),
            profit: format.money(one.profit, one.currency),
          }),
          end: <Verdict verdict={one.recommendation} />,
        }))}
      />
      <List
        title={t('dashboard.jobRuns')}
        to="/sourcing"
        query={runs}
        none={t('dashboard.noRuns')}
        next={
          <Link to="/sourcing" search={{ tab: 'jobs' }}>
            {t('dashboard.makeJob')}
          </Link>
        }
        lines={runs.data?.map((one) => ({
          id: one.id,
          what: `${one.job} #${one.number}`,
          more: [
            format.ago(one.created_at),
            ...(one.classes
              ? [t('dashboard.picks', { count: sum(one.classes), number: format.number(sum(one.classes)) })]
              : []),
            t('dashboard.runTokens', { tokens: format.number(one.tokens.charged) }),
          ].join(' · '),
          end: one.outcome ? t(`sourcing.outcome.${one.outcome}`) : t(`sourcing.runState.${one.state}`),
        }))}
      />
      <List
        title={t('dashboard.lastSearches')}
        to="/history"
        query={searches}
        none={t('dashboard.noSearches')}
        next={<Link to="/discover">{t('dashboard.search')}</Link>}
        lines={searches.data?.entries.map((one) => ({
          id: one.id,
          what: t(`history.types.${one.search_type as 'discovery'}`, { defaultValue: one.search_type }),
          more: [
            format.ago(one.created_at),
            ...(one.outcome
              ? [
                  t('history.spentSaved', {
                    spent: format.number(one.outcome.tokens_charged),
                    saved: format.number(one.outcome.tokens_saved),
                  }),
                ]
              : []),
          ].join(' · '),
          end: t('dashboard.results', { number: format.number(one.results_count) }),
        }))}
      />
    </>
  );
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);

type Line = { id: string; what: string; more: string; end: ReactNode };
type Props = {
  title: string;
  to: '/sourcing' | '/history';
  query: Pick<UseQueryResult<unknown, unknown>, 'isPending' | 'isError' | 'error' | 'refetch'>;
  none: string;
  /** Where to go when there is nothing yet. */
  next: ReactNode;
  lines: Line[] | undefined;
};

function List({ title, to, query, none, next, lines }: Props) {
  const { t } = useI18n();
  return (
    <Card className="lg:col-span-4">
      <CardTitle
        aside={
          <Link
            to={to}
            className="font-medium text-accent text-xs hover:underline"
            aria-label={`${title}: ${t('dashboard.all')}`}
          >
            {t('dashboard.all')}
          </Link>
        }
      >
        {title}
      </CardTitle>
      <div className="min-h-56">
        {query.isPending ? (
          <Skeleton className="h-56" />
        ) : query.isError ? (
          <Failure error={query.error} onRetry={() => query.refetch()} />
        ) : !lines || lines.length === 0 ? (
          <div className="grid h-56 content-center justify-items-center gap-3 px-2 text-center">
            <p className="max-w-56 text-balance text-muted">{none}</p>
            <Button size="sm" asChild>
              {next}
            </Button>
          </div>
        ) : (
          <ul className="num grid grid-cols-[minmax(0,1fr)]">
            {lines.map((line) => (
              <li key={line.id} className="flex items-center gap-3 border-b py-2 first:pt-0 last:border-0">
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{line.what}</span>
                  <span className="block truncate text-muted text-xs">{line.more}</span>
                </span>
                <span className="shrink-0 text-xs">{line.end}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
