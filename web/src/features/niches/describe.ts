import type { SavedFilters, Strategy } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import type { Formats } from '@/lib/format';
import { currencyOf, isMarket, MARKETS } from '@/lib/markets';

type Described = { filters: SavedFilters; strategy: Strategy; category_name?: string | null };

/** What a saved search looks for, in a line. */
export function describe({ filters, strategy, category_name }: Described, t: T, format: Formats): string {
  const { marketplace, category, bsr_min, bsr_max, price_min, price_max, condition, exclude_amazon } =
    filters;
  const currency = currencyOf(marketplace);
  const price = (minor: number | null | undefined) => (minor == null ? '…' : format.money(minor, currency));
  const named = category_name ?? (category === 0 ? t('discover.allCategories') : String(category));
  return [
    isMarket(marketplace) ? MARKETS[marketplace].name : marketplace,
    named,
    t('niches.ranks', { from: format.number(bsr_min), to: format.number(bsr_max) }),
    ...(price_min != null || price_max != null ? [`${price(price_min)} – ${price(price_max)}`] : []),
    ...(condition ? [t(`condition.${condition}`)] : []),
    ...(exclude_amazon ? [t('discover.noAmazon')] : []),
    t(`strategy.${strategy}`),
  ].join(' · ');
}
