import type { RowSelectionState } from '@tanstack/react-table';
import { X } from 'lucide-react';
import type { FileSource } from '@/api/download';
import type { ProductSearchRequest, WatchRequest } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Button } from '@/components/ui/button';
import { SaveNiche } from '@/features/niches/save';
import { WatchButton } from '@/features/sourcing/watch-button';
import { useI18n } from '@/i18n';
import type { Row } from './columns';
import type { DiscoverSearch } from './search-params';

type Props = {
  rows: Row[];
  selected: RowSelectionState;
  onClear: () => void;
  request: ProductSearchRequest;
  search: DiscoverSearch;
};

/** What can be done with the chosen products. */
export function SelectionBar({ rows, selected, onClear, request, search }: Props) {
  const { t, format } = useI18n();
  const chosen = rows.filter((row) => selected[row.asin]);
  if (chosen.length === 0) return null;
  return (
    <div
      role="toolbar"
      aria-label={t('discover.selection')}
      className="appear fixed inset-x-0 bottom-4 z-30 mx-auto flex w-fit max-w-[calc(100vw-1.5rem)] flex-wrap items-center gap-2 rounded-2xl border bg-panel px-4 py-2.5 shadow-xl"
    >
      <span className="num font-medium">
        {t('discover.chosen', { count: chosen.length, number: format.number(chosen.length) })}
      </span>
      <WatchButton request={termsOf(chosen, request)} />
      <ExportMenu name="products" source={() => fileOf(chosen, request)} />
      {!search.find && <SaveNiche search={search} size="sm" />}
      <Button size="icon" kind="ghost" aria-label={t('discover.clearSelection')} onClick={onClear}>
        <X />
      </Button>
    </div>
  );
}

/** Where the scores of these products come from as a file, under the terms of the search. */
export function fileOf(rows: readonly Row[], request: ProductSearchRequest): FileSource {
  return { url: '/api/v1/export', body: termsOf(rows, request) };
}

/** These products under the terms of the search. */
function termsOf(rows: readonly Row[], { filters, strategy, cost }: ProductSearchRequest): WatchRequest {
  return {
    asins: rows.map((row) => row.asin),
    marketplace: filters.marketplace,
    ...(filters.condition && { condition: filters.condition }),
    ...(strategy && { strategy }),
    ...(cost != null && { cost }),
  };
}
