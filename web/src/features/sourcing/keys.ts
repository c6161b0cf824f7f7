import type { QueryClient } from '@tanstack/react-query';

/** Everything that is read of jobs, runs and picks, and the token balance, is read anew. */
export function forgetSourcing(client: QueryClient) {
  return client.invalidateQueries({
    predicate: (query) => /"_id":"(\w*Sourcing|getBuyList|getTokens)/.test(JSON.stringify(query.queryKey)),
  });
}
