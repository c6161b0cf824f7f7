/** The filters of a search as they were asked, in a line. */
export const filtersText = (filters: object): string =>
  Object.entries(filters)
    .filter(([, value]) => value != null && value !== false)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' · ');
