import { useQuery } from '@tanstack/react-query';
import { ShoppingCart } from 'lucide-react';
import { useState } from 'react';
import { getBuyListOptions, listSourcingJobsOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { BuyListItem } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Badge, Empty, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/fields';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { Decide, type Subject } from './decide';
import { TONES } from './pick-card';
import { reasonText } from './reason-text';
import { type Asked, useTriage } from './triage';
import { VerifyButton } from './verification';

/** How old what is on the list may be, in hours. */
const AGES = [24, 48, 168] as const;

/** What to buy today, best first, with why and for how much at most. */
export function BuyListView({ onOpen }: { onOpen: (id: string) => void }) {
  const { t, format } = useI18n();
  const [hours, setHours] = useState<number>(24);
  const [job, setJob] = useState('');
  const [asking, setAsking] = useState<{ action: Asked; about: Subject }>();
  const query = { max_age_hours: hours, limit: 200, ...(job && { job }) };
  const list = useQuery(getBuyListOptions({ query }));
  const jobs = useQuery(listSourcingJobsOptions());
  const { decide } = useTriage();
  const ask = (action: Asked, item: BuyListItem) =>
    setAsking({
      action,
      about: { id: item.pick_id, title: item.title ?? item.asin, currency: item.currency, cost: item.cost },
    });
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          className="w-44"
          aria-label={t('sourcing.seenWithin')}
          value={hours}
          onChange={(event) => setHours(Number(event.target.value))}
        >
          {AGES.map((age) => (
            <option key={age} value={age}>
              {t(`sourcing.within.h${age}`)}
            </option>
          ))}
        </Select>
        <Select
          className="w-44"
          aria-label={t('sourcing.jobs')}
          value={job}
          onChange={(event) => setJob(event.target.value)}
        >
          <option value="">{t('sourcing.allJobs')}</option>
          {jobs.data?.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
        <span className="flex-1" />
        <ExportMenu
          name="buy-list"
          disabled={!list.data?.items.length}
          source={() => ({
            url: `/api/v1/sourcing/buy-list?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`,
          })}
        />
      </div>
      {list.isPending ? (
        <Skeleton className="h-72" />
      ) : list.isError ? (
        <Failure error={list.error} onRetry={() => list.refetch()} />
      ) : list.data.items.length === 0 ? (
        <Empty icon={<ShoppingCart />} title={t('sourcing.emptyList')} text={t('sourcing.emptyListText')} />
      ) : (
        <>
          <ol className="grid gap-3" data-testid="buy-list">
            {list.data.items.map((item) => (
              <Item key={item.pick_id} item={item} onOpen={onOpen} onAsk={ask} />
            ))}
          </ol>
          {list.data.left_out > 0 && (
            <p className="num mt-3 text-muted">
              {t('sourcing.leftOut', {
                count: list.data.left_out,
                number: format.number(list.data.left_out),
              })}
            </p>
          )}
        </>
      )}
      {asking && (
        <Decide
          {...asking}
          onDecide={(request) => decide(asking.about.id, request)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  );
}

type ItemProps = {
  item: BuyListItem;
  onOpen: (id: string) => void;
  onAsk: (action: Asked, item: BuyListItem) => void;
};

function Item({ item, onOpen, onAsk }: ItemProps) {
  const { t, format } = useI18n();
  const money = (minor: number | null | undefined) => format.money(minor, item.currency);
  return (
    <li className="min-w-0 rounded-2xl border bg-panel p-4 shadow-xs">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <Verdict verdict={item.recommendation} />
        <Badge tone={TONES[item.class]}>{t(`sourcing.class.${item.class}`)}</Badge>
        {item.verify_first && item.class !== 'jackpot' && (
          <Badge tone="warn">{t('sourcing.verifyFirst')}</Badge>
        )}
        {item.state === 'to_buy' && <Badge tone="good">{t('sourcing.state.to_buy')}</Badge>}
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="truncate font-medium">
            <button
              type="button"
              onClick={() => onOpen(item.pick_id)}
              className="max-w-full truncate rounded text-left hover:underline"
            >
              {item.title ?? item.asin}
            </button>
          </h2>
          <p className="num truncate text-muted text-xs">
            {item.asin} · {t(`condition.${item.condition}`)} · {item.job ?? t('sourcing.byHand')} ·{' '}
            {format.ago(item.seen_at)}
          </p>
        </div>
        <div className="flex flex-wrap gap-1.5">
          <Button size="sm" kind="primary" needs="member" onClick={() => onAsk('bought', item)}>
            {t('sourcing.action.bought')}
          </Button>
          <Button size="sm" needs="member" onClick={() => onAsk('dismiss', item)}>
            {t('sourcing.action.dismiss')}
          </Button>
          <VerifyButton id={item.pick_id} />
        </div>
      </div>
      <div className="mt-3 grid grid-cols-3 gap-x-4 gap-y-3 sm:grid-cols-6">
        <Figure label={t('columns.max_cost')} value={money(item.max_cost)} />
        <Figure label={t('columns.profit')} value={money(item.profit)} />
        <Figure label={t('columns.roi_percent')} value={format.percent(item.roi_percent)} />
        <Figure label={t('columns.sell_price')} value={money(item.price)} />
        <Figure label={t('columns.bsr')} value={format.number(item.bsr)} />
        <Figure label={t('columns.offers_fba')} value={format.number(item.offers_fba)} />
      </div>
      {item.reasons.length > 0 && (
        <ul className="num mt-3 grid gap-0.5 text-muted text-xs" data-testid="why">
          {item.reasons.map((reason) => (
            <li key={reason.code}>{reasonText(reason, t, format)}</li>
          ))}
        </ul>
      )}
    </li>
  );
}
