import type { RowSelectionState } from '@tanstack/react-table';
import { Download, X } from 'lucide-react';
import type { ProductSearchRequest } from '@/api/gen/types.gen';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { minorToText } from '@/lib/format';
import type { Row } from './columns';

type Props = { rows: Row[]; selected: RowSelectionState; onClear: () => void; request: ProductSearchRequest };

/** What can be done with the chosen products. */
export function SelectionBar({ rows, selected, onClear }: Props) {
  const { t, format } = useI18n();
  const chosen = rows.filter((row) => selected[row.asin]);
  if (chosen.length === 0) return null;
  return (
    <div className="appear fixed inset-x-0 bottom-4 z-30 mx-auto flex w-fit max-w-[calc(100vw-1.5rem)] flex-wrap items-center gap-2 rounded-2xl border bg-panel px-4 py-2.5 shadow-xl">
      <span className="num font-medium">
        {t('discover.chosen', { count: chosen.length, number: format.number(chosen.length) })}
      </span>
      <Button size="sm" onClick={() => download(chosen)}>
        <Download /> {t('discover.export')}
      </Button>
      <Button size="icon" kind="ghost" aria-label={t('discover.clearSelection')} onClick={onClear}>
        <X />
      </Button>
    </div>
  );
}

/** Text that a spreadsheet would take for a formula is kept text by an apostrophe. */
export function csvCell(value: string | number | null | undefined): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const money = (minor: number | null | undefined, currency: string) =>
  minor == null ? null : Number(minorToText(minor, currency));

export function toCsv(rows: Row[]): string {
  const lines = rows.map(({ asin, score, found, currency }) => [
    asin,
    score?.title ?? found?.title,
    score?.recommendation,
    currency,
    money(score ? score.sell_price : found?.price, currency),
    money(score?.net, currency),
    money(score?.cost, currency),
    money(score?.max_cost, currency),
    money(score?.profit, currency),
    score?.roi_percent,
    score?.velocity_score,
    score?.sales30,
    score ? score.bsr : found?.bsr,
    score?.offers_fba,
  ]);
  const head =
    'asin,title,verdict,currency,sell_price,net,cost,max_cost,profit,roi_percent,velocity,sold_30_days,bsr,fba_offers';
  return [head, ...lines.map((line) => line.map(csvCell).join(','))].join('\r\n');
}

function download(rows: Row[]) {
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', toCsv(rows)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'gleaner.csv';
  link.click();
  URL.revokeObjectURL(url);
}
