//! When a channel may be used: digests, quiet hours, so many messages a day.
//!
//! All of it is reckoned in the channel's own time zone, with its summer time: a quiet night from 22:00 to 07:00 ends
//! at 07:00 on the clock on the wall, whatever the clocks did that night.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// How a channel wants to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Where the clock hangs that the other fields speak of.
    pub zone: Tz,
    /// News is collected and told once a day at this time; `None`: at once.
    pub digest_at: Option<NaiveTime>,
    /// From when until when nothing is sent; it may go over midnight.
    pub quiet: Option<(NaiveTime, NaiveTime)>,
    /// The most messages in a day of the zone.
    pub daily_limit: Option<u32>,
}

impl Default for Plan {
    /// At once, at any time.
    fn default() -> Self {
        Self { zone: Tz::UTC, digest_at: None, quiet: None, daily_limit: None }
    }
}

impl Plan {
    /// When news that comes up at `now` is to be sent.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let moment = match self.digest_at {
            None => now,
            Some(at) => {
                let today = self.local(now).date();
                let due = self.utc(today.and_time(at));
                // The time of today may be past, or may be now.
                if due >= now { due } else { self.utc(next(today).and_time(at)) }
            }
        };
        self.after_quiet(moment)
    }

    /// When what is due at `now` may go out, with so many messages `sent` today already.
    #[must_use]
    pub fn allowed(&self, now: DateTime<Utc>, sent: u32) -> DateTime<Utc> {
        let moment = match self.daily_limit {
            Some(limit) if sent >= limit => self.utc(next(self.local(now).date()).and_time(NaiveTime::MIN)),
            _ => now,
        };
        self.after_quiet(moment)
    }

    /// When the day of the zone began in which `now` is.
    #[must_use]
    pub fn day_began(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.utc(self.local(now).date().and_time(NaiveTime::MIN))
    }

    /// The moment itself, or the end of the quiet hours it is in.
    fn after_quiet(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let Some((from, until)) = self.quiet.filter(|(from, until)| from != until) else { return moment };
        let local = self.local(moment);
        let (date, time) = (local.date(), local.time());
        let end = if from < until {
            (from <= time && time < until).then_some(date)
        } else if time >= from {
            Some(next(date))
        } else {
            (time < until).then_some(date)
        };
        end.map_or(moment, |date| self.utc(date.and_time(until)).max(moment))
    }

    fn local(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        moment.with_timezone(&self.zone).naive_local()
    }

    /// A time on the wall as a moment. One that is there twice, when summer ends, is its first; one that the clocks
    /// jump over, when summer begins, is the moment of the jump.
    fn utc(&self, local: NaiveDateTime) -> DateTime<Utc> {
        // No zone ever jumped over more than a day.
        (0..=24 * 4)
            .find_map(|quarters| {
                self.zone.from_local_datetime(&(local + TimeDelta::minutes(15 * quarters))).earliest()
            })
            .map_or_else(|| local.and_utc(), |found| found.to_utc())
    }
}

fn next(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn clock(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn nights(zone: Tz) -> Plan {
        Plan { zone, quiet: Some((clock("22:00:00"), clock("07:00:00"))), ..Plan::default() }
    }

    #[test]
    fn news_of_the_day_goes_out_at_once_and_of_the_night_in_the_morning() {
        let plan = nights(chrono_tz::Europe::Paris);
        for (now, due) in [
            ("2026-01-10T12:00:00Z", "2026-01-10T12:00:00Z"),
            ("2026-01-10T20:59:59Z", "2026-01-10T20:59:59Z"),
            ("2026-01-10T21:00:00Z", "2026-01-11T06:00:00Z"),
            ("2026-01-11T02:00:00Z", "2026-01-11T06:00:00Z"),
            ("2026-01-11T06:00:00Z", "2026-01-11T06:00:00Z"),
        ] {
            assert_eq!(plan.due(moment(now)), moment(due), "{now}");
        }
    }

    #[test]
    fn a_quiet_night_ends_by_the_clock_on_the_wall_when_the_clocks_change() {
        let plan = nights(chrono_tz::Europe::Paris);
        // Summer begins on 29 March 2026 at 01:00 UTC, and ends on 25 October.
        assert_eq!(plan.due(moment("2026-03-28T21:30:00Z")), moment("2026-03-29T05:00:00Z"));
        assert_eq!(plan.due(moment("2026-10-24T20:30:00Z")), moment("2026-10-25T06:00:00Z"));
        let plan = nights(chrono_tz::America::New_York);
        assert_eq!(plan.due(moment("2026-03-08T05:00:00Z")), moment("2026-03-08T11:00:00Z"));
        assert_eq!(plan.due(moment("2026-11-01T04:00:00Z")), moment("2026-11-01T12:00:00Z"));
    }

    #[test]
    fn a_time_that_the_clocks_jump_over_is_the_moment_of_the_jump() {
        let plan = Plan {
            zone: chrono_tz::Europe::Paris,
            quiet: Some((clock("01:00:00"), clock("02:30:00"))),
            ..Plan::default()
        };
        assert_eq!(plan.due(moment("2026-03-29T00:30:00Z")), moment("2026-03-29T01:00:00Z"));
        // 02:30 is there twice in October: the first is the end, and the second is not quiet again.
        assert_eq!(plan.due(moment("2026-10-24T23:30:00Z")), moment("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn quiet_hours_within_a_day_are_those_and_none_when_they_begin_as_they_end() {
        let noon = Plan { quiet: Some((clock("12:00:00"), clock("14:00:00"))), ..Plan::default() };
        assert_eq!(noon.due(moment("2026-01-10T13:00:00Z")), moment("2026-01-10T14:00:00Z"));
        assert_eq!(noon.due(moment("2026-01-10T14:00:00Z")), moment("2026-01-10T14:00:00Z"));
        let never = Plan { quiet: Some((clock("12:00:00"), clock("12:00:00"))), ..Plan::default() };
        assert_eq!(never.due(moment("2026-01-10T12:00:00Z")), moment("2026-01-10T12:00:00Z"));
    }

    #[test]
    fn a_digest_waits_for_its_time_today_or_tomorrow() {
        let plan =
            Plan { zone: chrono_tz::Europe::Paris, digest_at: Some(clock("20:00:00")), ..Plan::default() };
        assert_eq!(plan.due(moment("2026-01-10T10:00:00Z")), moment("2026-01-10T19:00:00Z"));
        assert_eq!(plan.due(moment("2026-01-10T19:00:00Z")), moment("2026-01-10T19:00:00Z"));
        assert_eq!(plan.due(moment("2026-01-10T19:00:01Z")), moment("2026-01-11T19:00:00Z"));
        assert_eq!(plan.due(moment("2026-03-28T20:00:00Z")), moment("2026-03-29T18:00:00Z"));
    }

    #[test]
    fn beyond_so_many_a_day_news_waits_for_the_next_day_and_its_quiet_hours() {
        let plan = Plan { daily_limit: Some(3), ..nights(chrono_tz::Europe::Paris) };
        let now = moment("2026-01-10T15:00:00Z");
        assert_eq!(plan.allowed(now, 2), now);
        assert_eq!(plan.allowed(now, 3), moment("2026-01-11T06:00:00Z"));
        let plan = Plan { quiet: None, ..plan };
        assert_eq!(plan.allowed(now, 3), moment("2026-01-10T23:00:00Z"));
        assert_eq!(plan.day_began(now), moment("2026-01-09T23:00:00Z"));
    }
}
