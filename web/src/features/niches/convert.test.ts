import { expect, test } from 'vitest';
import { toSaved, toSearch } from './convert';

test('a search that is saved and opened again is the same search', () => {
  const search = {
    market: 'jp',
    category: 465392,
    bsr_min: 100,
    bsr_max: 900,
    price_min: 1500,
    price_max: 3000,
    condition: 'used',
    no_amazon: true,
    limit: 40,
    strategy: 'textbook',
    cost: 0,
  } as const;
  const saved = toSaved(search, 'name', '');
  expect(toSearch({ strategy: 'balanced', ...saved })).toEqual(search);
  expect(saved).not.toHaveProperty('note');
});

test('a category by name stays that category', () => {
  const search = {
    market: 'us',
    category: 'Textbooks',
    bsr_min: 1,
    bsr_max: 9,
    limit: 50,
    strategy: 'balanced',
  } as const;
  const saved = toSaved(search, 'name', '');
  expect(saved.filters.category).toBe('Textbooks');
  expect(toSearch(saved).category).toBe('Textbooks');
});
