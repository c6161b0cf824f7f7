import { useMemo } from 'react';
import type uPlot from 'uplot';
import type { NicheRun } from '@/api/gen/types.gen';
import Chart, { axis, colour } from '@/components/chart';
import { useI18n } from '@/i18n';

/** Products worth buying and tokens spent, run by run. */
export default function YieldChart({ runs }: { runs: NicheRun[] }) {
  const { t, format, language } = useI18n();
  const data = useMemo((): uPlot.AlignedData => {
    const oldest = runs.filter((run) => run.outcome !== 'failed').toReversed();
    return [
      oldest.map((run) => new Date(run.at).getTime() / 1000),
      oldest.map((run) => run.buys),
      oldest.map((run) => run.tokens_charged),
    ];
  }, [runs]);
  const options = useMemo(
    () => () => {
      const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
      const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
      const range = [0, null] as uPlot.Range.MinMax;
      const number = (_: uPlot, value: number | null) => format.number(value);
      const whole = (_: uPlot, ticks: number[]) =>
        ticks.map((tick) => (Number.isInteger(tick) ? format.number(tick) : ''));
      return {
        cursor: { y: false },
        scales: { x: { time: true }, y: { range }, tokens: { range } },
        axes: [
          {
            ...axis(),
            values: (_: uPlot, ticks: number[], __: number, ___: number, step: number) =>
              ticks.map((tick) => (step < 43_200 ? clock : date).format(tick * 1000)),
          },
          { ...axis(), scale: 'y', size: 40, values: whole },
          { ...axis(), scale: 'tokens', side: 1, size: 52, grid: { show: false }, values: whole },
        ],
        series: [
          {
            label: t('chart.time'),
            value: (_: uPlot, time: number | null) => (time == null ? '—' : format.time(time * 1000)),
          },
          {
            label: t('niches.buys'),
            scale: 'y',
            stroke: colour('series-1'),
            width: 2,
            points: { show: true, size: 6 },
            value: number,
          },
          {
            label: t('dashboard.spent'),
            scale: 'tokens',
            stroke: colour('series-2'),
            width: 1.5,
            points: { show: true, size: 5 },
            value: number,
          },
        ],
      };
    },
    [format, language, t],
  );
  return <Chart options={options} data={data} height={180} label={t('niches.yield')} />;
}
