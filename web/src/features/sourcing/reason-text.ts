import type { BuyListReason } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import type { Formats } from '@/lib/format';

/** Why a product is on the buy list, as a sentence. */
export function reasonText(reason: BuyListReason, t: T, format: Formats): string {
  switch (reason.code) {
    case 'roi_above_limit':
    case 'chosen_by_hand':
    case 'seen_first':
    case 'cost_assumed':
      return t(`sourcing.why.${reason.code}`);
    case 'seen_too_little':
      return t('sourcing.why.seen_too_little', { runs: format.number(reason.runs) });
    case 'seen':
      return t('sourcing.why.seen', { seen: format.number(reason.seen), of: format.number(reason.of) });
    case 'seen_since':
      return t('sourcing.why.seen_since', { when: format.date(reason.at) });
    case 'sells':
      return t('sourcing.why.sells', { sales: format.number(reason.sales30) });
    case 'verified':
      return t('sourcing.why.verified', {
        when: format.time(reason.at),
        result: t(`sourcing.result.${reason.result}`),
      });
  }
}
