import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { listCacheEntriesOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { Entry } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Pager } from '@/components/pager';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Field, Input, Select, SwitchLine } from '@/components/ui/fields';
import { Cell, Table } from '@/components/ui/table';
import { Verdict } from '@/components/verdict';
import { useI18n } from '@/i18n';
import { filtersText } from '@/lib/filters-text';
import { marketOfDomain } from '@/lib/markets';
import { useDebounced } from '@/lib/use-debounced';
import type { CachesSearch } from './search-params';

const route = getRouteApi('/system/caches');
const PAGE = 50;
/** The most rows of one answer, and so of a file. */
const MOST = 1000;

/** What is in a cache, a page at a time; what is looked for stands in the address. */
export function CacheRows() {
  const { t, format } = useI18n();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const asked = useDebounced(search, 250);
  const page = asked.page ?? 1;
  const cache = asked.cache ?? 'discovery';
  const which = {
    cache,
    ...(asked.state && { state: asked.state }),
    ...(asked.asin && { asin: asked.asin }),
    ...(asked.sort && { sort: asked.sort }),
    ...(asked.reverse && { reverse: true }),
  };
  const rows = useQuery({
    ...listCacheEntriesOptions({
      query: { ...which, offset: (page - 1) * PAGE, limit: PAGE },
    }),
    placeholderData: keepPreviousData,
  });
  const change = (part: CachesSearch) =>
    navigate({ search: (old) => ({ ...old, page: undefined, ...part }), replace: true, resetScroll: false });
  return (
    <Card>
      <CardTitle
        aside={
          <ExportMenu
            name={`${cache}-cache`}
            disabled={!rows.data?.total}
            note={
              rows.data && rows.data.total > MOST
                ? t('export.first', { number: format.number(MOST), total: format.number(rows.data.total) })
                : undefined
            }
            source={() => ({
              url: `/api/v1/cache/entries?${new URLSearchParams(Object.entries({ ...which, limit: MOST }).map(([name, value]) => [name, String(value)]))}`,
            })}
          />
        }
      >
        {t('system.entries')}
      </CardTitle>
      <div className="mb-4 grid grid-cols-2 items-end gap-3 md:grid-cols-5">
        <Field label={t('system.cache')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="cache"
              value={search.cache ?? 'discovery'}
              onChange={(event) =>
                change({ cache: event.target.value === 'scoring' ? 'scoring' : undefined })
              }
            >
              <option value="discovery">{t('cache.discovery')}</option>
              <option value="scoring">{t('cache.scoring')}</option>
            </Select>
          )}
        </Field>
        <Field label={t('system.state')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="state"
              value={search.state ?? ''}
              onChange={(event) =>
                change({ state: (event.target.value || undefined) as CachesSearch['state'] })
              }
            >
              <option value="">{t('history.all')}</option>
              <option value="live">{t('system.live')}</option>
              <option value="expired">{t('system.expired')}</option>
            </Select>
          )}
        </Field>
        <Field label={t('system.asin')}>
          {(attributes) => (
            <Input
              {...attributes}
              name="asin"
              maxLength={20}
              value={search.asin ?? ''}
              onChange={(event) => change({ asin: event.target.value.trim() || undefined })}
            />
          )}
        </Field>
        <Field label={t('system.order')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="sort"
              value={search.sort ?? ''}
              onChange={(event) =>
                change({ sort: (event.target.value || undefined) as CachesSearch['sort'] })
              }
            >
              <option value="">{t('system.by.created')}</option>
              {(['expires', 'hits', 'key'] as const).map((one) => (
                <option key={one} value={one}>
                  {t(`system.by.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <div className="flex h-9 items-center max-md:col-span-2">
          <SwitchLine
            label={t('system.reverse')}
            checked={search.reverse ?? false}
            onCheckedChange={(on) => change({ reverse: on || undefined })}
          />
        </div>
      </div>
      {rows.isPending ? (
        <Skeleton className="h-64" />
      ) : rows.isError ? (
        <Failure error={rows.error} onRetry={() => rows.refetch()} />
      ) : rows.data.total === 0 ? (
        <Empty
          icon={<Database />}
          title={t(search.asin || search.state ? 'system.noneMatch' : 'system.none')}
          text={t('system.noneText')}
        />
      ) : (
        <div className={rows.isPlaceholderData ? 'opacity-60' : undefined}>
          {cache === 'scoring' ? (
            <Scores rows={rows.data.entries} />
          ) : (
            <Discoveries rows={rows.data.entries} />
          )}
          <Pager
            page={page}
            size={PAGE}
            total={rows.data.total}
            onPage={(next) =>
              navigate({
                search: (old) => ({ ...old, page: next === 1 ? undefined : next }),
                resetScroll: false,
              })
            }
          />
        </div>
      )}
    </Card>
  );
}

function Until({ row }: { row: Entry }) {
  const { t, format } = useI18n();
  return row.live ? (
    <span title={format.time(row.expires_at)}>{format.ago(row.expires_at)}</span>
  ) : (
    <Badge tone="warn" title={format.time(row.expires_at)}>
      {t('system.expired')}
    </Badge>
  );
}

function Discoveries({ rows }: { rows: Entry[] }) {
  const { t, format } = useI18n();
  const heads = [
    { key: 'what', name: t('history.filters') },
    { key: 'results', name: t('history.results'), right: true },
    { key: 'hits', name: t('cache.hits'), right: true },
    { key: 'created', name: t('system.created'), right: true },
    { key: 'until', name: t('system.until'), right: true },
  ];
  return (
    <Table label={t('cache.discovery')} heads={heads} width="min-w-[44rem]">
      {rows.map((row) => (
        <tr key={row.key} data-testid="cache-row">
          <Cell className="max-w-80">
            <span className="block truncate" title={filtersText(row.filters ?? {})}>
              {row.filters ? filtersText(row.filters) : '—'}
            </span>
            <code className="block truncate text-muted text-xs" title={row.key}>
              {row.key}
            </code>
          </Cell>
          <Cell right>{format.number(row.results)}</Cell>
          <Cell right>{format.number(row.hits)}</Cell>
          <Cell right className="whitespace-nowrap">
            {format.ago(row.created_at)}
          </Cell>
          <Cell right className="whitespace-nowrap">
            <Until row={row} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

/** The marketplace that the key of a score names: `scoring:ASIN:1`. */
const marketOf = (key: string) => marketOfDomain(Number(key.split(':')[2]));

function Scores({ rows }: { rows: Entry[] }) {
  const { t, format } = useI18n();
  const heads = [
    { key: 'product', name: t('palette.product') },
    { key: 'verdict', name: t('columns.verdict') },
    { key: 'roi', name: t('columns.roi_percent'), right: true },
    { key: 'hits', name: t('cache.hits'), right: true },
    { key: 'created', name: t('system.created'), right: true },
    { key: 'until', name: t('system.until'), right: true },
  ];
  return (
    <Table label={t('cache.scoring')} heads={heads} width="min-w-[48rem]">
      {rows.map((row) => (
        <tr key={row.key} data-testid="cache-row">
          <Cell className="max-w-80">
            {row.asin ? (
              <Link
                to="/discover"
                search={{ asin: row.asin, market: marketOf(row.key) }}
                className="block truncate font-medium hover:text-accent hover:underline"
                title={row.title ?? undefined}
              >
                {row.title ?? row.asin}
              </Link>
            ) : (
              '—'
            )}
            <code className="block truncate text-muted text-xs" title={row.key}>
              {row.key}
            </code>
          </Cell>
          <Cell>{row.recommendation ? <Verdict verdict={row.recommendation as 'BUY'} /> : '—'}</Cell>
          <Cell right>{format.percent(row.roi_percent)}</Cell>
          <Cell right>{format.number(row.hits)}</Cell>
          <Cell right className="whitespace-nowrap">
            {format.ago(row.created_at)}
          </Cell>
          <Cell right className="whitespace-nowrap">
            <Until row={row} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}
