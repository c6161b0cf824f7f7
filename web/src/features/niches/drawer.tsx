import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Compass, Pencil, Play, X } from 'lucide-react';
import { useState } from 'react';
import { getNicheOptions, getNicheYieldOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { NicheRun } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { currencyOf } from '@/lib/markets';
import { Compare, Comparison } from './compare';
import { toSearch } from './convert';
import { describe } from './describe';
import { EditNiche } from './edit';
import { useNicheRun } from './run';
import { Yield } from './yield';

/** How many runs are looked back on. */
const RUNS = 50;

/** One niche: what it looks for, run it, what changed since the last run, its yield over time. */
export function NicheDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, format } = useI18n();
  const niche = useQuery(getNicheOptions({ path: { id } }));
  const history = useQuery(getNicheYieldOptions({ path: { id }, query: { limit: RUNS } }));
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
        {result && !result.comparison && <p className="text-muted">{t('niches.firstRun')}</p>}
        {history.data && history.data.runs.length > 1 ? (
          <Compare id={id} runs={history.data.runs} newest={result?.comparison} currency={currency} />
        ) : (
          result?.comparison && <Comparison comparison={result.comparison} currency={currency} />
        )}
        <section>
          <div className="mb-2 flex flex-wrap items-center gap-2">
            <h3 className="flex-1 font-semibold text-[15px]">{t('niches.yield')}</h3>
            {history.data && history.data.runs.length > 0 && (
              <ExportMenu
                name="niche-runs"
                source={() => ({ url: `/api/v1/niches/${encodeURIComponent(id)}/runs?limit=${RUNS}` })}
              />
            )}
          </div>
          {history.isPending ? (
            <Skeleton className="h-32" />
          ) : history.isError ? (
            <Failure error={history.error} onRetry={() => history.refetch()} />
          ) : history.data.runs.length === 0 ? (
            <p className="text-muted">{t('niches.neverRun')}</p>
          ) : (
            <Yield brought={history.data} />
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
