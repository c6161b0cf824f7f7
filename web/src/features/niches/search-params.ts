export type NichesSearch = { show?: 'archived'; niche?: string };

export function readNichesSearch(search: Record<string, unknown>): NichesSearch {
  return {
    ...(search.show === 'archived' && { show: 'archived' }),
    ...(typeof search.niche === 'string' && { niche: search.niche }),
  };
}
