import { CircleHelp, Lightbulb, Scale, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ProductScore } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';

/** Why the verdict is what it is, what was taken for granted, and the smallest change that would better it. */
export function Reasons({ score }: { score: ProductScore }) {
  const { t, format } = useI18n();
  const money = (minor: number | null | undefined) => format.money(minor, score.currency);
  const change = score.nearest_change;
  const level = change && t(`verdict.${change.level}`);
  const lines: [string, ReactNode, string][] = [
    ...(change?.cost != null
      ? [
          [
            'cost',
            <Lightbulb key="i" className="text-accent" />,
            t('reasons.changeCost', { level, cost: money(change.cost), drop: money(change.cost_drop) }),
          ] as [string, ReactNode, string],
        ]
      : []),
    ...(change?.price != null
      ? [
          [
            'price',
            <Lightbulb key="i" className="text-accent" />,
            t('reasons.changePrice', { level, price: money(change.price), rise: money(change.price_rise) }),
          ] as [string, ReactNode, string],
        ]
      : []),
    ...score.reasons.map(
      (one) =>
        [one, <Scale key="i" className="text-muted" />, t(`reasons.${one}`)] as [string, ReactNode, string],
    ),
    ...score.caps.map(
      (one) =>
        [one, <Scale key="i" className="text-warn" />, t(`caps.${one}`)] as [string, ReactNode, string],
    ),
    ...score.warnings.map(
      (one) =>
        [one, <TriangleAlert key="i" className="text-warn" />, t(`warnings.${one}`)] as [
          string,
          ReactNode,
          string,
        ],
    ),
    ...score.assumptions.map(
      (one) =>
        [one, <CircleHelp key="i" className="text-muted" />, t(`assumptions.${one}`)] as [
          string,
          ReactNode,
          string,
        ],
    ),
  ];
  if (lines.length === 0) return null;
  return (
    <ul className="num mb-5 grid gap-1.5 rounded-xl bg-raised/70 p-3.5" data-testid="reasons">
      {lines.map(([key, icon, text]) => (
        <li key={key} className="flex items-start gap-2.5 [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0">
          {icon} <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
