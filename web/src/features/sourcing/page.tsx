import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { BuyListView } from './buy-list';
import { Jobs } from './jobs';
import { PickDrawer } from './pick-drawer';
import { Picks } from './picks';
import { RunDrawer } from './run-drawer';

const route = getRouteApi('/sourcing');
const TABS = [
  [undefined, 'picks'],
  ['list', 'buyList'],
  ['jobs', 'jobs'],
] as const;

export default function SourcingPage() {
  const { t } = useI18n();
  const { tab, state, run, pick } = route.useSearch();
  const navigate = route.useNavigate();
  const open = (part: { run?: string | undefined; pick?: string | undefined }) =>
    navigate({ search: (old) => ({ ...old, ...part }), resetScroll: false });
  return (
    <>
      <PageHead title={t('nav.sourcing')} lead={t('sourcing.lead')} needs="member" />
      <div className="mb-4 flex flex-wrap gap-1">
        {TABS.map(([one, name]) => (
          <button
            key={name}
            type="button"
            aria-pressed={tab === one}
            onClick={() => navigate({ search: one ? { tab: one } : {} })}
            className={cn(
              'rounded-lg px-3 py-1.5 font-medium',
              tab === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(`sourcing.${name}`)}
          </button>
        ))}
      </div>
      {tab === 'jobs' ? (
        <Jobs onOpenRun={(id) => open({ run: id })} />
      ) : tab === 'list' ? (
        <BuyListView onOpen={(id) => open({ pick: id })} />
      ) : (
        <Picks
          state={state}
          onState={(next) => navigate({ search: next ? { state: next } : {} })}
          onOpen={(id) => open({ pick: id })}
        />
      )}
      {run && <RunDrawer key={run} id={run} onClose={() => open({ run: undefined })} />}
      {pick && <PickDrawer key={pick} id={pick} onClose={() => open({ pick: undefined })} />}
    </>
  );
}
