import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { getTokensOptions } from '@/api/gen/@tanstack/react-query.gen';
import { Card, CardTitle, Empty, Failure, PageHead, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { CacheHealth } from './cache-health';
import { Gauge } from './gauge';
import { Spending } from './spending';
import { Today } from './today';

export default function DashboardPage() {
  const { t } = useI18n();
  const tokens = useQuery({ ...getTokensOptions(), refetchInterval: 30_000 });
  const isFirstRun = tokens.data?.days.length === 0;
  return (
    <>
      <PageHead title={t('nav.dashboard')} lead={t('dashboard.lead')}>
        <Button kind="primary" asChild>
          <Link to="/discover">
            <Compass /> {t('dashboard.search')}
          </Link>
        </Button>
      </PageHead>
      <div className="grid gap-5 lg:grid-cols-12">
        <Card className="lg:col-span-5">
          <CardTitle>{t('dashboard.tokens')}</CardTitle>
          <div className="min-h-52">
            {tokens.isPending ? (
              <Skeleton className="h-52" />
            ) : tokens.isError ? (
              <Failure error={tokens.error} onRetry={() => tokens.refetch()} />
            ) : (
              <Gauge tokens={tokens.data} />
            )}
          </div>
        </Card>
        <Card className="lg:col-span-7">
          <CardTitle>{t('dashboard.spending')}</CardTitle>
          <div className="min-h-52">
            {tokens.isPending ? (
              <Skeleton className="h-52" />
            ) : tokens.isError ? (
              <Failure error={tokens.error} />
            ) : isFirstRun ? (
              <Empty title={t('dashboard.firstTitle')} text={t('dashboard.firstText')} />
            ) : (
              <Spending days={tokens.data.days} />
            )}
          </div>
        </Card>
        <Today />
        <CacheHealth />
      </div>
    </>
  );
}
