import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { getSourcingRunQueryKey } from '@/api/gen/@tanstack/react-query.gen';
import { zSourcingRun } from '@/api/gen/zod.gen';
import { toApiError } from '@/api/problem';
import { followStream } from '@/api/stream';
import { forgetSourcing } from './keys';

/** The shortest and longest pause before a broken stream is taken up again, in milliseconds. */
const PAUSES = { least: 500, most: 8_000 };

/** Keeps what is shown of a run as new as the server tells it, also after the stream broke off. */
export function useFollowedRun(id: string, enabled: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    const { signal } = stop;
    let last: string | undefined;
    let pause = PAUSES.least;
    let ended = false;
    const follow = async () => {
      while (!ended && !signal.aborted) {
        try {
          const url = `/api/v1/sourcing/runs/${encodeURIComponent(id)}/events`;
          await followStream(url, last, signal, ({ name, id: revision, data }) => {
            const run = zSourcingRun.parse(data);
            client.setQueryData(getSourcingRunQueryKey({ path: { run: id } }), run);
            last = revision;
            pause = PAUSES.least;
            ended = name === 'ended';
            if (ended) forgetSourcing(client);
          });
        } catch (thrown) {
          const error = toApiError(thrown);
          if (signal.aborted || !(error.isPassing || error.code === 'offline')) return;
        }
        if (!ended && !signal.aborted) {
          await new Promise((resolve) => setTimeout(resolve, pause));
          pause = Math.min(PAUSES.most, pause * 2);
        }
      }
    };
    follow();
    return () => stop.abort();
  }, [id, enabled, client]);
}
