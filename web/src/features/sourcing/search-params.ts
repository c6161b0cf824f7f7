const TABS = ['picks', 'jobs'] as const;
export type SourcingSearch = {
  tab?: 'jobs';
  state?: 'to_buy' | 'watching' | 'dismissed' | 'bought';
  run?: string;
};

const STATES = ['to_buy', 'watching', 'dismissed', 'bought'] as const;

export function readSourcingSearch(search: Record<string, unknown>): SourcingSearch {
  const state = STATES.find((one) => one === search.state);
  return {
    ...(search.tab === TABS[1] && { tab: 'jobs' }),
    ...(state && { state }),
    ...(typeof search.run === 'string' && { run: search.run }),
  };
}
