import type { ColumnDef } from '@tanstack/react-table';
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { DiscoveredProduct, ScoredProduct } from '@/api/gen/types.gen';
import { Trust, Verdict } from '@/components/verdict';
import { cn } from '@/lib/cn';
import type { Formats } from '@/lib/format';

/** A line of the table: what is known of a product before and after it is scored. */
export type Row = {
  asin: string;
  place: number;
  found?: DiscoveredProduct;
  score?: ScoredProduct;
  currency: string;
};

export const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
  sortedRowModel: createSortedRowModel(),
});

export type Column = ColumnDef<typeof features, Row>;

const RANKS = { STRONG_BUY: 3, BUY: 2, CONSIDER: 1, SKIP: 0 } as const;

/** What is missing comes last in either order. */
function byValue(get: (row: Row) => number | string | null | undefined) {
  return {
    accessorFn: (row: Row) => get(row) ?? undefined,
    sortUndefined: 'last' as const,
    sortFn: (a: { original: Row }, b: { original: Row }) => {
      const [one, two] = [get(a.original) ?? 0, get(b.original) ?? 0];
      return one < two ? -1 : one > two ? 1 : a.original.place - b.original.place;
    },
  };
}

/** Every column: its name is the text `columns.NAME`; its width is a track of the grid. */
export const COLUMNS = [
  {
    id: 'verdict',
    width: '8.75rem',
    ...byValue((row) => (row.score ? RANKS[row.score.recommendation] : null)),
  },
  {
    id: 'title',
    width: 'minmax(9.5rem, 1fr)',
    ...byValue((row) => (row.score?.title ?? row.found?.title)?.toLowerCase()),
  },
  { id: 'sell_price', width: '4.75rem', ...byValue((row) => row.score?.sell_price ?? row.found?.price) },
  { id: 'net', width: '4.75rem', ...byValue((row) => row.score?.net) },
  { id: 'cost', width: '4.75rem', ...byValue((row) => row.score?.cost) },
  { id: 'max_cost', width: '4.75rem', ...byValue((row) => row.score?.max_cost) },
  { id: 'profit', width: '4.75rem', ...byValue((row) => row.score?.profit) },
  { id: 'roi_percent', width: '3.75rem', ...byValue((row) => row.score?.roi_percent) },
  { id: 'velocity', width: '4.5rem', ...byValue((row) => row.score?.velocity_score) },
  { id: 'sales30', width: '5rem', ...byValue((row) => row.score?.sales30) },
  { id: 'bsr', width: '4.5rem', ...byValue((row) => row.score?.bsr ?? row.found?.bsr) },
  { id: 'offers_fba', width: '3rem', ...byValue((row) => row.score?.offers_fba) },
  { id: 'amazon', width: '4.5rem', ...byValue((row) => row.score?.amazon_share90) },
  {
    id: 'confidence',
    width: '5rem',
    ...byValue((row) => row.score && ['low', 'medium', 'high'].indexOf(row.score.confidence)),
  },
  { id: 'age', width: '4.5rem', ...byValue((row) => row.score?.data_age_minutes) },
] as const;

export type ColumnId = (typeof COLUMNS)[number]['id'];

/** Shown unless the address says otherwise. */
export const USUAL: readonly ColumnId[] = [
  'verdict',
  'title',
  'sell_price',
  'max_cost',
  'profit',
  'roi_percent',
  'sales30',
  'bsr',
  'offers_fba',
];

/** What a narrow screen has room for. */
export const NARROW: readonly ColumnId[] = ['verdict', 'title', 'max_cost', 'roi_percent'];

export const isColumn = (id: string): id is ColumnId => COLUMNS.some((column) => column.id === id);

type Props = {
  id: ColumnId;
  row: Row;
  format: Formats;
  waiting: boolean;
  t: (key: 'common.yes' | 'common.no') => string;
};

/** What stands in a cell. */
export function CellContent({ id, row, format, waiting, t }: Props) {
  const { score, found, currency } = row;
  const money = (minor: number | null | undefined, tint = false) => (
    <span className={cn(tint && minor != null && (minor > 0 ? 'text-good' : minor < 0 ? 'text-bad' : ''))}>
      {format.money(minor, currency)}
    </span>
  );
  switch (id) {
    case 'title':
      return (
        <span className="block min-w-0">
          <span className="block truncate font-medium">{score?.title ?? found?.title ?? row.asin}</span>
          <span className="num block truncate text-muted text-xs">{row.asin}</span>
        </span>
      );
    case 'sell_price':
      return money(score ? score.sell_price : found?.price);
    case 'bsr':
      return format.number(score ? score.bsr : found?.bsr);
  }
  if (!score)
    return waiting ? <span className="inline-block h-3.5 w-10 animate-pulse rounded bg-raised" /> : <>—</>;
  switch (id) {
    case 'verdict':
      return (
        <span className="flex items-center justify-between gap-1">
          <Verdict verdict={score.recommendation} basis={score.verdict_basis} />
          <Trust confidence={score.confidence} />
        </span>
      );
    case 'net':
      return money(score.net);
    case 'cost':
      return money(score.cost);
    case 'max_cost':
      return <strong className="font-semibold">{format.money(score.max_cost, currency)}</strong>;
    case 'profit':
      return money(score.profit, true);
    case 'roi_percent':
      return format.percent(score.roi_percent);
    case 'velocity':
      return format.number(score.velocity_score);
    case 'sales30':
      return format.number(score.sales30);
    case 'offers_fba':
      return format.number(score.offers_fba);
    case 'amazon':
      return score.amazon_in_stock == null ? '—' : t(score.amazon_in_stock ? 'common.yes' : 'common.no');
    case 'confidence':
      return <Trust confidence={score.confidence} />;
    case 'age':
      return score.data_age_minutes == null ? '—' : format.duration(score.data_age_minutes * 60);
  }
}
