import { TriangleAlert } from 'lucide-react';
import type { Tokens } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';

const RADIUS = 74;
const LENGTH = Math.PI * RADIUS;

/** What the account holds, and when it will hold more. */
export function Gauge({ tokens }: { tokens: Tokens }) {
  const { t, format } = useI18n();
  const { balance, capacity, refill_rate, floor, reserved, forecast } = tokens;
  const share = balance == null || !capacity ? 0 : Math.min(1, Math.max(0, balance / capacity));
  const short = balance != null && balance <= floor;
  return (
    <div className="grid items-center gap-5 sm:grid-cols-[11rem_1fr]">
      <div className="relative mx-auto w-44">
        <svg viewBox="0 0 172 96" aria-hidden="true" className="w-full">
          <path
            d="M12 86a74 74 0 0 1 148 0"
            fill="none"
            stroke="var(--raised)"
            strokeWidth="14"
            strokeLinecap="round"
          />
          {share > 0 && (
            <path
              d="M12 86a74 74 0 0 1 148 0"
              fill="none"
              stroke={short ? 'var(--bad)' : 'var(--accent)'}
              strokeWidth="14"
              strokeLinecap="round"
              strokeDasharray={`${share * LENGTH} ${LENGTH * 2}`}
              className="transition-[stroke-dasharray] duration-500"
            />
          )}
        </svg>
        <div className="-mt-11 text-center">
          <p className="num font-semibold text-3xl leading-none tracking-tight" data-testid="gauge">
            {format.number(balance)}
          </p>
          <p className="num mt-1 text-muted text-xs">
            {t('dashboard.of', { capacity: format.number(capacity) })}
          </p>
        </div>
      </div>
      <div className="num grid gap-2">
        <dl className="grid gap-2">
          <Line
            name={t('dashboard.refill')}
            value={t('dashboard.perMinute', { rate: format.number(refill_rate) })}
          />
          <Line name={t('dashboard.reserved')} value={format.number(reserved)} />
          <Line name={t('dashboard.floor')} value={format.number(floor)} />
          {forecast.map((one) => (
            <Line
              key={one.tokens}
              name={t('dashboard.reaches', { tokens: format.number(one.tokens) })}
              value={one.in_seconds == null ? t('dashboard.never') : format.span(one.in_seconds)}
            />
          ))}
        </dl>
        {capacity != null && balance != null && balance >= capacity && (
          <p className="flex items-start gap-2 text-warn text-xs">
            <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" /> {t('dashboard.full')}
          </p>
        )}
      </div>
    </div>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-4 border-b pb-2 last:border-0 last:pb-0">
      <dt className="text-muted">{name}</dt>
      <dd className="text-right font-medium">{value}</dd>
    </div>
  );
}
