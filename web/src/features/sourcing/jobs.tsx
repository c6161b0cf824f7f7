import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Pause, Pencil, Play, Plus } from 'lucide-react';
import { useState } from 'react';
import {
  listSourcingJobsOptions,
  listSourcingRunsOptions,
  pauseSourcingJobMutation,
  resumeSourcingJobMutation,
  runSourcingJobMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingJob, SourcingOutcome } from '@/api/gen/types.gen';
import { ExportMenu } from '@/components/export-menu';
import { Badge, Card, CardTitle, Empty, Failure, Skeleton, type Tone } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { JobEditor } from './job-editor';
import { forgetSourcing } from './keys';
import { useScheduleText } from './schedule-text';

export const OUTCOMES: Record<SourcingOutcome, Tone> = {
  done: 'good',
  empty: 'warn',
  budget: 'warn',
  failed: 'bad',
  cancelled: 'neutral',
};

/** The jobs with their schedules, and their last runs. */
export function Jobs({ onOpenRun }: { onOpenRun: (id: string) => void }) {
  const { t } = useI18n();
  const [editing, setEditing] = useState<SourcingJob | 'new'>();
  const jobs = useQuery(listSourcingJobsOptions());
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Button kind="primary" needs="member" onClick={() => setEditing('new')} data-testid="new-job">
          <Plus /> {t('sourcing.newJob')}
        </Button>
        <ExportMenu
          name="jobs"
          disabled={!jobs.data?.length}
          source={() => ({ url: '/api/v1/sourcing/jobs' })}
        />
      </div>
      {jobs.isPending ? (
        <Skeleton className="h-40" />
      ) : jobs.isError ? (
        <Failure error={jobs.error} onRetry={() => jobs.refetch()} />
      ) : jobs.data.length === 0 ? (
        <Empty icon={<CalendarClock />} title={t('sourcing.noJobs')} text={t('sourcing.noJobsText')} />
      ) : (
        <ul className="grid gap-4 lg:grid-cols-2">
          {jobs.data.map((job) => (
            <JobCard key={job.id} job={job} onOpenRun={onOpenRun} onEdit={() => setEditing(job)} />
          ))}
        </ul>
      )}
      <Runs onOpenRun={onOpenRun} />
      {editing && (
        <JobEditor job={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />
      )}
    </div>
  );
}

function JobCard({
  job,
  onOpenRun,
  onEdit,
}: {
  job: SourcingJob;
  onOpenRun: (id: string) => void;
  onEdit: () => void;
}) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const say = useScheduleText();
  const onSuccess = () => forgetSourcing(client);
  const path = { job: job.id };
  const run = useMutation({
    ...runSourcingJobMutation(),
    onSuccess: (started) => {
      onOpenRun(started.id);
      return onSuccess();
    },
  });
  const pause = useMutation({ ...pauseSourcingJobMutation(), onSuccess });
  const resume = useMutation({ ...resumeSourcingJobMutation(), onSuccess });
  const last = job.last_run;
  return (
    <li className="min-w-0 rounded-2xl border bg-panel p-5 shadow-xs">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold text-[15px]">{job.name}</h2>
          <p className="num text-muted text-xs">
            {job.spec.schedule ? say(job.spec.schedule) : t('sourcing.byHand')}
            {job.next_run_at && ` · ${t('sourcing.next', { when: format.ago(job.next_run_at) })}`}
          </p>
        </div>
        {job.paused && <Badge tone="warn">{t('sourcing.paused')}</Badge>}
      </div>
      {last && (
        <button
          type="button"
          onClick={() => onOpenRun(last.id)}
          className="num mt-3 flex items-center gap-2 rounded text-muted text-xs hover:text-ink"
        >
          {t('sourcing.lastRun', { number: last.number, when: format.ago(last.created_at) })}
          {last.outcome && (
            <Badge tone={OUTCOMES[last.outcome]}>{t(`sourcing.outcome.${last.outcome}`)}</Badge>
          )}
        </button>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          size="sm"
          kind="primary"
          needs="member"
          disabled={run.isPending}
          onClick={() => run.mutate({ path })}
          data-testid="run-job"
        >
          <Play /> {t('sourcing.runNow')}
        </Button>
        <Button size="sm" needs="member" onClick={onEdit}>
          <Pencil /> {t('niches.edit')}
        </Button>
        {job.spec.schedule &&
          (job.paused ? (
            <Button size="sm" needs="member" onClick={() => resume.mutate({ path })}>
              <Play /> {t('sourcing.resume')}
            </Button>
          ) : (
            <Button size="sm" needs="member" onClick={() => pause.mutate({ path })}>
              <Pause /> {t('sourcing.pause')}
            </Button>
          ))}
      </div>
    </li>
  );
}

function Runs({ onOpenRun }: { onOpenRun: (id: string) => void }) {
  const { t, format } = useI18n();
  const runs = useQuery(listSourcingRunsOptions({ query: { limit: 20 } }));
  return (
    <Card>
      <CardTitle
        aside={
          <ExportMenu
            name="runs"
            disabled={!runs.data?.length}
            source={() => ({ url: '/api/v1/sourcing/runs?limit=200' })}
          />
        }
      >
        {t('sourcing.runs')}
      </CardTitle>
      {runs.isPending ? (
        <Skeleton className="h-32" />
      ) : runs.isError ? (
        <Failure error={runs.error} onRetry={() => runs.refetch()} />
      ) : runs.data.length === 0 ? (
        <p className="text-muted">{t('niches.neverRun')}</p>
      ) : (
        <ul className="num grid gap-1">
          {runs.data.map((run) => (
            <li key={run.id}>
              <button
                type="button"
                onClick={() => onOpenRun(run.id)}
                className="flex w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-2 py-1.5 text-left hover:bg-raised"
              >
                <span className="min-w-0 flex-1 truncate font-medium">
                  {run.job} <span className="font-normal text-muted">#{run.number}</span>
                </span>
                {run.outcome ? (
                  <Badge tone={OUTCOMES[run.outcome]}>{t(`sourcing.outcome.${run.outcome}`)}</Badge>
                ) : (
                  <Badge tone="good">{t(`sourcing.runState.${run.state}`)}</Badge>
                )}
                <span className="text-muted text-xs">
                  {t('sourcing.charged', {
                    count: run.tokens.charged,
                    tokens: format.number(run.tokens.charged),
                  })}{' '}
                  · {format.ago(run.created_at)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
