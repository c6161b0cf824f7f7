import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { getSessionQueryKey } from '@/api/gen/@tanstack/react-query.gen';
import { toApiError } from '@/api/problem';
import { onFailure, queryClient } from '@/api/query';
import { useSession } from '@/api/role';
import { setCsrfToken } from '@/api/session';
import { Failure } from '@/components/ui/bits';

const LogIn = lazy(() => import('@/features/access/log-in'));
const NoAccounts = lazy(() => import('@/features/access/no-accounts'));

/** Lets those in who may come in; everybody else logs in first, and is then where they wanted to be. */
export function Gate({ children }: { children: ReactNode }) {
  const session = useSession();
  useEffect(
    () =>
      onFailure((error) => {
        // The session has ended: ask who one is, which shows the form.
        if (error.status === 401) queryClient.invalidateQueries({ queryKey: getSessionQueryKey() });
      }),
    [],
  );
  // Before anything below asks for a change.
  setCsrfToken(session.data?.csrf_token);
  if (session.isPending) return null;
  if (session.isError && !toApiError(session.error).isPassing) {
    return (
      <div className="mx-auto max-w-lg p-6">
        <Failure error={session.error} onRetry={() => session.refetch()} />
      </div>
    );
  }
  // Whoever comes through a proxy is not at the machine, and there nobody has made an account yet.
  if (session.data && !session.data.accounts && !session.data.authenticated) {
    return (
      <Suspense>
        <NoAccounts onRetry={() => session.refetch()} />
      </Suspense>
    );
  }
  if (session.data?.accounts && !session.data.authenticated) {
    return (
      <Suspense>
        <LogIn oidc={session.data.oidc} />
      </Suspense>
    );
  }
  return children;
}
