/** A schedule as people say it; anything else stays the cron expression it is. */
export type Words =
  | { every: 'day'; hour: number; minute: number }
  | { every: 'week'; hour: number; minute: number; days: readonly number[] }
  | { every: 'hours'; hours: number }
  | { every: 'cron'; cron: string };

/** The days of the week from Monday on. */
export const WEEK = [1, 2, 3, 4, 5, 6, 0] as const;

const within = (text: string | undefined, most: number): number | undefined =>
  text !== undefined && /^\d{1,2}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

export function toWords(cron: string): Words {
  const parts = cron.trim().split(/\s+/);
  const [m, h, dom, month, dow] = parts;
  if (parts.length !== 5 || dom !== '*' || month !== '*') return { every: 'cron', cron };
  const [minute, hour] = [within(m, 59), within(h, 23)];
  const step = /^\*\/(\d{1,2})$/.exec(h ?? '')?.[1];
  if (minute === 0 && dow === '*' && step && 24 % Number(step) === 0)
    return { every: 'hours', hours: Number(step) };
  if (minute === undefined || hour === undefined) return { every: 'cron', cron };
  if (dow === '*') return { every: 'day', hour, minute };
  const days = daysOf(dow);
  return days === undefined ? { every: 'cron', cron } : { every: 'week', hour, minute, days };
}

/** The days of `1`, `1,3,5` or `1-5`, Sunday being 0, in the order of the week that begins on Monday. */
function daysOf(text: string | undefined): number[] | undefined {
  const days = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const [from, to = from, more] = part.split('-').map((day) => within(day, 6));
    if (more !== undefined || from === undefined || to === undefined || to < from) return undefined;
    for (let day = from; day <= to; day += 1) days.add(day);
  }
  return WEEK.filter((day) => days.has(day));
}

/** The days as an expression has them: several in a row as a range. */
function daysText(days: readonly number[]): string {
  const sorted = [...days].sort((one, two) => one - two);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? first;
  return sorted.length > 2 && last - first === sorted.length - 1 ? `${first}-${last}` : sorted.join(',');
}

export function toCron(words: Words): string {
  switch (words.every) {
    case 'day':
      return `${words.minute} ${words.hour} * * *`;
    case 'week':
      return `${words.minute} ${words.hour} * * ${daysText(words.days)}`;
    case 'hours':
      return `0 */${words.hours} * * *`;
    case 'cron':
      return words.cron;
  }
}
