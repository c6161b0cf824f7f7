//! `gleaner_sourcing_job`: what is to be run, and when next.

use chrono::NaiveDateTime;

use crate::statement::{Statement, Value, exact};
use crate::{Store, StoreError};

/// A job to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPut {
    /// Made by the caller.
    pub id: String,
    /// Its name; no two jobs have one that differs in case only. At most 100 characters.
    pub name: String,
    /// What it is, as JSON.
    pub document: String,
    /// Whether it waits to be resumed.
    pub paused: bool,
    /// When it is due next (UTC).
    pub next_run_at: Option<NaiveDateTime>,
    /// The moment of the change (UTC).
    pub at: NaiveDateTime,
}

/// A job that is kept; the fields are those of [`JobPut`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at JobPut")]
pub struct JobRow {
    pub id: String,
    pub name: String,
    pub document: String,
    /// Raised by one with each change of the document.
    pub version: i64,
    /// 1 while it waits to be resumed.
    pub paused: i64,
    pub next_run_at: Option<NaiveDateTime>,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
    /// When it was changed last (UTC).
    pub updated_at: NaiveDateTime,
    /// When it was deleted (UTC).
    pub deleted_at: Option<NaiveDateTime>,
}

const COLUMNS: &str = "SELECT id, name, document, version, paused, next_run_at, created_at, updated_at, deleted_at \
                       FROM gleaner_sourcing_job";

fn name_key(name: &str) -> String {
    name.to_lowercase()
}

impl Store {
    /// The jobs that are not deleted, by name.
    pub async fn sourcing_jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        self.jobs_where(format!("{COLUMNS} WHERE deleted_at IS NULL ORDER BY name_key"), Vec::new()).await
    }

    /// A job by its id, also a deleted one.
    pub async fn sourcing_job(&self, id: &str) -> Result<Option<JobRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        Ok(self.jobs_where(sql, vec![id.into()]).await?.into_iter().next())
    }

    /// A job that is not deleted, by its name in any case.
    pub async fn sourcing_job_named(&self, name: &str) -> Result<Option<JobRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE name_key = $1 AND deleted_at IS NULL");
        Ok(self.jobs_where(sql, vec![name_key(name).as_str().into()]).await?.into_iter().next())
    }

    /// The jobs that are due at `now` (UTC).
    pub async fn sourcing_jobs_due(&self, now: NaiveDateTime) -> Result<Vec<JobRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE next_run_at <= $1 AND paused = 0 AND deleted_at IS NULL ORDER BY next_run_at, id"
        );
        self.jobs_where(sql, vec![now.into()]).await
    }

    async fn jobs_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<JobRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<JobRow>(sql, &values).await;
        session.end(rows).await
    }

    /// Adds a job; `false` when there is one of that name.
    pub async fn add_sourcing_job(&self, job: &JobPut) -> Result<bool, StoreError> {
        const INSERT: &str = "INSERT INTO gleaner_sourcing_job (id, name, name_key, document, version, paused, \
             next_run_at, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $7) \
             ON CONFLICT (name_key) DO NOTHING";
        let mut values = job.values()?;
        values.truncate(7);
        self.change_one(Statement { sql: INSERT.into(), values }).await
    }

    /// Replaces a job that has this version; `false` when it has another one, is deleted, or the name is taken.
    pub async fn change_sourcing_job(&self, job: &JobPut, version: i64) -> Result<bool, StoreError> {
        const UPDATE: &str = "UPDATE gleaner_sourcing_job SET name = $2, name_key = $3, document = $4, \
             version = version + 1, paused = $5, next_run_at = $6, updated_at = $7 \
             WHERE id = $1 AND version = $8 AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 \
             FROM gleaner_sourcing_job AS other WHERE other.name_key = $3 AND other.id <> $1)";
        let mut values = job.values()?;
        values.push(version.into());
        self.change_one(Statement { sql: UPDATE.into(), values }).await
    }

    /// Pauses or resumes a job.
    pub async fn pause_sourcing_job(
        &self,
        id: &str,
        paused: bool,
        next_run_at: Option<NaiveDateTime>,
        at: NaiveDateTime,
    ) -> Result<bool, StoreError> {
        const UPDATE: &str = "UPDATE gleaner_sourcing_job SET paused = $2, next_run_at = $3, updated_at = $4 \
                              WHERE id = $1 AND deleted_at IS NULL";
        let values = vec![id.into(), i64::from(paused).into(), next_run_at.into(), at.into()];
        self.change_one(Statement { sql: UPDATE.into(), values }).await
    }

    /// Deletes a job: it is due no more, and its name is free. Its runs and picks stay.
    pub async fn delete_sourcing_job(&self, id: &str, at: NaiveDateTime) -> Result<bool, StoreError> {
        const UPDATE: &str = "UPDATE gleaner_sourcing_job SET deleted_at = $3, next_run_at = NULL, name_key = $2 \
                              WHERE id = $1 AND deleted_at IS NULL";
        // No name holds a line break.
        let values = vec![id.into(), format!("deleted\n{id}").as_str().into(), at.into()];
        self.change_one(Statement { sql: UPDATE.into(), values }).await
    }

    /// Runs a statement that changes one row; `false` when it found none.
    pub(super) async fn change_one(&self, statement: Statement) -> Result<bool, StoreError> {
        let mut session = self.writing().await?;
        let changed = session.execute(&statement).await;
        let changed = session.end(changed).await?;
        self.committed();
        Ok(changed == 1)
    }
}

impl JobPut {
    fn values(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("id", &self.id, 36)?,
            exact("name", &self.name, 100)?,
            exact("name_key", &name_key(&self.name), 140)?,
            self.document.as_str().into(),
            i64::from(self.paused).into(),
            self.next_run_at.into(),
            self.at.into(),
        ])
    }
}
