import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { Ban, X } from 'lucide-react';
import {
  cancelSourcingRunMutation,
  diffSourcingRunOptions,
  getSourcingRunOptions,
} from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingFunnel, SourcingRun } from '@/api/gen/types.gen';
import { Badge, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { type T, useI18n } from '@/i18n';
import { useFollowedRun } from './follow';
import { OUTCOMES } from './jobs';
import { forgetSourcing } from './keys';

/** One run: how far it is, what it cost, what each step removed, and what is new against the run before. */
export function RunDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const run = useQuery(getSourcingRunOptions({ path: { run: id } }));
  useFollowedRun(id, run.data !== undefined && run.data.state !== 'ended');
  const cancel = useMutation({ ...cancelSourcingRunMutation(), onSuccess: () => forgetSourcing(client) });
  const data = run.data;
  const name = data ? `${data.job} #${data.number}` : '…';
  return (
    <Sheet
      open
      onOpenChange={(open) => {
        if (open) return;
        forgetSourcing(client);
        onClose();
      }}
      title={name}
    >
      <header className="flex items-center gap-2 border-b px-5 py-3.5">
        <h2 className="min-w-0 flex-1 truncate font-semibold text-base">{name}</h2>
        {data?.outcome && (
          <Badge tone={OUTCOMES[data.outcome]} data-testid="outcome">
            {t(`sourcing.outcome.${data.outcome}`)}
          </Badge>
        )}
        <SheetClose asChild>
          <Button kind="ghost" size="icon" aria-label={t('common.close')}>
            <X />
          </Button>
        </SheetClose>
      </header>
      <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-5 py-5">
        {run.isPending && <Skeleton className="h-64" />}
        {run.isError && <Failure error={run.error} onRetry={() => run.refetch()} />}
        {data && (
          <>
            {data.state !== 'ended' && (
              <div className="grid gap-3">
                <Progress run={data} />
                <div>
                  <Button
                    size="sm"
                    needs="member"
                    disabled={data.cancel_requested || cancel.isPending}
                    onClick={() => cancel.mutate({ path: { run: id } })}
                  >
                    <Ban /> {t('sourcing.cancel')}
                  </Button>
                </div>
              </div>
            )}
            {data.error && (
              <p role="alert" className="rounded-xl bg-bad-soft p-3.5">
                {data.error.message}
              </p>
            )}
            <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
              <Figure label={t('sourcing.found')} value={format.number(data.progress.found)} />
              <Figure label={t('sourcing.judged')} value={format.number(data.progress.judged)} />
              <Figure
                label={t('dashboard.spent')}
                value={format.number(data.tokens.charged)}
                note={t('sourcing.estimated', { tokens: format.number(data.tokens.estimated) })}
              />
              <Figure label={t('dashboard.saved')} value={format.number(data.tokens.saved)} />
            </div>
            {data.funnel && <FunnelSteps funnel={data.funnel} />}
            {data.state === 'ended' && (data.outcome === 'done' || data.outcome === 'empty') && (
              <Diff id={id} />
            )}
          </>
        )}
      </div>
    </Sheet>
  );
}

function Progress({ run }: { run: SourcingRun }) {
  const { t, format } = useI18n();
  const text =
    run.state === 'waiting' && run.resume_at
      ? t('sourcing.waits', { when: format.ago(run.resume_at) })
      : t(`sourcing.phase.${run.progress.phase}`);
  return (
    <div aria-live="polite">
      <p className="mb-1.5 text-muted">{text}</p>
      <div
        role="progressbar"
        aria-label={t('discover.progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={run.progress.percent}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width]"
          style={{ width: `${run.progress.percent}%` }}
        />
      </div>
    </div>
  );
}

/** What a product fell short of: a reason, or what lowers any verdict. */
function missedText(code: string, t: T): string {
  if (i18next.exists(`reasons.${code}`)) return t(`reasons.${code as 'no_price'}`);
  return i18next.exists(`caps.${code}`) ? t(`caps.${code as 'low_confidence'}`) : code;
}

function FunnelSteps({ funnel }: { funnel: SourcingFunnel }) {
  const { t, format } = useI18n();
  const most = Math.max(1, funnel.returned);
  const bar = (name: string, count: number, removed?: number) => (
    <li key={name} className="grid grid-cols-[9.5rem_1fr_6.5rem] items-center gap-3">
      <span className="truncate">{name}</span>
      <span className="h-3 rounded-sm bg-accent/50" style={{ width: `${(count / most) * 100}%` }} />
      <span className="text-right">
        {format.number(count)}{' '}
        {removed !== undefined && removed > 0 && (
          <span className="text-muted">−{format.number(removed)}</span>
        )}
      </span>
    </li>
  );
  return (
    <section data-testid="funnel">
      <h3 className="mb-2 font-semibold text-[15px]">{t('sourcing.funnel')}</h3>
      {funnel.explanation && <p className="mb-2 text-muted">{funnel.explanation}</p>}
      <ol className="num grid gap-1.5">
        {bar(t('sourcing.returned'), funnel.returned)}
        {funnel.steps.map((step) =>
          bar(t(`sourcing.step.${step.step}`), step.entered - step.removed, step.removed),
        )}
        {bar(t('sourcing.picks'), funnel.picks)}
      </ol>
      {funnel.nearest_misses.length > 0 && (
        <>
          <h4 className="mt-3 mb-1 font-medium text-muted text-xs">{t('funnel.nearest')}</h4>
          <ul className="num">
            {funnel.nearest_misses.map((miss) => (
              <li key={miss.asin} className="border-t py-1.5">
                <span className="block truncate">{miss.figures.title ?? miss.asin}</span>
                <span className="block text-muted text-xs">
                  {missedText(miss.missed, t)} ·{' '}
                  {t('product.roi', { roi: format.percent(miss.figures.roi_percent, 1) })} ·{' '}
                  {format.money(miss.figures.profit, miss.figures.currency)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Diff({ id }: { id: string }) {
  const { t, format } = useI18n();
  const diff = useQuery(diffSourcingRunOptions({ path: { run: id } }));
  if (!diff.data?.against_id) return null;
  return (
    <section>
      <h3 className="mb-2 font-semibold text-[15px]">
        {t('sourcing.against', { number: diff.data.against_number ?? '' })}
      </h3>
      <div className="grid grid-cols-4 gap-4">
        <Figure label={t('niches.newOnes')} value={format.number(diff.data.new.length)} />
        <Figure label={t('niches.gone')} value={format.number(diff.data.gone.length)} />
        <Figure label={t('sourcing.changed')} value={format.number(diff.data.changed.length)} />
        <Figure label={t('sourcing.same')} value={format.number(diff.data.unchanged)} />
      </div>
    </section>
  );
}
