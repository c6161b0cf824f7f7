import type { NicheDraft, SavedFilters } from '@/api/gen/types.gen';
import { DEFAULTS, type DiscoverSearch, toRequest } from '@/features/discover/search-params';
import { isMarket } from '@/lib/markets';

type Saved = { filters: SavedFilters; strategy?: NicheDraft['strategy']; cost?: number | null };

/** The search of the page Discover that a saved one is. */
export function toSearch({ filters, strategy, cost }: Saved): DiscoverSearch {
  return {
    market: isMarket(filters.marketplace) ? filters.marketplace : DEFAULTS.market,
    category: filters.category,
    bsr_min: filters.bsr_min,
    bsr_max: filters.bsr_max,
    price_min: filters.price_min ?? undefined,
    price_max: filters.price_max ?? undefined,
    condition: filters.condition ?? undefined,
    no_amazon: filters.exclude_amazon || undefined,
    limit: filters.limit ?? DEFAULTS.limit,
    strategy: strategy ?? DEFAULTS.strategy,
    cost: cost ?? undefined,
  };
}

/** A search as it is saved. */
export function toSaved(search: DiscoverSearch, name: string, note: string): NicheDraft {
  const { filters, strategy, cost } = toRequest(search);
  return {
    name,
    filters,
    ...(strategy && { strategy }),
    ...(cost == null ? {} : { cost }),
    ...(note.trim() ? { note: note.trim() } : {}),
  };
}
