import type { SourcingSchedule } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';
import { toWords } from './schedule';

/** The name of a day of the week, 0 being Sunday. */
export const dayName = (day: number, language: string, weekday: 'long' | 'short' = 'long') =>
  new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' }).format(Date.UTC(2026, 1, 1 + day));

/** A schedule in a sentence. */
export function useScheduleText() {
  const { t, language } = useI18n();
  return (schedule: SourcingSchedule) => {
    const words = toWords(schedule.cron);
    const zone = schedule.time_zone ?? 'UTC';
    if (words.every === 'cron') return t('sourcing.schedule.cronText', { cron: words.cron, zone });
    if (words.every === 'hours') return t('sourcing.schedule.hoursText', { hours: words.hours });
    const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(
      Date.UTC(2026, 0, 1, words.hour, words.minute),
    );
    const list = new Intl.ListFormat(language, { type: 'conjunction' });
    const name = (day: number) => dayName(day, language);
    return words.every === 'day'
      ? t('sourcing.schedule.dayText', { time, zone })
      : t('sourcing.schedule.weekText', { days: list.format(words.days.map(name)), time, zone });
  };
}
