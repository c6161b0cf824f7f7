import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { listAuditInfiniteOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { AuditEntry } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { AdminsOnly } from '@/components/admins-only';
import { Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';

const PAGE = 50;

/** What administrators did, the newest first. */
export default function AuditPage() {
  const { t, format } = useI18n();
  const may = useMay('admin');
  const log = useInfiniteQuery({
    ...listAuditInfiniteOptions({ query: { limit: PAGE } }),
    enabled: may,
    initialPageParam: {},
    getNextPageParam: (page) => (page.next ? { query: { limit: PAGE, before: page.next } } : undefined),
  });
  if (!may) return <AdminsOnly />;
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const heads = [
    { key: 'when', name: t('history.when') },
    { key: 'who', name: t('audit.who') },
    { key: 'what', name: t('history.filters') },
    { key: 'subject', name: t('audit.subject') },
    { key: 'through', name: t('history.source') },
  ];
  return (
    <Card>
      <CardTitle>{t('system.pages.audit')}</CardTitle>
      {log.isPending ? (
        <Skeleton className="h-64" />
      ) : log.isError ? (
        <Failure error={log.error} onRetry={() => log.refetch()} />
      ) : entries.length === 0 ? (
        <Empty icon={<ScrollText />} title={t('audit.none')} text={t('audit.noneText')} />
      ) : (
        <>
          <Table label={t('system.pages.audit')} heads={heads} width="min-w-[48rem]">
            {entries.map((entry) => (
              <tr key={entry.id} data-testid="audit-row">
                <Cell className="whitespace-nowrap">{format.time(entry.at)}</Cell>
                <Cell title={entry.address ?? undefined}>{entry.actor}</Cell>
                <Cell>
                  <Action entry={entry} />
                </Cell>
                <Cell className="max-w-64 truncate" title={entry.subject ?? undefined}>
                  {entry.subject ?? '—'}
                </Cell>
                <Cell>{t(`history.sources.${entry.source as 'api'}`, { defaultValue: entry.source })}</Cell>
              </tr>
            ))}
          </Table>
          {log.hasNextPage && (
            <div className="mt-4 text-center">
              <Button disabled={log.isFetchingNextPage} onClick={() => log.fetchNextPage()}>
                {t('history.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </Card>
  );
}

/** What was done: in words where there are some, else as the log has it. */
function Action({ entry }: { entry: AuditEntry }) {
  const { t } = useI18n();
  const { action, detail } = entry;
  return (
    <>
      {t(`audit.action.${action.replace('.', '_') as 'user_add'}`, { defaultValue: action })}
      {detail && (
        <code className="block max-w-72 truncate text-muted text-xs" title={JSON.stringify(detail)}>
          {Object.entries(detail)
            .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
            .join(', ')}
        </code>
      )}
    </>
  );
}
