import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useTheme } from '@/lib/theme';

/** A colour by its role, as the canvas needs it. */
export const colour = (role: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();

type Props = {
  /** Makes the options once the colours of the theme are in force. */
  options: () => Omit<uPlot.Options, 'width' | 'height'>;
  data: uPlot.AlignedData;
  height: number;
  label: string;
};

/** A chart as wide as its place; drawn anew when the theme changes. */
export default function Chart({ options, data, height, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const { dark } = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours change with the theme
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = new uPlot({ ...options(), width: element.clientWidth, height }, data, element);
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [options, data, height, dark]);
  return <div ref={place} role="img" aria-label={label} className="uplot-place min-w-0 overflow-hidden" />;
}

/** Axes in the colours of the page. */
export function axis(): Partial<uPlot.Axis> {
  return {
    stroke: colour('muted'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px Inter, sans-serif',
  };
}
