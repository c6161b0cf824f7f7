//! Sourcing jobs and their runs.

use chrono::{DateTime, Utc};
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, counts, list, word};
use crate::sourcing::{Job, Outcome, Run};

const JOB: [Field<Job>; 16] = [
    ("job", 20, |job| Cell::Text(job.name.clone())),
    ("paused", 8, |job| Cell::Truth(job.paused)),
    ("cron", 14, |job| Cell::text(job.spec.schedule.as_ref().map(|schedule| schedule.cron.as_str()))),
    ("time_zone", 16, |job| {
        Cell::text(job.spec.schedule.as_ref().map(|schedule| schedule.time_zone.as_str()))
    }),
    ("next_run_at", 17, |job| Cell::time(job.next_run_at)),
    ("strategy", 10, |job| Cell::Text(job.spec.strategy.to_string())),
    ("searches", 9, |job| Cell::integer(i64::try_from(job.spec.searches.len()).ok())),
    ("sub_ranges", 9, |job| Cell::Integer(job.spec.sub_ranges.into())),
    ("budget_tokens", 9, |job| Cell::Integer(job.spec.budget.tokens)),
    ("budget_mode", 9, |job| word(&job.spec.budget.mode)),
    ("last_run", 8, |job| Cell::integer(job.last_run.as_ref().map(|run| run.number))),
    ("last_outcome", 10, |job| {
        Cell::text(job.last_run.as_ref().and_then(|run| run.outcome).map(Outcome::as_str))
    }),
    ("last_ended_at", 17, |job| Cell::time(job.last_run.as_ref().and_then(|run| run.ended_at))),
    ("created_at", 17, |job| Cell::Time(job.created_at)),
    ("updated_at", 17, |job| Cell::Time(job.updated_at)),
    ("job_id", 38, |job| Cell::Code(job.id.clone())),
];

/// Sourcing jobs, in the order given.
#[must_use]
pub fn jobs_sheet(jobs: &[Job], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("jobs", made_at, jobs, JOB)
}

const RUN: [Field<Run>; 21] = [
    ("job", 20, |run| Cell::Text(run.job.clone())),
    ("run", 6, |run| Cell::Integer(run.number)),
    ("state", 10, |run| word(&run.state)),
    ("outcome", 10, |run| Cell::text(run.outcome.map(Outcome::as_str))),
    ("error", 20, |run| Cell::text(run.error.as_ref().map(|error| error.code.as_str()))),
    ("started_by", 10, |run| Cell::Text(run.started_by.clone())),
    ("scheduled_for", 17, |run| Cell::time(run.scheduled_for)),
    ("created_at", 17, |run| Cell::Time(run.created_at)),
    ("started_at", 17, |run| Cell::time(run.started_at)),
    ("ended_at", 17, |run| Cell::time(run.ended_at)),
    ("found", 8, |run| Cell::Integer(run.progress.found)),
    ("judged", 8, |run| Cell::Integer(run.progress.judged)),
    ("picks", 8, |run| Cell::integer(run.funnel.as_ref().map(|funnel| funnel.picks))),
    ("verdicts", 30, |run| run.verdicts.as_ref().map_or(Cell::Missing, counts)),
    ("classes", 30, |run| run.classes.as_ref().map_or(Cell::Missing, counts)),
    ("tokens_estimated", 9, |run| Cell::Integer(run.tokens.estimated)),
    ("tokens_charged", 9, |run| Cell::Integer(run.tokens.charged)),
    ("tokens_saved", 9, |run| Cell::Integer(run.tokens.saved)),
    ("budget_tokens", 9, |run| Cell::Integer(run.budget.tokens)),
    ("explanation", 50, |run| {
        Cell::text(run.funnel.as_ref().and_then(|funnel| funnel.explanation.as_deref()))
    }),
    ("run_id", 38, |run| Cell::Code(run.id.clone())),
];

/// Runs of sourcing jobs, in the order given.
#[must_use]
pub fn runs_sheet(runs: &[Run], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("runs", made_at, runs, RUN)
}
