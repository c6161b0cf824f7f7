import type { RuleField } from '@/api/gen/types.gen';
import { minorToText, textToMinor } from '@/lib/format';
import { currencyOf, MARKETS } from '@/lib/markets';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A value of a document by its path, `buy.roi_percent`. */
export function read(document: Json, path: string): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    value = value[part];
  }
  return value;
}

/** A document with another value at a path; the old one stays as it is. */
export function write(document: Json, path: string, value: Json): Json {
  const [first = '', ...rest] = path.split('.');
  const object =
    document !== null && typeof document === 'object' && !Array.isArray(document) ? document : {};
  return {
    ...object,
    [first]: rest.length === 0 ? value : write(object[first] ?? {}, rest.join('.'), value),
  };
}

/** The fields with `*` spelled out for the marketplaces that the document names. */
export function spelledOut(fields: readonly RuleField[], document: Json): RuleField[] {
  return fields.flatMap((field) => {
    const [before, after] = field.path.split('.*.');
    if (before === undefined || after === undefined) return [field];
    const inside = read(document, before);
    const keys =
      inside !== null && typeof inside === 'object' && !Array.isArray(inside) ? Object.keys(inside) : [];
    return keys.map((key) => ({ ...field, path: `${before}.${key}.${after}` }));
  });
}

/** The currency of an amount where its path names a marketplace; other amounts count in every marketplace's own. */
export function currencyAt(path: string): string | undefined {
  const market = path.split('.').find((part) => part in MARKETS);
  return market && currencyOf(market);
}

/** An amount that counts in every currency is written with two digits, as in most of them. */
const writtenIn = (path: string) => currencyAt(path) ?? 'USD';

/** A value as it stands in a field; off is empty, money is in its major unit. */
export function shown(field: RuleField, value: Json | undefined): string {
  if (value == null) return '';
  if (field.unit === 'money' && typeof value === 'number') return minorToText(value, writtenIn(field.path));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What is typed into a field, as the document holds it; `undefined` when it is none of it. */
export function parse(field: RuleField, text: string): number | null | undefined {
  if (text.trim() === '') return field.optional ? null : undefined;
  const number = field.unit === 'money' ? textToMinor(text, writtenIn(field.path)) : readNumber(text);
  if (number === null || (field.whole && !Number.isInteger(number))) return undefined;
  const { minimum, maximum, above_minimum } = field;
  if (minimum != null && (number < minimum || (above_minimum && number === minimum))) return undefined;
  return maximum != null && number > maximum ? undefined : number;
}

const readNumber = (text: string) =>
  /^\d+(?:[.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : null;
