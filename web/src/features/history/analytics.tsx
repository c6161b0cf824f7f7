import { useMemo } from 'react';
import uPlot from 'uplot';
import type { Analytics, Usage } from '@/api/gen/types.gen';
import Chart, { axis, colour } from '@/components/chart';
import { Card, CardTitle, Figure } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { isMarket, MARKETS } from '@/lib/markets';

/** A day more at either side, so that a single day is no line at the edge, nor one in years. */
const days = (chart: uPlot): uPlot.Range.MinMax => {
  const [times] = chart.data;
  return [(times[0] ?? 0) - 86_400, (times.at(-1) ?? 0) + 86_400];
};

/** The hours of a day. */
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** How many lines a table of the most used has. */
const MOST = 8;

type Props = {
  analytics: Analytics;
  /** Who an account is; absent where there are none. */
  who: ((id: string | null | undefined) => string | undefined) | undefined;
};

/** The history in figures: how much was asked, how much of it was known, what it cost. */
export function AnalyticsCards({ analytics, who }: Props) {
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
      <UsageTable
        title={t('history.byCategory')}
        lines={analytics.by_category.map((one) => ({
          name: [
            one.category === '0' ? t('discover.allCategories') : (one.name ?? one.category),
            one.marketplace && isMarket(one.marketplace) ? MARKETS[one.marketplace].name : one.marketplace,
          ]
            .filter(Boolean)
            .join(' · '),
          usage: one,
        }))}
      />
      {who && analytics.by_user.length > 0 ? (
        <UsageTable
          title={t('history.byUser')}
          lines={analytics.by_user.map((one) => ({
            name: who(one.user_id) ?? t('history.nobody'),
            usage: one,
          }))}
        />
      ) : (
        <UsageTable
          title={t('history.bySource')}
          lines={analytics.by_source.map((one) => ({
            name: one.source
              ? t(`history.sources.${one.source as 'api'}`, { defaultValue: one.source })
              : t('history.nobody'),
            usage: one,
          }))}
        />
      )}
    </div>
  );
}

type Line = { name: string; usage: Usage };

/** Who or what was searched most, with what of it was known and what it cost. */
function UsageTable({ title, lines }: { title: string; lines: Line[] }) {
  const { t, format } = useI18n();
  if (lines.length === 0) return null;
  const heads = ['history.searches', 'history.hitRatio', 'dashboard.spent'] as const;
  return (
    <Card className="xl:col-span-6">
      <CardTitle>{title}</CardTitle>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={title}>
        <table className="num w-full text-right">
          <thead className="text-muted text-xs">
            <tr>
              <th scope="col" className="sr-only">
                {title}
              </th>
              {heads.map((head) => (
                <th key={head} scope="col" className="py-1 pl-3 font-medium">
                  {t(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, MOST).map(({ name, usage }) => (
              <tr key={name} className="border-t">
                <th scope="row" className="max-w-56 truncate py-1.5 text-left font-normal" title={name}>
                  {name}
                </th>
                <td className="pl-3">{format.number(usage.searches)}</td>
                <td className="pl-3">
                  {usage.hit_ratio == null ? '—' : format.percent(usage.hit_ratio * 100)}
                </td>
                <td className="pl-3">{format.number(usage.tokens_charged)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
