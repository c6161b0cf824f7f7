import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
  redirect,
  useLocation,
} from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { readDiscoverSearch } from '@/features/discover/search-params';
import { readHistorySearch } from '@/features/history/search-params';
import { readNichesSearch } from '@/features/niches/search-params';
import { readSourcingSearch } from '@/features/sourcing/search-params';
import {
  readAlertsSearch,
  readCachesSearch,
  readFeeCardsSearch,
  readNotificationsSearch,
} from '@/features/system/search-params';
import { useI18n } from '@/i18n';
import { Gate } from './gate';
import { Shell } from './shell';

/** Where the first account is made: a page with nothing around it. */
const SETUP = '/setup';

const root = createRootRoute({
  component: Root,
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/dashboard/page')),
});

const discover = createRoute({
  getParentRoute: () => root,
  path: '/discover',
  validateSearch: readDiscoverSearch,
  component: lazyRouteComponent(() => import('@/features/discover/page')),
});

const niches = createRoute({
  getParentRoute: () => root,
  path: '/niches',
  validateSearch: readNichesSearch,
  component: lazyRouteComponent(() => import('@/features/niches/page')),
});

const sourcing = createRoute({
  getParentRoute: () => root,
  path: '/sourcing',
  validateSearch: readSourcingSearch,
  component: lazyRouteComponent(() => import('@/features/sourcing/page')),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: (search): { strategy?: 'balanced' | 'velocity' | 'textbook' } => {
    const strategy = (['balanced', 'velocity', 'textbook'] as const).find((one) => one === search.strategy);
    return strategy ? { strategy } : {};
  },
  component: lazyRouteComponent(() => import('@/features/rules/page')),
});

const history = createRoute({
  getParentRoute: () => root,
  path: '/history',
  validateSearch: readHistorySearch,
  component: lazyRouteComponent(() => import('@/features/history/page')),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: lazyRouteComponent(() => import('@/features/system/page')),
});

const systemParts = [
  createRoute({
    getParentRoute: () => system,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/system/caches', replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/caches',
    validateSearch: readCachesSearch,
    component: lazyRouteComponent(() => import('@/features/system/caches')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/alerts',
    validateSearch: readAlertsSearch,
    component: lazyRouteComponent(() => import('@/features/system/alerts')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/notifications',
    validateSearch: readNotificationsSearch,
    component: lazyRouteComponent(() => import('@/features/system/channels')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/fee-cards',
    validateSearch: readFeeCardsSearch,
    component: lazyRouteComponent(() => import('@/features/system/fee-cards')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/database',
    component: lazyRouteComponent(() => import('@/features/system/database')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/users',
    component: lazyRouteComponent(() => import('@/features/system/users')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/tokens',
    component: lazyRouteComponent(() => import('@/features/system/api-tokens')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/audit',
    component: lazyRouteComponent(() => import('@/features/system/audit')),
  }),
  createRoute({
    getParentRoute: () => system,
    path: '/about',
    component: lazyRouteComponent(() => import('@/features/system/about')),
  }),
] as const;

const setup = createRoute({
  getParentRoute: () => root,
  path: SETUP,
  component: lazyRouteComponent(() => import('@/features/access/set-up')),
});

/** Where the identity provider sends whoever it could not let in; whoever is in has nothing to do there. */
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: () => <Navigate to="/" replace />,
});

export const router = createRouter({
  routeTree: root.addChildren([
    dashboard,
    discover,
    niches,
    sourcing,
    rules,
    history,
    system.addChildren(systemParts),
    setup,
    login,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: Pending,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function Root() {
  const isBare = useLocation({ select: (location) => location.pathname === SETUP });
  return <Gate>{isBare ? <Outlet /> : <Shell />}</Gate>;
}

function Pending() {
  return (
    <div className="grid gap-5">
      <Skeleton className="h-9 w-48" />
      <Skeleton className="h-72" />
    </div>
  );
}

function NotFound() {
  const { t } = useI18n();
  return (
    <Empty icon={<Compass />} title={t('notFound.title')} text={t('notFound.text')}>
      <Button kind="primary" onClick={() => router.navigate({ to: '/' })}>
        {t('notFound.home')}
      </Button>
    </Empty>
  );
}
