import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Compass, Pencil, Play, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { getNicheOptions, getNicheYieldOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { NicheChange, NicheComparison, NicheFind, NicheRun } from '@/api/gen/types.gen';
import { Badge, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { currencyOf } from '@/lib/markets';
import { toSearch } from './convert';
import { describe } from './describe';
import { EditNiche } from './edit';
import { useNicheRun } from './run';

/** One niche: what it looks for, run it, what changed since the last run, its yield over time. */
export function NicheDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, format } = useI18n();
  const niche = useQuery(getNicheOptions({ path: { id } }));
  const history = useQuery(getNicheYieldOptions({ path: { id }, query: { limit: 20 } }));
  const [progress, start] = useNicheRun(id);
  const [editing, setEditing] = useState(false);
  const running = progress?.state === 'running';
  const result = progress?.result;
  const currency = currencyOf(niche.data?.filters.marketplace ?? 'us');
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={niche.data?.name ?? t('nav.niches')}>
      <header className="flex items-start gap-2 border-b px-5 py-3.5">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold text-base">{niche.data?.name ?? '…'}</h2>
          <p className="num mt-0.5 text-muted text-xs">{niche.data && describe(niche.data, t, format)}</p>
        </div>
        <Button
          kind="ghost"
          size="icon"
          needs="member"
          disabled={!niche.data}
          aria-label={t('niches.edit')}
          onClick={() => setEditing(true)}
        >
          <Pencil />
        </Button>
        <SheetClose asChild>
          <Button kind="ghost" size="icon" aria-label={t('common.close')}>
            <X />
          </Button>
        </SheetClose>
      </header>
      <div
        className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-5 py-5"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label={niche.data?.name ?? ''}
      >
        {niche.isError && <Failure error={niche.error} onRetry={() => niche.refetch()} />}
        {niche.data?.note && <p className="whitespace-pre-line text-muted">{niche.data.note}</p>}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            kind="primary"
            needs="member"
            disabled={running || !niche.data}
            onClick={start}
            data-testid="run-niche"
          >
            <Play /> {running ? t('niches.running') : t('niches.run')}
          </Button>
          {niche.data && (
            <Button asChild>
              <Link to="/discover" search={toSearch(niche.data)}>
                <Compass /> {t('niches.products')}
              </Link>
            </Button>
          )}
          {running && progress.total !== undefined && (
            <span className="num text-muted" aria-live="polite">
              {t('discover.scoring', {
                done: format.number(progress.done),
                total: format.number(progress.total),
              })}
            </span>
          )}
        </div>
        {progress?.error && <Failure error={progress.error} onRetry={start} />}
        {result && <RunFigures run={result.run} />}
        {result?.comparison && <Comparison comparison={result.comparison} currency={currency} />}
        {result && !result.comparison && <p className="text-muted">{t('niches.firstRun')}</p>}
        <section>
          <h3 className="mb-2 font-semibold text-[15px]">{t('niches.yield')}</h3>
          {history.isPending ? (
            <Skeleton className="h-32" />
          ) : history.isError ? (
            <Failure error={history.error} onRetry={() => history.refetch()} />
          ) : history.data.runs.length === 0 ? (
            <p className="text-muted">{t('niches.neverRun')}</p>
          ) : (
            <Runs runs={history.data.runs} />
          )}
        </section>
      </div>
      {niche.data && editing && <EditNiche niche={niche.data} onClose={() => setEditing(false)} />}
    </Sheet>
  );
}

function RunFigures({ run }: { run: NicheRun }) {
  const { t, format } = useI18n();
  return (
    <div
      className="grid grid-cols-2 gap-4 rounded-xl bg-raised/70 p-4 sm:grid-cols-4"
      data-testid="niche-result"
    >
      <Figure
        label={t('niches.buys')}
        value={format.number(run.buys)}
        note={t('niches.ofFound', { found: format.number(run.found) })}
      />
      <Figure label={t('niches.medianRoi')} value={format.percent(run.median_roi_percent)} />
      <Figure label={t('dashboard.spent')} value={format.number(run.tokens_charged)} />
      <Figure label={t('dashboard.saved')} value={format.number(run.tokens_saved)} />
    </div>
  );
}

function Comparison({ comparison, currency }: { comparison: NicheComparison; currency: string }) {
  const { t, format } = useI18n();
  const find = (one: NicheFind) => (
    <li key={one.asin} className="flex justify-between gap-3">
      <span className="truncate">{one.title ?? one.asin}</span>
      <span className="num shrink-0 text-muted">{format.money(one.price, currency)}</span>
    </li>
  );
  const change = (one: NicheChange, value: (find: NicheFind) => string) => (
    <li key={one.asin} className="flex justify-between gap-3">
      <span className="truncate">{one.title ?? one.asin}</span>
      <span className="num shrink-0 text-muted">
        {value(one.before)} → {value(one.after)}
      </span>
    </li>
  );
  const verdict = (find: NicheFind) => (find.verdict ? t(`verdict.${find.verdict as 'BUY'}`) : '—');
  const groups: [string, ReactNode[]][] = [
    [t('niches.newOnes'), comparison.new.map(find)],
    [t('niches.gone'), comparison.gone.map(find)],
    [
      t('niches.priceChanged'),
      comparison.price_changed.map((one) => change(one, (find) => format.money(find.price, currency))),
    ],
    [t('niches.verdictChanged'), comparison.verdict_changed.map((one) => change(one, verdict))],
  ];
  return (
    <section data-testid="comparison">
      <h3 className="font-semibold text-[15px]">
        {t('niches.compared', { when: format.ago(comparison.from.at) })}
      </h3>
      <p className="num mb-2 text-muted text-xs">
        {t('niches.unchanged', { count: format.number(comparison.unchanged) })}
      </p>
      <div className="grid gap-2">
        {groups.map(([name, lines]) => (
          <details key={name} className="rounded-xl border px-3.5 py-2.5">
            <summary className="font-medium">
              {name} <Badge className="ml-1">{format.number(lines.length)}</Badge>
            </summary>
            <ul className="mt-2 grid gap-1">{lines}</ul>
          </details>
        ))}
      </div>
    </section>
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
