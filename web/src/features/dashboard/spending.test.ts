import { expect, test } from 'vitest';
import { byDay } from './spending';

const use = (day: string, purpose: string, spent: number, saved: number) => ({
  day,
  purpose,
  spent,
  saved,
  calls: 1,
  products_bought: 0,
  unsettled: 0,
});

test('the purposes of a day are added up, and quiet days are there with nothing', () => {
  const days = byDay(
    [
      use('2026-03-01', 'discovery', 11, 0),
      use('2026-03-01', 'scoring', 5, 7),
      use('2025-01-01', 'job', 99, 0),
    ],
    '2026-03-02',
    3,
  );
  expect(days).toEqual([
    { day: '2026-02-28', spent: 0, saved: 0 },
    { day: '2026-03-01', spent: 16, saved: 7 },
    { day: '2026-03-02', spent: 0, saved: 0 },
  ]);
});
