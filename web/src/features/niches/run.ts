import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import * as z from 'zod/mini';
import type { NicheRunResult } from '@/api/gen/types.gen';
import { zNicheRunResult } from '@/api/gen/zod.gen';
import { ApiError, toApiError } from '@/api/problem';
import { postStream } from '@/api/stream';
import { forgetNiches } from './keys';

export type NicheProgress = {
  state: 'running' | 'done' | 'failed';
  done: number;
  total: number | undefined;
  result?: NicheRunResult;
  error?: ApiError;
};

const zProgress = z.object({ done: z.int(), total: z.int() });

/** Runs a niche and tells how far it is. It is never repeated by itself: it may cost tokens. */
export function useNicheRun(id: string): [NicheProgress | undefined, () => void] {
  const client = useQueryClient();
  const [progress, setProgress] = useState<NicheProgress>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const start = useCallback(async () => {
    stop.current = new AbortController();
    setProgress({ state: 'running', done: 0, total: undefined });
    try {
      let ended = false;
      await postStream(
        `/api/v1/niches/${encodeURIComponent(id)}/run`,
        {},
        stop.current.signal,
        ({ name, data }) => {
          if (name === 'scores') {
            const { done, total } = zProgress.parse(data);
            setProgress({ state: 'running', done, total });
          } else if (name === 'result') {
            ended = true;
            const result = zNicheRunResult.parse(data);
            setProgress({ state: 'done', done: result.run.scored, total: result.run.found, result });
          } else if (name === 'error') {
            throw toApiError(data);
          }
        },
      );
      if (!ended) throw new ApiError('offline', 0, 'the answer broke off');
    } catch (thrown) {
      if (!stop.current.signal.aborted) {
        setProgress({ state: 'failed', done: 0, total: undefined, error: toApiError(thrown) });
      }
    }
    forgetNiches(client);
  }, [id, client]);
  return [progress, start];
}
