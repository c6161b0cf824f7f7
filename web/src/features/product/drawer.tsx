import { useMutation, useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, ExternalLink, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { getProductOptions, scoreProductsMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { Condition, ProductDetail, Strategy } from '@/api/gen/types.gen';
import { toApiError } from '@/api/problem';
import { Badge, Empty, Failure, Figure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { Trust, Verdict } from '@/components/verdict';
import { WatchButton } from '@/features/sourcing/watch-button';
import { useI18n } from '@/i18n';
import { currencyOf } from '@/lib/markets';
import { useDebounced } from '@/lib/use-debounced';
import { Conditions } from './conditions';
import { HistoryChart } from './history-chart';
import { Offers } from './offers';
import { Reasons } from './reasons';
import { Waterfall } from './waterfall';
import { NO_TERMS, readTerms, WhatIf } from './what-if';

type Props = {
  asin: string;
  market: string;
  strategy: Strategy;
  condition?: Condition | undefined;
  cost?: number | undefined;
  /** The products before and after it in the list it was opened from. */
  neighbours: readonly string[];
  onMove: (asin: string) => void;
  onClose: () => void;
};

/** Everything that is known of one product, and what if. */
export default function ProductDrawer({
  asin,
  market,
  strategy,
  condition,
  cost,
  neighbours,
  onMove,
  onClose,
}: Props) {
  const { t } = useI18n();
  const [terms, setTerms] = useState(NO_TERMS);
  const settled = useDebounced(readTerms(terms, currencyOf(market)), 200);
  const product = useQuery({
    ...getProductOptions({
      path: { asin },
      query: {
        marketplace: market,
        strategy,
        ...(condition && { condition }),
        ...(cost !== undefined && { cost }),
        ...settled,
      },
    }),
    // Under other terms the old numbers stay until the new ones are there; those of another product never do.
    placeholderData: (old) => (old?.facts.asin === asin ? old : undefined),
  });
  const at = neighbours.indexOf(asin);
  const [before, after] = [neighbours[at - 1], at < 0 ? undefined : neighbours[at + 1]];
  const title = product.data?.facts.title ?? asin;
  const move = (to: string | undefined) => {
    if (!to) return;
    setTerms(NO_TERMS);
    onMove(to);
  };
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={title}>
      <header className="flex items-start gap-2 border-b px-5 py-3.5">
        <div className="min-w-0 flex-1">
          <h2 className="line-clamp-2 font-semibold text-base leading-snug" data-testid="product-title">
            {title}
          </h2>
          <p className="num mt-0.5 truncate text-muted text-xs">
            {[asin, product.data?.facts.author ?? product.data?.facts.brand, product.data?.facts.binding]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        {product.data && (
          <WatchButton
            icon
            request={{
              asins: [asin],
              marketplace: market,
              strategy,
              ...(condition && { condition }),
              ...(cost !== undefined && { cost }),
            }}
          />
        )}
        <Button
          kind="ghost"
          size="icon"
          disabled={!before}
          aria-label={t('product.before')}
          onClick={() => move(before)}
        >
          <ChevronLeft />
        </Button>
        <Button
          kind="ghost"
          size="icon"
          disabled={!after}
          aria-label={t('product.after')}
          onClick={() => move(after)}
        >
          <ChevronRight />
        </Button>
        <SheetClose asChild>
          <Button kind="ghost" size="icon" aria-label={t('common.close')}>
            <X />
          </Button>
        </SheetClose>
      </header>
      <div
        className="min-h-0 flex-1 overflow-y-auto px-5 pb-8"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label={title}
        data-testid="drawer-body"
      >
        {product.data ? (
          <Body detail={product.data} fresh={!product.isPlaceholderData}>
            <Section title={t('whatIf.title')} lead={t('whatIf.lead')}>
              <WhatIf terms={terms} onChange={setTerms} currency={product.data.score.currency} />
            </Section>
          </Body>
        ) : product.isError ? (
          <Missing
            asin={asin}
            market={market}
            strategy={strategy}
            error={product.error}
            onKnown={() => product.refetch()}
          />
        ) : (
          <div className="grid gap-4 pt-5">
            <Skeleton className="h-20" />
            <Skeleton className="h-40" />
            <Skeleton className="h-72" />
          </div>
        )}
      </div>
    </Sheet>
  );
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <section className="border-t py-5">
      <h3 className="font-semibold text-[15px]">{title}</h3>
      {lead && <p className="mt-0.5 text-muted text-xs">{lead}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}

function Body({ detail, fresh, children }: { detail: ProductDetail; fresh: boolean; children: ReactNode }) {
  const { t, format } = useI18n();
  const { score, facts } = detail;
  const money = (minor: number | null | undefined) => format.money(minor, score.currency);
  return (
    <div className={fresh ? '' : 'opacity-60 transition-opacity'} data-fresh={fresh}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 py-4">
        <Verdict verdict={score.recommendation} basis={score.verdict_basis} />
        <Trust confidence={score.confidence} word />
        <span className="num text-muted text-xs">
          {t('product.age', {
            age: score.data_age_minutes == null ? '—' : format.duration(score.data_age_minutes * 60),
          })}
        </span>
        {detail.stale && <Badge tone="warn">{t('product.stale')}</Badge>}
        <span className="flex-1" />
        <Links amazon={facts.amazon_url} keepa={facts.keepa_url} selleramp={facts.selleramp_url} />
      </div>
      <div className="grid grid-cols-2 gap-x-4 gap-y-4 pb-5 sm:grid-cols-4">
        <Figure label={t('columns.max_cost')} value={money(score.max_cost)} note={t('product.maxCostNote')} />
        <Figure
          label={t('columns.profit')}
          value={<span className={(score.profit ?? 0) < 0 ? 'text-bad' : ''}>{money(score.profit)}</span>}
          note={t('product.roi', { roi: format.percent(score.roi_percent, 1) })}
        />
        <Figure
          label={t('columns.sell_price')}
          value={money(score.sell_price)}
          note={t('product.median', { price: money(score.median90) })}
        />
        <Figure
          label={t('columns.cost')}
          value={money(score.cost)}
          note={t(`costSource.${score.cost_source}`)}
        />
        <Figure
          label={t('columns.bsr')}
          value={format.number(score.bsr)}
          note={t('product.drops', { drops: format.number(score.drops30) })}
        />
        <Figure
          label={t('columns.sales30')}
          value={format.number(score.sales30)}
          note={t('product.yours', { sales: format.number(score.your_sales30, 1) })}
        />
        <Figure
          label={t('product.offers')}
          value={format.number(score.offers_new)}
          note={t('product.fba', { offers: format.number(score.offers_fba) })}
        />
        <Figure
          label={t('columns.amazon')}
          value={
            score.amazon_in_stock == null
              ? '—'
              : t(score.amazon_in_stock ? 'product.inStock' : 'product.notInStock')
          }
          note={t('product.share90', { share: format.percent(score.amazon_share90) })}
        />
      </div>
      <Reasons score={score} />
      {children}
      <Section
        title={t('waterfall.title')}
        lead={score.fee_card ? t('waterfall.card', { card: score.fee_card }) : undefined}
      >
        <Waterfall score={score} />
      </Section>
      <Section title={t('chart.title')}>
        <HistoryChart detail={detail} />
      </Section>
      <Section
        title={t('conditions.title')}
        lead={t('conditions.lead', {
          strategy: t(`strategy.${score.strategy}`),
          version: score.rules_version,
        })}
      >
        <Conditions score={score} />
      </Section>
      <Section title={t('offers.title')} lead={t('offers.lead')}>
        <Offers offers={detail.offers} currency={score.currency} />
      </Section>
      <Section title={t('product.facts')}>
        <Facts detail={detail} />
      </Section>
    </div>
  );
}

function Links({ amazon, keepa, selleramp }: { amazon: string; keepa: string; selleramp: string }) {
  const links = [
    ['Amazon', amazon],
    ['Keepa', keepa],
    ['SellerAmp', selleramp],
  ] as const;
  return (
    <span className="flex flex-wrap gap-3">
      {links.map(([name, url]) => (
        <a
          key={name}
          href={url}
          target="_blank"
          rel="noreferrer noopener"
          className="inline-flex items-center gap-1 font-medium text-accent text-xs hover:underline"
        >
          {name} <ExternalLink aria-hidden className="size-3" />
        </a>
      ))}
    </span>
  );
}

function Facts({ detail: { facts, facts_fetched_at } }: { detail: ProductDetail }) {
  const { t, format } = useI18n();
  const sides = [facts.package_length_mm, facts.package_width_mm, facts.package_height_mm];
  const lines: [string, string][] = [
    [t('facts.categories'), facts.categories.join(' › ') || '—'],
    [t('facts.codes'), [...facts.eans, ...facts.upcs].join(', ') || '—'],
    [
      t('facts.size'),
      sides.every((side) => side != null)
        ? `${sides.map((side) => format.number(side)).join(' × ')} mm`
        : '—',
    ],
    [t('facts.weight'), facts.package_weight_g == null ? '—' : `${format.number(facts.package_weight_g)} g`],
    [t('facts.updated'), format.time(facts.last_update)],
    [t('facts.bought'), format.time(facts_fetched_at)],
  ];
  return (
    <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[9rem_1fr]">
      {lines.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="num min-w-0 break-words max-sm:mb-1.5">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type MissingProps = { asin: string; market: string; strategy: Strategy; error: unknown; onKnown: () => void };

/** Its facts were never bought: one token buys them. */
function Missing({ asin, market, strategy, error, onKnown }: MissingProps) {
  const { t } = useI18n();
  const buy = useMutation({ ...scoreProductsMutation(), onSuccess: onKnown });
  if (toApiError(error).code !== 'unknown_product') {
    return (
      <div className="pt-5">
        <Failure error={error} onRetry={onKnown} />
      </div>
    );
  }
  return (
    <Empty title={t('product.unknown')} text={t('product.unknownText')}>
      <Button
        kind="primary"
        needs="member"
        disabled={buy.isPending}
        onClick={() => buy.mutate({ body: { asins: [asin], marketplace: market, strategy } })}
      >
        {t('product.buy')}
      </Button>
    </Empty>
  );
}
