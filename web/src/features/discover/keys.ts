import type { ProductSearchRequest } from '@/api/gen/types.gen';

/** The key of an estimate; a search that ends makes all of them old. */
export const estimateSearchQueryKey = (request: ProductSearchRequest) => [
  { _id: 'estimateSearch', body: request },
];
