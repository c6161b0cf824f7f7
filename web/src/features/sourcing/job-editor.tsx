import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import {
  createSourcingJobMutation,
  deleteSourcingJobMutation,
  editSourcingJobMutation,
  listNichesOptions,
} from '@/api/gen/@tanstack/react-query.gen';
import type { Budget, SourcingJob, SourcingJobSpec, SourcingSchedule, Strategy } from '@/api/gen/types.gen';
import { ErrorText } from '@/components/error-text';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, Select, TextArea } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { localZone } from '@/lib/zone';
import { forgetSourcing } from './keys';
import { ScheduleFields } from './schedule-fields';
import { newSearch, readSearch, SearchList, toSearchDraft } from './search-list';

const STRATEGIES: readonly Strategy[] = ['balanced', 'velocity', 'textbook'];
const MODES: readonly Budget['mode'][] = ['stop', 'warn', 'off'];
const MOST_TOKENS = 1_000_000;

/** Makes a job, or changes one: what to look for, for how many tokens, and when, in words. */
export function JobEditor({ job, onClose }: { job: SourcingJob | undefined; onClose: () => void }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const spec = job?.spec;
  const [name, setName] = useState(job?.name ?? '');
  const [note, setNote] = useState(spec?.note ?? '');
  const [strategy, setStrategy] = useState<Strategy>(spec?.strategy ?? 'balanced');
  const [searches, setSearches] = useState(() => spec?.searches.map(toSearchDraft) ?? [newSearch()]);
  const [tokens, setTokens] = useState(spec?.budget ? String(spec.budget.tokens) : '');
  const [mode, setMode] = useState<Budget['mode']>(spec?.budget?.mode ?? 'stop');
  const [schedule, setSchedule] = useState<SourcingSchedule | undefined>(
    job ? (spec?.schedule ?? undefined) : { cron: '0 7 * * *', time_zone: localZone() },
  );
  const niches = useQuery(listNichesOptions({ query: { show: 'active' } }));
  const meta = { quiet: true };
  const onSuccess = () => {
    forgetSourcing(client);
    onClose();
  };
  const create = useMutation({ ...createSourcingJobMutation(), meta, onSuccess });
  const edit = useMutation({ ...editSourcingJobMutation(), meta, onSuccess });
  const remove = useMutation({ ...deleteSourcingJobMutation(), meta, onSuccess });
  const failed = create.error ?? edit.error ?? remove.error;
  const read = searches.map(readSearch);
  const budget = tokens.trim() === '' ? undefined : Number(tokens.trim());
  const wrongBudget =
    budget !== undefined && !(Number.isInteger(budget) && budget >= 0 && budget <= MOST_TOKENS);
  const isRight = name.trim() !== '' && !wrongBudget && read.every((one) => one !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRight) return;
    const { budget: _, note: __, ...kept } = spec ?? {};
    const next: SourcingJobSpec = {
      ...kept,
      name: name.trim(),
      strategy,
      searches: read.filter((one) => one !== undefined),
      schedule: schedule ?? null,
      ...(budget !== undefined && { budget: { tokens: budget, mode } }),
      ...(note.trim() && { note: note.trim() }),
    };
    if (job) edit.mutate({ path: { job: job.id }, body: { spec: next, version: job.version } });
    else create.mutate({ body: next });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(job ? 'sourcing.editJob' : 'sourcing.newJob')}
      className="w-[min(48rem,calc(100vw-1.5rem))]"
    >
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field label={t('niches.name')}>
            {(attributes) => (
              <Input
                {...attributes}
                name="job-name"
                maxLength={100}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('discover.strategy')}>
            {(attributes) => (
              <Select
                {...attributes}
                name="job-strategy"
                value={strategy}
                onChange={(event) => setStrategy(event.target.value as Strategy)}
              >
                {STRATEGIES.map((one) => (
                  <option key={one} value={one}>
                    {t(`strategy.${one}`)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <SearchList searches={searches} onChange={setSearches} niches={niches.data ?? []} />
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field
            label={t('sourcing.budget')}
            hint={t('sourcing.budgetHint')}
            error={
              wrongBudget
                ? t('rules.range', { from: format.number(0), to: format.number(MOST_TOKENS) })
                : undefined
            }
          >
            {(attributes) => (
              <Input
                {...attributes}
                name="job-budget"
                inputMode="numeric"
                value={tokens}
                onChange={(event) => setTokens(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('rules.field.budget_mode')}>
            {(attributes) => (
              <Select
                {...attributes}
                name="job-budget-mode"
                disabled={tokens.trim() === ''}
                value={mode}
                onChange={(event) => setMode(event.target.value as Budget['mode'])}
              >
                {MODES.map((one) => (
                  <option key={one} value={one}>
                    {t(`rules.choice.${one}`)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <ScheduleFields schedule={schedule} onChange={setSchedule} />
        <Field label={t('sourcing.noteOptional')}>
          {(attributes) => (
            <TextArea
              {...attributes}
              name="job-note"
              rows={2}
              maxLength={1000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {failed && (
          <div role="alert" className="rounded-xl bg-bad-soft p-3">
            <ErrorText error={failed} />
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {job && (
            <Button
              kind="danger"
              className="mr-auto"
              disabled={remove.isPending}
              onClick={() => remove.mutate({ path: { job: job.id } })}
            >
              {t('common.delete')}
            </Button>
          )}
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="submit"
            kind="primary"
            disabled={!isRight || create.isPending || edit.isPending}
            data-testid="save-job"
          >
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
