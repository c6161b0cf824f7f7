//! Jobs: made, changed, paused, deleted.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_store::{JobPut, JobRow, RunRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::runs::Outcome;
use super::spec::JobSpec;
use super::{from_word, read, written};
use crate::{Engine, EngineError, stored};

/// A job that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingJob)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Raised with each change; a change says which version it began from.
    #[schema(value_type = i64)]
    pub version: i64,
    /// Whether it waits to be resumed.
    pub paused: bool,
    /// When it runs next by itself; null when it does not.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// What it is.
    pub spec: JobSpec,
    /// Its newest run.
    pub last_run: Option<LastRun>,
}

/// The newest run of a job, in short.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingLastRun)]
pub struct LastRun {
    /// Its id.
    pub id: String,
    /// Its number.
    #[schema(value_type = i64)]
    pub number: i64,
    /// How it ended; null while it runs.
    pub outcome: Option<Outcome>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A change of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourcingJobEdit)]
pub struct JobEdit {
    /// What it is from now on.
    pub spec: JobSpec,
    /// The version this change began from: when somebody changed it in between, it is refused.
    #[schema(value_type = i64)]
    pub version: i64,
}

impl Job {
    fn new(row: JobRow, last_run: Option<&RunRow>) -> Result<Self, EngineError> {
        let last_run = last_run
            .map(|run| {
                Ok::<_, EngineError>(LastRun {
                    id: run.id.clone(),
                    number: run.number,
                    outcome: run.outcome.as_deref().map(|word| from_word("outcome", word)).transpose()?,
                    created_at: run.created_at.and_utc(),
                    ended_at: run.ended_at.map(|at| at.and_utc()),
                })
            })
            .transpose()?;
        Ok(Self {
            spec: read("job", &row.document)?,
            id: row.id,
            name: row.name,
            version: row.version,
            paused: row.paused != 0,
            next_run_at: row.next_run_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
            last_run,
        })
    }
}

impl Engine {
    /// All jobs, by name.
    pub async fn sourcing_jobs(&self) -> Result<Vec<Job>, EngineError> {
        let newest: HashMap<String, RunRow> = self
            .store
            .sourcing_runs_newest()
            .await?
            .into_iter()
            .map(|run| (run.job_id.clone(), run))
            .collect();
        let rows = self.store.sourcing_jobs().await?;
        rows.into_iter()
            .map(|row| {
                let last = newest.get(&row.id);
                Job::new(row, last)
            })
            .collect()
    }

    /// A job by its id or its name.
    pub async fn sourcing_job(&self, job: &str) -> Result<Job, EngineError> {
        let row = self.job_row(job).await?;
        let last = self.store.sourcing_runs_of(&row.id, i64::MAX, 1).await?;
        Job::new(row, last.first())
    }

    /// A job's row by its id or its name.
    pub(super) async fn job_row(&self, job: &str) -> Result<JobRow, EngineError> {
        let by_id = self.store.sourcing_job(job).await?.filter(|row| row.deleted_at.is_none());
        let found = match by_id {
            Some(row) => Some(row),
            None => self.store.sourcing_job_named(job.trim()).await?,
        };
        found.ok_or_else(|| EngineError::not_found("sourcing job", job))
    }

    /// Makes a job.
    pub async fn create_sourcing_job(&self, spec: JobSpec) -> Result<Job, EngineError> {
        let spec = self.checked_job(spec).await?;
        let put = self.job_put(Uuid::now_v7().to_string(), &spec, false)?;
        if !self.store.add_sourcing_job(&put).await? {
            return Err(name_taken(&spec.name));
        }
        self.sourcing_job(&put.id).await
    }

    /// Changes a job. Its runs and picks stay; a run under way goes on as it began.
    pub async fn edit_sourcing_job(&self, job: &str, edit: JobEdit) -> Result<Job, EngineError> {
        let spec = self.checked_job(edit.spec).await?;
        let before = self.job_row(job).await?;
        if let Some(other) = self.store.sourcing_job_named(&spec.name).await?
            && other.id != before.id
        {
            return Err(name_taken(&spec.name));
        }
        let put = self.job_put(before.id.clone(), &spec, before.paused != 0)?;
        if !self.store.change_sourcing_job(&put, edit.version).await? {
            let newest = self.job_row(&before.id).await?.version;
            return Err(EngineError::Conflict { what: "sourcing job", based_on: edit.version, newest });
        }
        self.sourcing_job(&before.id).await
    }

    /// Pauses a job: it does not run by itself until it is resumed.
    pub async fn pause_sourcing_job(&self, job: &str) -> Result<Job, EngineError> {
        let row = self.job_row(job).await?;
        self.store.pause_sourcing_job(&row.id, true, None, stored(self.now())).await?;
        self.sourcing_job(&row.id).await
    }

    /// Resumes a job: it runs at the next moment of its schedule.
    pub async fn resume_sourcing_job(&self, job: &str) -> Result<Job, EngineError> {
        let row = self.job_row(job).await?;
        let spec: JobSpec = read("job", &row.document)?;
        let next = self.next_run(&row.id, &spec);
        self.store.pause_sourcing_job(&row.id, false, next.map(stored), stored(self.now())).await?;
        self.sourcing_job(&row.id).await
    }

    /// Deletes a job and cancels its run. What it saw stays in the database; its picks are not listed any more.
    pub async fn delete_sourcing_job(&self, job: &str) -> Result<(), EngineError> {
        let row = self.job_row(job).await?;
        self.store.delete_sourcing_job(&row.id, stored(self.now())).await?;
        if let Some(run) = self.store.sourcing_run_open(&row.id).await? {
            self.cancel_sourcing_run(&run.id).await?;
        }
        Ok(())
    }

    /// The checks that need no look anywhere, and those that do.
    async fn checked_job(&self, mut spec: JobSpec) -> Result<JobSpec, EngineError> {
        spec.name = spec.name.trim().to_owned();
        let errors = spec.check();
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        self.resolve_searches(&spec).await?;
        Ok(spec)
    }

    fn job_put(&self, id: String, spec: &JobSpec, paused: bool) -> Result<JobPut, EngineError> {
        let next = if paused { None } else { self.next_run(&id, spec) };
        Ok(JobPut {
            name: spec.name.clone(),
            document: written(spec)?,
            paused,
            next_run_at: next.map(stored),
            at: stored(self.now()),
            id,
        })
    }

    fn next_run(&self, id: &str, spec: &JobSpec) -> Option<DateTime<Utc>> {
        spec.schedule.as_ref()?.next_after(id, self.now())
    }
}

fn name_taken(name: &str) -> EngineError {
    EngineError::Invalid(vec![FieldError::new("name", format!("there is a job named '{name}' already"))])
}
