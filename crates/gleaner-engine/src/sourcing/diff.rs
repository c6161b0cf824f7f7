//! What changed from one run to another: new, gone, changed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use gleaner_store::RunRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::picks::Sighting;
use super::progress::{Progress, candidate_key};
use super::reopen::moved_percent;
use super::runs::Outcome;
use super::schedule::Schedule;
use super::spec::JobSpec;
use super::{from_word, read};
use crate::{Engine, EngineError};

/// A rank that moved by less is the same: ranks move all the time.
const RANK_MOVED: f64 = 20.0;
/// How many earlier runs are looked through for the one to compare with.
const LOOK_BACK: u32 = 200;

/// What a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DiffAgainst {
    /// The last complete run of an earlier day (in the job's time zone); where there is none, the complete run before.
    #[default]
    Day,
    /// The complete run before.
    Previous,
    /// This run, by its id or its number.
    Run(String),
}

impl std::str::FromStr for DiffAgainst {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.trim() {
            "" | "day" => Self::Day,
            "previous" => Self::Previous,
            run => Self::Run(run.to_owned()),
        })
    }
}

/// What changed of a pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingChange)]
pub enum Change {
    /// The price the sale is reckoned with.
    Price,
    /// The verdict.
    Verdict,
    /// The sales rank, by a fifth or more.
    Rank,
}

/// A pick of both runs that changed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingChangedPick)]
pub struct ChangedPick {
    /// What changed.
    pub changes: Vec<Change>,
    /// As the earlier run saw it.
    pub before: Sighting,
    /// As the later run saw it.
    pub now: Sighting,
}

/// A pick of the earlier run that is none of the later.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingGonePick)]
pub struct GonePick {
    /// As the earlier run saw it.
    pub before: Sighting,
    /// As the later run judged it; null when it did not find it.
    pub now: Option<Sighting>,
    /// What it falls short of now; `not_found` when it matches no search of the job any more; `not_listed` when more
    /// products match than the job takes and others came first, so that it was not looked at.
    pub why: String,
}

/// The difference between two runs of a job.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingDiff)]
pub struct RunDiff {
    /// The later run.
    pub run_id: String,
    /// Its number.
    #[schema(value_type = i64)]
    pub run_number: i64,
    /// When it was asked for.
    pub run_at: DateTime<Utc>,
    /// The earlier run; null when there is none to compare with: everything is new then.
    pub against_id: Option<String>,
    /// Its number.
    #[schema(value_type = Option<i64>)]
    pub against_number: Option<i64>,
    /// When it was asked for.
    pub against_at: Option<DateTime<Utc>>,
    /// Picked now, not before.
    pub new: Vec<Sighting>,
    /// Picked before, not now.
    pub gone: Vec<GonePick>,
    /// Picked both times, and not the same.
    pub changed: Vec<ChangedPick>,
    /// How many are the same.
    #[schema(value_type = i64)]
    pub unchanged: i64,
}

impl Engine {
    /// Compares a run with an earlier one of its job.
    pub async fn sourcing_diff(&self, run: &str, against: DiffAgainst) -> Result<RunDiff, EngineError> {
        let run = self.run_row(run).await?;
        if run.ended_at.is_none() {
            return Err(EngineError::refused(
                "run_under_way",
                "this run has not ended yet: compare it when it has",
            ));
        }
        let earlier = self.earlier_run(&run, against).await?;
        let absence = read::<Progress>("progress", &run.progress)?.absence();
        let now = self.seen_by(&run).await?;
        let mut before = match &earlier {
            Some(earlier) => self.seen_by(earlier).await?,
            None => BTreeMap::new(),
        };
        before.retain(|_, sighting| sighting.passed);
        let mut diff = RunDiff {
            run_at: run.created_at.and_utc(),
            run_id: run.id,
            run_number: run.number,
            against_id: earlier.as_ref().map(|run| run.id.clone()),
            against_number: earlier.as_ref().map(|run| run.number),
            against_at: earlier.map(|run| run.created_at.and_utc()),
            new: Vec::new(),
            gone: Vec::new(),
            changed: Vec::new(),
            unchanged: 0,
        };
        for (key, now) in now {
            match (before.remove(&key), now.passed) {
                (None, true) => diff.new.push(now),
                (None, false) => {}
                (Some(before), false) => {
                    let why = now.missed.clone().unwrap_or_default();
                    diff.gone.push(GonePick { before, now: Some(now), why });
                }
                (Some(before), true) => match changes(&before, &now) {
                    changes if changes.is_empty() => diff.unchanged += 1,
                    changes => diff.changed.push(ChangedPick { changes, before, now }),
                },
            }
        }
        diff.gone.extend(before.into_values().map(|before| GonePick {
            before,
            now: None,
            why: absence.to_owned(),
        }));
        Ok(diff)
    }

    async fn earlier_run(&self, run: &RunRow, against: DiffAgainst) -> Result<Option<RunRow>, EngineError> {
        if let DiffAgainst::Run(text) = &against {
            let found = match text.parse::<i64>() {
                Ok(number) => {
                    let before = number.saturating_add(1);
                    let rows = self.store.sourcing_runs_of(&run.job_id, before, 1).await?;
                    rows.into_iter().find(|row| row.number == number)
                }
                Err(_) => self.store.sourcing_run(text).await?.filter(|row| row.job_id == run.job_id),
            };
            return match found {
                Some(row) if row.number < run.number => Ok(Some(row)),
                _ => Err(EngineError::field(
                    "against",
                    format!(
                        "'{text}' is no earlier run of this job: use day, previous, a run's number or its id"
                    ),
                )),
            };
        }
        let mut complete = Vec::new();
        for row in self.store.sourcing_runs_of(&run.job_id, run.number, LOOK_BACK).await? {
            let outcome: Option<Outcome> =
                row.outcome.as_deref().map(|word| from_word("outcome", word)).transpose()?;
            if outcome.is_some_and(Outcome::is_complete) {
                complete.push(row);
            }
        }
        if against == DiffAgainst::Previous {
            return Ok(complete.into_iter().next());
        }
        let spec: JobSpec = read("job of a run", &run.document)?;
        let zone = spec.schedule.as_ref().map(Schedule::zone).and_then(Result::ok).unwrap_or(chrono_tz::UTC);
        let day = |row: &RunRow| -> NaiveDate { row.created_at.and_utc().with_timezone(&zone).date_naive() };
        let today = day(run);
        let yesterday = complete.iter().position(|row| day(row) < today);
        let chosen = yesterday.unwrap_or(0);
        Ok(complete.into_iter().nth(chosen))
    }

    async fn seen_by(&self, run: &RunRow) -> Result<BTreeMap<String, Sighting>, EngineError> {
        let marketplace = read::<Progress>("progress", &run.progress)?.marketplace();
        let rows = self.store.sourcing_sightings(&run.id).await?;
        rows.iter()
            .map(|row| Ok((candidate_key(&row.asin, &row.item_condition), Sighting::new(row, marketplace)?)))
            .collect()
    }
}

fn changes(before: &Sighting, now: &Sighting) -> Vec<Change> {
    let (before, now) = (&before.figures, &now.figures);
    let rank = match (before.bsr, now.bsr) {
        (Some(then), Some(now)) => moved_percent(then, now) >= RANK_MOVED,
        (then, now) => then != now,
    };
    [
        (Change::Price, before.sell_price != now.sell_price),
        (Change::Verdict, before.recommendation != now.recommendation),
        (Change::Rank, rank),
    ]
    .into_iter()
    .filter_map(|(change, differs)| differs.then_some(change))
    .collect()
}
