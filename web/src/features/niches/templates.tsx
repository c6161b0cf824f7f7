import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { createNicheMutation, listNicheTemplatesOptions } from '@/api/gen/@tanstack/react-query.gen';
import { Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { describe } from './describe';
import { forgetNiches } from './keys';

type Props = { open: boolean; onOpenChange: (open: boolean) => void; onCreated: (id: string) => void };

/** Searches to begin with. */
export function Templates({ open, onOpenChange, onCreated }: Props) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const templates = useQuery({ ...listNicheTemplatesOptions(), enabled: open });
  const create = useMutation({
    ...createNicheMutation(),
    onSuccess: (niche) => {
      forgetNiches(client);
      onOpenChange(false);
      onCreated(niche.id);
    },
  });
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('niches.templates')}
      description={t('niches.templatesText')}
      className="w-[min(44rem,calc(100vw-1.5rem))]"
    >
      {templates.isPending ? (
        <Skeleton className="h-72" />
      ) : templates.isError ? (
        <Failure error={templates.error} onRetry={() => templates.refetch()} />
      ) : (
        <ul className="grid gap-2">
          {templates.data.map((template) => (
            <li key={template.id} className="flex items-start gap-3 rounded-xl border p-3.5">
              <div className="min-w-0 flex-1">
                <h3 className="font-medium">{template.name}</h3>
                <p className="mt-0.5 text-muted text-xs">{template.note}</p>
                <p className="num mt-1 text-muted text-xs">{describe(template, t, format)}</p>
              </div>
              <Button
                size="sm"
                disabled={create.isPending}
                aria-label={t('niches.useTemplate', { name: template.name })}
                onClick={() =>
                  create.mutate({
                    body: {
                      name: template.name,
                      note: template.note,
                      filters: template.filters,
                      strategy: template.strategy,
                    },
                  })
                }
              >
                <Plus /> {t('niches.use')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
