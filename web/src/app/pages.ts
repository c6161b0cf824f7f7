import {
  Bookmark,
  Compass,
  History,
  LayoutDashboard,
  type LucideIcon,
  Radar,
  Scale,
  Settings2,
} from 'lucide-react';
import type { Role } from '@/api/gen/types.gen';

/** The pages in the order of the sidebar, each with the key that follows `g`. */
export const PAGES = [
  { to: '/', name: 'dashboard', icon: LayoutDashboard, key: 'd' },
  { to: '/discover', name: 'discover', icon: Compass, key: 's' },
  { to: '/niches', name: 'niches', icon: Bookmark, key: 'n' },
  { to: '/sourcing', name: 'sourcing', icon: Radar, key: 'a' },
  { to: '/rules', name: 'rules', icon: Scale, key: 'r' },
  { to: '/history', name: 'history', icon: History, key: 'h' },
  { to: '/system', name: 'system', icon: Settings2, key: 'y' },
] as const satisfies readonly { to: string; name: string; icon: LucideIcon; key: string }[];

/** The parts of the system page, each with the least role that sees it. */
export const SYSTEM_PAGES = [
  { to: '/system/caches', name: 'caches', needs: 'viewer' },
  { to: '/system/alerts', name: 'alerts', needs: 'viewer' },
  { to: '/system/notifications', name: 'notifications', needs: 'member' },
  { to: '/system/fee-cards', name: 'feeCards', needs: 'viewer' },
  { to: '/system/database', name: 'database', needs: 'admin' },
  { to: '/system/users', name: 'users', needs: 'admin' },
  { to: '/system/tokens', name: 'tokens', needs: 'viewer' },
  { to: '/system/audit', name: 'audit', needs: 'admin' },
  { to: '/system/about', name: 'about', needs: 'viewer' },
] as const satisfies readonly { to: string; name: string; needs: Role }[];
