import i18next from 'i18next';
import type { RuleField } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import { isMarket, MARKETS } from '@/lib/markets';

/** The parts of the form, in order. */
export const GROUPS = [
  'strong_buy',
  'buy',
  'consider',
  'reckoning',
  'unit_costs',
  'limits',
  'spending',
] as const;
type Group = (typeof GROUPS)[number];

const LIMITS = ['amazon', 'roi_outlier_percent', 'max_fba_offers', 'max_rank'];

/** Where a field stands; one that a newer server knows stands with the reckoning. */
export function groupOf(path: string): Group {
  const [first = ''] = path.split('.');
  if (first === 'freshness' || first === 'budget') return 'spending';
  if (LIMITS.includes(first)) return 'limits';
  return (GROUPS as readonly string[]).includes(first) ? (first as Group) : 'reckoning';
}

/** What a field is called: in the reader's language where there is a word for it, else as the server calls it. */
export function fieldText(field: RuleField, t: T): string {
  const parts = field.path.split('.');
  const market = parts[1] !== undefined && isMarket(parts[1]) ? ` (${MARKETS[parts[1]].name})` : '';
  const key = `rules.field.${['strong_buy', 'buy', 'consider', 'unit_costs'].includes(parts[0] ?? '') ? parts.at(-1) : field.path.replaceAll('.', '_')}`;
  return (i18next.exists(key) ? t(key as 'rules.field.roi_percent') : field.label) + market;
}
