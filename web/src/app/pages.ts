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
