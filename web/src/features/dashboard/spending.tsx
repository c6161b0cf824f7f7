import type { DayUse } from '@/api/gen/types.gen';
import { Figure } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

/** Days shown, also those on which nothing was asked. */
const DAYS = 30;

type Day = { day: string; spent: number; saved: number };

/** Adds up the purposes of each day, and fills in the days between. */
export function byDay(days: DayUse[], today: string, count = DAYS): Day[] {
  const all = new Map<string, Day>();
  const last = Date.parse(`${today}T00:00:00Z`);
  for (let back = count - 1; back >= 0; back--) {
    const day = new Date(last - back * 86_400_000).toISOString().slice(0, 10);
    all.set(day, { day, spent: 0, saved: 0 });
  }
  for (const { day, spent, saved } of days) {
    const entry = all.get(day);
    if (entry) {
      entry.spent += spent;
      entry.saved += saved;
    }
  }
  return [...all.values()];
}

/** What was spent, and what the cache made unnecessary, day by day. */
export function Spending({ days }: { days: DayUse[] }) {
  const { t, format } = useI18n();
  const today = new Date().toISOString().slice(0, 10);
  const all = byDay(days, today);
  const most = Math.max(1, ...all.map((day) => day.spent + day.saved));
  const total = (of: 'spent' | 'saved') => all.reduce((sum, day) => sum + day[of], 0);
  const [spent, saved] = [total('spent'), total('saved')];
  const asked = spent + saved;
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-3 gap-4">
        <Figure label={t('dashboard.spent')} value={format.number(spent)} />
        <Figure
          label={t('dashboard.saved')}
          value={<span className="text-good">{format.number(saved)}</span>}
        />
        <Figure
          label={t('dashboard.share')}
          value={asked === 0 ? '—' : format.percent((saved / asked) * 100)}
        />
      </div>
      <div
        role="img"
        aria-label={t('dashboard.spendingLabel', {
          spent: format.number(spent),
          saved: format.number(saved),
        })}
      >
        <div className="flex h-28 items-end gap-[3px]">
          {all.map((day) => (
            <div
              key={day.day}
              title={t('dashboard.dayTitle', {
                day: format.day(day.day),
                spent: format.number(day.spent),
                saved: format.number(day.saved),
              })}
              className="flex h-full flex-1 flex-col justify-end rounded-sm hover:bg-raised"
            >
              <div className="rounded-t-sm bg-accent/35" style={{ height: `${(day.saved / most) * 100}%` }} />
              <div className="bg-accent" style={{ height: `${(day.spent / most) * 100}%` }} />
              <div className="h-px bg-line" />
            </div>
          ))}
        </div>
        <div className="num mt-1.5 flex justify-between text-muted text-xs">
          <span>{format.day(all[0]?.day ?? today)}</span>
          <span className="flex gap-4">
            <span className="flex items-center gap-1.5">
              <i className="size-2.5 rounded-sm bg-accent" /> {t('dashboard.spent')}
            </span>
            <span className="flex items-center gap-1.5">
              <i className="size-2.5 rounded-sm bg-accent/35" /> {t('dashboard.saved')}
            </span>
          </span>
          <span>{format.day(today)}</span>
        </div>
      </div>
    </div>
  );
}
