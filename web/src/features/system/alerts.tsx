import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { BellOff, BellRing, Check, CircleCheck } from 'lucide-react';
import {
  acknowledgeAlertMutation,
  listAlertsOptions,
  silenceAlertMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { Alert } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { alertText, alertTone } from '@/components/alert-text';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { SwitchLine } from '@/components/ui/fields';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { useI18n } from '@/i18n';

const route = getRouteApi('/system/alerts');

/** How long an alert can be silenced for, in hours. */
const SILENCES = [1, 8, 24, 24 * 7] as const;

/** What is wrong, since when, and taking note of it. */
export default function AlertsPage() {
  const { t } = useI18n();
  const { all } = route.useSearch();
  const navigate = route.useNavigate();
  const alerts = useQuery({
    ...listAlertsOptions({ query: all ? { all } : {} }),
    refetchInterval: 60_000,
  });
  return (
    <Card>
      <CardTitle
        aside={
          <SwitchLine
            label={t('alerts.all')}
            checked={all ?? false}
            onCheckedChange={(on) => navigate({ search: on ? { all: true } : {}, replace: true })}
          />
        }
      >
        {t('system.pages.alerts')}
      </CardTitle>
      {alerts.isPending ? (
        <Skeleton className="h-40" />
      ) : alerts.isError ? (
        <Failure error={alerts.error} onRetry={() => alerts.refetch()} />
      ) : alerts.data.length === 0 ? (
        <Empty icon={<CircleCheck />} title={t('alerts.none')} text={t('alerts.noneText')} />
      ) : (
        <ul className="grid gap-3">
          {alerts.data.map((alert) => (
            <Line key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line({ alert }: { alert: Alert }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const may = useMay('member');
  const onSuccess = () =>
    client.invalidateQueries({
      predicate: (query) => JSON.stringify(query.queryKey).includes('"_id":"listAlerts"'),
    });
  const acknowledge = useMutation({ ...acknowledgeAlertMutation(), onSuccess });
  const silence = useMutation({ ...silenceAlertMutation(), onSuccess });
  const path = { id: alert.id };
  const isOver = alert.cleared_at != null;
  const isSilent = alert.silenced_until != null && Date.parse(alert.silenced_until) > Date.now();
  const quiet = (hours: number) =>
    silence.mutate({
      path,
      body: { until: new Date(Date.now() + hours * 3_600_000).toISOString() },
    });
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 rounded-xl border p-4" data-testid="alert">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <Badge tone={alertTone(alert)}>{t(`alerts.state.${alert.state as 'raised'}`)}</Badge>
          {alertText(alert, t, format)}
        </p>
        <p className="num mt-1 text-muted text-xs">
          {[
            t('alerts.since', { when: format.time(alert.raised_at) }),
            ...(isOver ? [t('alerts.until', { when: format.time(alert.cleared_at) })] : []),
            ...(alert.acknowledged_at
              ? [t('alerts.noted', { when: format.ago(alert.acknowledged_at) })]
              : []),
            ...(isSilent ? [t('alerts.silent', { when: format.time(alert.silenced_until) })] : []),
          ].join(' · ')}
        </p>
      </div>
      {!isOver && (
        <div className="flex flex-wrap gap-2">
          {alert.acknowledged_at == null && (
            <Button
              size="sm"
              needs="member"
              disabled={acknowledge.isPending}
              onClick={() => acknowledge.mutate({ path })}
              data-testid="acknowledge"
            >
              <Check /> {t('alerts.acknowledge')}
            </Button>
          )}
          {isSilent ? (
            <Button
              size="sm"
              needs="member"
              disabled={silence.isPending}
              onClick={() => silence.mutate({ path, body: { until: null } })}
            >
              <BellRing /> {t('alerts.speak')}
            </Button>
          ) : may ? (
            <Menu>
              <MenuTrigger asChild>
                <Button size="sm" data-testid="silence">
                  <BellOff /> {t('alerts.silence')}
                </Button>
              </MenuTrigger>
              <MenuContent>
                {SILENCES.map((hours) => (
                  <MenuItem key={hours} onSelect={() => quiet(hours)}>
                    {format.lasting(hours * 3600)}
                  </MenuItem>
                ))}
              </MenuContent>
            </Menu>
          ) : (
            <Button size="sm" needs="member">
              <BellOff /> {t('alerts.silence')}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
