import { type RowSelectionState, useTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react';
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/fields';
import { Menu, MenuCheck, MenuContent, MenuTrigger } from '@/components/ui/menu';
import { type T, useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import type { Formats } from '@/lib/format';
import { useHotkeys } from '@/lib/hotkeys';
import { useMedia } from '@/lib/use-media';
import {
  CellContent,
  COLUMNS,
  type Column,
  type ColumnId,
  features,
  isColumn,
  NARROW,
  type Row,
  USUAL,
} from './columns';

const ROW_HEIGHT = 52;

type Props = {
  rows: Row[];
  waiting: boolean;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  columns: readonly string[] | undefined;
  onColumns: (columns: string[] | undefined) => void;
  selected: RowSelectionState;
  onSelect: (selected: RowSelectionState) => void;
  onOpen: (asin: string) => void;
  toolbar?: React.ReactNode;
  actions?: React.ReactNode;
};

/** The columns that the address asks for: the usual ones, with changes. */
function visible(changes: readonly string[] | undefined): Set<ColumnId> {
  const shown = new Set(USUAL);
  for (const change of changes ?? []) {
    const [hide, id] = change.startsWith('-') ? [true, change.slice(1)] : [false, change];
    if (!isColumn(id)) continue;
    if (hide) shown.delete(id);
    else shown.add(id);
  }
  return shown;
}

/** The products: sorted, with chosen columns; only what is on the screen is in the page. */
export function Results(props: Props) {
  const { rows, waiting, sort, onSort, columns, onColumns, selected, onSelect, onOpen, toolbar, actions } =
    props;
  const { t, format } = useI18n();
  const narrow = useMedia('(max-width: 640px)');
  const shown = useMemo(() => (narrow ? new Set(NARROW) : visible(columns)), [columns, narrow]);
  const ids = useMemo(() => COLUMNS.map((column) => column.id).filter((id) => shown.has(id)), [shown]);
  const template = `2.25rem ${COLUMNS.filter((column) => shown.has(column.id))
    .map((column) => (narrow && column.id === 'title' ? 'minmax(0, 1fr)' : narrow ? 'auto' : column.width))
    .join(' ')}`;
  const sorting = useMemo(
    () =>
      (sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : []).filter(({ id }) =>
        isColumn(id),
      ),
    [sort],
  );
  // With more columns than there is room for, the table scrolls sideways, and its head with it.
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setRoom(entry.contentRect.width));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const needed = narrow ? 0 : leastWidth(ids);
  const table = useTable({
    features,
    data: rows,
    columns: COLUMNS as unknown as Column[],
    getRowId: (row) => row.asin,
    state: { sorting, rowSelection: selected },
    onRowSelectionChange: (update) => onSelect(typeof update === 'function' ? update(selected) : update),
  });
  const sorted = table.getRowModel().rows;

  const list = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stands above changes its height with the rows
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top;
    if (top !== undefined) setMargin(top + scrollY);
  }, [rows.length, waiting]);
  const virtual = useWindowVirtualizer({
    count: sorted.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: margin,
  });

  const [active, setActive] = useState(-1);
  const move = (by: number) => {
    const next = Math.min(sorted.length - 1, Math.max(0, active + by));
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const current = sorted[active];
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => current && onOpen(current.id),
    x: () => current?.toggleSelected(),
  });

  const chooseSort = (id: ColumnId) => {
    const first = id === 'title' || id === 'bsr' || id === 'age' ? id : `-${id}`;
    const second = first === id ? `-${id}` : id;
    onSort(sort === first ? second : sort === second ? undefined : first);
  };
  const chooseColumn = (id: ColumnId) => {
    const next = visible(columns);
    if (!next.delete(id)) next.add(id);
    const changes = COLUMNS.flatMap((column) =>
      next.has(column.id) === USUAL.includes(column.id)
        ? []
        : [next.has(column.id) ? column.id : `-${column.id}`],
    );
    onColumns(changes.length > 0 ? changes : undefined);
  };
  const items = virtual.getVirtualItems();
  // Lines that leave the screen are used again for those that come: text changes, nothing is built.
  const slots = useRef(0);
  slots.current = Math.max(slots.current, items.length);
  const all = table.getIsAllRowsSelected();
  return (
    <>
      <div className="mb-2 flex min-h-9 flex-wrap items-center gap-2">
        {toolbar}
        <div className="flex-1" />
        {actions}
        {!narrow && (
          <Menu>
            <MenuTrigger asChild>
              <Button size="sm">
                <Columns3 /> {t('discover.columns')}
              </Button>
            </MenuTrigger>
            <MenuContent>
              {COLUMNS.filter((column) => column.id !== 'title').map((column) => (
                <MenuCheck
                  key={column.id}
                  checked={shown.has(column.id)}
                  onSelect={(event) => {
                    event.preventDefault();
                    chooseColumn(column.id);
                  }}
                >
                  {t(`columns.${column.id}`)}
                </MenuCheck>
              ))}
            </MenuContent>
          </Menu>
        )}
      </div>
      <div
        role="table"
        aria-rowcount={sorted.length + 1}
        aria-label={t('discover.results')}
        className={cn(
          'rounded-2xl border bg-panel shadow-xs',
          needed > room ? 'overflow-x-auto' : 'overflow-clip',
        )}
        ref={place}
      >
        <div role="rowgroup" className="sticky top-14 z-10 border-b bg-panel" style={{ minWidth: needed }}>
          <div
            role="row"
            tabIndex={-1}
            className="grid items-center gap-x-2 px-3 sm:gap-x-3"
            style={{ gridTemplateColumns: template }}
          >
            <div role="columnheader" tabIndex={-1} className="py-2.5">
              <Checkbox
                aria-label={t('discover.selectAll')}
                checked={all ? true : table.getIsSomeRowsSelected() ? 'indeterminate' : false}
                onCheckedChange={() => table.toggleAllRowsSelected(!all)}
              />
            </div>
            {ids.map((id) => {
              const direction =
                sorting[0]?.id === id ? (sorting[0].desc ? 'descending' : 'ascending') : undefined;
              const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
              return (
                <div
                  key={id}
                  role="columnheader"
                  tabIndex={-1}
                  aria-sort={direction ?? 'none'}
                  className={cn('min-w-0', isNumber(id) && 'text-right')}
                >
                  <button
                    type="button"
                    onClick={() => chooseSort(id)}
                    className={cn(
                      'inline-flex max-w-full items-center gap-1 rounded py-2.5 font-medium text-muted text-xs hover:text-ink',
                      direction && 'text-ink',
                    )}
                  >
                    <span className="truncate">{t(`columns.${id}`)}</span>
                    {direction && <Arrow aria-hidden className="size-3 shrink-0" />}
                  </button>
                </div>
              );
            })}
          </div>
        </div>
        <div
          role="rowgroup"
          ref={list}
          className="relative"
          style={{ height: virtual.getTotalSize(), minWidth: needed }}
        >
          {items.map((item) => {
            const row = sorted[item.index];
            if (!row) return null;
            return (
              <Line
                key={item.index % slots.current}
                row={row.original}
                index={item.index}
                top={item.start - margin}
                template={template}
                ids={ids}
                active={item.index === active}
                selected={selected[row.id] === true}
                waiting={waiting}
                format={format}
                t={t}
                onOpen={onOpen}
                onToggle={(on) => row.toggleSelected(on)}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

/** What the columns need at least, in pixels: the box, the tracks, the gaps, the sides. */
function leastWidth(ids: readonly ColumnId[]): number {
  const rem = COLUMNS.filter((column) => ids.includes(column.id)).map((column) =>
    Number(/([\d.]+)rem/.exec(column.width)?.[1] ?? 0),
  );
  return rem.reduce((sum, width) => sum + width * 16 + 12, 36 + 24);
}

const isNumber = (id: ColumnId) => !['verdict', 'title', 'amazon', 'confidence'].includes(id);

type LineProps = {
  row: Row;
  index: number;
  top: number;
  template: string;
  ids: readonly ColumnId[];
  active: boolean;
  selected: boolean;
  waiting: boolean;
  format: Formats;
  t: T;
  onOpen: (asin: string) => void;
  onToggle: (on: boolean) => void;
};

const Line = memo(
  function Line({
    row,
    index,
    top,
    template,
    ids,
    active,
    selected,
    waiting,
    format,
    t,
    onOpen,
    onToggle,
  }: LineProps) {
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the title is a button, and j, k and Enter do the same
      <div
        role="row"
        tabIndex={-1}
        aria-rowindex={index + 2}
        aria-selected={selected}
        data-asin={row.asin}
        onClick={() => onOpen(row.asin)}
        className={cn(
          'absolute inset-x-0 top-0 grid [contain:strict] cursor-pointer items-center gap-x-2 border-b px-3 hover:bg-raised/70 sm:gap-x-3',
          selected && 'bg-accent-soft/60',
          active && 'shadow-[inset_3px_0_0_var(--accent)] bg-raised/70',
        )}
        style={{ gridTemplateColumns: template, height: ROW_HEIGHT, transform: `translateY(${top}px)` }}
      >
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on the box from opening the product */}
        <div role="cell" onClick={(event) => event.stopPropagation()}>
          {/* The browser's own box: there is one in every line. */}
          <input
            type="checkbox"
            className="block size-4.5 accent-accent"
            aria-label={t('discover.select', { asin: row.asin })}
            checked={selected}
            onChange={(event) => onToggle(event.target.checked)}
          />
        </div>
        {ids.map((id) => (
          <div key={id} role="cell" className={cn('num min-w-0 truncate', isNumber(id) && 'text-right')}>
            {id === 'title' ? (
              <button type="button" className="block w-full min-w-0 rounded text-left">
                <CellContent id={id} row={row} format={format} waiting={waiting} t={t} />
              </button>
            ) : (
              <CellContent id={id} row={row} format={format} waiting={waiting} t={t} />
            )}
          </div>
        ))}
      </div>
    );
  },
  (a, b) =>
    a.row === b.row &&
    a.index === b.index &&
    a.top === b.top &&
    a.template === b.template &&
    a.active === b.active &&
    a.selected === b.selected &&
    a.waiting === b.waiting &&
    a.format === b.format &&
    a.t === b.t &&
    a.ids === b.ids,
);
