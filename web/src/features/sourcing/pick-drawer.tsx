import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Compass, X } from 'lucide-react';
import { useState } from 'react';
import { getSourcingPickOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingPickDetail, TriageAction, TriageStep } from '@/api/gen/types.gen';
import { Badge, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { isMarket } from '@/lib/markets';
import { Decide } from './decide';
import { TONES } from './pick-card';
import { type Asked, asks, useTriage } from './triage';
import { Verification, VerifyButton } from './verification';

const ACTIONS = ['buy', 'bought', 'watch', 'dismiss', 'note', 'reopen'] as const;

/** One pick: its figures, what was decided on it and when, and what each run saw of it. */
export function PickDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useI18n();
  const pick = useQuery(getSourcingPickOptions({ path: { pick: id } }));
  const title = pick.data?.figures.title ?? pick.data?.asin ?? '…';
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={title}>
      <header className="flex items-start gap-2 border-b px-5 py-3.5">
        <div className="min-w-0 flex-1">
          <h2 className="line-clamp-2 font-semibold text-base leading-snug">{title}</h2>
          <p className="num mt-0.5 truncate text-muted text-xs">
            {pick.data &&
              `${pick.data.asin} · ${t(`condition.${pick.data.condition}`)} · ${pick.data.job ?? t('sourcing.byHand')}`}
          </p>
        </div>
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
        aria-label={title}
      >
        {pick.isPending && <Skeleton className="h-72" />}
        {pick.isError && <Failure error={pick.error} onRetry={() => pick.refetch()} />}
        {pick.data && <Body pick={pick.data} />}
      </div>
    </Sheet>
  );
}

function Body({ pick }: { pick: SourcingPickDetail }) {
  const { t, format } = useI18n();
  const { decide, undo } = useTriage();
  const [asking, setAsking] = useState<Asked>();
  const { figures, purchases } = pick;
  const money = (minor: number | null | undefined) => format.money(minor, figures.currency);
  const choose = (action: TriageAction) => (asks(action) ? setAsking(action) : decide(pick.id, { action }));
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Verdict verdict={figures.recommendation} basis={figures.verdict_basis} />
        <Badge tone={TONES[pick.class]}>{t(`sourcing.class.${pick.class}`)}</Badge>
        <Badge>{t(`sourcing.state.${pick.state}`)}</Badge>
        <span className="flex-1" />
        <Button size="sm" asChild>
          <Link
            to="/discover"
            search={{
              asin: pick.asin,
              condition: pick.condition,
              ...(isMarket(pick.marketplace) && { market: pick.marketplace }),
            }}
          >
            <Compass /> {t('sourcing.openProduct')}
          </Link>
        </Button>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {ACTIONS.map((action) => (
          <Button key={action} size="sm" needs="member" onClick={() => choose(action)}>
            {t(`sourcing.action.${action}`)}
          </Button>
        ))}
        <VerifyButton id={pick.id} />
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure label={t('columns.max_cost')} value={money(figures.max_cost)} />
        <Figure label={t('columns.profit')} value={money(figures.profit)} />
        <Figure label={t('columns.roi_percent')} value={format.percent(figures.roi_percent, 1)} />
        <Figure label={t('columns.sell_price')} value={money(figures.sell_price)} />
      </div>
      {purchases && (
        <p className="num font-medium">
          {t('sourcing.purchased', {
            count: purchases.quantity,
            number: format.number(purchases.quantity),
            spent: money(purchases.spent),
          })}
        </p>
      )}
      {pick.verification && <Verification verification={pick.verification} />}
      <section>
        <h3 className="mb-2 font-semibold text-[15px]">{t('sourcing.steps')}</h3>
        {pick.steps.length === 0 ? (
          <p className="text-muted">{t('sourcing.noSteps')}</p>
        ) : (
          <Steps steps={pick.steps} currency={figures.currency} onUndo={() => undo(pick.id)} />
        )}
      </section>
      {pick.sightings.length > 0 && (
        <section>
          <h3 className="mb-2 font-semibold text-[15px]">{t('sourcing.sightings')}</h3>
          <ul className="num grid gap-1">
            {pick.sightings.map((seen) => (
              <li key={seen.run_id} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t py-1.5">
                <span className="min-w-0 flex-1">
                  #{seen.run_number} <span className="text-muted text-xs">{format.time(seen.seen_at)}</span>
                </span>
                <Verdict verdict={seen.figures.recommendation} basis={seen.figures.verdict_basis} />
                <span className="text-muted">{money(seen.figures.sell_price)}</span>
                <span className="text-muted">
                  {t('product.roi', { roi: format.percent(seen.figures.roi_percent, 1) })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {asking && (
        <Decide
          action={asking}
          about={{
            id: pick.id,
            title: figures.title ?? pick.asin,
            currency: figures.currency,
            cost: figures.cost,
          }}
          onDecide={(request) => decide(pick.id, request)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  );
}

/** What was done asks nothing more. */
const done = (text: string) => text.replace(/…$/, '');

type StepsProps = { steps: TriageStep[]; currency: string; onUndo: () => void };

/** What was decided, newest first; what was undone is struck out, not hidden. */
function Steps({ steps, currency, onUndo }: StepsProps) {
  const { t, format } = useI18n();
  const undoable = steps.findLast((step) => !step.undone_at && step.action !== 'verified');
  return (
    <ol className="grid gap-1.5" data-testid="steps">
      {steps.toReversed().map((step) => (
        <li key={step.id} className="flex items-start gap-3 border-t pt-1.5">
          <div className={`min-w-0 flex-1 ${step.undone_at ? 'text-muted line-through' : ''}`}>
            <p className="num">
              <span className="font-medium">{done(t(`sourcing.action.${step.action}`))}</span>
              {step.quantity != null && (
                <>
                  {' '}
                  · {format.number(step.quantity)} × {format.money(step.unit_cost, currency)}
                </>
              )}
              {step.verification && ` · ${t(`sourcing.result.${step.verification.result}`)}`}
            </p>
            {(step.reason || step.note) && (
              <p className="whitespace-pre-line break-words">{step.reason ?? step.note}</p>
            )}
            <p className="text-muted text-xs">
              {[format.time(step.at), step.author, step.undone_at && t('sourcing.undone')]
                .filter(Boolean)
                .join(' · ')}
            </p>
          </div>
          {step.id === undoable?.id && (
            <Button size="sm" kind="ghost" needs="member" onClick={onUndo}>
              {t('sourcing.undo')}
            </Button>
          )}
        </li>
      ))}
    </ol>
  );
}
