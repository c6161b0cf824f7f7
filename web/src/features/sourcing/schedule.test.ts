import { expect, test } from 'vitest';
import { toCron, toWords } from './schedule';

test('a schedule in words comes back as the same expression', () => {
  for (const cron of [
    '0 7 * * *',
    '30 19 * * 0',
    '0 7 * * 1-5',
    '15 6 * * 1,3,5',
    '0 7 * * 0,6',
    '0 */6 * * *',
    '*/5 8-18 * * 1-5',
    '0 7 1 * *',
  ]) {
    expect(toCron(toWords(cron))).toBe(cron);
  }
  expect(toWords('30 7 * * 1')).toEqual({ every: 'week', hour: 7, minute: 30, days: [1] });
  expect(toWords('0 7 * * 0,4-6')).toEqual({ every: 'week', hour: 7, minute: 0, days: [4, 5, 6, 0] });
  expect(toWords('0 */6 * * *')).toEqual({ every: 'hours', hours: 6 });
});

test('what has no words stays an expression', () => {
  expect(toWords('0 */5 * * *').every).toBe('cron');
  expect(toWords('61 7 * * *').every).toBe('cron');
  for (const days of ['7', '5-1', '1,,2', 'mon', '1-3-5']) {
    expect(toWords(`0 7 * * ${days}`).every, days).toBe('cron');
  }
  expect(toWords('nonsense').every).toBe('cron');
});
