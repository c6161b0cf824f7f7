import i18next from 'i18next';
import type { RuleField } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import type { Formats } from '@/lib/format';
import { isMarket, MARKETS } from '@/lib/markets';
import { currencyAt, type Json } from './paths';

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

/** Currencies that stand for all when an amount counts in each. */
const EXAMPLES = ['USD', 'EUR', 'JPY'] as const;

/** An amount in the currency of its marketplace, or in some where it counts in all. */
function amount(path: string, minor: number, format: Formats): string {
  const currency = currencyAt(path);
  return currency
    ? format.money(minor, currency)
    : EXAMPLES.map((one) => format.money(minor, one)).join(' · ');
}

/** What stands below a field: its unit; for money what the amount is. */
export function hintOf(field: RuleField, value: Json | undefined, t: T, format: Formats): string {
  return field.unit === 'money' && typeof value === 'number'
    ? amount(field.path, value, format)
    : t(`rules.unit.${field.unit}`);
}

/** The least and the most of a field, in its unit. */
export function rangeOf(field: RuleField, format: Formats): { from: string; to: string } {
  const text = (value: number | null | undefined) =>
    field.unit === 'money' && value != null
      ? format.money(value, currencyAt(field.path) ?? 'USD')
      : format.number(value);
  return { from: text(field.minimum), to: text(field.maximum) };
}

/** A value in a sentence. */
export function valueText(field: RuleField | undefined, value: unknown, t: T, format: Formats): string {
  if (value == null) return t('rules.off');
  if (typeof value === 'object') {
    const factor = (value as { factor?: unknown }).factor;
    return typeof factor === 'number' ? format.percent(factor * 100) : JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (field?.unit === 'money') return amount(field.path, value, format);
    if (field?.unit === 'percent') return format.percent(value, Number.isInteger(value) ? 0 : 1);
    return format.number(value, Number.isInteger(value) ? 0 : 2);
  }
  const key = `rules.choice.${value}`;
  return i18next.exists(key) ? t(key as 'rules.choice.cap') : String(value);
}
