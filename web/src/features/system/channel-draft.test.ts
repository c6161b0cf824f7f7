import { expect, test } from 'vitest';
import { eventsOf, FAMILIES, kindsOf } from './channel-draft';

test('a whole family is written as the family, a part of it kind by kind', () => {
  expect(eventsOf([...FAMILIES.run, 'alert.raised'])).toEqual(['run', 'alert.raised']);
  expect(eventsOf([])).toEqual([]);
});

test('what was chosen is what is shown again', () => {
  expect(kindsOf(['pick', 'run.empty'])).toEqual(['run.empty', 'pick.jackpot', 'pick.stable']);
  for (const kinds of [[...FAMILIES.run], ['run.done', 'tokens.low'] as const, [...FAMILIES.alert]]) {
    expect(kindsOf(eventsOf(kinds))).toEqual(kinds);
  }
});
