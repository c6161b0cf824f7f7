/** A schedule as people say it; anything else stays the cron expression it is. */
export type Words =
  | { every: 'day'; hour: number; minute: number }
  | { every: 'week'; hour: number; minute: number; day: number }
  | { every: 'hours'; hours: number }
  | { every: 'cron'; cron: string };

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
  const day = within(dow, 6);
  return day === undefined ? { every: 'cron', cron } : { every: 'week', hour, minute, day };
}

export function toCron(words: Words): string {
  switch (words.every) {
    case 'day':
      return `${words.minute} ${words.hour} * * *`;
    case 'week':
      return `${words.minute} ${words.hour} * * ${words.day}`;
    case 'hours':
      return `0 */${words.hours} * * *`;
    case 'cron':
      return words.cron;
  }
}
