import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { History as HistoryIcon } from 'lucide-react';
import { getHistoryAnalyticsOptions } from '@/api/gen/@tanstack/react-query.gen';
import { listHistory } from '@/api/gen/sdk.gen';
import { useSession } from '@/api/role';
import { ExportMenu } from '@/components/export-menu';
import { Card, CardTitle, Empty, Failure, PageHead, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Field, Input, Select } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { useDebounced } from '@/lib/use-debounced';
import { AnalyticsCards } from './analytics';
import { Entries } from './entries';
import type { HistorySearch } from './search-params';
import { categoryNames } from './what';
import { useWho } from './who';

const route = getRouteApi('/history');

export default function HistoryPage() {
  const { t } = useI18n();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const asked = useDebounced(search, 250);
  const { from, to, type } = asked;
  const analytics = useQuery(
    getHistoryAnalyticsOptions({
      query: { ...(from && { from }), ...(to && { to }), ...(type && { type }) },
    }),
  );
  const list = useInfiniteQuery({
    queryKey: [{ _id: 'listHistory', query: asked }],
    queryFn: async ({ pageParam, signal }) =>
      (
        await listHistory({
          query: { ...asked, limit: 50, ...(pageParam && { cursor: pageParam }) },
          signal,
          throwOnError: true,
        })
      ).data,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const change = (part: HistorySearch) =>
    navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const session = useSession().data;
  const who = useWho();
  const people = analytics.data?.by_user.filter((one) => one.user_id != null) ?? [];
  const addressed = () => new URLSearchParams(asked);
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <PageHead title={t('nav.history')} lead={t('history.lead')} />
      <div className="mb-5 grid grid-cols-2 gap-3 rounded-2xl border bg-panel p-4 md:grid-cols-6">
        {(['from', 'to'] as const).map((name) => (
          <Field key={name} label={t(`history.${name}`)}>
            {(attributes) => (
              <Input
                {...attributes}
                type="date"
                value={search[name] ?? ''}
                onChange={(event) => change({ [name]: event.target.value || undefined })}
              />
            )}
          </Field>
        ))}
        <Field label={t('history.type')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={search.type ?? ''}
              onChange={(event) =>
                change({ type: (event.target.value || undefined) as HistorySearch['type'] })
              }
            >
              <option value="">{t('history.all')}</option>
              {(['discovery', 'scoring', 'autosourcing'] as const).map((one) => (
                <option key={one} value={one}>
                  {t(`history.types.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t('history.source')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={search.source ?? ''}
              onChange={(event) =>
                change({ source: (event.target.value || undefined) as HistorySearch['source'] })
              }
            >
              <option value="">{t('history.all')}</option>
              {(['frontend', 'api', 'manual'] as const).map((one) => (
                <option key={one} value={one}>
                  {t(`history.sources.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {session?.accounts && (
          <Field label={t('history.who')}>
            {(attributes) => (
              <Select
                {...attributes}
                name="who"
                value={search.user ?? ''}
                onChange={(event) => change({ user: event.target.value || undefined })}
              >
                <option value="">{t('history.all')}</option>
                {people.map(({ user_id }) => (
                  <option key={user_id} value={user_id ?? ''}>
                    {who(user_id)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Field
          label={t('history.text')}
          className={session?.accounts ? '' : 'max-md:col-span-2 md:col-span-2'}
        >
          {(attributes) => (
            <Input
              {...attributes}
              maxLength={200}
              value={search.text ?? ''}
              onChange={(event) => change({ text: event.target.value || undefined })}
            />
          )}
        </Field>
      </div>
      {analytics.isError ? (
        <Failure error={analytics.error} onRetry={() => analytics.refetch()} />
      ) : analytics.isPending ? (
        <Skeleton className="mb-5 h-64" />
      ) : (
        <AnalyticsCards analytics={analytics.data} who={session?.accounts ? who : undefined} />
      )}
      <Card>
        <CardTitle
          aside={
            <ExportMenu
              name="history"
              disabled={entries.length === 0}
              source={() => ({ url: `/api/v1/history?${addressed()}` })}
            />
          }
        >
          {t('history.searches')}
        </CardTitle>
        {list.isPending ? (
          <Skeleton className="h-64" />
        ) : list.isError ? (
          <Failure error={list.error} onRetry={() => list.refetch()} />
        ) : entries.length === 0 && !list.hasNextPage ? (
          <Empty icon={<HistoryIcon />} title={t('history.none')} text={t('history.noneText')} />
        ) : (
          <>
            <Entries
              entries={entries}
              categoryName={categoryNames(analytics.data)}
              who={session?.accounts ? who : undefined}
            />
            {list.hasNextPage && (
              <div className="mt-4 text-center">
                <Button disabled={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                  {t('history.more')}
                </Button>
              </div>
            )}
          </>
        )}
      </Card>
    </>
  );
}
