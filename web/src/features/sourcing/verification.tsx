import { useMutation, useQueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { ShieldCheck } from 'lucide-react';
import { verifySourcingPickMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingVerification } from '@/api/gen/types.gen';
import { Badge } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { forgetSourcing } from './keys';

const TONES = { ok: 'good', changed: 'warn', avoid: 'bad' } as const;

/** Buys the facts of a pick anew and compares. */
export function VerifyButton({ id }: { id: string }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const verify = useMutation({ ...verifySourcingPickMutation(), onSuccess: () => forgetSourcing(client) });
  return (
    <Button
      size="sm"
      kind="ghost"
      needs="member"
      disabled={verify.isPending}
      onClick={() => verify.mutate({ path: { pick: id } })}
      data-testid="verify"
    >
      <ShieldCheck /> {t(verify.isPending ? 'sourcing.verifying' : 'sourcing.verify')}
    </Button>
  );
}

/** What a verification found, with the figures before and now. */
export function Verification({ verification }: { verification: SourcingVerification }) {
  const { t, format, language } = useI18n();
  const { before, now } = verification;
  const money = (minor: number | null | undefined) => format.money(minor, before.currency);
  const pairs = now
    ? ([
        ['sell_price', money(before.sell_price), money(now.sell_price)],
        ['profit', money(before.profit), money(now.profit)],
        ['roi_percent', format.percent(before.roi_percent, 1), format.percent(now.roi_percent, 1)],
        ['bsr', format.number(before.bsr), format.number(now.bsr)],
      ] as const)
    : [];
  return (
    <div className="mt-3 rounded-xl bg-raised/70 p-3" data-testid="verification">
      <Badge tone={TONES[verification.result]}>{t(`sourcing.result.${verification.result}`)}</Badge>{' '}
      <span className="num text-muted text-xs">
        {format.ago(verification.at)} ·{' '}
        {t('sourcing.charged', {
          count: verification.tokens.charged,
          tokens: format.number(verification.tokens.charged),
        })}
      </span>
      <ul className="mt-1 text-muted text-xs">
        {verification.findings.map((one) => {
          const key = `sourcing.finding.${one.code}`;
          return (
            <li key={one.code}>
              {language !== 'en' && i18next.exists(key)
                ? t(key as 'sourcing.finding.price_fell')
                : one.message}
            </li>
          );
        })}
      </ul>
      {pairs.length > 0 && (
        <dl className="num mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs">
          {pairs.map(([name, old, fresh]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-muted">{t(`columns.${name}`)}</dt>
              <dd>{old === fresh ? old : `${old} → ${fresh}`}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
