import { useSyncExternalStore } from 'react';
import * as z from 'zod/mini';
import { discoverProducts } from '@/api/gen/sdk.gen';
import type {
  ProductDiscoveryResult,
  ProductSearchRequest,
  ProductSearchResult,
  ScoredProduct,
} from '@/api/gen/types.gen';
import { zProductDiscoveryResult, zProductSearchResult, zScoredProduct } from '@/api/gen/zod.gen';
import { ApiError, toApiError } from '@/api/problem';
import { queryClient } from '@/api/query';
import { postStream } from '@/api/stream';

/** The newest search: it goes on while other pages are looked at. */
export type Run = {
  /** What was asked, as text, to tell one search from another. */
  key: string;
  request: ProductSearchRequest;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  discovery?: ProductDiscoveryResult;
  scores: ReadonlyMap<string, ScoredProduct>;
  done: number;
  total: number | undefined;
  result?: ProductSearchResult;
  error?: ApiError;
  /** Until when the search waits for tokens, as the server told it last. */
  waitsUntil?: string | undefined;
  /** From the click to the answer, in milliseconds. */
  took?: number;
};

let run: Run | undefined;
let stop = new AbortController();
const listeners = new Set<() => void>();

let isDue = false;

function tell() {
  isDue = false;
  for (const listener of listeners) listener();
}

/** What comes in faster than the screen shows it is shown together, once a frame. */
function change(next: Run) {
  run = next;
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(tell);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useRun = () => useSyncExternalStore(subscribe, () => run);

/** Paid for anew it is still the same search. */
export const runKey = (request: ProductSearchRequest, find: boolean) =>
  JSON.stringify([{ ...request, filters: { ...request.filters, force_refresh: undefined } }, find]);

const zWaiting = z.object({ until: z.string() });

const zScores = z.object({ scores: z.array(zScoredProduct), done: z.int(), total: z.int() });

/** Stops listening; the server still keeps what was paid for. */
export function cancelRun() {
  stop.abort();
}

/** Asks. With `find`, products are only found; otherwise they are scored too and come in as they are scored. */
export async function startRun(request: ProductSearchRequest, find: boolean): Promise<void> {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  const started = performance.now();
  const key = runKey(request, find);
  // Asked again, what is known stays on the screen until the answer is there.
  const before = run?.key === key ? run : undefined;
  let current: Run = {
    key,
    request,
    state: 'running',
    scores: before?.scores ?? new Map(),
    ...(before?.discovery && { discovery: before.discovery }),
    done: 0,
    total: undefined,
  };
  const update = (part: Partial<Run>) => {
    // A newer search has taken its place.
    if (signal !== stop.signal) return;
    current = { ...current, ...part };
    change(current);
  };
  run = current;
  tell();
  try {
    if (find) {
      const { data } = await discoverProducts({ body: request.filters, signal, throwOnError: true });
      update({ discovery: data });
    } else {
      await search(request, signal, update, () => current.scores);
      if (!current.result) throw new ApiError('offline', 0, 'the answer broke off');
    }
    update({ state: 'done', took: performance.now() - started });
  } catch (thrown) {
    const error = toApiError(thrown);
    if (signal.aborted) update({ state: 'cancelled' });
    else update({ state: 'failed', error });
  }
  // Tokens, caches and what the next search would cost have changed.
  queryClient.invalidateQueries({
    predicate: (query) =>
      /"_id":"(getTokens|getCacheStats|estimateSearch)"/.test(JSON.stringify(query.queryKey)),
  });
}

async function search(
  request: ProductSearchRequest,
  signal: AbortSignal,
  update: (part: Partial<Run>) => void,
  known: () => ReadonlyMap<string, ScoredProduct>,
) {
  await postStream('/api/v1/products/search', request, signal, ({ name, data }) => {
    if (name === 'discovery') {
      const discovery = zProductDiscoveryResult.parse(data);
      update({ discovery, total: discovery.asins.length, waitsUntil: undefined });
    } else if (name === 'scores') {
      const { scores, done, total } = zScores.parse(data);
      const merged = new Map(known());
      for (const score of scores) merged.set(score.asin, score);
      update({ scores: merged, done, total, waitsUntil: undefined });
    } else if (name === 'waiting') {
      update({ waitsUntil: zWaiting.parse(data).until });
    } else if (name === 'result') {
      const result = zProductSearchResult.parse(data);
      const scores = new Map(result.scores.map((score) => [score.asin, score]));
      update({ result, discovery: result.discovery, scores, done: scores.size });
    } else if (name === 'error') {
      throw toApiError(data);
    }
  });
}
