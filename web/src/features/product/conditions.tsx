import { Check, X } from 'lucide-react';
import type { Measure, ProductScore, Recommendation } from '@/api/gen/types.gen';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';

const LEVELS: readonly Recommendation[] = ['STRONG_BUY', 'BUY', 'CONSIDER'];
const MEASURES: readonly Measure[] = ['roi_percent', 'velocity', 'profit'];

/** Every condition of every level: what it asks for, and what there is. */
export function Conditions({ score }: { score: ProductScore }) {
  const { t, format } = useI18n();
  const shown = (measure: Measure, value: number | null | undefined) =>
    measure === 'profit'
      ? format.money(value, score.currency)
      : measure === 'roi_percent'
        ? format.percent(value, 1)
        : format.number(value, 1);
  const find = (level: Recommendation, measure: Measure) =>
    score.conditions.find((one) => one.level === level && one.measure === measure);
  return (
    <div className="overflow-x-auto">
      <table className="num w-full min-w-80 text-left">
        <thead>
          <tr className="text-muted text-xs">
            <th scope="col" className="py-1.5 pr-3 font-medium">
              {t('conditions.measure')}
            </th>
            <th scope="col" className="py-1.5 pr-3 text-right font-medium">
              {t('conditions.actual')}
            </th>
            {LEVELS.map((level) => (
              <th key={level} scope="col" className="py-1.5 pl-3 text-right font-medium">
                <Verdict verdict={level} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {MEASURES.map((measure) => (
            <tr key={measure} className="border-t">
              <th scope="row" className="py-2 pr-3 font-medium">
                {t(`measure.${measure}`)}
              </th>
              <td className="py-2 pr-3 text-right font-semibold">
                {shown(measure, find('BUY', measure)?.actual)}
              </td>
              {LEVELS.map((level) => {
                const condition = find(level, measure);
                return (
                  <td key={level} className="py-2 pl-3 text-right">
                    {condition && (
                      <span
                        className={`inline-flex items-center gap-1 ${condition.holds ? 'text-good' : 'text-bad'}`}
                      >
                        {condition.holds ? (
                          <Check aria-hidden className="size-3.5" />
                        ) : (
                          <X aria-hidden className="size-3.5" />
                        )}
                        <span className="sr-only">
                          {t(condition.holds ? 'conditions.holds' : 'conditions.fails')}
                        </span>
                        {measure === 'profit' && condition.required === 0
                          ? t('conditions.aboveZero')
                          : `≥ ${shown(measure, condition.required)}`}
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
