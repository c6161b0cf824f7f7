import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { listAlertsOptions } from '@/api/gen/@tanstack/react-query.gen';
import { alertText, alertTone } from '@/components/alert-text';
import { Failure, Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

const SHOWN = 4;

/** What is wrong now, or that nothing is. */
export function AlertLines() {
  const { t, format } = useI18n();
  const alerts = useQuery({ ...listAlertsOptions(), refetchInterval: 60_000 });
  if (alerts.isPending) return <Skeleton className="h-6" />;
  if (alerts.isError) return <Failure error={alerts.error} onRetry={() => alerts.refetch()} />;
  if (alerts.data.length === 0) {
    return (
      <p className="flex min-h-6 items-center gap-2 text-muted" data-testid="alerts">
        <CircleCheck aria-hidden className="size-4 shrink-0 text-good" /> {t('alerts.none')}
      </p>
    );
  }
  const rest = alerts.data.length - SHOWN;
  return (
    <ul className="grid gap-1.5" data-testid="alerts">
      {alerts.data.slice(0, SHOWN).map((alert) => (
        <li key={alert.id} className="flex min-h-6 items-start gap-2">
          <TriangleAlert
            aria-hidden
            className={`mt-0.5 size-4 shrink-0 ${alertTone(alert) === 'bad' ? 'text-bad' : 'text-warn'}`}
          />
          <Link to="/system/alerts" className="min-w-0 hover:underline">
            {alertText(alert, t, format)}{' '}
            <span className="text-muted text-xs">{format.ago(alert.raised_at)}</span>
          </Link>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <Link to="/system/alerts" className="font-medium text-accent text-xs hover:underline">
            {t('alerts.more', { count: rest, number: format.number(rest) })}
          </Link>
        </li>
      )}
    </ul>
  );
}
