import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { getHealthOptions } from '@/api/gen/@tanstack/react-query.gen';
import { toApiError } from '@/api/problem';
import { queryClient } from '@/api/query';

/** How often the server is asked whether it is there, in milliseconds: seldom while it is, often while it is not. */
const CALM = 20_000;
const ANXIOUS = 2_000;

/** Whether the server answers, and whether its data is synthetic. When it is back, every page reads anew. */
export function useServer() {
  const health = useQuery({
    ...getHealthOptions(),
    retry: false,
    refetchInterval: (query) => (query.state.status === 'error' ? ANXIOUS : CALM),
  });
  const away = health.isError && toApiError(health.error).isPassing;
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && !away) {
      queryClient.invalidateQueries();
    }
    wasAway.current = away;
  }, [away]);
  return { away, demo: health.data?.demo ?? false, version: health.data?.version };
}
