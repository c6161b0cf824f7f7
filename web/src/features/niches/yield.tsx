import { lazy, Suspense } from 'react';
import type { NicheRun, NicheYield } from '@/api/gen/types.gen';
import { Badge, Figure, Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

const YieldChart = lazy(() => import('./yield-chart'));

/** What a niche brought over time. */
export function Yield({ brought }: { brought: NicheYield }) {
  const { t, format } = useI18n();
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure label={t('niches.worthBuying')} value={format.number(brought.products_worth_buying)} />
        <Figure label={t('dashboard.spent')} value={format.number(brought.tokens_charged)} />
        <Figure label={t('niches.tokensPerBuy')} value={format.number(brought.tokens_per_buy, 1)} />
        <Figure label={t('niches.failedRuns')} value={format.number(brought.failed_runs)} />
      </div>
      {brought.runs.length > 1 && (
        <Suspense fallback={<Skeleton className="h-44" />}>
          <YieldChart runs={brought.runs} />
        </Suspense>
      )}
      <Runs runs={brought.runs} />
    </div>
  );
}

function Runs({ runs }: { runs: NicheRun[] }) {
  const { t, format } = useI18n();
  const heads = [
    'niches.when',
    'niches.buys',
    'niches.medianRoi',
    'dashboard.spent',
    'niches.tokensPerBuy',
  ] as const;
  return (
    <div className="overflow-x-auto">
      <table className="num w-full min-w-96 text-right">
        <thead className="text-muted text-xs">
          <tr>
            {heads.map((head, index) => (
              <th
                key={head}
                scope="col"
                className={`py-1.5 font-medium ${index === 0 ? 'text-left' : 'pl-3'}`}
              >
                {t(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id} className="border-t">
              <td className="py-2 text-left">
                {format.time(run.at)}{' '}
                {run.outcome !== 'done' && <Badge tone="warn">{t(`niches.outcome.${run.outcome}`)}</Badge>}
              </td>
              <td className="pl-3">{format.number(run.buys)}</td>
              <td className="pl-3">{format.percent(run.median_roi_percent)}</td>
              <td className="pl-3">{format.number(run.tokens_charged)}</td>
              <td className="pl-3">{format.number(run.tokens_per_buy, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
