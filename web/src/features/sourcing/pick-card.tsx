import { Ellipsis, StickyNote, Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { PickClass, SourcingPick, TriageAction } from '@/api/gen/types.gen';
import { Badge, Figure, type Tone } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { Verification, VerifyButton } from './verification';

export const TONES: Record<PickClass, Tone> = {
  new: 'good',
  stable: 'solid',
  returning: 'warn',
  jackpot: 'bad',
  fading: 'neutral',
};

/** What is offered first for a pick in a state; the rest stands in its menu. */
const OFFERED: Record<SourcingPick['state'], readonly TriageAction[]> = {
  open: ['buy', 'watch', 'dismiss'],
  to_buy: ['bought', 'watch', 'dismiss'],
  watching: ['buy', 'dismiss'],
  bought: ['bought'],
  dismissed: ['reopen'],
};
const ALL = ['buy', 'bought', 'watch', 'dismiss', 'note', 'reopen'] as const;

type Props = {
  pick: SourcingPick;
  active: boolean;
  onFocus: () => void;
  onOpen: () => void;
  onDecide: (action: TriageAction) => void;
  onUndo?: (() => void) | undefined;
};

/** A pick with its figures and what can be decided on it. */
export function PickCard({ pick, active, onFocus, onOpen, onDecide, onUndo }: Props) {
  const { t, format } = useI18n();
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active) card.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const { figures, purchases } = pick;
  const money = (minor: number | null | undefined) => format.money(minor, figures.currency);
  const offered = OFFERED[pick.state];
  const title = figures.title ?? pick.asin;
  return (
    <li
      ref={card}
      onPointerDown={onFocus}
      data-testid="pick"
      data-active={active}
      className={cn(
        'min-w-0 scroll-my-24 rounded-2xl border bg-panel p-4 shadow-xs',
        active && 'border-accent ring-1 ring-accent',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <Verdict verdict={figures.recommendation} basis={figures.verdict_basis} />
        <Badge tone={TONES[pick.class]}>{t(`sourcing.class.${pick.class}`)}</Badge>
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="truncate font-medium">
            <button
              type="button"
              onClick={onOpen}
              className="max-w-full truncate rounded text-left hover:underline"
            >
              {title}
            </button>
          </h2>
          <p className="num truncate text-muted text-xs">
            {pick.asin} · {pick.job ?? t('sourcing.byHand')} ·{' '}
            {pick.job_id && `${t('sourcing.seen', { seen: pick.evidence.seen, of: pick.evidence.of })} · `}
            {format.ago(pick.last_seen_at)}
          </p>
        </div>
        <div className="flex flex-wrap gap-1.5">
          {offered.map((action, index) => (
            <Button
              key={action}
              size="sm"
              needs="member"
              kind={index === 0 ? 'primary' : 'plain'}
              onClick={() => onDecide(action)}
            >
              {t(`sourcing.action.${action}`)}
            </Button>
          ))}
          <VerifyButton id={pick.id} />
          {onUndo && (
            <Button size="sm" kind="ghost" needs="member" onClick={onUndo}>
              <Undo2 /> {t('sourcing.undo')}
            </Button>
          )}
          <Menu>
            <MenuTrigger asChild>
              <Button size="sm" kind="ghost" needs="member" aria-label={t('niches.more', { name: title })}>
                <Ellipsis />
              </Button>
            </MenuTrigger>
            <MenuContent>
              {ALL.filter((action) => !offered.includes(action)).map((action) => (
                <MenuItem key={action} onSelect={() => onDecide(action)}>
                  {t(`sourcing.action.${action}`)}
                </MenuItem>
              ))}
            </MenuContent>
          </Menu>
        </div>
      </div>
      <div className="mt-3 grid grid-cols-3 gap-x-4 gap-y-3 sm:grid-cols-6">
        <Figure label={t('columns.max_cost')} value={money(figures.max_cost)} />
        <Figure label={t('columns.profit')} value={money(figures.profit)} />
        <Figure label={t('columns.roi_percent')} value={format.percent(figures.roi_percent)} />
        <Figure label={t('columns.sell_price')} value={money(figures.sell_price)} />
        <Figure label={t('columns.bsr')} value={format.number(figures.bsr)} />
        <Figure label={t('columns.offers_fba')} value={format.number(figures.offers_fba)} />
      </div>
      {purchases && (
        <p className="num mt-3 font-medium">
          {t('sourcing.purchased', {
            count: purchases.quantity,
            number: format.number(purchases.quantity),
            spent: money(purchases.spent),
          })}
        </p>
      )}
      {pick.note && (
        <p className="mt-2 flex items-start gap-2 text-muted">
          <StickyNote aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 whitespace-pre-line break-words">{pick.note}</span>
        </p>
      )}
      {pick.verification && <Verification verification={pick.verification} />}
    </li>
  );
}
