import { minorToText, textToMinor } from '@/lib/format';
import { currencyOf, type Market } from '@/lib/markets';
import { DEFAULTS, type DiscoverSearch, MOST_FOUND, MOST_SCORED } from './search-params';

/** The form as it is typed: text, which may be wrong. */
export type Draft = {
  market: Market;
  category: number | string;
  bsr_min: string;
  bsr_max: string;
  price_min: string;
  price_max: string;
  cost: string;
  condition: '' | 'new' | 'used';
  strategy: NonNullable<DiscoverSearch['strategy']>;
  limit: string;
  no_amazon: boolean;
  find: boolean;
};

const shown = (amount: number | undefined, currency: string) =>
  amount === undefined ? '' : minorToText(amount, currency);

export function toDraft(search: DiscoverSearch): Draft {
  const market = search.market ?? DEFAULTS.market;
  const currency = currencyOf(market);
  return {
    market,
    category: search.category ?? DEFAULTS.category,
    bsr_min: String(search.bsr_min ?? DEFAULTS.bsr_min),
    bsr_max: String(search.bsr_max ?? DEFAULTS.bsr_max),
    price_min: shown(search.price_min, currency),
    price_max: shown(search.price_max, currency),
    cost: shown(search.cost, currency),
    condition: search.condition ?? '',
    strategy: search.strategy ?? DEFAULTS.strategy,
    limit: String(search.limit ?? DEFAULTS.limit),
    no_amazon: search.no_amazon ?? false,
    find: search.find ?? false,
  };
}

export type Wrong = Partial<
  Record<keyof Draft, 'rank' | 'rankOrder' | 'amount' | 'amountOrder' | 'limit' | 'limitScored'>
>;

const whole = (text: string) => (/^\d{1,10}$/.test(text.trim()) ? Number(text.trim()) : null);

/** The search that a draft means, and what is wrong with it. */
export function readDraft(draft: Draft): { search: DiscoverSearch; wrong: Wrong } {
  const wrong: Wrong = {};
  const currency = currencyOf(draft.market);
  const rank = (name: 'bsr_min' | 'bsr_max') => {
    const value = whole(draft[name]);
    if (value === null || value < 1) wrong[name] = 'rank';
    return value ?? undefined;
  };
  const amount = (name: 'price_min' | 'price_max' | 'cost') => {
    if (draft[name].trim() === '') return undefined;
    const value = textToMinor(draft[name], currency);
    if (value === null) wrong[name] = 'amount';
    return value ?? undefined;
  };
  const search: DiscoverSearch = {
    market: draft.market,
    category: draft.category,
    bsr_min: rank('bsr_min'),
    bsr_max: rank('bsr_max'),
    price_min: amount('price_min'),
    price_max: amount('price_max'),
    cost: draft.find ? undefined : amount('cost'),
    condition: draft.condition || undefined,
    strategy: draft.strategy,
    limit: whole(draft.limit) ?? undefined,
    no_amazon: draft.no_amazon || undefined,
    find: draft.find || undefined,
  };
  if (!wrong.bsr_min && !wrong.bsr_max && (search.bsr_min ?? 0) > (search.bsr_max ?? 0))
    wrong.bsr_max = 'rankOrder';
  if (
    search.price_min !== undefined &&
    search.price_max !== undefined &&
    search.price_min > search.price_max
  ) {
    wrong.price_max = 'amountOrder';
  }
  const most = draft.find ? MOST_FOUND : MOST_SCORED;
  if (search.limit === undefined || search.limit < 1 || search.limit > most) {
    wrong.limit = draft.find ? 'limit' : 'limitScored';
  }
  return { search, wrong };
}
