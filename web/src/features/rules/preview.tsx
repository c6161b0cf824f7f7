import type { Preview } from '@/api/gen/types.gen';
import { Card, Figure } from '@/components/ui/bits';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { currencyOf } from '@/lib/markets';

/** Which stored products would get another verdict. */
export function PreviewResult({ preview }: { preview: Preview }) {
  const { t, format } = useI18n();
  return (
    <Card data-testid="preview-result">
      <h2 className="mb-1 font-semibold text-[15px]">{t('rules.previewTitle')}</h2>
      <p className="mb-4 text-muted text-xs">{t('rules.previewText')}</p>
      <div className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure label={t('rules.products')} value={format.number(preview.products)} />
        <Figure label={t('rules.flips')} value={format.number(preview.changed)} />
        <Figure
          label={t('rules.better')}
          value={<span className="text-good">{format.number(preview.better)}</span>}
        />
        <Figure
          label={t('rules.worse')}
          value={<span className="text-bad">{format.number(preview.worse)}</span>}
        />
      </div>
      <div className="grid gap-2">
        {preview.transitions.map((transition) => (
          <details key={transition.from + transition.to} className="rounded-xl border px-3.5 py-2.5">
            <summary className="num font-medium">
              <span className="inline-flex flex-wrap items-center gap-2 align-middle">
                <Verdict verdict={transition.from} /> → <Verdict verdict={transition.to} />
                <span>
                  {t('rules.times', { count: transition.count, number: format.number(transition.count) })}
                </span>
              </span>
            </summary>
            <ul className="num mt-2 grid gap-1">
              {transition.examples.map((example) => (
                <li key={example.marketplace + example.asin} className="flex justify-between gap-3">
                  <span className="truncate">{example.title ?? example.asin}</span>
                  <span className="shrink-0 text-muted">
                    {format.percent(example.after.roi_percent)} ·{' '}
                    {format.money(example.after.profit, currencyOf(example.marketplace))}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        ))}
      </div>
    </Card>
  );
}
