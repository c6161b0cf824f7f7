import { useMemo } from 'react';
import uPlot from 'uplot';
import type { Analytics } from '@/api/gen/types.gen';
import Chart, { axis, colour } from '@/components/chart';
import { Card, CardTitle, Figure } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

/** A day more at either side, so that a single day is no line at the edge. */
const days: uPlot.Range.Function = (_, from, to) => [(from ?? 0) - 86_400, (to ?? 0) + 86_400];

/** The hours of a day. */
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** The history in figures: how much was asked, how much of it was known, what it cost. */
export function AnalyticsCards({ analytics }: { analytics: Analytics }) {
  const { t, format, language } = useI18n();
  const { total, per_day, hours } = analytics;
  const data = useMemo(
    (): uPlot.AlignedData => [
      per_day.map((day) => Date.parse(`${day.day}T00:00:00Z`) / 1000),
      per_day.map((day) => day.searches),
      per_day.map((day) => day.tokens_charged),
      per_day.map((day) => day.tokens_saved),
    ],
    [per_day],
  );
  const options = useMemo(
    () => () => {
      const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
      const bars = uPlot.paths.bars?.({ size: [0.6, 40] });
      return {
        cursor: { y: false },
        scales: {
          x: { time: true, range: days },
          y: { range: [0, null] as uPlot.Range.MinMax },
          tokens: { range: [0, null] as uPlot.Range.MinMax },
        },
        axes: [
          { ...axis(), values: (_: uPlot, ticks: number[]) => ticks.map((tick) => day.format(tick * 1000)) },
          { ...axis(), scale: 'y', size: 44 },
          { ...axis(), scale: 'tokens', side: 1, size: 52, grid: { show: false } },
        ],
        series: [
          {
            label: t('chart.time'),
            value: (_: uPlot, time: number | null) => (time == null ? '—' : day.format(time * 1000)),
          },
          {
            label: t('history.searches'),
            scale: 'y',
            stroke: colour('series-1'),
            fill: colour('accent-soft'),
            ...(bars && { paths: bars }),
            points: { show: false },
          },
          { label: t('dashboard.spent'), scale: 'tokens', stroke: colour('series-2'), width: 2 },
          { label: t('dashboard.saved'), scale: 'tokens', stroke: colour('series-3'), width: 2 },
        ],
      };
    },
    [language, t],
  );
  const busiest = Math.max(1, ...hours.map((hour) => hour.searches));
  return (
    <div className="mb-5 grid gap-5 xl:grid-cols-12">
      <Card className="xl:col-span-8">
        <CardTitle>{t('history.perDay')}</CardTitle>
        <div className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Figure
            label={t('history.searches')}
            value={format.number(total.searches)}
            note={t('history.failed', { count: format.number(total.failed) })}
          />
          <Figure
            label={t('history.hitRatio')}
            value={total.hit_ratio == null ? '—' : format.percent(total.hit_ratio * 100, 1)}
          />
          <Figure label={t('dashboard.spent')} value={format.number(total.tokens_charged)} />
          <Figure label={t('dashboard.saved')} value={format.number(total.tokens_saved)} />
        </div>
        {per_day.length > 0 && (
          <Chart options={options} data={data} height={200} label={t('history.perDay')} />
        )}
      </Card>
      <Card className="xl:col-span-4">
        <CardTitle>{t('history.hours')}</CardTitle>
        <div role="img" aria-label={t('history.hours')} className="flex h-32 items-end gap-0.5">
          {HOURS.map((hour) => {
            const searches = hours.find((one) => one.hour === hour)?.searches ?? 0;
            return (
              <div
                key={hour}
                className="flex h-full flex-1 items-end"
                title={`${hour} h UTC: ${format.number(searches)}`}
              >
                <div
                  className="w-full rounded-t-sm bg-accent/60"
                  style={{ height: `${(searches / busiest) * 100}%` }}
                />
              </div>
            );
          })}
        </div>
        <p className="num mt-1 flex justify-between text-muted text-xs">
          <span>0 h</span>
          <span>12 h</span>
          <span>23 h UTC</span>
        </p>
        <h3 className="mt-4 mb-2 font-medium text-muted text-xs">{t('history.verdicts')}</h3>
        <ul className="num grid gap-1">
          {analytics.verdicts.map((one) => (
            <li key={one.verdict} className="flex justify-between gap-3">
              <span>{t(`verdict.${one.verdict as 'BUY'}`, { defaultValue: one.verdict })}</span>
              <span>{format.percent(one.share * 100)}</span>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
