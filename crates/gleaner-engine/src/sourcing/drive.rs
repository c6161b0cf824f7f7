//! Working on a run: one step after the other, each written with what it brought.
//!
//! A run belongs to whoever holds the lease of its job. A step is written with the revision that was read before it:
//! a process that lost its lease without noticing writes nothing. What a step pays for is kept by discovery and
//! scoring themselves before the step is written, so a step that is done again after a crash finds it there.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gleaner_store::{RunPut, RunRow, Write};
use uuid::Uuid;

use super::progress::{Candidate, Phase, Progress, candidate_key};
use super::runs::{Outcome, RunError, RunState, state_word};
use super::setbacks::{After, is_short};
use super::spec::JobSpec;
use super::{read, written};
use crate::answer::Budget;
use crate::{Caller, Engine, EngineError, Errand, Source, stored};

/// How far working on a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driven {
    /// It has ended.
    Ended,
    /// It waits until then.
    Parked(DateTime<Utc>),
    /// Somebody else works on it.
    Busy,
}

/// What a step came to.
enum Step {
    /// There is more to do.
    More,
    /// Everything was looked at.
    Complete,
    /// It ends early.
    Stop(Outcome),
    /// Somebody else took the run over.
    Lost,
}

/// A run at work.
pub(super) struct Work {
    pub(super) row: RunRow,
    pub(super) spec: JobSpec,
    pub(super) progress: Progress,
    pub(super) caller: Caller,
    /// Candidates that have been judged.
    pub(super) judged: HashSet<String>,
    /// After a crash: the last step that was written. What was bought since, the lost step bought.
    pub(super) lost_since: Option<DateTime<Utc>>,
}

impl Engine {
    /// Works on a run in the background until it has ended or waits.
    pub(super) fn spawn_run(&self, id: String) {
        let engine = self.clone();
        tokio::spawn(async move {
            if let Err(error) = engine.drive(&id).await {
                tracing::warn!(run = id, code = error.code(), %error, "a run was interrupted; it goes on later");
            }
        });
    }

    /// Works on a run until it has ended or waits, unless somebody else does.
    pub(super) async fn drive(&self, id: &str) -> Result<Driven, EngineError> {
        let row = self.run_row(id).await?;
        if row.ended_at.is_some() {
            return Ok(Driven::Ended);
        }
        let Some(_working) = self.sourcing.begin(&row.job_id) else { return Ok(Driven::Busy) };
        let held = self.leases.take(&[format!("sourcing:{}", row.job_id)]).await?;
        if held.keys().is_empty() {
            return Ok(Driven::Busy);
        }
        let driven = Box::pin(self.drive_held(id)).await;
        held.release().await;
        driven
    }

    async fn drive_held(&self, id: &str) -> Result<Driven, EngineError> {
        let mut work = self.pick_up(id).await?;
        if work.row.ended_at.is_some() {
            return Ok(Driven::Ended);
        }
        let parked = work.row.resume_at.map(|at| at.and_utc()).filter(|at| *at > self.now());
        if let Some(until) = parked.filter(|_| work.row.cancel_requested == 0) {
            return Ok(Driven::Parked(until));
        }
        loop {
            let step = match self.step(&mut work).await {
                Ok(step) => step,
                Err(error) => match self.after(&error, &work.progress) {
                    After::Wait(until) => {
                        work.progress.failures += u32::from(!is_short(&error));
                        work.progress.waiting_since.get_or_insert(self.now());
                        work.progress.waiting_for = Some(error.to_string());
                        let parked = self.advance(&mut work, RunState::Waiting, Some(until), &[]).await?;
                        return Ok(if parked { Driven::Parked(until) } else { Driven::Busy });
                    }
                    After::Budget => Step::Stop(Outcome::Budget),
                    After::Fail => {
                        let told = RunError { code: error.code().to_owned(), message: error.to_string() };
                        return self.end(work, Outcome::Failed, Some(told)).await;
                    }
                    After::Later => return Err(error),
                },
            };
            match step {
                Step::More => {}
                Step::Complete => return self.end(work, Outcome::Done, None).await,
                Step::Stop(outcome) => return self.end(work, outcome, None).await,
                Step::Lost => return Ok(Driven::Busy),
            }
        }
    }

    async fn end(
        &self,
        mut work: Work,
        outcome: Outcome,
        error: Option<RunError>,
    ) -> Result<Driven, EngineError> {
        let ended = Box::pin(self.finish(&mut work, outcome, error)).await?;
        Ok(if ended { Driven::Ended } else { Driven::Busy })
    }

    /// Reads all that is known of a run.
    async fn pick_up(&self, id: &str) -> Result<Work, EngineError> {
        let row = self.run_row(id).await?;
        let progress: Progress = read("progress", &row.progress)?;
        let judged = self.store.sourcing_sightings(id).await?;
        let judged = judged.iter().map(|s| candidate_key(&s.asin, &s.item_condition)).collect();
        let source = match row.source.as_str() {
            "frontend" => Source::Frontend,
            "manual" => Source::Manual,
            _ => Source::Api,
        };
        let user_id = row.user_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        let caller = Caller { user_id, ..Caller::new(source) };
        // A run that needs tokens waits as a whole, and its row says until when.
        let caller = caller.on(Errand::Job).waiting(Some(Duration::ZERO));
        let crashed = row.state == state_word(RunState::Running);
        Ok(Work {
            spec: read("job of a run", &row.document)?,
            lost_since: progress.advanced_at.filter(|_| crashed),
            row,
            progress,
            caller,
            judged,
        })
    }

    /// Writes a step; `false` when somebody else took the run over.
    pub(super) async fn advance(
        &self,
        work: &mut Work,
        state: RunState,
        resume_at: Option<DateTime<Utc>>,
        writes: &[Write],
    ) -> Result<bool, EngineError> {
        let now = self.now();
        work.progress.advanced_at = Some(now);
        let put = RunPut {
            state: state_word(state),
            resume_at: resume_at.map(stored),
            started_at: work.row.started_at.or(Some(stored(now))),
            progress: written(&work.progress)?,
            ..unchanged(&work.row)
        };
        let advanced = self.store.advance_sourcing_run(&put, work.row.revision, writes).await?;
        if advanced {
            work.row = self.run_row(&work.row.id).await?;
        }
        Ok(advanced)
    }

    /// One step: the next thing to do, done and written.
    async fn step(&self, work: &mut Work) -> Result<Step, EngineError> {
        if work.row.cancel_requested != 0 {
            return Ok(Step::Stop(Outcome::Cancelled));
        }
        let writes = match work.progress.phase {
            Phase::Estimate => self.begin(work).await?,
            Phase::Discover => self.ask(work).await?,
            Phase::Score => match self.judge(work).await? {
                Some(writes) => writes,
                None if work.open().is_empty() => return Ok(Step::Complete),
                None => return Ok(Step::Stop(Outcome::Budget)),
            },
            Phase::Done => return Ok(Step::Complete),
        };
        work.lost_since = None;
        work.progress.failures = 0;
        work.progress.waiting_since = None;
        work.progress.waiting_for = None;
        let advanced = self.advance(work, RunState::Running, None, &writes).await?;
        Ok(if advanced { Step::More } else { Step::Lost })
    }
}

fn unchanged(row: &RunRow) -> RunPut {
    RunPut {
        id: row.id.clone(),
        state: row.state.clone(),
        outcome: row.outcome.clone(),
        resume_at: row.resume_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        progress: row.progress.clone(),
        report: row.report.clone(),
    }
}

impl Work {
    /// What is left of the budget.
    pub(super) fn left(&self) -> Budget {
        let Budget { tokens, mode } = self.spec.budget;
        Budget { tokens: (tokens - self.progress.tokens.charged).max(0), mode }
    }

    /// The candidates that have not been judged, in the order they were found.
    pub(super) fn open(&self) -> Vec<Candidate> {
        let (mut candidates, _) = self.progress.candidates();
        candidates.retain(|candidate| {
            let key = candidate.key();
            !self.judged.contains(&key) && !self.progress.unusable.contains_key(&key)
        });
        candidates
    }
}
