import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { compareNicheRunsOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { NicheChange, NicheComparison, NicheFind, NicheRun } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Badge, Failure, Skeleton } from '@/components/ui/bits';
import { Select } from '@/components/ui/fields';
import { useI18n } from '@/i18n';

type Props = {
  id: string;
  /** Newest first. */
  runs: NicheRun[];
  /** What the run that has just ended found against the one before. */
  newest: NicheComparison | null | undefined;
  currency: string;
};

/** What changed between two runs, which can be chosen. */
export function Compare({ id, runs, newest, currency }: Props) {
  const { t, format } = useI18n();
  const [chosen, setChosen] = useState<{ from: string; to: string }>();
  // A run that failed saw nothing to compare with.
  const seen = runs.filter((run) => run.outcome !== 'failed');
  const [last, before] = seen;
  const to = chosen?.to ?? newest?.to.id ?? last?.id ?? '';
  const from = chosen?.from ?? newest?.from.id ?? before?.id ?? '';
  const known = newest?.from.id === from && newest.to.id === to;
  const query = { from, to };
  const comparison = useQuery({
    ...compareNicheRunsOptions({ path: { id }, query }),
    enabled: !known && from !== '' && to !== '',
  });
  if (!last || !before) return null;
  const choose = (name: 'from' | 'to') => (
    <Select
      className="w-44"
      name={`compare-${name}`}
      aria-label={t(`niches.compare.${name}`)}
      value={name === 'from' ? from : to}
      onChange={(event) => setChosen({ from, to, [name]: event.target.value })}
    >
      {seen.map((run) => (
        <option key={run.id} value={run.id}>
          {format.time(run.at)}
        </option>
      ))}
    </Select>
  );
  return (
    <section>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h3 className="font-semibold text-[15px]">{t('niches.compare.title')}</h3>
        {choose('from')} → {choose('to')}
        <span className="flex-1" />
        <ExportMenu
          name="niche-comparison"
          source={() => ({
            url: `/api/v1/niches/${encodeURIComponent(id)}/runs/compare?${new URLSearchParams(query)}`,
          })}
        />
      </div>
      {known ? (
        <Comparison comparison={newest} currency={currency} />
      ) : comparison.isPending ? (
        <Skeleton className="h-40" />
      ) : comparison.isError ? (
        <Failure error={comparison.error} onRetry={() => comparison.refetch()} />
      ) : (
        <Comparison comparison={comparison.data} currency={currency} />
      )}
    </section>
  );
}

/** What is new, gone and changed. */
export function Comparison({ comparison, currency }: { comparison: NicheComparison; currency: string }) {
  const { t, format } = useI18n();
  const find = (one: NicheFind) => (
    <li key={one.asin} className="flex justify-between gap-3">
      <span className="truncate">{one.title ?? one.asin}</span>
      <span className="num shrink-0 text-muted">{format.money(one.price, currency)}</span>
    </li>
  );
  const change = (one: NicheChange, value: (find: NicheFind) => string) => (
    <li key={one.asin} className="flex justify-between gap-3">
      <span className="truncate">{one.title ?? one.asin}</span>
      <span className="num shrink-0 text-muted">
        {value(one.before)} → {value(one.after)}
      </span>
    </li>
  );
  const verdict = (find: NicheFind) => (find.verdict ? t(`verdict.${find.verdict as 'BUY'}`) : '—');
  const groups: [string, ReactNode[]][] = [
    [t('niches.newOnes'), comparison.new.map(find)],
    [t('niches.gone'), comparison.gone.map(find)],
    [
      t('niches.priceChanged'),
      comparison.price_changed.map((one) => change(one, (find) => format.money(find.price, currency))),
    ],
    [t('niches.verdictChanged'), comparison.verdict_changed.map((one) => change(one, verdict))],
  ];
  return (
    <section data-testid="comparison">
      <h3 className="font-semibold text-[15px]">
        {t('niches.compared', { when: format.ago(comparison.from.at) })}
      </h3>
      <p className="num mb-2 text-muted text-xs">
        {t('niches.unchanged', { count: format.number(comparison.unchanged) })}
      </p>
      <div className="grid gap-2">
        {groups.map(([name, lines]) => (
          <details key={name} className="rounded-xl border px-3.5 py-2.5">
            <summary className="font-medium">
              {name} <Badge className="ml-1">{format.number(lines.length)}</Badge>
            </summary>
            <ul className="mt-2 grid gap-1">{lines}</ul>
          </details>
        ))}
      </div>
    </section>
  );
}
