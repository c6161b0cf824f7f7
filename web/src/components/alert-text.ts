import i18next from 'i18next';
import type { Alert } from '@/api/gen/types.gen';
import type { T } from '@/i18n';
import type { Formats } from '@/lib/format';
import type { Tone } from './ui/bits';

/** What is wrong, in the reader's language where there is a sentence for its kind, else as the server says it. */
export function alertText(alert: Alert, t: T, format: Formats): string {
  const key = `alerts.kind.${alert.kind}`;
  const text = i18next.exists(key)
    ? t(key as 'alerts.kind.tokens_low', {
        measured: format.number(alert.measured, alert.kind.endsWith('reuse') ? 1 : 0),
        threshold: format.number(alert.threshold, alert.kind.endsWith('reuse') ? 1 : 0),
      })
    : alert.message;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const alertTone = (alert: Alert): Tone =>
  alert.cleared_at != null ? 'neutral' : alert.state === 'raised' ? 'bad' : 'warn';
