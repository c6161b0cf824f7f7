import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import {
  createSourcingJobMutation,
  deleteSourcingJobMutation,
  editSourcingJobMutation,
  listNichesOptions,
} from '@/api/gen/@tanstack/react-query.gen';
import type { SourcingJob, SourcingJobSpec, SourcingSchedule } from '@/api/gen/types.gen';
import { ErrorText } from '@/components/error-text';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, Select } from '@/components/ui/fields';
import { readDraft, toDraft } from '@/features/discover/draft';
import { FilterFields } from '@/features/discover/filter-fields';
import { toRequest } from '@/features/discover/search-params';
import { toSearch } from '@/features/niches/convert';
import { useI18n } from '@/i18n';
import { forgetSourcing } from './keys';
import { toCron, toWords, type Words } from './schedule';
import { dayName } from './schedule-text';

const STARTS: Record<Words['every'], Words> = {
  day: { every: 'day', hour: 7, minute: 0 },
  week: { every: 'week', hour: 7, minute: 0, day: 1 },
  hours: { every: 'hours', hours: 6 },
  cron: { every: 'cron', cron: '0 7 * * 1-5' },
};

const two = (value: number) => String(value).padStart(2, '0');

/** Makes a job, or changes one: what to look for, and when, in words. */
export function JobEditor({ job, onClose }: { job: SourcingJob | undefined; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const first = job?.spec.searches[0];
  const [name, setName] = useState(job?.name ?? '');
  const [niche, setNiche] = useState(first?.niche_id ?? '');
  const [draft, setDraft] = useState(() =>
    toDraft(
      first?.filters
        ? toSearch({ filters: first.filters, strategy: job?.spec.strategy, cost: first.cost })
        : {},
    ),
  );
  const [schedule, setSchedule] = useState<SourcingSchedule | undefined>(
    job ? (job.spec.schedule ?? undefined) : { cron: '0 7 * * *', time_zone: zone() },
  );
  const niches = useQuery(listNichesOptions({ query: { show: 'active' } }));
  const { search, wrong } = readDraft(draft);
  const meta = { quiet: true };
  const onSuccess = () => {
    forgetSourcing(client);
    onClose();
  };
  const create = useMutation({ ...createSourcingJobMutation(), meta, onSuccess });
  const edit = useMutation({ ...editSourcingJobMutation(), meta, onSuccess });
  const remove = useMutation({ ...deleteSourcingJobMutation(), meta, onSuccess });
  const failed = create.error ?? edit.error ?? remove.error;
  const isRight = name.trim() !== '' && (niche !== '' || Object.keys(wrong).length === 0);
  // More than one search is kept as it is: this form changes the first.
  const others = job?.spec.searches.slice(1) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRight) return;
    const { filters, cost } = toRequest(search);
    const { force_refresh: _, stale_if_error: __, ...saved } = filters;
    const spec: SourcingJobSpec = {
      ...job?.spec,
      name: name.trim(),
      strategy: draft.strategy,
      searches: [
        niche ? { niche_id: niche } : { filters: saved, ...(cost == null ? {} : { cost }) },
        ...others,
      ],
      schedule: schedule ?? null,
    };
    if (job) edit.mutate({ path: { job: job.id }, body: { spec, version: job.version } });
    else create.mutate({ body: spec });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(job ? 'sourcing.editJob' : 'sourcing.newJob')}
      className="w-[min(48rem,calc(100vw-1.5rem))]"
    >
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t('niches.name')}>
            {(attributes) => (
              <Input
                {...attributes}
                name="job-name"
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('sourcing.looksFor')}>
            {(attributes) => (
              <Select {...attributes} value={niche} onChange={(event) => setNiche(event.target.value)}>
                <option value="">{t('sourcing.theseFilters')}</option>
                {niches.data?.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        {niche === '' && <FilterFields draft={draft} setDraft={setDraft} wrong={wrong} />}
        {others.length > 0 && (
          <p className="text-muted text-xs">{t('sourcing.otherSearches', { count: others.length })}</p>
        )}
        <ScheduleFields schedule={schedule} onChange={setSchedule} />
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

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

type ScheduleProps = {
  schedule: SourcingSchedule | undefined;
  onChange: (schedule: SourcingSchedule | undefined) => void;
};

function ScheduleFields({ schedule, onChange }: ScheduleProps) {
  const { t, language } = useI18n();
  const words = schedule && toWords(schedule.cron);
  const set = (next: Words) =>
    onChange({ ...schedule, time_zone: schedule?.time_zone ?? zone(), cron: toCron(next) });
  const choose = (every: string) =>
    every === '' ? onChange(undefined) : set(STARTS[every as Words['every']]);
  return (
    <fieldset className="grid grid-cols-2 items-start gap-3 rounded-xl border p-3.5 sm:grid-cols-4">
      <legend className="px-1 font-medium text-muted text-xs">{t('sourcing.schedule.title')}</legend>
      <Field label={t('sourcing.schedule.every')}>
        {(attributes) => (
          <Select
            {...attributes}
            name="every"
            value={words?.every ?? ''}
            onChange={(event) => choose(event.target.value)}
          >
            <option value="">{t('sourcing.byHand')}</option>
            {(['day', 'week', 'hours', 'cron'] as const).map((every) => (
              <option key={every} value={every}>
                {t(`sourcing.schedule.${every}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {words?.every === 'week' && (
        <Field label={t('sourcing.schedule.onDay')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={words.day}
              onChange={(event) => set({ ...words, day: Number(event.target.value) })}
            >
              {[1, 2, 3, 4, 5, 6, 0].map((day) => (
                <option key={day} value={day}>
                  {dayName(day, language)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {(words?.every === 'day' || words?.every === 'week') && (
        <Field label={t('sourcing.schedule.at')}>
          {(attributes) => (
            <Input
              {...attributes}
              type="time"
              value={`${two(words.hour)}:${two(words.minute)}`}
              onChange={(event) => {
                const [hour, minute] = event.target.value.split(':').map(Number);
                if (hour !== undefined && minute !== undefined) set({ ...words, hour, minute });
              }}
            />
          )}
        </Field>
      )}
      {words?.every === 'hours' && (
        <Field label={t('sourcing.schedule.hoursLabel')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={words.hours}
              onChange={(event) => set({ every: 'hours', hours: Number(event.target.value) })}
            >
              {[1, 2, 3, 4, 6, 8, 12].map((hours) => (
                <option key={hours}>{hours}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {words?.every === 'cron' && (
        <Field label={t('sourcing.schedule.expression')}>
          {(attributes) => (
            <Input
              {...attributes}
              value={words.cron}
              onChange={(event) => set({ every: 'cron', cron: event.target.value })}
            />
          )}
        </Field>
      )}
      {schedule && (
        <Field label={t('sourcing.schedule.zone')}>
          {(attributes) => (
            <Input
              {...attributes}
              value={schedule.time_zone ?? 'UTC'}
              onChange={(event) => onChange({ ...schedule, time_zone: event.target.value })}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
}
