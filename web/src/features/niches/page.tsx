import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import {
  Archive,
  ArchiveRestore,
  Bookmark,
  Compass,
  Copy,
  Ellipsis,
  LayoutTemplate,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import {
  archiveNicheMutation,
  deleteNicheMutation,
  duplicateNicheMutation,
  listNichesOptions,
  unarchiveNicheMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { NicheSummary } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { ExportMenu } from '@/components/export-menu';
import { say } from '@/components/say';
import { Badge, Empty, Failure, Figure, PageHead, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { describe } from './describe';
import { NicheDrawer } from './drawer';
import { NicheFiles } from './files';
import { forgetNiches } from './keys';
import { Templates } from './templates';

const route = getRouteApi('/niches');

export default function NichesPage() {
  const { t } = useI18n();
  const { show, niche: open } = route.useSearch();
  const navigate = route.useNavigate();
  const [templates, setTemplates] = useState(false);
  const niches = useQuery(listNichesOptions({ query: { show: show ?? 'active' } }));
  const choose = (niche: string | undefined) =>
    navigate({ search: (old) => ({ ...old, niche }), resetScroll: false });
  return (
    <>
      <PageHead title={t('nav.niches')} lead={t('niches.lead')} needs="member">
        <NicheFiles />
        <Button needs="member" onClick={() => setTemplates(true)} data-testid="templates">
          <LayoutTemplate /> {t('niches.templates')}
        </Button>
        <Button kind="primary" needs="member" asChild>
          <Link to="/discover">
            <Compass /> {t('niches.new')}
          </Link>
        </Button>
      </PageHead>
      <div className="mb-4 flex items-center gap-1">
        {([undefined, 'archived'] as const).map((one) => (
          <button
            key={one ?? 'active'}
            type="button"
            aria-pressed={show === one}
            onClick={() => navigate({ search: one ? { show: one } : {} })}
            className={cn(
              'rounded-lg px-3 py-1.5 font-medium',
              show === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(one ? 'niches.archived' : 'niches.active')}
          </button>
        ))}
        <span className="flex-1" />
        <ExportMenu
          name="niches"
          disabled={!niches.data?.length}
          source={() => ({ url: `/api/v1/niches?show=${show ?? 'active'}` })}
        />
      </div>
      {niches.isPending ? (
        <div className="grid gap-4 md:grid-cols-2 2xl:grid-cols-3">
          {[1, 2, 3].map((one) => (
            <Skeleton key={one} className="h-44" />
          ))}
        </div>
      ) : niches.isError ? (
        <Failure error={niches.error} onRetry={() => niches.refetch()} />
      ) : niches.data.length === 0 ? (
        <Empty
          icon={<Bookmark />}
          title={t(show ? 'niches.noneArchived' : 'niches.none')}
          text={show ? undefined : t('niches.noneText')}
        >
          {!show && (
            <Button needs="member" onClick={() => setTemplates(true)}>
              {t('niches.templates')}
            </Button>
          )}
        </Empty>
      ) : (
        <ul className="grid gap-4 md:grid-cols-2 2xl:grid-cols-3">
          {niches.data.map((niche) => (
            <NicheCard key={niche.id} niche={niche} onOpen={() => choose(niche.id)} />
          ))}
        </ul>
      )}
      {open && <NicheDrawer key={open} id={open} onClose={() => choose(undefined)} />}
      <Templates open={templates} onOpenChange={setTemplates} onCreated={choose} />
    </>
  );
}

function NicheCard({ niche, onOpen }: { niche: NicheSummary; onOpen: () => void }) {
  const { t, format } = useI18n();
  const may = useMay('member');
  const run = niche.last_run;
  return (
    <li className="relative min-w-0 rounded-2xl border bg-panel p-5 shadow-xs transition-colors focus-within:border-accent hover:border-edge">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold text-[15px]">
            <button type="button" onClick={onOpen} className="after:absolute after:inset-0 after:rounded-2xl">
              {niche.name}
            </button>
          </h2>
          <p className="num mt-0.5 line-clamp-2 text-muted text-xs">{describe(niche, t, format)}</p>
        </div>
        {may && <NicheMenu niche={niche} />}
      </div>
      <div className="mt-4 grid min-h-14 grid-cols-3 gap-3">
        {run ? (
          <>
            <Figure
              label={t('niches.buys')}
              value={format.number(run.buys)}
              note={t('niches.ofFound', { found: format.number(run.found) })}
            />
            <Figure label={t('niches.medianRoi')} value={format.percent(run.median_roi_percent)} />
            <Figure label={t('niches.tokensPerBuy')} value={format.number(run.tokens_per_buy, 1)} />
          </>
        ) : (
          <p className="col-span-3 self-center text-muted">{t('niches.neverRun')}</p>
        )}
      </div>
      {run && (
        <p className="mt-3 flex items-center gap-2 text-muted text-xs">
          {format.ago(run.at)}{' '}
          {run.outcome !== 'done' && <Badge tone="warn">{t(`niches.outcome.${run.outcome}`)}</Badge>}
        </p>
      )}
    </li>
  );
}

function NicheMenu({ niche }: { niche: NicheSummary }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const onSuccess = () => forgetNiches(client);
  const duplicate = useMutation({ ...duplicateNicheMutation(), onSuccess });
  const archive = useMutation({ ...archiveNicheMutation(), onSuccess });
  const restore = useMutation({ ...unarchiveNicheMutation(), onSuccess });
  const remove = useMutation({
    ...deleteNicheMutation(),
    onSuccess: () => {
      setAsking(false);
      say(t('niches.deleted', { name: niche.name }));
      return onSuccess();
    },
  });
  const path = { id: niche.id };
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button
            kind="ghost"
            size="icon"
            className="-mt-1.5 -mr-2 z-10"
            aria-label={t('niches.more', { name: niche.name })}
          >
            <Ellipsis />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem onSelect={() => duplicate.mutate({ path, body: {} })}>
            <Copy /> {t('niches.duplicate')}
          </MenuItem>
          {niche.archived ? (
            <MenuItem onSelect={() => restore.mutate({ path })}>
              <ArchiveRestore /> {t('niches.unarchive')}
            </MenuItem>
          ) : (
            <MenuItem onSelect={() => archive.mutate({ path })}>
              <Archive /> {t('niches.archive')}
            </MenuItem>
          )}
          <MenuItem onSelect={() => setAsking(true)}>
            <Trash2 /> {t('common.delete')}
          </MenuItem>
        </MenuContent>
      </Menu>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={t('niches.deleteTitle', { name: niche.name })}
        description={t('niches.deleteText')}
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
          <Button kind="danger" disabled={remove.isPending} onClick={() => remove.mutate({ path })}>
            {t('common.delete')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
