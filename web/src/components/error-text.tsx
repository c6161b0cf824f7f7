import i18next from 'i18next';
import { useEffect, useState } from 'react';
import { type ApiError, toApiError } from '@/api/problem';
import { type T, useI18n } from '@/i18n';

/**
 * What went wrong, as a sentence. The server's own sentences are English and say most; in another language the
 * sentence for the code comes first.
 */
export function errorMessage(thrown: unknown, t: T): string {
  const error = toApiError(thrown);
  const key = `errors.${error.code}`;
  const known = i18next.exists(key);
  const own = ['offline', 'unreadable_answer', 'unexpected', 'aborted', 'no_niche_file'].includes(error.code);
  if (known && (own || i18next.language !== 'en')) return t(key as 'errors.offline');
  return error.message || t('errors.unexpected');
}

/** The sentence, the fields at fault, and for a token shortage when it ends. */
export function ErrorText({ error: thrown }: { error: unknown }) {
  const { t } = useI18n();
  const error = toApiError(thrown);
  const message = errorMessage(error, t);
  // The server's sentence about a single field says it all already.
  const isSaid = error.fields.every((field) => message.includes(field.message));
  return (
    <>
      <p className="font-medium text-ink">{message}</p>
      {!isSaid && (
        <ul className="mt-1 list-disc pl-4 text-muted">
          {error.fields.map((field) => (
            <li key={field.field + field.message}>
              <code className="text-xs">{field.field}</code>: {field.message}
            </li>
          ))}
        </ul>
      )}
      <Countdown error={error} />
    </>
  );
}

function Countdown({ error }: { error: ApiError }) {
  const { t, format } = useI18n();
  const [now, setNow] = useState(Date.now);
  const left = error.retryAt === undefined ? 0 : Math.ceil((error.retryAt - now) / 1000);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setNow(Date.now()), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  if (error.retryAt === undefined) return null;
  return (
    <p className="num mt-1 text-muted" data-testid="retry-at">
      {left > 0
        ? t(error.isTokenShortage ? 'errors.tokensIn' : 'errors.retryIn', { time: format.duration(left) })
        : t('errors.retryNow')}
    </p>
  );
}
