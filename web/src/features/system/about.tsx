import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getReadinessOptions } from '@/api/gen/@tanstack/react-query.gen';
import { useSession } from '@/api/role';
import { Badge, Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { ChangePassword } from '@/features/access/change-password';
import { useI18n } from '@/i18n';

/** The program, and whoever looks at it. */
export default function AboutPage() {
  const { t } = useI18n();
  const session = useSession().data;
  const ready = useQuery({ ...getReadinessOptions(), refetchInterval: 20_000 });
  const api = '/api/v1/openapi.json';
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Card>
        <CardTitle>{t('system.about')}</CardTitle>
        {ready.isPending ? (
          <Skeleton className="h-32" />
        ) : ready.isError ? (
          <Failure error={ready.error} onRetry={() => ready.refetch()} />
        ) : (
          <Lines
            lines={[
              [t('system.version'), ready.data.version],
              [
                t('system.database'),
                <Badge key="ok" tone="good">
                  {t('system.databaseOk')}
                </Badge>,
              ],
              [t('system.data'), t(ready.data.demo ? 'system.demo' : 'system.real')],
              [
                t('system.api'),
                <a key="api" className="font-medium text-accent hover:underline" href={api}>
                  {api}
                </a>,
              ],
            ]}
          />
        )}
      </Card>
      <Card>
        <CardTitle>{t('account.title')}</CardTitle>
        {session?.user ? (
          <>
            <Lines
              lines={[
                [t('access.username'), session.user.name],
                [t('account.role'), session.role ? t(`roles.${session.role}`) : '—'],
              ]}
            />
            {session.role && <p className="mt-3 text-muted text-xs">{t(`roles.may.${session.role}`)}</p>}
            <ChangePassword />
          </>
        ) : (
          <p className="text-muted">{t('account.none')}</p>
        )}
      </Card>
    </div>
  );
}

function Lines({ lines }: { lines: [string, ReactNode][] }) {
  return (
    <dl className="grid gap-2.5">
      {lines.map(([name, value]) => (
        <div
          key={name}
          className="flex flex-wrap justify-between gap-x-4 gap-y-1 border-b pb-2.5 last:border-0 last:pb-0"
        >
          <dt className="text-muted">{name}</dt>
          <dd className="font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
