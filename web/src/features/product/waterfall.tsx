import type { FeeLines, ProductScore } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';

const FEES = [
  'referral',
  'closing',
  'fulfilment',
  'adjustment',
  'surcharge',
  'inbound',
  'placement',
  'prep',
  'storage',
  'allowance',
] as const satisfies readonly (keyof FeeLines)[];

type Step = {
  name: 'sell_price' | 'net' | 'cost' | 'profit' | (typeof FEES)[number];
  amount: number;
  kind: 'level' | 'fee';
  from: number;
};

/** Where each bar begins: drawing only, every amount shown is the API's. */
function steps(score: ProductScore): Step[] {
  const { sell_price, net, profit, total_cost, lines } = score;
  if (sell_price == null || net == null) return [];
  const all: Step[] = [{ name: 'sell_price', amount: sell_price, kind: 'level', from: 0 }];
  let level = sell_price;
  for (const name of FEES) {
    const amount = lines[name];
    if (!amount) continue;
    level -= amount;
    all.push({ name, amount, kind: 'fee', from: level });
  }
  all.push({ name: 'net', amount: net, kind: 'level', from: 0 });
  if (total_cost != null && profit != null) {
    all.push({ name: 'cost', amount: total_cost, kind: 'fee', from: net - total_cost });
    all.push({ name: 'profit', amount: profit, kind: 'level', from: 0 });
  }
  return all;
}

/** From the price to the profit, fee by fee. */
export function Waterfall({ score }: { score: ProductScore }) {
  const { t, format } = useI18n();
  const all = steps(score);
  if (all.length === 0) return <p className="text-muted">{t('waterfall.none')}</p>;
  const ends = all.flatMap((step) =>
    step.kind === 'level' ? [step.amount] : [step.from, step.from + step.amount],
  );
  const low = Math.min(0, ...ends);
  const span = Math.max(1, ...ends) - low;
  const place = (value: number) => ((value - low) / span) * 100;
  return (
    <table className="num w-full border-separate border-spacing-y-1" data-testid="waterfall">
      <caption className="sr-only">{t('waterfall.title')}</caption>
      <tbody>
        {all.map((step) => {
          const [from, to] = step.kind === 'level' ? [0, step.amount] : [step.from, step.from + step.amount];
          const isLoss = step.name === 'profit' && step.amount < 0;
          return (
            <tr
              key={step.name}
              className={cn(step.kind === 'level' && 'font-semibold')}
              data-line={step.name}
            >
              <th
                scope="row"
                className={cn('w-[36%] truncate pr-3 text-left', step.kind === 'fee' && 'font-normal')}
              >
                {t(`waterfall.${step.name}`)}
              </th>
              <td className="w-[22%] pr-3 text-right">
                {step.kind === 'fee' && step.amount > 0 && '−'}
                {step.kind === 'fee' && step.amount < 0 && '+'}
                {format.money(step.kind === 'fee' ? Math.abs(step.amount) : step.amount, score.currency)}
              </td>
              <td aria-hidden>
                <div className="relative h-4">
                  <div
                    className={cn(
                      'absolute inset-y-0 min-w-0.5 rounded-sm',
                      step.kind === 'fee'
                        ? 'bg-edge/55'
                        : isLoss
                          ? 'bg-bad'
                          : step.name === 'profit'
                            ? 'bg-accent'
                            : 'bg-accent/45',
                    )}
                    style={{
                      left: `${place(Math.min(from, to))}%`,
                      width: `${place(Math.max(from, to)) - place(Math.min(from, to))}%`,
                    }}
                  />
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
