import type { Analytics } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import type { Formats } from '@/lib/format';
import { currencyOf, isMarket, MARKETS } from '@/lib/markets';

type Filters = Record<string, unknown>;
/** The name of a category in a marketplace, where it is known. */
export type CategoryName = (market: unknown, category: unknown) => string | undefined;

const MOST_ASINS = 3;
const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
const number = (value: unknown) => (typeof value === 'number' ? value : null);

/** The names that the analytics know. */
export function categoryNames(analytics: Analytics | undefined): CategoryName {
  const names = new Map(
    analytics?.by_category.map(({ marketplace, category, name }) => [`${marketplace}:${category}`, name]),
  );
  return (market, category) => names.get(`${market}:${category}`) ?? undefined;
}

/** What was asked, in a line; what this page does not know stands as it is kept. */
export function whatText(filters: Filters, name: CategoryName, t: T, format: Formats): string {
  const {
    marketplace,
    category,
    bsr_min,
    bsr_max,
    price_min,
    price_max,
    condition,
    asins,
    strategy,
    ...rest
  } = filters;
  const market = String(marketplace ?? '');
  const price = (minor: unknown) => (minor == null ? '…' : format.money(number(minor), currencyOf(market)));
  const parts: string[] = [];
  if (marketplace != null) parts.push(isMarket(market) ? MARKETS[market].name : market);
  if (Array.isArray(asins)) {
    const more = asins.length - MOST_ASINS;
    parts.push(asins.slice(0, MOST_ASINS).join(', ') + (more > 0 ? ` +${format.number(more)}` : ''));
  }
  if (category != null) {
    parts.push(
      Number(category) === 0 ? t('discover.allCategories') : (name(marketplace, category) ?? text(category)),
    );
  }
  if (bsr_min != null || bsr_max != null) {
    parts.push(
      t('niches.ranks', { from: format.number(number(bsr_min)), to: format.number(number(bsr_max)) }),
    );
  }
  if (price_min != null || price_max != null) parts.push(`${price(price_min)} – ${price(price_max)}`);
  if (condition === 'new' || condition === 'used') parts.push(t(`condition.${condition}`));
  if (strategy === 'balanced' || strategy === 'velocity' || strategy === 'textbook') {
    parts.push(t(`strategy.${strategy}`));
  }
  for (const [key, value] of Object.entries(rest)) {
    if (value == null || value === false) continue;
    if (key === 'exclude_amazon' && value === true) parts.push(t('discover.noAmazon'));
    else parts.push(`${key} ${text(value)}`);
  }
  return parts.join(' · ');
}
