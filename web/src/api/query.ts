import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { client } from './gen/client.gen';
import { type ApiError, toApiError } from './problem';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError;
  }
}

/** Every failure of the generated client becomes an `ApiError`. */
client.interceptors.error.use((error, response) => toApiError(error, response?.status ?? 0));

const listeners = new Set<(error: ApiError) => void>();

/** Calls back on every failure of a question or a change, whoever asked. */
export function onFailure(listener: (error: ApiError) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function failed(thrown: unknown, source: ApiError['source']) {
  const error = toApiError(thrown);
  error.source = source;
  for (const listener of listeners) listener(error);
}

/** Reading again is harmless; changes and whatever may spend tokens are never repeated by themselves. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => failed(error, 'question') }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.quiet) failed(error, 'change');
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 3 && toApiError(error).isPassing,
      retryDelay: (attempt) => Math.min(8_000, 400 * 2 ** attempt) * (0.75 + Math.random() / 2),
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
