//! `gleaner_sourcing_run`: what a job did, or is doing.
//!
//! Whoever works on a run writes each step with the revision that it read: when somebody else took the run over in
//! between, nothing is written.

use chrono::NaiveDateTime;

use crate::commit::Write;
use crate::draft;
use crate::statement::{Statement, Value, exact, exact_option};
use crate::{Store, StoreError, race};

/// A run to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNew {
    /// Made by the caller.
    pub id: String,
    /// Its job.
    pub job_id: String,
    /// `schedule` or `person`.
    pub started_by: String,
    /// `frontend`, `api` or `manual`.
    pub source: String,
    /// Who asked for it.
    pub user_id: Option<String>,
    /// The moment it was due (UTC), for a run on schedule.
    pub scheduled_for: Option<NaiveDateTime>,
    /// For a run on schedule: when the job is due after this (UTC).
    pub due_next: Option<NaiveDateTime>,
    /// When it was asked for (UTC).
    pub created_at: NaiveDateTime,
    /// The job as it is now, as JSON.
    pub document: String,
    /// How far it is, as JSON.
    pub progress: String,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPut {
    /// The run.
    pub id: String,
    /// `queued`, `running`, `waiting` or `ended`.
    pub state: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// Until when it waits (UTC).
    pub resume_at: Option<NaiveDateTime>,
    /// When it started (UTC).
    pub started_at: Option<NaiveDateTime>,
    /// When it ended (UTC).
    pub ended_at: Option<NaiveDateTime>,
    /// How far it is, as JSON.
    pub progress: String,
    /// What came of it, as JSON.
    pub report: Option<String>,
}

/// A run that is kept; the fields are those of [`RunNew`] and [`RunPut`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at RunNew and RunPut")]
pub struct RunRow {
    pub id: String,
    pub job_id: String,
    /// Counts the job's runs from 1.
    pub number: i64,
    pub state: String,
    pub outcome: Option<String>,
    pub started_by: String,
    pub source: String,
    pub user_id: Option<String>,
    pub scheduled_for: Option<NaiveDateTime>,
    pub resume_at: Option<NaiveDateTime>,
    pub created_at: NaiveDateTime,
    pub started_at: Option<NaiveDateTime>,
    pub ended_at: Option<NaiveDateTime>,
    /// 1 when it is to stop.
    pub cancel_requested: i64,
    /// Raised by one with each step.
    pub revision: i64,
    pub document: String,
    pub progress: String,
    pub report: Option<String>,
}

const COLUMNS: &str = "SELECT id, job_id, number, state, outcome, started_by, source, user_id, scheduled_for, \
     resume_at, created_at, started_at, ended_at, cancel_requested, revision, document, progress, report \
     FROM gleaner_sourcing_run";

impl Store {
    /// A run.
    pub async fn sourcing_run(&self, id: &str) -> Result<Option<RunRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        Ok(self.runs_where(sql, vec![id.into()]).await?.into_iter().next())
    }

    /// The run of a job that has not ended.
    pub async fn sourcing_run_open(&self, job_id: &str) -> Result<Option<RunRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE job_id = $1 AND state <> 'ended'");
        Ok(self.runs_where(sql, vec![job_id.into()]).await?.into_iter().next())
    }

    /// All runs that have not ended, the oldest first.
    pub async fn sourcing_runs_open(&self) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE state <> 'ended' ORDER BY created_at, id");
        self.runs_where(sql, Vec::new()).await
    }

    /// The runs of a job with a number below `before`, newest first.
    pub async fn sourcing_runs_of(
        &self,
        job_id: &str,
        before: i64,
        limit: u32,
    ) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE job_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3");
        self.runs_where(sql, vec![job_id.into(), before.into(), i64::from(limit).into()]).await
    }

    /// The newest run of each job.
    pub async fn sourcing_runs_newest(&self) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} AS r WHERE number = (SELECT MAX(number) FROM gleaner_sourcing_run WHERE job_id = r.job_id)"
        );
        self.runs_where(sql, Vec::new()).await
    }

    /// The last runs of all jobs, newest first.
    pub async fn sourcing_runs_recent(&self, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY created_at DESC, id DESC LIMIT $1");
        self.runs_where(sql, vec![i64::from(limit).into()]).await
    }

    async fn runs_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<RunRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<RunRow>(sql, &values).await;
        session.end(rows).await
    }

    /// Begins a run; `false` when the job has one that has not ended, or, for a run on schedule, when somebody else
    /// saw to this due time.
    pub async fn begin_sourcing_run(&self, run: &RunNew) -> Result<bool, StoreError> {
        // A job that is due is claimed by moving its due time on; by hand its row is only locked.
        const CLAIM: &str = "UPDATE gleaner_sourcing_job SET next_run_at = $2 WHERE id = $1 AND next_run_at = $3 \
                             AND deleted_at IS NULL";
        const LOCK: &str =
            "UPDATE gleaner_sourcing_job SET updated_at = updated_at WHERE id = $1 AND deleted_at IS NULL";
        const INSERT: &str = "INSERT INTO gleaner_sourcing_run (id, job_id, number, state, started_by, source, \
             user_id, scheduled_for, created_at, cancel_requested, revision, document, progress) \
             SELECT $1, $2, COALESCE(MAX(number), 0) + 1, 'queued', $3, $4, $5, $6, $7, 0, 0, $8, $9 \
             FROM gleaner_sourcing_run WHERE job_id = $2 \
             HAVING COALESCE(SUM(CASE WHEN state <> 'ended' THEN 1 ELSE 0 END), 0) = 0";
        let lock = match run.scheduled_for {
            Some(due) => Statement {
                sql: CLAIM.into(),
                values: vec![run.job_id.as_str().into(), run.due_next.into(), due.into()],
            },
            None => Statement { sql: LOCK.into(), values: vec![run.job_id.as_str().into()] },
        };
        let values = vec![
            exact("id", &run.id, 36)?,
            exact("job_id", &run.job_id, 36)?,
            exact("started_by", &run.started_by, 20)?,
            exact("source", &run.source, 50)?,
            exact_option("user_id", run.user_id.as_deref(), 36)?,
            run.scheduled_for.into(),
            run.created_at.into(),
            run.document.as_str().into(),
            run.progress.as_str().into(),
        ];
        let insert = Statement { sql: INSERT.into(), values };
        let mut session = self.writing().await?;
        let begun = async {
            if session.execute(&lock).await? == 0 {
                return Ok(false);
            }
            Ok(session.execute(&insert).await? == 1)
        };
        let begun = begun.await;
        let begun = session.end(begun).await?;
        self.committed();
        Ok(begun)
    }

    /// The due times after `moment` (UTC) for which a job has runs already.
    pub async fn sourcing_due_times(
        &self,
        job_id: &str,
        moment: NaiveDateTime,
    ) -> Result<Vec<NaiveDateTime>, StoreError> {
        const TIMES: &str =
            "SELECT scheduled_for FROM gleaner_sourcing_run WHERE job_id = $1 AND scheduled_for > $2";
        let mut session = self.reading().await?;
        let rows = session.rows::<(NaiveDateTime,)>(TIMES, &[job_id.into(), moment.into()]).await;
        Ok(session.end(rows).await?.into_iter().map(|(time,)| time).collect())
    }

    /// Moves a due time on without a run; `false` when somebody else did.
    pub async fn skip_sourcing_run(
        &self,
        job_id: &str,
        due: NaiveDateTime,
        next: Option<NaiveDateTime>,
    ) -> Result<bool, StoreError> {
        const UPDATE: &str =
            "UPDATE gleaner_sourcing_job SET next_run_at = $3 WHERE id = $1 AND next_run_at = $2";
        let values = vec![job_id.into(), due.into(), next.into()];
        self.change_one(Statement { sql: UPDATE.into(), values }).await
    }

    /// Writes a step of a run that has this revision, and with it what the step brought, in one transaction. `false`,
    /// and nothing written, when the run has another revision or has ended.
    pub async fn advance_sourcing_run(
        &self,
        run: &RunPut,
        revision: i64,
        writes: &[Write],
    ) -> Result<bool, StoreError> {
        const UPDATE: &str = "UPDATE gleaner_sourcing_run SET state = $3, outcome = $4, resume_at = $5, \
             started_at = $6, ended_at = $7, progress = $8, report = $9, revision = revision + 1 \
             WHERE id = $1 AND revision = $2 AND state <> 'ended'";
        let values = vec![
            exact("id", &run.id, 36)?,
            revision.into(),
            exact("state", &run.state, 20)?,
            exact_option("outcome", run.outcome.as_deref(), 20)?,
            run.resume_at.into(),
            run.started_at.into(),
            run.ended_at.into(),
            run.progress.as_str().into(),
            Value::Text(run.report.clone()),
        ];
        let guard = Statement { sql: UPDATE.into(), values };
        let statements = draft::statements(self.engine(), writes)?;
        let mut attempt = 1;
        loop {
            let mut session = self.writing().await?;
            let advanced = async {
                if session.execute(&guard).await? == 0 {
                    return Ok(false);
                }
                for statement in &statements {
                    session.execute(statement).await?;
                }
                Ok(true)
            };
            let advanced = advanced.await;
            let advanced = session.end(advanced).await;
            if let Err(error) = &advanced
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            self.committed();
            return advanced;
        }
    }

    /// Asks a run that has not ended to stop.
    pub async fn cancel_sourcing_run(&self, id: &str) -> Result<bool, StoreError> {
        const UPDATE: &str =
            "UPDATE gleaner_sourcing_run SET cancel_requested = 1 WHERE id = $1 AND state <> 'ended'";
        self.change_one(Statement { sql: UPDATE.into(), values: vec![id.into()] }).await
    }
}
