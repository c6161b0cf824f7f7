import type { FilterName, Funnel as FunnelData } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';

/** Why products are not in the list: what each step removed, and which came nearest. */
export function Funnel({ funnel, currency }: { funnel: FunnelData; currency: string }) {
  const { t, format } = useI18n();
  const removed = Object.entries(funnel.removed).filter(([, count]) => count > 0);
  if (removed.length === 0 && funnel.nearest_misses.length === 0 && !funnel.explanation) return null;
  const actual = (filter: FilterName, value: number | null | undefined) =>
    filter === 'price' ? format.money(value, currency) : format.number(value);
  return (
    <details className="rounded-2xl border bg-panel p-4" open={funnel.kept === 0}>
      <summary className="font-medium">
        {t('funnel.title', { kept: format.number(funnel.kept), returned: format.number(funnel.returned) })}
      </summary>
      {funnel.explanation && <p className="mt-2 text-muted">{funnel.explanation}</p>}
      <ul className="num mt-3 grid gap-1">
        {removed.map(([filter, count]) => (
          <li key={filter}>
            {t('funnel.removed', {
              count,
              number: format.number(count),
              filter: t(`funnel.filter.${filter as FilterName}`),
            })}
          </li>
        ))}
      </ul>
      {funnel.nearest_misses.length > 0 && (
        <>
          <h3 className="mt-3 mb-1 font-medium text-muted text-xs">{t('funnel.nearest')}</h3>
          <ul className="num grid gap-1">
            {funnel.nearest_misses.map((miss) => (
              <li key={miss.asin} className="truncate">
                {miss.title ?? miss.asin}{' '}
                <span className="text-muted">
                  {t(`funnel.filter.${miss.filter}`)} {actual(miss.filter, miss.actual)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}
