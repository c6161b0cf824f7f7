import { Plus, Trash2 } from 'lucide-react';
import type { NicheSummary, SourcingSearch } from '@/api/gen/types.gen';
import { Button } from '@/components/ui/button';
import { Field, Select } from '@/components/ui/fields';
import { type Draft, readDraft, toDraft } from '@/features/discover/draft';
import { FilterFields } from '@/features/discover/filter-fields';
import { toRequest } from '@/features/discover/search-params';
import { toSearch } from '@/features/niches/convert';
import { useI18n } from '@/i18n';

/** No job has more searches. */
const MOST = 20;

/** A search as it is edited: a niche, or filters of its own; the cost of a niche's copy is kept as it is. */
export type SearchDraft = { key: number; niche: string; draft: Draft; cost?: number | null | undefined };

let keys = 0;
const nextKey = () => {
  keys += 1;
  return keys;
};

export const newSearch = (market?: Draft['market']): SearchDraft => ({
  key: nextKey(),
  niche: '',
  draft: toDraft(market ? { market, category: 0 } : {}),
});

export const toSearchDraft = ({ niche_id, filters, cost }: SourcingSearch): SearchDraft => ({
  key: nextKey(),
  niche: niche_id ?? '',
  draft: toDraft(filters ? toSearch({ filters, cost: cost ?? null }) : {}),
  cost,
});

/** A search as a job has it; `undefined` when something in it is wrong. */
export function readSearch({ niche, draft, cost: kept }: SearchDraft): SourcingSearch | undefined {
  if (niche) return { niche_id: niche, ...(kept == null ? {} : { cost: kept }) };
  const { search, wrong } = readDraft(draft);
  if (Object.keys(wrong).length > 0) return undefined;
  const { filters, cost } = toRequest(search);
  const { force_refresh: _, stale_if_error: __, ...saved } = filters;
  return { filters: saved, ...(cost == null ? {} : { cost }) };
}

type Props = {
  searches: readonly SearchDraft[];
  onChange: (searches: SearchDraft[]) => void;
  niches: readonly NicheSummary[];
};

/** What a job looks for: one search or several, each a niche or filters of its own. */
export function SearchList({ searches, onChange, niches }: Props) {
  const { t } = useI18n();
  const set = (key: number, part: Partial<SearchDraft>) =>
    onChange(searches.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <div className="grid gap-3">
      {searches.map(({ key, niche, draft }, index) => (
        <fieldset key={key} className="grid min-w-0 gap-3 rounded-xl border p-3.5" data-testid="job-search">
          <legend className="px-1 font-medium text-muted text-xs">
            {t('sourcing.searchNumber', { number: index + 1 })}
          </legend>
          <div className="flex items-end gap-2">
            <Field label={t('sourcing.looksFor')} className="flex-1">
              {(attributes) => (
                <Select
                  {...attributes}
                  value={niche}
                  onChange={(event) => set(key, { niche: event.target.value })}
                >
                  <option value="">{t('sourcing.theseFilters')}</option>
                  {niches.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                  {niche && !niches.some((one) => one.id === niche) && (
                    <option value={niche}>{t('sourcing.goneNiche')}</option>
                  )}
                </Select>
              )}
            </Field>
            {searches.length > 1 && (
              <Button
                kind="ghost"
                size="icon"
                aria-label={t('sourcing.removeSearch', { number: index + 1 })}
                onClick={() => onChange(searches.filter((one) => one.key !== key))}
              >
                <Trash2 />
              </Button>
            )}
          </div>
          {niche === '' && (
            <FilterFields
              draft={draft}
              setDraft={(next) => set(key, { draft: typeof next === 'function' ? next(draft) : next })}
              wrong={readDraft(draft).wrong}
              withoutStrategy
            />
          )}
        </fieldset>
      ))}
      <div>
        <Button
          size="sm"
          disabled={searches.length >= MOST}
          onClick={() => onChange([...searches, newSearch(searches.at(-1)?.draft.market)])}
          data-testid="add-search"
        >
          <Plus /> {t('sourcing.addSearch')}
        </Button>
      </div>
    </div>
  );
}
