import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox, ShieldCheck, Undo2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import {
  listSourcingPicksOptions,
  triageSourcingPickMutation,
  undoSourcingTriageMutation,
  verifySourcingPickMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { PickClass, SourcingPick, TriageAction } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { say } from '@/components/say';
import { Badge, Empty, Failure, Figure, Key, Skeleton, type Tone } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { useHotkeys } from '@/lib/hotkeys';
import { forgetSourcing } from './keys';
import type { SourcingSearch } from './search-params';

const STATES = [undefined, 'to_buy', 'watching', 'bought', 'dismissed'] as const;
const TONES: Record<PickClass, Tone> = {
  new: 'good',
  stable: 'solid',
  returning: 'warn',
  jackpot: 'bad',
  fading: 'neutral',
};

/** Decisions are sent one after the other, as they were made: an undo never overtakes what it undoes. */
const IN_ORDER = { id: 'triage' };

type Props = { state: SourcingSearch['state']; onState: (state: SourcingSearch['state']) => void };

/** The picks to decide on, one key each. */
export function Picks({ state, onState }: Props) {
  const { t } = useI18n();
  const client = useQueryClient();
  const picks = useQuery(listSourcingPicksOptions({ query: { all: false, state: state ?? 'open' } }));
  const may = useMay('member');
  const [active, setActive] = useState(0);
  // What was decided leaves the list at once, so that the next key is about the next pick.
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const list = (picks.data ?? []).filter((pick) => !decided.has(pick.id));
  const current = list[Math.min(active, list.length - 1)];
  const last = useRef<string>(undefined);
  const back = (id: string) => setDecided((old) => new Set([...old].filter((one) => one !== id)));
  const undo = useMutation({
    ...undoSourcingTriageMutation(),
    scope: IN_ORDER,
    onSuccess: (pick) => {
      back(pick.id);
      return forgetSourcing(client);
    },
  });
  const triage = useMutation({
    ...triageSourcingPickMutation(),
    scope: IN_ORDER,
    onSuccess: (pick) => {
      const id = pick.id;
      say(t(`sourcing.did.${pick.state}`, { title: pick.figures.title ?? pick.asin }), {
        label: t('sourcing.undo'),
        run: () => undo.mutate({ path: { pick: id } }),
      });
      return forgetSourcing(client);
    },
  });
  const decideOn = (id: string, action: TriageAction) => {
    last.current = id;
    setDecided((old) => new Set(old).add(id));
    triage.mutate({ path: { pick: id }, body: { action } }, { onError: () => back(id) });
  };
  const decide = (action: TriageAction) => current && decideOn(current.id, action);
  const move = (by: number) => setActive((old) => Math.max(0, Math.min(list.length - 1, old + by)));
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  });
  useHotkeys(
    {
      b: () => decide('buy'),
      w: () => decide('watch'),
      x: () => decide('dismiss'),
      u: () => last.current && undo.mutate({ path: { pick: last.current } }),
    },
    may,
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex flex-wrap gap-1">
          {STATES.map((one) => (
            <button
              key={one ?? 'open'}
              type="button"
              aria-pressed={state === one}
              onClick={() => {
                setActive(0);
                setDecided(new Set());
                onState(one);
              }}
              className={cn(
                'rounded-lg px-2.5 py-1 font-medium text-[13px]',
                state === one ? 'bg-raised text-ink' : 'text-muted hover:bg-raised',
              )}
            >
              {t(`sourcing.state.${one ?? 'open'}`)}
            </button>
          ))}
        </div>
        <span className="flex-1" />
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-xs max-sm:hidden">
          {(['b', 'w', 'x', 'u'] as const).map((key) => (
            <span key={key} className="flex items-center gap-1.5">
              <Key>{key}</Key> {t(`sourcing.keys.${key}`)}
            </span>
          ))}
        </p>
      </div>
      {picks.isPending ? (
        <div className="grid gap-3">
          {[1, 2, 3].map((one) => (
            <Skeleton key={one} className="h-28" />
          ))}
        </div>
      ) : picks.isError ? (
        <Failure error={picks.error} onRetry={() => picks.refetch()} />
      ) : list.length === 0 ? (
        <Empty
          icon={<Inbox />}
          title={t('sourcing.noPicks')}
          text={t(state ? 'sourcing.noPicksState' : 'sourcing.noPicksText')}
        />
      ) : (
        <ul className="grid gap-3">
          {list.map((pick, index) => (
            <PickCard
              key={pick.id}
              pick={pick}
              active={pick.id === current?.id}
              onFocus={() => setActive(index)}
              onDecide={(action) => decideOn(pick.id, action)}
              onUndo={state ? () => undo.mutate({ path: { pick: pick.id } }) : undefined}
            />
          ))}
        </ul>
      )}
    </>
  );
}

type CardProps = {
  pick: SourcingPick;
  active: boolean;
  onFocus: () => void;
  onDecide: (action: TriageAction) => void;
  onUndo?: (() => void) | undefined;
};

function PickCard({ pick, active, onFocus, onDecide, onUndo }: CardProps) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active) card.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const verify = useMutation({ ...verifySourcingPickMutation(), onSuccess: () => forgetSourcing(client) });
  const { figures } = pick;
  const money = (minor: number | null | undefined) => format.money(minor, figures.currency);
  const verification = verify.data ?? pick.verification;
  return (
    <li
      ref={card}
      onPointerDown={onFocus}
      data-testid="pick"
      data-active={active}
      className={cn(
        'scroll-my-24 rounded-2xl border bg-panel p-4 shadow-xs',
        active && 'border-accent ring-1 ring-accent',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <Verdict verdict={figures.recommendation} basis={figures.verdict_basis} />
        <Badge tone={TONES[pick.class]}>{t(`sourcing.class.${pick.class}`)}</Badge>
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="truncate font-medium">{figures.title ?? pick.asin}</h2>
          <p className="num truncate text-muted text-xs">
            {pick.asin} · {pick.job} ·{' '}
            {t('sourcing.seen', { seen: pick.evidence.seen, of: pick.evidence.of })} ·{' '}
            {format.ago(pick.last_seen_at)}
          </p>
        </div>
        <div className="flex flex-wrap gap-1.5">
          <Button size="sm" kind="primary" needs="member" onClick={() => onDecide('buy')}>
            {t('sourcing.keys.b')}
          </Button>
          <Button size="sm" needs="member" onClick={() => onDecide('watch')}>
            {t('sourcing.keys.w')}
          </Button>
          <Button size="sm" needs="member" onClick={() => onDecide('dismiss')}>
            {t('sourcing.keys.x')}
          </Button>
          <Button
            size="sm"
            kind="ghost"
            needs="member"
            disabled={verify.isPending}
            onClick={() => verify.mutate({ path: { pick: pick.id } })}
          >
            <ShieldCheck /> {t('sourcing.verify')}
          </Button>
          {onUndo && (
            <Button size="sm" kind="ghost" needs="member" onClick={onUndo}>
              <Undo2 /> {t('sourcing.undo')}
            </Button>
          )}
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
      {verification && (
        <div className="mt-3 rounded-xl bg-raised/70 p-3">
          <Badge
            tone={verification.result === 'ok' ? 'good' : verification.result === 'avoid' ? 'bad' : 'warn'}
          >
            {t(`sourcing.result.${verification.result}`)}
          </Badge>{' '}
          <span className="text-muted text-xs">{format.ago(verification.at)}</span>
          <ul className="mt-1 text-muted text-xs">
            {verification.findings.map((one) => (
              <li key={one.code}>{one.message}</li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}
