import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Command as CommandIcon, Menu as MenuIcon, SunMoon } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { listAlertsOptions } from '@/api/gen/@tanstack/react-query.gen';
import { useSession } from '@/api/role';
import { Toaster } from '@/components/toaster';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { useHotkeys } from '@/lib/hotkeys';
import { Banners } from './banners';
import { Brand } from './brand';
import { PAGES } from './pages';
import { useServer } from './server';
import { TokenPill } from './token-pill';

const Palette = lazy(() => import('./palette'));
const Keys = lazy(() => import('./keys'));
const Sheet = lazy(async () => ({ default: (await import('@/components/ui/dialog')).Sheet }));
const Appearance = lazy(() => import('./appearance'));
const Account = lazy(() => import('@/features/access/account'));

/** What stands around every page: sidebar, bar, banners, dialogs, keys. */
export function Shell() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [shown, setShown] = useState<'menu' | 'palette' | 'keys'>();
  const hasAccount = useSession().data?.user != null;
  const show = (what: typeof shown) => (open: boolean) => setShown(open ? what : undefined);
  const pages = Object.fromEntries(PAGES.map((page) => [`g ${page.key}`, () => navigate({ to: page.to })]));
  useHotkeys({ ...pages, '?': () => setShown('keys') });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setShown('palette');
      }
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-[80] focus:rounded-lg focus:bg-accent focus:px-3 focus:py-2 focus:text-accent-ink"
      >
        {t('nav.skip')}
      </a>
      <div className="flex min-h-dvh">
        <aside className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col border-r bg-panel px-3 py-4 lg:flex">
          <Sidebar />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <Banners />
          <div className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b bg-ground/85 px-4 backdrop-blur sm:px-6">
            <Button
              kind="ghost"
              size="icon"
              className="-ml-2 lg:hidden"
              aria-label={t('nav.open')}
              onClick={() => setShown('menu')}
            >
              <MenuIcon />
            </Button>
            <Link to="/" className="lg:hidden" aria-label="Gleaner">
              <Brand short />
            </Link>
            <div className="flex-1" />
            <TokenPill />
            <Button size="sm" className="max-sm:hidden" onClick={() => setShown('palette')}>
              <CommandIcon /> {t('palette.open')} <span className="text-muted text-xs">Ctrl K</span>
            </Button>
            <LazyAppearance />
            {hasAccount && (
              <Suspense fallback={<span className="size-9" />}>
                <Account />
              </Suspense>
            )}
          </div>
          <main id="content" className="mx-auto w-full max-w-[104rem] flex-1 px-4 py-6 sm:px-6">
            <Outlet />
          </main>
        </div>
      </div>
      <Suspense>
        {shown === 'menu' && (
          <Sheet side="left" open onOpenChange={show('menu')} title={t('nav.label')}>
            <div className="flex h-full flex-col px-3 py-4">
              <Sidebar onChoose={() => setShown(undefined)} />
            </div>
          </Sheet>
        )}
        {shown === 'palette' && (
          <Palette open onOpenChange={show('palette')} onKeys={() => setShown('keys')} />
        )}
        {shown === 'keys' && <Keys open onOpenChange={show('keys')} />}
      </Suspense>
      <Toaster />
    </>
  );
}

function Sidebar({ onChoose }: { onChoose?: () => void }) {
  const { t } = useI18n();
  const { version } = useServer();
  return (
    <>
      <div className="px-2.5 pb-5">
        <Brand />
      </div>
      <nav aria-label={t('nav.label')} className="flex flex-col gap-0.5">
        {PAGES.map((page) => (
          <Link
            key={page.to}
            to={page.to}
            onClick={onChoose}
            activeOptions={{ exact: page.to === '/', includeSearch: false }}
            className="flex items-center gap-3 rounded-lg px-2.5 py-2 font-medium text-muted transition-colors hover:bg-raised hover:text-ink"
            activeProps={{ className: 'bg-accent-soft !text-accent', 'aria-current': 'page' }}
          >
            <page.icon aria-hidden className="size-[18px]" /> {t(`nav.${page.name}`)}
            {page.name === 'system' && <AlertCount />}
          </Link>
        ))}
      </nav>
      <div className="flex-1" />
      <p className="px-2.5 text-muted text-xs">
        {version && t('nav.version', { version })}
        <span className="mt-1 block">{t('nav.keysHint')}</span>
      </p>
    </>
  );
}

/** How many alerts nobody took note of yet. */
function AlertCount() {
  const { t } = useI18n();
  const alerts = useQuery({ ...listAlertsOptions(), refetchInterval: 60_000 });
  const count = alerts.data?.filter((one) => one.state === 'raised').length ?? 0;
  if (count === 0) return null;
  return (
    <span
      className="ml-auto rounded-full bg-bad-soft px-1.5 font-medium text-bad text-xs"
      data-testid="alert-count"
    >
      {count} <span className="sr-only">{t('alerts.waiting')}</span>
    </span>
  );
}

/** The menu is loaded when it is wanted. */
function LazyAppearance() {
  const { t } = useI18n();
  const [wanted, setWanted] = useState(false);
  const button = (
    <Button kind="ghost" size="icon" aria-label={t('nav.appearance')} onClick={() => setWanted(true)}>
      <SunMoon />
    </Button>
  );
  return wanted ? (
    <Suspense fallback={button}>
      <Appearance open />
    </Suspense>
  ) : (
    button
  );
}
