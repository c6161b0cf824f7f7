import { useQuery } from '@tanstack/react-query';
import { listUsersOptions } from '@/api/gen/@tanstack/react-query.gen';
import { useMay, useSession } from '@/api/role';

/** Tells who an account is: an administrator may know everybody's name, others know their own. */
export function useWho(): (id: string | null | undefined) => string | undefined {
  const session = useSession().data;
  const isAdmin = useMay('admin') && session?.accounts === true;
  const users = useQuery({ ...listUsersOptions(), enabled: isAdmin, staleTime: 60_000 });
  return (id) => {
    if (id == null) return undefined;
    if (id === session?.user?.id) return session.user.name;
    return users.data?.find((user) => user.id === id)?.name ?? id.slice(0, 8);
  };
}
