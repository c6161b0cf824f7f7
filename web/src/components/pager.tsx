import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';

type Props = { page: number; size: number; total: number; onPage: (page: number) => void };

/** Which rows are shown of how many, and the way to the others. */
export function Pager({ page, size, total, onPage }: Props) {
  const { t, format } = useI18n();
  const last = Math.max(1, Math.ceil(total / size));
  const from = Math.min(total, (page - 1) * size + 1);
  return (
    <div className="mt-3 flex items-center justify-end gap-2">
      <p className="num text-muted text-xs">
        {t('common.rows', {
          from: format.number(from),
          to: format.number(Math.min(total, page * size)),
          total: format.number(total),
        })}
      </p>
      <Button
        size="icon"
        kind="ghost"
        aria-label={t('common.previous')}
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      >
        <ChevronLeft />
      </Button>
      <Button
        size="icon"
        kind="ghost"
        aria-label={t('common.next')}
        disabled={page >= last}
        onClick={() => onPage(page + 1)}
      >
        <ChevronRight />
      </Button>
    </div>
  );
}
