import { expect, test } from 'vitest';
import { cut } from './cut';

test('a range begins with the value that was in force then, and ends with the newest', () => {
  const points = [
    [10, 5],
    [20, 7],
    [30, null],
    [40, 9],
  ];
  expect(cut(points, 15, 50)).toEqual([
    [15, 20, 30, 40, 50],
    [5, 7, null, 9, 9],
  ]);
  expect(cut(points, 45, 50)).toEqual([
    [45, 50],
    [9, 9],
  ]);
  expect(cut(points, 30, 40)).toEqual([
    [30, 40],
    [null, 9],
  ]);
  expect(cut([], 0, 9)).toEqual([[], []]);
});

test('what was missing stays missing until something is known', () => {
  expect(cut([[10, null]], 20, 30)).toEqual([
    [20, 30],
    [null, null],
  ]);
});
