import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { getFeeCardOptions } from '@/api/gen/@tanstack/react-query.gen';
import { Badge, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Sheet, SheetClose } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { FeeCardEditor } from './fee-card-editor';
import { FeeCardVersions } from './fee-card-versions';
import { FeeCardView } from './fee-card-view';

const PARTS = ['look', 'replace', 'versions'] as const;

type Props = { id: string; onOpen: (id: string) => void; onClose: () => void };

/** One fee card: what stands in it, replacing it after a check, its versions. */
export function FeeCardDrawer({ id, onOpen, onClose }: Props) {
  const { t } = useI18n();
  const [part, setPart] = useState<(typeof PARTS)[number]>('look');
  const card = useQuery(getFeeCardOptions({ path: { id } }));
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={id}>
      <header className="flex items-start gap-3 border-b px-5 py-4">
        <div className="min-w-0 flex-1">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold text-lg">
            {id}
            {card.data && <Badge>{t('rules.version', { version: card.data.version })}</Badge>}
          </h2>
          {card.data?.card && <p className="mt-0.5 text-muted text-xs">{card.data.card.source}</p>}
        </div>
        <SheetClose asChild>
          <Button kind="ghost" size="icon" aria-label={t('common.close')}>
            <X />
          </Button>
        </SheetClose>
      </header>
      <div className="flex gap-1 px-5 pt-3">
        {PARTS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={part === one}
            onClick={() => setPart(one)}
            className={cn(
              'rounded-lg px-3 py-1.5 font-medium',
              part === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(`fees.part.${one}`)}
          </button>
        ))}
      </div>
      <section
        className="min-h-0 flex-1 overflow-y-auto p-5"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t(`fees.part.${part}`)}
      >
        {card.isPending ? (
          <Skeleton className="h-96" />
        ) : card.isError ? (
          <Failure error={card.error} onRetry={() => card.refetch()} />
        ) : part === 'versions' ? (
          <FeeCardVersions id={id} newest={card.data.version} />
        ) : !card.data.card ? (
          <Empty title={t('fees.withdrawn')} text={t('fees.withdrawnText')} />
        ) : part === 'look' ? (
          <FeeCardView card={card.data.card} />
        ) : (
          <FeeCardEditor
            key={card.data.version}
            card={card.data.card}
            version={card.data.version}
            onSaved={(saved) => {
              setPart('look');
              if (saved !== id) onOpen(saved);
            }}
          />
        )}
      </section>
    </Sheet>
  );
}
