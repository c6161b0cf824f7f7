import { useQuery } from '@tanstack/react-query';
import { Play, Square } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { estimateSearch } from '@/api/gen/sdk.gen';
import { toApiError } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { SaveNiche } from '@/features/niches/save';
import { useI18n } from '@/i18n';
import { useDebounced } from '@/lib/use-debounced';
import { readDraft, toDraft } from './draft';
import { FilterFields } from './filter-fields';
import { estimateSearchQueryKey } from './keys';
import { type DiscoverSearch, toRequest } from './search-params';

type Props = {
  search: DiscoverSearch;
  running: boolean;
  onRun: (search: DiscoverSearch) => void;
  onStop: () => void;
};

/** What to look for, checked while it is typed, with what it would cost. */
export function Filters({ search: initial, running, onRun, onStop }: Props) {
  const { t } = useI18n();
  const [draft, setDraft] = useState(() => toDraft(initial));
  const { search, wrong } = readDraft(draft);
  const isRight = Object.keys(wrong).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) onRun(search);
  };
  return (
    <form
      onSubmit={submit}
      className="rounded-2xl border bg-panel p-4 shadow-xs sm:p-5"
      aria-label={t('discover.filters')}
    >
      <FilterFields draft={draft} setDraft={setDraft} wrong={wrong} mayFind />
      <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-3 border-t pt-4">
        {running ? (
          <Button onClick={onStop}>
            <Square /> {t('discover.stop')}
          </Button>
        ) : (
          <Button kind="primary" type="submit" needs="member" disabled={!isRight} data-testid="run">
            <Play /> {t('discover.run')}
          </Button>
        )}
        <Estimate search={search} isRight={isRight} />
        <span className="flex-1" />
        {!draft.find && <SaveNiche search={search} disabled={!isRight} />}
      </div>
    </form>
  );
}

/** What the search would cost; asked of the server, which answers from what it knows. */
function Estimate({ search, isRight }: { search: DiscoverSearch; isRight: boolean }) {
  const { t, format } = useI18n();
  const request = useDebounced(toRequest(search), 250);
  const estimate = useQuery({
    queryKey: estimateSearchQueryKey(request),
    queryFn: async ({ signal }) => (await estimateSearch({ body: request, signal, throwOnError: true })).data,
    enabled: isRight,
    staleTime: 0,
    placeholderData: (old) => old,
    retry: false,
  });
  const { data } = estimate;
  let text = t('discover.estimating');
  if (!isRight) text = t('discover.mend');
  else if (estimate.isError) text = toApiError(estimate.error).fields[0]?.message ?? t('discover.noEstimate');
  else if (data) {
    const finding = data.discovery_tokens;
    const least = finding + (search.find ? 0 : data.scoring_tokens_min);
    const most = finding + (search.find ? 0 : data.scoring_tokens_max);
    text =
      most === 0
        ? t('discover.free')
        : least === most
          ? t('discover.costs', { count: most, tokens: format.number(most) })
          : t('discover.costsBetween', { least: format.number(least), most: format.number(most) });
  }
  return (
    <p className="num text-muted" aria-live="polite" data-testid="estimate">
      {text}
      {data?.balance != null &&
        isRight &&
        ` ${t('discover.balance', { balance: format.number(data.balance) })}`}
    </p>
  );
}
