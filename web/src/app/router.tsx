import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { readDiscoverSearch } from '@/features/discover/search-params';
import { readNichesSearch } from '@/features/niches/search-params';
import { useI18n } from '@/i18n';
import { Shell } from './shell';

const root = createRootRoute({ component: Shell });

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

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: lazyRouteComponent(() => import('@/features/system/page')),
});

export const router = createRouter({
  routeTree: root.addChildren([dashboard, discover, niches, system]),
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
