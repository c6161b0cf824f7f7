import { expect, test } from 'vitest';
import { parse, read, shown, spelledOut, write } from './paths';

const field = (part: object) => ({
  path: 'a',
  label: '',
  help: '',
  unit: 'percent' as const,
  whole: false,
  minimum: 0,
  maximum: 100,
  above_minimum: false,
  optional: false,
  choices: [],
  ...part,
});

test('a change touches its own path and nothing else', () => {
  const before = { buy: { roi: 30, profit: 300 }, amazon: 'cap' };
  const after = write(before, 'buy.roi', 35);
  expect(after).toEqual({ buy: { roi: 35, profit: 300 }, amazon: 'cap' });
  expect(before.buy.roi).toBe(30);
  expect(read(after, 'buy.roi')).toBe(35);
  expect(read(after, 'buy.none.deeper')).toBeUndefined();
});

test('what is outside its range, or no number, is not taken', () => {
  expect(parse(field({}), '12,5')).toBe(12.5);
  expect(parse(field({}), '101')).toBeUndefined();
  expect(parse(field({ whole: true }), '1.5')).toBeUndefined();
  expect(parse(field({ above_minimum: true }), '0')).toBeUndefined();
  expect(parse(field({}), '')).toBeUndefined();
  expect(parse(field({ optional: true }), ' ')).toBeNull();
  expect(parse(field({}), '1e9')).toBeUndefined();
});

test('a field of every marketplace stands once for each that the document names', () => {
  const fields = spelledOut([field({ path: 'costs.*.prep' })], {
    costs: { us: { prep: 20 }, jp: { prep: 0 } },
  });
  expect(fields.map((one) => one.path)).toEqual(['costs.us.prep', 'costs.jp.prep']);
});

test('money is read and written in the currency of its marketplace, yen without decimals', () => {
  const money = (path: string) => field({ path, unit: 'money' as const, whole: true, maximum: 100_000_000 });
  const [us, jp, profit] = ['unit_costs.us.prep', 'unit_costs.jp.prep', 'buy.profit'].map(money);
  if (!us || !jp || !profit) throw new Error('three fields');
  expect([shown(us, 25), parse(us, '0.25'), parse(us, '0,3')]).toEqual(['0.25', 25, 30]);
  expect([shown(jp, 25), parse(jp, '25'), parse(jp, '0.25')]).toEqual(['25', 25, undefined]);
  expect([shown(profit, 300), parse(profit, '3'), parse(profit, '3.005')]).toEqual(['3.00', 300, undefined]);
});
