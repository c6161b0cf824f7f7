import type { Confidence, Recommendation, VerdictBasis } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';
import { Badge, type Tone } from './ui/bits';

const TONES: Record<Recommendation, Tone> = {
  STRONG_BUY: 'solid',
  BUY: 'good',
  CONSIDER: 'warn',
  SKIP: 'neutral',
};

/** A verdict; with a question mark when it rests on an assumed cost. */
export function Verdict({ verdict, basis }: { verdict: Recommendation; basis?: VerdictBasis }) {
  const { t } = useI18n();
  const assumed = basis === 'assumed';
  return (
    <Badge tone={TONES[verdict]} className="tracking-wide" title={assumed ? t('verdict.assumed') : undefined}>
      {t(`verdict.${verdict}`)}
      {assumed && (
        <span className="font-bold">
          <span aria-hidden>?</span>
          <span className="sr-only">{t('verdict.assumed')}</span>
        </span>
      )}
    </Badge>
  );
}

const LEVELS: Record<Confidence, number> = { low: 1, medium: 2, high: 3 };

/** How far the numbers can be trusted, as three bars and a word. */
export function Trust({ confidence, word }: { confidence: Confidence; word?: boolean }) {
  const { t } = useI18n();
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className="flex items-end gap-0.5">
        {[1, 2, 3].map((level) => (
          <i
            key={level}
            className={`w-1 rounded-sm ${level <= LEVELS[confidence] ? 'bg-accent' : 'bg-line'}`}
            style={{ height: 3 + level * 3 }}
          />
        ))}
      </span>
      <span className={word ? '' : 'sr-only'}>{t(`confidence.${confidence}`)}</span>
    </span>
  );
}
