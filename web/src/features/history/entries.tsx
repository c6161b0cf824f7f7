import type { HistoryEntry } from '@/api/gen/types.gen';
import { Badge } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { type CategoryName, whatText } from './what';

type Props = {
  entries: HistoryEntry[];
  categoryName: CategoryName;
  /** Who an account is; absent where there are none. */
  who: ((id: string | null | undefined) => string | undefined) | undefined;
};

/** What was searched, when, by whom, and what came of it. */
export function Entries({ entries, categoryName, who }: Props) {
  const { t, format } = useI18n();
  const heads = [
    'when',
    'type',
    ...(who ? (['who'] as const) : []),
    'source',
    'filters',
    'results',
    'hits',
    'tokens',
  ] as const;
  const what = (filters: object) => whatText(filters as Record<string, unknown>, categoryName, t, format);
  const isText = (head: string) => ['when', 'type', 'who', 'source', 'filters'].includes(head);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={t('history.searches')}>
      <table className="num w-full min-w-[46rem]">
        <thead className="text-muted text-xs">
          <tr>
            {heads.map((head) => (
              <th
                key={head}
                scope="col"
                className={`py-1.5 pr-4 font-medium ${isText(head) ? 'text-left' : 'text-right'}`}
              >
                {t(`history.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map(
            ({ id, created_at, search_type, user_id, source, filters, results_count, outcome }) => (
              <tr key={id} className="border-t">
                <td className="whitespace-nowrap py-2 pr-4">{format.time(created_at)}</td>
                <td className="py-2 pr-4">
                  {t(`history.types.${search_type as 'discovery'}`, { defaultValue: search_type })}
                </td>
                {who && <td className="max-w-36 truncate py-2 pr-4">{who(user_id) ?? '—'}</td>}
                <td className="py-2 pr-4">
                  {source ? t(`history.sources.${source as 'api'}`, { defaultValue: source }) : '—'}
                </td>
                <td className="max-w-72 truncate py-2 pr-4 text-muted" title={what(filters)}>
                  {what(filters)}
                </td>
                <td className="py-2 pr-4 text-right">
                  {outcome?.error ? <Badge tone="bad">{outcome.error}</Badge> : format.number(results_count)}
                </td>
                <td className="py-2 pr-4 text-right">
                  {outcome
                    ? t('history.hitsOf', {
                        hits: format.number(outcome.hits),
                        all: format.number(outcome.hits + outcome.misses),
                      })
                    : '—'}
                </td>
                <td className="py-2 pr-4 text-right">
                  {outcome
                    ? t('history.spentSaved', {
                        spent: format.number(outcome.tokens_charged),
                        saved: format.number(outcome.tokens_saved),
                      })
                    : '—'}
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}
