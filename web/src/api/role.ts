import { useQuery } from '@tanstack/react-query';
import { getSessionOptions } from './gen/@tanstack/react-query.gen';
import type { Role } from './gen/types.gen';

/** From the least to the most: each may do what those before it may. */
export const ROLES: readonly Role[] = ['viewer', 'member', 'admin'];

/** Who is logged in, and how one comes in here. */
export function useSession() {
  return useQuery({ ...getSessionOptions(), staleTime: 60_000 });
}

export const reaches = (role: Role | null | undefined, needed: Role): boolean =>
  role != null && ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Whether whoever looks may do what needs this role; where there are no accounts, everybody may. */
export function useMay(needed: Role): boolean {
  return reaches(useSession().data?.role, needed);
}
