import { expect, test } from 'vitest';
import { readDiscoverSearch, toRequest } from './search-params';

test('an address is read as far as it makes sense, and no further', () => {
  const read = readDiscoverSearch({
    market: 'us',
    bsr_min: 10,
    bsr_max: -4,
    limit: 1e9,
    strategy: 'x',
    cost: 0,
    odd: 1,
  });
  expect(read).toEqual({ market: 'us', bsr_min: 10, cost: 0 });
});

test('what was not asked for is left out of the question, and a cost of nothing is a cost', () => {
  const request = toRequest({ bsr_min: 1, bsr_max: 9, cost: 0 });
  expect(request.filters).not.toHaveProperty('price_min');
  expect(request.filters).not.toHaveProperty('condition');
  expect(request.cost).toBe(0);
});
