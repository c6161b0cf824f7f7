//! The scheduler: starts what is due and goes on with what was interrupted. However many processes do so, each due
//! time starts one run: whoever moves the job's due time on first.

use gleaner_store::{JobRow, RunNew};
use uuid::Uuid;

use super::progress::Progress;
use super::schedule::Due;
use super::spec::JobSpec;
use super::{read, written};
use crate::{Caller, Engine, EngineError, Source, stored};

/// What a look at the clock set going.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ticked {
    /// Runs that were due.
    pub started: Vec<String>,
    /// Runs that had not ended and whose time to wait, if any, is over. Those that another process works on are among
    /// them: it keeps them.
    pub resumed: Vec<String>,
    /// Jobs whose due time passed without a run: missed, and their policy is to skip, or their run before still goes
    /// on.
    pub skipped: Vec<String>,
}

impl Engine {
    /// Looks at the clock once: starts the jobs that are due, in the background, and goes on with runs that wait or
    /// were interrupted.
    pub async fn sourcing_tick(&self) -> Result<Ticked, EngineError> {
        let now = self.now();
        let mut ticked = Ticked::default();
        for run in self.store.sourcing_runs_open().await? {
            let waits = run.resume_at.is_some_and(|at| at > stored(now)) && run.cancel_requested == 0;
            if !waits {
                ticked.resumed.push(run.id);
            }
        }
        for job in self.store.sourcing_jobs_due(stored(now)).await? {
            // A job that cannot be started must not keep the others waiting.
            match self.start_due(&job).await {
                Ok(Some(run)) => ticked.started.push(run),
                Ok(None) => ticked.skipped.push(job.id),
                Err(error) => {
                    tracing::warn!(job = job.name, code = error.code(), %error, "a due job was not started");
                }
            }
        }
        for run in ticked.started.iter().chain(&ticked.resumed) {
            self.spawn_run(run.clone());
        }
        Ok(ticked)
    }

    pub(crate) async fn run_due_jobs(&self) -> Result<(), EngineError> {
        self.sourcing_tick().await.map(drop)
    }

    /// Begins the run of a due job; `None` when there is none this time.
    async fn start_due(&self, job: &JobRow) -> Result<Option<String>, EngineError> {
        let spec: JobSpec = read("job", &job.document)?;
        let Some(due) = job.next_run_at else { return Ok(None) };
        let Some(schedule) = &spec.schedule else {
            self.store.skip_sourcing_run(&job.id, due, None).await?;
            return Ok(None);
        };
        let next = match schedule.decide(&job.id, due.and_utc(), self.now()) {
            Due::Run(next) => next,
            Due::Skip(next) => {
                tracing::info!(job = job.name, due = %due, "a run was missed and is skipped");
                self.store.skip_sourcing_run(&job.id, due, next.map(stored)).await?;
                return Ok(None);
            }
        };
        let run = RunNew {
            id: Uuid::now_v7().to_string(),
            job_id: job.id.clone(),
            started_by: "schedule".to_owned(),
            source: Caller::new(Source::Api).source_column(),
            user_id: None,
            scheduled_for: Some(due),
            due_next: next.map(stored),
            created_at: stored(self.now()),
            document: job.document.clone(),
            progress: written(&Progress::default())?,
        };
        let begun = self.store.begin_sourcing_run(&run).await?;
        Ok(begun.then_some(run.id))
    }
}
