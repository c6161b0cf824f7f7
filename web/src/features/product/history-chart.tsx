import { useMemo, useState } from 'react';
import uPlot from 'uplot';
import type { ProductDetail } from '@/api/gen/types.gen';
import Chart, { axis, colour } from '@/components/chart';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { currencyDigits } from '@/lib/format';
import { cut } from './cut';

const RANGES = { month: 30, quarter: 90, year: 365, all: undefined } as const;
type Range = keyof typeof RANGES;

/** The histories shown, by Keepa's name; the rank has an axis of its own. */
const LINES = [
  { name: 'NEW', role: 'series-1', text: 'new' },
  { name: 'AMAZON', role: 'series-2', text: 'amazon' },
  { name: 'USED', role: 'series-4', text: 'used' },
  { name: 'SALES', role: 'series-3', text: 'rank' },
] as const;

const HEIGHT = 260;

/** Prices and rank over time, with the price that is reckoned with and the one that covers the cost. */
export function HistoryChart({ detail }: { detail: ProductDetail }) {
  const { t, format, language } = useI18n();
  const [range, setRange] = useState<Range>('quarter');
  const { series, score } = detail;
  const { currency, sell_price, break_even_price } = score;

  const lines = useMemo(
    () => LINES.filter((line) => series[line.name]?.some(([, value]) => value != null)),
    [series],
  );
  const data = useMemo((): uPlot.AlignedData => {
    const to = Math.max(
      new Date(score.evaluated_at).getTime(),
      ...lines.map((line) => series[line.name]?.at(-1)?.[0] ?? 0),
    );
    const days = RANGES[range];
    const first = Math.min(...lines.map((line) => series[line.name]?.[0]?.[0] ?? to));
    const from = days === undefined ? first : Math.max(first, to - days * 86_400_000);
    const tables = lines.map((line): uPlot.AlignedData => {
      const [times, values] = cut(series[line.name] ?? [], from, to);
      return [times.map((time) => time / 1000), values];
    });
    if (tables.length === 0) return [[]];
    // A missing value is a gap; a moment at which only another line has a value is none.
    const joined = uPlot.join(
      tables,
      tables.map((table) => table.map(() => 1)),
    );
    const level = (value: number | null | undefined) => Array.from(joined[0], () => value ?? null);
    return [...joined, level(sell_price), level(break_even_price)] as uPlot.AlignedData;
  }, [lines, range, series, score.evaluated_at, sell_price, break_even_price]);

  const options = useMemo(
    () => () => {
      const stepped = uPlot.paths.stepped?.({ align: 1 });
      const money = (value: number | null) => format.money(value, currency);
      const short = new Intl.NumberFormat(language, { notation: 'compact' });
      const scale = 10 ** currencyDigits(currency);
      return {
        cursor: { y: false, points: { size: 7 } },
        scales: {
          x: { time: true },
          y: { range: [0, null] as uPlot.Range.MinMax },
          rank: { dir: -1 as const },
        },
        legend: { live: true },
        axes: [
          { ...axis(), values: dates(language) },
          {
            ...axis(),
            scale: 'y',
            size: 56,
            values: (_: uPlot, ticks: number[]) => ticks.map((tick) => short.format(tick / scale)),
          },
          {
            ...axis(),
            scale: 'rank',
            side: 1,
            size: 52,
            grid: { show: false },
            values: (_: uPlot, ticks: number[]) => ticks.map((tick) => short.format(tick)),
          },
        ],
        series: [
          {
            label: t('chart.time'),
            value: (_: uPlot, time: number | null) => (time == null ? '—' : format.date(time * 1000)),
          },
          ...lines.map((line) => ({
            label: t(`chart.${line.text}`),
            scale: line.name === 'SALES' ? 'rank' : 'y',
            stroke: colour(line.role),
            width: line.name === 'SALES' ? 1 : 1.75,
            ...(stepped && { paths: stepped }),
            points: { show: false },
            value: (_: uPlot, value: number | null) =>
              line.name === 'SALES' ? format.number(value) : money(value),
          })),
          {
            label: t('chart.sell'),
            scale: 'y',
            stroke: colour('ink'),
            dash: [6, 4],
            width: 1.25,
            points: { show: false },
            value: (_: uPlot, value: number | null) => money(value),
          },
          {
            label: t('chart.breakEven'),
            scale: 'y',
            stroke: colour('bad'),
            dash: [2, 4],
            width: 1.5,
            points: { show: false },
            value: (_: uPlot, value: number | null) => money(value),
          },
        ],
      };
    },
    [lines, currency, format, language, t],
  );

  if (lines.length === 0) return <p className="text-muted">{t('chart.none')}</p>;
  return (
    <div>
      <fieldset className="mb-2 flex gap-1">
        <legend className="sr-only">{t('chart.range')}</legend>
        {(Object.keys(RANGES) as Range[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={range === one}
            onClick={() => setRange(one)}
            className={cn(
              'rounded-md px-2 py-1 font-medium text-xs',
              range === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(`chart.ranges.${one}`)}
          </button>
        ))}
      </fieldset>
      <Chart options={options} data={data} height={HEIGHT} label={t('chart.label')} />
    </div>
  );
}

/** Dates on the axis in the reader's language, as fine as the range needs. */
function dates(language: string): uPlot.Axis.DynamicValues {
  const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const month = new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit' });
  return (_, ticks, __, ___, step) =>
    ticks.map((tick) => (step >= 20 * 86_400 ? month : day).format(tick * 1000));
}
