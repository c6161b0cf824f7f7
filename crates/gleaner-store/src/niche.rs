//! `gleaner_niche`: saved searches.
//!
//! A change names the version it began from, and the next one is written only over that.

use chrono::NaiveDateTime;

use crate::statement::{Statement, Value, exact};
use crate::{Store, StoreError};

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NicheRow {
    /// A UUID.
    pub id: String,
    /// At most 200 characters.
    pub name: String,
    /// What somebody wrote about it.
    pub note: Option<String>,
    /// The strategy's name, at most 50 characters.
    pub strategy: String,
    /// What it looks for, as JSON.
    pub filters: String,
    /// What one copy costs, in the minor unit.
    pub cost: Option<i64>,
    /// 1 when it is put aside, else 0.
    pub archived: i64,
    /// 1 when new, one more for every change.
    pub version: i64,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
    /// When it was changed last (UTC).
    pub updated_at: NaiveDateTime,
}

const COLUMNS: &str = "SELECT id, name, note, strategy, filters, cost, archived, version, created_at, updated_at \
                       FROM gleaner_niche";

impl NicheRow {
    fn values(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("id", &self.id, 36)?,
            exact("name", &self.name, 200)?,
            Value::Text(self.note.clone()),
            exact("strategy", &self.strategy, 50)?,
            self.filters.as_str().into(),
            Value::Int(self.cost),
            self.archived.into(),
            self.version.into(),
            self.created_at.into(),
            self.updated_at.into(),
        ])
    }
}

impl Store {
    /// Every niche, the oldest first.
    pub async fn niches(&self) -> Result<Vec<NicheRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows(format!("{COLUMNS} ORDER BY id"), &[]).await;
        session.end(rows).await
    }

    /// One niche.
    pub async fn niche(&self, id: &str) -> Result<Option<NicheRow>, StoreError> {
        let mut session = self.reading().await?;
        let row = session.row(format!("{COLUMNS} WHERE id = $1"), &[id.into()]).await;
        session.end(row).await
    }

    /// Keeps new niches, all or none.
    pub async fn add_niches(&self, rows: &[NicheRow]) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO gleaner_niche (id, name, note, strategy, filters, cost, archived, version, \
                              created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let statements: Vec<Statement> = rows
            .iter()
            .map(|row| Ok(Statement { sql: INSERT.into(), values: row.values()? }))
            .collect::<Result<_, StoreError>>()?;
        let mut session = self.writing().await?;
        let added = async {
            for statement in &statements {
                session.execute(statement).await?;
            }
            Ok(())
        };
        let added = added.await;
        session.end(added).await
    }

    /// Replaces a niche whose version is one less than the new row's; `false` when it is another, or is gone.
    pub async fn replace_niche(&self, row: &NicheRow) -> Result<bool, StoreError> {
        const UPDATE: &str = "UPDATE gleaner_niche SET name = $2, note = $3, strategy = $4, filters = $5, cost = $6, \
                              archived = $7, version = $8, created_at = $9, updated_at = $10 \
                              WHERE id = $1 AND version = $8 - 1";
        let statement = Statement { sql: UPDATE.into(), values: row.values()? };
        let mut session = self.writing().await?;
        let changed = session.execute(&statement).await;
        Ok(session.end(changed).await? == 1)
    }

    /// Removes a niche with its runs; `false` when there is none.
    pub async fn remove_niche(&self, id: &str) -> Result<bool, StoreError> {
        const FINDS: &str = "DELETE FROM gleaner_niche_find WHERE run_id IN \
                             (SELECT id FROM gleaner_niche_run WHERE niche_id = $1)";
        let mut session = self.writing().await?;
        let removed = async {
            let mut removed = 0;
            for sql in [
                FINDS,
                "DELETE FROM gleaner_niche_run WHERE niche_id = $1",
                "DELETE FROM gleaner_niche WHERE id = $1",
            ] {
                removed = session.execute(&Statement { sql: sql.into(), values: vec![id.into()] }).await?;
            }
            Ok(removed == 1)
        };
        let removed = removed.await;
        session.end(removed).await
    }
}
