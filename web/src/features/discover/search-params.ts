import * as z from 'zod/mini';
import type { ProductSearchRequest } from '@/api/gen/types.gen';
import { MARKETS, type Market } from '@/lib/markets';

/** The most that can be scored in one go, and that can be found. */
export const MOST_SCORED = 1000;
export const MOST_FOUND = 10_000;

const amount = z.optional(z.int().check(z.gte(0)));
const rank = z.optional(z.int().check(z.gte(1)));

/** What stands in the address of the page; whatever is not understood is left out. */
const fields = {
  market: z.optional(z.enum(Object.keys(MARKETS) as [Market, ...Market[]])),
  /** Keepa's id, or the name in the marketplace's language, as a niche may have it. */
  category: z.optional(z.union([z.int(), z.string().check(z.maxLength(200))])),
  bsr_min: rank,
  bsr_max: rank,
  price_min: amount,
  price_max: amount,
  condition: z.optional(z.enum(['new', 'used'])),
  no_amazon: z.optional(z.boolean()),
  limit: z.optional(z.int().check(z.gte(1), z.lte(MOST_FOUND))),
  strategy: z.optional(z.enum(['balanced', 'velocity', 'textbook'])),
  cost: amount,
  /** Only find, do not score. */
  find: z.optional(z.boolean()),
  /** The order of the table: a column and `-` before it for the largest first. */
  sort: z.optional(z.string()),
  /** Columns that are shown beside the usual ones, or hidden of them (`-name`). */
  columns: z.optional(z.array(z.string())),
  /** The product whose drawer is open. */
  asin: z.optional(z.string()),
};

export type DiscoverSearch = { -readonly [K in keyof typeof fields]?: z.infer<(typeof fields)[K]> };

export function readDiscoverSearch(search: Record<string, unknown>): DiscoverSearch {
  const read: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const found = z.safeParse(schema as z.ZodMiniType, search[name]);
    if (found.success && found.data !== undefined) read[name] = found.data;
  }
  return read as DiscoverSearch;
}

/** What is searched when nobody says otherwise. */
export const DEFAULTS = {
  market: 'us',
  category: 283_155,
  bsr_min: 10_000,
  bsr_max: 50_000,
  limit: 50,
  strategy: 'balanced',
} as const satisfies DiscoverSearch;

/** Whether the address names a search. */
export const namesSearch = (search: DiscoverSearch) =>
  search.bsr_min !== undefined && search.bsr_max !== undefined;

/** The API's question. */
export function toRequest(search: DiscoverSearch): ProductSearchRequest {
  const { price_min, price_max, condition, cost } = search;
  return {
    filters: {
      marketplace: search.market ?? DEFAULTS.market,
      category: search.category ?? DEFAULTS.category,
      bsr_min: search.bsr_min ?? DEFAULTS.bsr_min,
      bsr_max: search.bsr_max ?? DEFAULTS.bsr_max,
      limit: search.limit ?? DEFAULTS.limit,
      exclude_amazon: search.no_amazon ?? false,
      ...(price_min === undefined ? {} : { price_min }),
      ...(price_max === undefined ? {} : { price_max }),
      ...(condition === undefined ? {} : { condition }),
    },
    strategy: search.strategy ?? DEFAULTS.strategy,
    ...(cost === undefined ? {} : { cost }),
  };
}
