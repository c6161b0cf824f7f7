import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, RefreshCw } from 'lucide-react';
import { checkDatabaseOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { TableCheck } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { AdminsOnly } from '@/components/admins-only';
import { Badge, Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';

/** Whether the database is as this program expects it: what `gleaner db verify` prints. */
export default function DatabasePage() {
  const { t, format } = useI18n();
  const may = useMay('admin');
  const check = useQuery({
    ...checkDatabaseOptions(),
    enabled: may,
    // Counting every row is no work to repeat unasked.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (!may) return <AdminsOnly />;
  const heads = [
    { key: 'table', name: t('database.table') },
    { key: 'rows', name: t('database.rows'), right: true },
    { key: 'state', name: t('system.state') },
  ];
  return (
    <Card>
      <CardTitle
        aside={
          <Button
            size="sm"
            disabled={check.isFetching}
            onClick={() => check.refetch()}
            data-testid="check-again"
          >
            <RefreshCw className={check.isFetching ? 'animate-spin' : undefined} /> {t('database.again')}
          </Button>
        }
      >
        {t('database.title')}
      </CardTitle>
      {check.isPending ? (
        <Skeleton className="h-96" />
      ) : check.isError ? (
        <Failure error={check.error} onRetry={() => check.refetch()} />
      ) : (
        <>
          <p
            className={`mb-4 flex items-center gap-2 rounded-xl p-3 font-medium ${check.data.ok ? 'bg-good-soft text-good' : 'bg-bad-soft text-bad'}`}
            data-testid="check-result"
          >
            {check.data.ok ? (
              <CircleCheck aria-hidden className="size-4 shrink-0" />
            ) : (
              <CircleAlert aria-hidden className="size-4 shrink-0" />
            )}
            {t(check.data.ok ? 'database.ok' : 'database.wrong', { when: format.time(check.dataUpdatedAt) })}
          </p>
          <Table label={t('database.title')} heads={heads}>
            {check.data.tables.map((table) => (
              <Line key={table.name} table={table} />
            ))}
          </Table>
        </>
      )}
    </Card>
  );
}

function Line({ table }: { table: TableCheck }) {
  const { t, format } = useI18n();
  return (
    <tr>
      <Cell>
        <code className="break-all text-[13px]">{table.name}</code>
        {table.columns.length > 0 && (
          <details className="mt-1 text-xs">
            <summary className="text-muted">
              {t('database.shape', {
                columns: format.number(table.columns.length),
                indexes: format.number(table.indexes.length),
              })}
            </summary>
            <ul className="mt-1.5 grid gap-1">
              {table.columns.map((column) => (
                <li key={column.name} className={column.ok ? undefined : 'text-bad'}>
                  <code>{column.name}</code>{' '}
                  <span className={column.ok ? 'text-muted' : undefined}>
                    {column.found ?? column.expected}
                  </span>
                </li>
              ))}
              {table.indexes.map((index) => (
                <li key={index.name} className={index.ok ? undefined : 'text-bad'}>
                  <code>{index.name}</code>{' '}
                  <span className={index.ok ? 'text-muted' : undefined}>({index.columns.join(', ')})</span>
                </li>
              ))}
            </ul>
          </details>
        )}
        {table.findings.map((finding) => (
          <p key={finding} className="mt-0.5 text-bad text-xs">
            {finding}
          </p>
        ))}
      </Cell>
      <Cell right className="align-top">
        {format.number(table.rows)}
      </Cell>
      <Cell className="align-top">
        <Badge tone={table.ok ? 'good' : 'bad'}>
          {t(table.ok ? 'database.asExpected' : 'database.differs')}
        </Badge>
      </Cell>
    </tr>
  );
}
