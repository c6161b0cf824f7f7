import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { onFailure } from '@/api/query';
import { ErrorText } from '@/components/error-text';
import { said, say, subscribe } from './say';

const Toasts = lazy(() => import('./toasts'));

/** Failures that a page shows in place are not said again: what reads shows its own. */
export function Toaster() {
  const messages = useSyncExternalStore(subscribe, said);
  const [wanted, setWanted] = useState(false);
  if (messages.length > 0 && !wanted) setWanted(true);
  useEffect(
    () =>
      onFailure((error) => {
        if (error.code === 'aborted' || error.code === 'offline' || error.status === 401) return;
        if (error.source === 'change') say(<ErrorText error={error} />, undefined, 'bad');
      }),
    [],
  );
  if (!wanted) return null;
  return (
    <Suspense>
      <Toasts messages={messages} />
    </Suspense>
  );
}
