import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useRef, useState } from 'react';
import { listSourcingPicksOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingPick, TriageAction, TriageRequest } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { ExportMenu } from '@/components/export-menu';
import { Empty, Failure, Key, Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { useHotkeys } from '@/lib/hotkeys';
import { Decide } from './decide';
import { PickCard } from './pick-card';
import type { SourcingSearch } from './search-params';
import { type Asked, asks, useTriage } from './triage';

const STATES = [undefined, 'to_buy', 'watching', 'bought', 'dismissed'] as const;

type Props = {
  state: SourcingSearch['state'];
  onState: (state: SourcingSearch['state']) => void;
  onOpen: (id: string) => void;
};

/** The picks to decide on, one key each. */
export function Picks({ state, onState, onOpen }: Props) {
  const { t } = useI18n();
  const picks = useQuery(listSourcingPicksOptions({ query: { all: false, state: state ?? 'open' } }));
  const may = useMay('member');
  const [active, setActive] = useState(0);
  // What was decided leaves the list at once, so that the next key is about the next pick.
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<{ action: Asked; pick: SourcingPick }>();
  const list = (picks.data ?? []).filter((pick) => !decided.has(pick.id));
  const current = list[Math.min(active, list.length - 1)];
  const last = useRef<string>(undefined);
  const back = (id: string) => setDecided((old) => new Set([...old].filter((one) => one !== id)));
  const { decide: send, undo } = useTriage({ onBack: back });
  const decide = (pick: SourcingPick, request: TriageRequest) => {
    last.current = pick.id;
    const leaves = request.action !== 'note' && !(request.action === 'bought' && pick.state === 'bought');
    if (leaves) setDecided((old) => new Set(old).add(pick.id));
    send(pick.id, request);
  };
  const choose = (pick: SourcingPick | undefined, action: TriageAction) => {
    if (!pick) return;
    if (asks(action)) setAsking({ action, pick });
    else decide(pick, { action });
  };
  const move = (by: number) => setActive((old) => Math.max(0, Math.min(list.length - 1, old + by)));
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => current && onOpen(current.id),
  });
  // Whoever only looks has no keys to decide with.
  const deciding = {
    b: () => choose(current, 'buy'),
    o: () => choose(current, 'bought'),
    w: () => choose(current, 'watch'),
    x: () => choose(current, 'dismiss'),
    n: () => choose(current, 'note'),
    u: () => last.current && undo(last.current),
  };
  useHotkeys(deciding, may);
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
          {(['b', 'o', 'w', 'x', 'n', 'u'] as const).map((key) => (
            <span key={key} className="flex items-center gap-1.5">
              <Key>{key}</Key> {t(`sourcing.keys.${key}`)}
            </span>
          ))}
        </p>
        <ExportMenu
          name="picks"
          disabled={list.length === 0}
          source={() => ({ url: `/api/v1/sourcing/picks?all=false&state=${state ?? 'open'}` })}
        />
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
              onOpen={() => onOpen(pick.id)}
              onDecide={(action) => choose(pick, action)}
              onUndo={state ? () => undo(pick.id) : undefined}
            />
          ))}
        </ul>
      )}
      {asking && (
        <Decide
          action={asking.action}
          about={{
            id: asking.pick.id,
            title: asking.pick.figures.title ?? asking.pick.asin,
            currency: asking.pick.figures.currency,
            cost: asking.pick.figures.cost,
          }}
          onDecide={(request) => decide(asking.pick, request)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  );
}
