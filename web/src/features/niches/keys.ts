import type { QueryClient } from '@tanstack/react-query';

/** Everything that is read of niches, and the token balance, is read anew. */
export function forgetNiches(client: QueryClient) {
  return client.invalidateQueries({
    predicate: (query) => /"_id":"(\w*Niche|getTokens)/.test(JSON.stringify(query.queryKey)),
  });
}
