import { Link, Outlet } from '@tanstack/react-router';
import { reaches, useSession } from '@/api/role';
import { SYSTEM_PAGES } from '@/app/pages';
import { PageHead } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

/** What stands around every part of the system page: its parts, as far as one's role goes. */
export default function SystemPage() {
  const { t } = useI18n();
  const role = useSession().data?.role;
  return (
    <>
      <PageHead title={t('nav.system')} lead={t('system.lead')} />
      <nav
        aria-label={t('nav.system')}
        className="-mx-4 mb-5 flex gap-1 overflow-x-auto px-4 pb-1 sm:mx-0 sm:flex-wrap sm:px-0"
      >
        {SYSTEM_PAGES.filter((page) => reaches(role, page.needs)).map((page) => (
          <Link
            key={page.to}
            to={page.to}
            activeOptions={{ includeSearch: false }}
            className="whitespace-nowrap rounded-lg px-3 py-1.5 font-medium text-muted hover:bg-raised"
            activeProps={{ className: 'bg-accent-soft !text-accent', 'aria-current': 'page' }}
          >
            {t(`system.pages.${page.name}`)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
