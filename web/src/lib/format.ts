/**
 * Numbers, money and moments in the reader's language. Amounts come in minor units with their currency; nothing here
 * computes with them. What is missing is shown as missing.
 */

export const MISSING = '—';

type Maybe<T> = T | null | undefined;

const formats = new Map<string, Intl.NumberFormat>();
const digitsOf = new Map<string, number>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

/** How many digits a currency has after the point: 2 for dollars, 0 for yen. */
export function currencyDigits(currency: string): number {
  let found = digitsOf.get(currency);
  if (found === undefined) {
    const format = numberFormat('en', { style: 'currency', currency });
    found = format.resolvedOptions().maximumFractionDigits ?? 2;
    digitsOf.set(currency, found);
  }
  return found;
}

/** Minor units as text without a currency: 1500 -> "15.00", and 1500 yen -> "1500". */
export function minorToText(minor: number, currency: string): string {
  const digits = currencyDigits(currency);
  const text = Math.abs(minor)
    .toString()
    .padStart(digits + 1, '0');
  const sign = minor < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * Reads what a person types as an amount: "15", "15.5" or "15,50", to the cent; `null` when it is none. No number
 * with a fraction is computed with on the way.
 */
export function textToMinor(text: string, currency: string): number | null {
  const digits = currencyDigits(currency);
  const found = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found) return null;
  const fraction = found[2] ?? '';
  if (fraction.length > digits) return null;
  return Number.parseInt((found[1] ?? '') + fraction.padEnd(digits, '0'), 10);
}

export type Formats = ReturnType<typeof formatsFor>;

/** The formats of one language. */
export function formatsFor(locale: string) {
  const number = (value: Maybe<number>, digits = 0) =>
    value == null
      ? MISSING
      : numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const formatter = {
    number,
    money(minor: Maybe<number>, currency: string, signed = false) {
      if (minor == null) return MISSING;
      // Text, not a fraction: `format` takes decimal strings exactly.
      const options: Intl.NumberFormatOptions = {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
        signDisplay: signed ? 'exceptZero' : 'auto',
      };
      return numberFormat(locale, options).format(minorToText(minor, currency) as unknown as number);
    },
    percent(value: Maybe<number>, digits = 0) {
      if (value == null) return MISSING;
      const options = {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      } as const;
      return numberFormat(locale, options).format(value / 100);
    },
    bytes(value: Maybe<number>) {
      if (value == null) return MISSING;
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
      const power = Math.min(3, Math.floor(Math.log10(Math.max(1, value)) / 3));
      return numberFormat(locale, {
        style: 'unit',
        unit: units[power],
        maximumFractionDigits: power === 0 ? 0 : 1,
      }).format(value / 1000 ** power);
    },
    date(moment: Maybe<string | number>) {
      return moment == null
        ? MISSING
        : new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(moment));
    },
    /** A day of the calendar, which is the same everywhere. */
    day(day: string) {
      return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
        new Date(`${day}T00:00:00Z`),
      );
    },
    /** The same with its year. */
    calendar(day: string) {
      return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
        new Date(`${day}T00:00:00Z`),
      );
    },
    /** The name of a month, 1 to 12. */
    month(number: number) {
      return new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' }).format(
        new Date(Date.UTC(2026, number - 1, 1)),
      );
    },
    time(moment: Maybe<string | number>) {
      if (moment == null) return MISSING;
      return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(
        new Date(moment),
      );
    },
    /** "3 min. ago", "in 2 hr." */
    ago(moment: Maybe<string | number>, now = Date.now()) {
      return moment == null ? MISSING : formatter.span((new Date(moment).getTime() - now) / 1000);
    },
    /** Seconds from now, in the largest unit that says enough. */
    span(seconds: number) {
      const size = Math.abs(seconds);
      if (size < 90) return relative.format(Math.round(seconds), 'second');
      if (size < 5400) return relative.format(Math.round(seconds / 60), 'minute');
      if (size < 129_600) return relative.format(Math.round(seconds / 3600), 'hour');
      return relative.format(Math.round(seconds / 86_400), 'day');
    },
    /** A whole number of hours or days: "8 hours", "7 days". */
    lasting(seconds: number) {
      const [value, unit] = seconds < 172_800 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day'];
      return numberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
    },
    duration(seconds: Maybe<number>) {
      if (seconds == null) return MISSING;
      const [value, unit] =
        seconds < 90
          ? [seconds, 'second']
          : seconds < 5400
            ? [seconds / 60, 'minute']
            : [seconds / 3600, 'hour'];
      return numberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: 0,
      }).format(Math.ceil(value));
    },
  };
  return formatter;
}
