import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { Jobs } from './jobs';
import { Picks } from './picks';
import { RunDrawer } from './run-drawer';

const route = getRouteApi('/sourcing');

export default function SourcingPage() {
  const { t } = useI18n();
  const { tab, state, run } = route.useSearch();
  const navigate = route.useNavigate();
  const openRun = (id: string | undefined) =>
    navigate({ search: (old) => ({ ...old, run: id }), resetScroll: false });
  return (
    <>
      <PageHead title={t('nav.sourcing')} lead={t('sourcing.lead')} needs="member" />
      <div className="mb-4 flex gap-1">
        {([undefined, 'jobs'] as const).map((one) => (
          <button
            key={one ?? 'picks'}
            type="button"
            aria-pressed={tab === one}
            onClick={() => navigate({ search: one ? { tab: one } : {} })}
            className={cn(
              'rounded-lg px-3 py-1.5 font-medium',
              tab === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(one ? 'sourcing.jobs' : 'sourcing.picks')}
          </button>
        ))}
      </div>
      {tab === 'jobs' ? (
        <Jobs onOpenRun={openRun} />
      ) : (
        <Picks state={state} onState={(next) => navigate({ search: next ? { state: next } : {} })} />
      )}
      {run && <RunDrawer key={run} id={run} onClose={() => openRun(undefined)} />}
    </>
  );
}
