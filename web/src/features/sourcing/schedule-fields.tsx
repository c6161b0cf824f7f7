import type { SourcingSchedule } from '@/api/gen/types.gen';
import { Field, Input, Select } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { localZone } from '@/lib/zone';
import { toCron, toWords, WEEK, type Words } from './schedule';
import { dayName, useScheduleText } from './schedule-text';

const STARTS: Record<Words['every'], Words> = {
  day: { every: 'day', hour: 7, minute: 0 },
  week: { every: 'week', hour: 7, minute: 0, days: [1, 2, 3, 4, 5] },
  hours: { every: 'hours', hours: 6 },
  cron: { every: 'cron', cron: '0 7 1 * *' },
};

const two = (value: number) => String(value).padStart(2, '0');

type ScheduleProps = {
  schedule: SourcingSchedule | undefined;
  onChange: (schedule: SourcingSchedule | undefined) => void;
};

/** When a job runs by itself, in words. */
export function ScheduleFields({ schedule, onChange }: ScheduleProps) {
  const { t, language } = useI18n();
  const say = useScheduleText();
  const words = schedule && toWords(schedule.cron);
  const set = (next: Words) =>
    onChange({ ...schedule, time_zone: schedule?.time_zone ?? localZone(), cron: toCron(next) });
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
        <div className="col-span-2 flex flex-col gap-1.5 sm:col-span-3">
          <span id="schedule-days" className="font-medium text-[13px] text-muted">
            {t('sourcing.schedule.onDays')}
          </span>
          <div role="group" aria-labelledby="schedule-days" className="flex flex-wrap gap-1">
            {WEEK.map((day) => {
              const on = words.days.includes(day);
              const days = WEEK.filter((one) => (one === day ? !on : words.days.includes(one)));
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={on}
                  // One day at least.
                  onClick={() => days.length > 0 && set({ ...words, days })}
                  className={cn(
                    'h-9 min-w-11 rounded-lg border px-2 font-medium text-[13px]',
                    on ? 'border-accent bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
                  )}
                >
                  <span aria-hidden>{dayName(day, language, 'short')}</span>
                  <span className="sr-only">{dayName(day, language)}</span>
                </button>
              );
            })}
          </div>
        </div>
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
      {schedule && (
        <Field label={t('sourcing.schedule.missed')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="missed"
              value={schedule.missed ?? 'run_once'}
              onChange={(event) =>
                onChange({ ...schedule, missed: event.target.value as SourcingSchedule['missed'] })
              }
            >
              <option value="run_once">{t('sourcing.schedule.runOnce')}</option>
              <option value="skip">{t('sourcing.schedule.skip')}</option>
            </Select>
          )}
        </Field>
      )}
      {schedule && (
        <p className="col-span-full text-muted text-xs" data-testid="schedule-text">
          {t('sourcing.schedule.says', { text: say(schedule) })}
        </p>
      )}
    </fieldset>
  );
}
