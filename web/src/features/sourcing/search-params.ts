const TABS = ['list', 'jobs'] as const;
const STATES = ['to_buy', 'watching', 'dismissed', 'bought'] as const;

export type SourcingSearch = {
  tab?: (typeof TABS)[number];
  state?: (typeof STATES)[number];
  run?: string;
  pick?: string;
};

export function readSourcingSearch(search: Record<string, unknown>): SourcingSearch {
  const tab = TABS.find((one) => one === search.tab);
  const state = STATES.find((one) => one === search.state);
  return {
    ...(tab && { tab }),
    ...(state && { state }),
    ...(typeof search.run === 'string' && { run: search.run }),
    ...(typeof search.pick === 'string' && { pick: search.pick }),
  };
}
