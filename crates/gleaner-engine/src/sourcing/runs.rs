//! Runs as people see them: started, watched, cancelled, listed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gleaner_store::{RunNew, RunRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::drive::Driven;
use super::funnel::RunFunnel;
use super::progress::{Estimate, Phase, Progress, RunTokens};
use super::spec::JobSpec;
use super::{from_word, read, word, written};
use crate::answer::Budget;
use crate::scoring::count;
use crate::{Caller, Engine, EngineError, stored};

/// How often a run that somebody watches is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How often a run that is to stop is looked at before the answer goes out, and with what pauses.
const CANCEL_LOOKS: usize = 20;
const CANCEL_LOOK: Duration = Duration::from_millis(50);

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingRunState)]
pub enum RunState {
    /// Asked for, not begun.
    Queued,
    /// Under way.
    Running,
    /// For tokens, or until Keepa answers again.
    Waiting,
    /// See its outcome.
    Ended,
}

/// How a run ended: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingOutcome)]
pub enum Outcome {
    /// Everything was looked at, and there are picks.
    Done,
    /// Everything was looked at, and nothing was good enough: the funnel says why.
    Empty,
    /// Its budget was used up before everything was looked at.
    Budget,
    /// Something went wrong: the error says what.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Outcome {
    /// Whether everything was looked at: only then absence means something.
    pub(super) fn is_complete(self) -> bool {
        matches!(self, Self::Done | Self::Empty)
    }

    /// The word in the database and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Empty => "empty",
            Self::Budget => "budget",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a run failed, or why it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingRunError)]
pub struct RunError {
    /// A stable word for programs, for example `tokens_short`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// What came of a run, as its row keeps it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) funnel: RunFunnel,
    pub(super) error: Option<RunError>,
    pub(super) verdicts: BTreeMap<String, i64>,
    pub(super) classes: BTreeMap<String, i64>,
    pub(super) history_id: Option<Uuid>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcingRunProgress)]
pub struct RunProgress {
    /// What it is busy with.
    pub phase: Phase,
    /// Pages asked for.
    #[schema(value_type = i64)]
    pub pages_done: i64,
    /// Pages to ask for.
    #[schema(value_type = i64)]
    pub pages: i64,
    /// Products found so far, each once.
    #[schema(value_type = i64)]
    pub found: i64,
    /// Products judged so far.
    #[schema(value_type = i64)]
    pub judged: i64,
    /// Those that were good enough so far.
    #[schema(value_type = i64)]
    pub passed: i64,
    /// About how much of the work is done, 0 to 100.
    #[schema(value_type = i64)]
    pub percent: i64,
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingRun)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Its job.
    pub job_id: String,
    /// The job's name when it began.
    pub job: String,
    /// Counts the job's runs from 1.
    #[schema(value_type = i64)]
    pub number: i64,
    /// Where it is.
    pub state: RunState,
    /// How it ended; null until then.
    pub outcome: Option<Outcome>,
    /// Why it failed; null otherwise.
    pub error: Option<RunError>,
    /// `schedule` or `person`.
    pub started_by: String,
    /// The moment it was due, for a run on schedule.
    pub scheduled_for: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Until when it waits.
    pub resume_at: Option<DateTime<Utc>>,
    /// Why it waits.
    pub waiting_for: Option<String>,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// Raised with each step.
    #[schema(value_type = i64)]
    pub revision: i64,
    /// How far it is.
    pub progress: RunProgress,
    /// What it cost.
    pub tokens: RunTokens,
    /// What it may spend.
    pub budget: Budget,
    /// How many products got which verdict; null until it has ended.
    pub verdicts: Option<BTreeMap<String, i64>>,
    /// How many picks of which class it left; null until it has ended.
    pub classes: Option<BTreeMap<String, i64>>,
    /// How its products became its picks; null until it has ended.
    pub funnel: Option<RunFunnel>,
    /// The row of the history that records it.
    pub history_id: Option<Uuid>,
}

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunsQuestion {
    /// Of this job, by id or name; of all when absent.
    pub job: Option<String>,
    /// With a lower number than this (only with a job).
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u32,
}

impl Run {
    pub(super) fn new(row: RunRow) -> Result<Self, EngineError> {
        let spec: JobSpec = read("job of a run", &row.document)?;
        let progress: Progress = read("progress", &row.progress)?;
        let report: Option<Report> = row.report.as_deref().map(|text| read("report", text)).transpose()?;
        let outcome = row.outcome.as_deref().map(|word| from_word("outcome", word)).transpose()?;
        let (error, verdicts, classes, funnel, history_id) = match report {
            Some(r) => (r.error, Some(r.verdicts), Some(r.classes), Some(r.funnel), r.history_id),
            None => (None, None, None, None, None),
        };
        Ok(Self {
            id: row.id,
            job_id: row.job_id,
            job: spec.name,
            number: row.number,
            state: from_word("state", &row.state)?,
            outcome,
            error,
            started_by: row.started_by,
            scheduled_for: row.scheduled_for.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            started_at: row.started_at.map(|at| at.and_utc()),
            ended_at: row.ended_at.map(|at| at.and_utc()),
            resume_at: row.resume_at.map(|at| at.and_utc()),
            waiting_for: progress.waiting_for.clone().filter(|_| outcome.is_none()),
            cancel_requested: row.cancel_requested != 0,
            revision: row.revision,
            progress: RunProgress::new(&progress),
            tokens: progress.tokens,
            budget: spec.budget,
            verdicts,
            classes,
            funnel,
            history_id,
        })
    }
}

impl RunProgress {
    fn new(progress: &Progress) -> Self {
        let (pages, pages_done) =
            (progress.parts.len(), progress.parts.iter().filter(|part| part.found.is_some()).count());
        let found = progress.candidates().0.len();
        let judged = progress.scored + count(progress.unusable.len());
        // Asking for pages is a tenth of the work, judging what they bring the rest.
        let share = |part: i64, whole: usize| if whole == 0 { 0 } else { part * 100 / count(whole) };
        let percent = match progress.phase {
            Phase::Estimate => 0,
            Phase::Discover => share(count(pages_done), pages) / 10,
            Phase::Score => 10 + share(judged, found) * 9 / 10,
            Phase::Done => 100,
        };
        Self {
            phase: progress.phase,
            pages_done: count(pages_done),
            pages: count(pages),
            found: count(found),
            judged,
            passed: progress.passed,
            percent: percent.clamp(0, 100),
        }
    }
}

impl Engine {
    /// Runs a job now, in the background; a job that is running already goes on, and that run is the answer.
    pub async fn start_sourcing_run(&self, job: &str, caller: Caller) -> Result<Run, EngineError> {
        let run = self.begin_sourcing_run(job, caller).await?;
        self.spawn_run(run.id.clone());
        Ok(run)
    }

    /// Begins a run without working on it, or finds the one that has not ended.
    async fn begin_sourcing_run(&self, job: &str, caller: Caller) -> Result<Run, EngineError> {
        let row = self.job_row(job).await?;
        let spec: JobSpec = read("job", &row.document)?;
        for _ in 0..crate::ATTEMPTS {
            if let Some(open) = self.store.sourcing_run_open(&row.id).await? {
                return Run::new(open);
            }
            let new = RunNew {
                id: Uuid::now_v7().to_string(),
                job_id: row.id.clone(),
                started_by: "person".to_owned(),
                source: caller.source_column(),
                user_id: caller.user_column(),
                scheduled_for: None,
                due_next: None,
                created_at: stored(self.now()),
                document: written(&spec)?,
                progress: written(&Progress::default())?,
            };
            if self.store.begin_sourcing_run(&new).await? {
                return self.sourcing_run(&new.id).await;
            }
        }
        Err(EngineError::Unsettled)
    }

    /// Runs a job now and waits until the run has ended; whoever listens is told how far it is.
    pub async fn run_sourcing_job(
        &self,
        job: &str,
        caller: Caller,
        listener: impl Fn(&Run),
    ) -> Result<Run, EngineError> {
        let run = self.begin_sourcing_run(job, caller).await?;
        let watching = async {
            loop {
                let run = self.sourcing_run(&run.id).await?;
                listener(&run);
                if run.state == RunState::Ended {
                    return Ok(run);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let working = async {
            loop {
                match self.drive(&run.id).await? {
                    Driven::Ended => return Ok::<_, EngineError>(()),
                    // Somebody else works on it, or it waits: look again, it may have been cancelled.
                    Driven::Busy | Driven::Parked(_) => tokio::time::sleep(LOOK).await,
                }
            }
        };
        let (run, ()) = futures::future::try_join(watching, working).await?;
        Ok(run)
    }

    /// A run.
    pub async fn sourcing_run(&self, id: &str) -> Result<Run, EngineError> {
        Run::new(self.run_row(id).await?)
    }

    /// A run's row.
    pub(super) async fn run_row(&self, id: &str) -> Result<RunRow, EngineError> {
        self.store.sourcing_run(id).await?.ok_or_else(|| EngineError::not_found("run", id))
    }

    /// A run by its id, or as `JOB` (the newest) or `JOB#NUMBER`.
    pub async fn find_sourcing_run(&self, text: &str) -> Result<Run, EngineError> {
        if let Some(row) = self.store.sourcing_run(text).await? {
            return Run::new(row);
        }
        let (job, number) = match text.rsplit_once('#') {
            Some((job, number)) => match number.trim().parse::<i64>() {
                Ok(number) => (job, Some(number)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        let job = self.job_row(job).await?;
        let before = number.map_or(i64::MAX, |number| number.saturating_add(1));
        let found = self.store.sourcing_runs_of(&job.id, before, 1).await?.into_iter().next();
        match found.filter(|run| number.is_none_or(|number| run.number == number)) {
            Some(row) => Run::new(row),
            None if number.is_none() => {
                let message = format!("the job '{}' has not run yet", job.name);
                Err(EngineError::refused("no_run_yet", message))
            }
            None => Err(EngineError::not_found("run", text)),
        }
    }

    /// Runs, newest first.
    pub async fn sourcing_runs(&self, question: &RunsQuestion) -> Result<Vec<Run>, EngineError> {
        let rows = match &question.job {
            Some(job) => {
                let job = self.job_row(job).await?;
                let before = question.before.unwrap_or(i64::MAX);
                self.store.sourcing_runs_of(&job.id, before, question.limit).await?
            }
            None => self.store.sourcing_runs_recent(question.limit).await?,
        };
        rows.into_iter().map(Run::new).collect()
    }

    /// Asks a run to stop. One that nobody works on ends at once, another one at its next step; what was judged until
    /// then is kept.
    pub async fn cancel_sourcing_run(&self, id: &str) -> Result<Run, EngineError> {
        let row = self.run_row(id).await?;
        if self.store.cancel_sourcing_run(&row.id).await? {
            // Whoever works on it sees it before the next step: that is worth a moment.
            for _ in 0..CANCEL_LOOKS {
                if self.drive(&row.id).await? != Driven::Busy {
                    break;
                }
                tokio::time::sleep(CANCEL_LOOK).await;
            }
        }
        self.sourcing_run(&row.id).await
    }

    /// What a run of a job would cost now, at most. Spends nothing.
    pub async fn sourcing_estimate(&self, job: &str) -> Result<Estimate, EngineError> {
        let row = self.job_row(job).await?;
        let spec: JobSpec = read("job", &row.document)?;
        let searches = self.resolve_searches(&spec).await?;
        self.estimate(spec.strategy, &Progress::planned(searches, spec.sub_ranges)).await
    }
}

/// The word of a state, as its column keeps it.
pub(super) fn state_word(state: RunState) -> String {
    word(&state)
}
