//! When a job is due: a cron expression in a time zone, with jitter, and what happens to runs that were missed.

use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use gleaner_core::filters::FieldError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The most minutes that a run is put off by jitter.
pub(super) const MAX_JITTER: u32 = 120;
/// A run that starts so late was missed: the program was not running, or the machine asleep.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// When a job runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourcingSchedule)]
pub struct Schedule {
    /// Minute, hour, day of month, month, day of week: `0 7 * * *` is every day at seven.
    #[schema(example = "0 7 * * *")]
    pub cron: String,
    /// The time zone the expression is read in, by its IANA name.
    #[serde(default = "utc")]
    #[schema(example = "Europe/Paris")]
    pub time_zone: String,
    /// Each run is put off by up to so many minutes, so that several jobs do not start at once.
    #[serde(default)]
    #[schema(value_type = i64)]
    pub jitter_minutes: u32,
    /// What happens when nothing was running at the time.
    #[serde(default)]
    pub missed: Missed,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What happens to runs whose time passed while nothing was running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingMissedRuns)]
pub enum Missed {
    /// One run as soon as possible, however many were missed.
    #[default]
    RunOnce,
    /// None; the next one is on time.
    Skip,
}

/// What a due job is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Run, and be due again then.
    Run(Option<DateTime<Utc>>),
    /// Not run, and be due again then.
    Skip(Option<DateTime<Utc>>),
}

impl Schedule {
    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| {
            errors.push(FieldError::new(format!("schedule.{field}"), message));
        };
        if let Err(message) = self.pattern() {
            wrong("cron", message);
        }
        if let Err(message) = self.zone() {
            wrong("time_zone", message);
        }
        if self.jitter_minutes > MAX_JITTER {
            wrong("jitter_minutes", format!("must be 0 to {MAX_JITTER}, not {}", self.jitter_minutes));
        }
        errors
    }

    fn pattern(&self) -> Result<Cron, String> {
        let example = "write minute, hour, day of month, month and day of week, for example 0 7 * * *";
        // Seconds would be read from a sixth field; a job that runs every second is a mistake.
        let fields = self.cron.split_whitespace().count();
        if fields != 5 && !self.cron.trim_start().starts_with('@') {
            return Err(format!("'{}' is not a schedule: {example}", self.cron));
        }
        Cron::from_str(&self.cron)
            .map_err(|error| format!("'{}' is not a schedule ({error}): {example}", self.cron))
    }

    pub(super) fn zone(&self) -> Result<Tz, String> {
        self.time_zone.parse().map_err(|_| {
            format!("'{}' is not a time zone: use a name such as Europe/Paris or UTC", self.time_zone)
        })
    }

    /// The first moment after `now` at which a job is due, jitter included; `None` when there is none any more.
    pub(super) fn next_after(&self, job_id: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (pattern, zone) = (self.pattern().ok()?, self.zone().ok()?);
        let on_time = pattern.find_next_occurrence(&now.with_timezone(&zone), false).ok()?.to_utc();
        Some(on_time + self.jitter(job_id, on_time))
    }

    /// The same for a run however often it is asked: no two processes disagree.
    fn jitter(&self, job_id: &str, on_time: DateTime<Utc>) -> TimeDelta {
        let digest = Sha256::digest(format!("{job_id} {}", on_time.timestamp()));
        let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        TimeDelta::seconds(i64::from(number % (self.jitter_minutes * 60 + 1)))
    }

    /// What a job that was due at a moment does now.
    pub(super) fn decide(&self, job_id: &str, due: DateTime<Utc>, now: DateTime<Utc>) -> Due {
        let next = self.next_after(job_id, now);
        let missed = now - due > GRACE;
        if missed && self.missed == Missed::Skip { Due::Skip(next) } else { Due::Run(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &str, zone: &str) -> Schedule {
        Schedule {
            cron: cron.to_owned(),
            time_zone: zone.to_owned(),
            jitter_minutes: 0,
            missed: Missed::default(),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The moments at which a schedule is due, beginning after one.
    fn due(schedule: &Schedule, mut from: DateTime<Utc>, count: usize) -> Vec<String> {
        let mut moments = Vec::new();
        for _ in 0..count {
            from = schedule.next_after("job", from).unwrap();
            moments.push(from.format("%m-%d %H:%M").to_string());
        }
        moments
    }

    #[test]
    fn seven_in_the_morning_stays_seven_in_the_morning_when_the_clocks_change() {
        let paris = schedule("0 7 * * *", "Europe/Paris");
        // Summer time began on 2026-03-29 at 02:00 and ended on 2026-10-25 at 03:00.
        let spring = due(&paris, at("2026-03-27T12:00:00Z"), 3);
        assert_eq!(spring, ["03-28 06:00", "03-29 05:00", "03-30 05:00"]);
        let autumn = due(&paris, at("2026-10-23T12:00:00Z"), 3);
        assert_eq!(autumn, ["10-24 05:00", "10-25 06:00", "10-26 06:00"]);
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_is_due_once_that_day() {
        let skipped = schedule("30 2 * * *", "Europe/Paris");
        let days: Vec<String> = due(&skipped, at("2026-03-28T00:00:00Z"), 3);
        assert_eq!(days[0], "03-28 01:30");
        assert_eq!(days.iter().filter(|day| day.starts_with("03-29")).count(), 1, "{days:?}");
        let repeated = due(&skipped, at("2026-10-24T12:00:00Z"), 3);
        assert_eq!(repeated.iter().filter(|day| day.starts_with("10-25")).count(), 1, "{repeated:?}");
    }

    /// A zone, an instant in the day before its clocks change, and the local times that day skips or repeats.
    const CHANGES: [(&str, &str, &[&str]); 12] = [
        ("Europe/Paris", "2026-03-28T12:00:00Z", &["02:00", "02:30", "02:59"]),
        ("Europe/Paris", "2026-10-24T12:00:00Z", &["02:00", "02:30", "02:59"]),
        ("America/New_York", "2026-03-07T18:00:00Z", &["02:00", "02:30", "02:59"]),
        ("America/New_York", "2026-10-31T18:00:00Z", &["01:00", "01:30", "01:59"]),
        ("Australia/Sydney", "2026-10-03T02:00:00Z", &["02:00", "02:30", "02:59"]),
        ("Australia/Sydney", "2026-04-04T02:00:00Z", &["02:00", "02:30", "02:59"]),
        // Half an hour only.
        ("Australia/Lord_Howe", "2026-10-03T02:00:00Z", &["02:00", "02:15", "02:29"]),
        ("Australia/Lord_Howe", "2026-04-04T02:00:00Z", &["01:30", "01:45", "01:59"]),
        // At midnight: the day begins at one, or its eve has twenty-five hours.
        ("America/Santiago", "2026-09-05T15:00:00Z", &["00:00", "00:30", "00:59"]),
        ("America/Santiago", "2026-04-04T15:00:00Z", &["23:00", "23:30", "23:59"]),
        ("America/Havana", "2026-03-07T17:00:00Z", &["00:00", "00:30", "00:59"]),
        ("America/Havana", "2026-10-31T17:00:00Z", &["00:00", "00:30", "00:59"]),
    ];

    #[test]
    fn a_time_of_day_is_due_once_a_day_in_every_zone_whatever_its_clocks_do() {
        for (zone, from, times) in CHANGES {
            for time in times.iter().copied().chain(["07:00", "12:00", "23:15"]) {
                let (hour, minute) = time.split_once(':').unwrap();
                let daily = schedule(&format!("{minute} {hour} * * *"), zone);
                let (mut now, end) = (at(from), at(from) + TimeDelta::days(4));
                let tz = daily.zone().unwrap();
                let mut days = std::collections::BTreeMap::new();
                while let Some(next) = daily.next_after("job", now).filter(|next| *next < end) {
                    assert!(next > now, "{zone} {time}: {next} after {now}");
                    assert!(next - now <= TimeDelta::hours(25), "{zone} {time}: {next} after {now}");
                    *days.entry(next.with_timezone(&tz).date_naive()).or_insert(0) += 1;
                    now = next;
                }
                assert!(days.len() >= 3 && days.values().all(|count| *count == 1), "{zone} {time}: {days:?}");
            }
        }
    }

    #[test]
    fn every_quarter_of_an_hour_stays_that_in_the_missing_and_in_the_doubled_hour() {
        for (zone, from, _) in CHANGES {
            let often = schedule("*/15 * * * *", zone);
            let mut now = at(from);
            for _ in 0..4 * 36 {
                let next = often.next_after("job", now).unwrap();
                assert_eq!(next - now, TimeDelta::minutes(15), "{zone}: {next} after {now}");
                now = next;
            }
        }
    }

    #[test]
    fn jitter_is_bounded_and_the_same_for_everybody() {
        let jittered = Schedule { jitter_minutes: 30, ..schedule("0 7 * * *", "UTC") };
        let first = jittered.next_after("job", at("2026-06-01T12:00:00Z")).unwrap();
        assert_eq!(Some(first), jittered.next_after("job", at("2026-06-01T13:00:00Z")));
        let mut different = std::collections::HashSet::new();
        for job in 0..50 {
            let next = jittered.next_after(&job.to_string(), at("2026-06-01T12:00:00Z")).unwrap();
            assert!(next >= at("2026-06-02T07:00:00Z") && next <= at("2026-06-02T07:30:00Z"), "{next}");
            different.insert(next);
        }
        assert!(different.len() > 25, "{}", different.len());
    }

    #[test]
    fn missed_runs_are_made_up_once_or_not_at_all() {
        let daily = schedule("0 7 * * *", "UTC");
        let (due, late) = (at("2026-06-02T07:00:00Z"), at("2026-06-04T12:00:00Z"));
        let next = Some(at("2026-06-05T07:00:00Z"));
        assert_eq!(daily.decide("job", due, late), Due::Run(next));
        let skipping = Schedule { missed: Missed::Skip, ..daily };
        assert_eq!(skipping.decide("job", due, late), Due::Skip(next));
        // A few minutes late is on time.
        let soon = at("2026-06-02T07:10:00Z");
        assert_eq!(skipping.decide("job", due, soon), Due::Run(Some(at("2026-06-03T07:00:00Z"))));
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for cron in ["", "daily", "61 7 * * *", "0 7 * *", "* * * * * *", "0 25 * * *"] {
            assert!(!schedule(cron, "UTC").check().is_empty(), "{cron}");
        }
        for zone in ["", "Paris", "Europe/Pari", "+02:00"] {
            assert!(!schedule("0 7 * * *", zone).check().is_empty(), "{zone}");
        }
        assert!(schedule("0 7,9,11 * * 1-5", "America/New_York").check().is_empty());
        assert!(schedule("@daily", "UTC").check().is_empty());
    }
}
