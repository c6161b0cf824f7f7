//! `gleaner_rules`: every version of every strategy's rules.
//!
//! A version is written once and never changed. Saving one raises the generation in the same transaction, so that no
//! answer computed under the rules before is kept after it.

use chrono::NaiveDateTime;

use crate::statement::{Statement, Value, cut, exact};
use crate::{Store, StoreError};

/// A version of a strategy's rules.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RulesRow {
    /// The strategy's name, at most 50 characters.
    pub strategy: String,
    /// Its number.
    pub version: i64,
    /// The rules, as JSON.
    pub document: String,
    /// Who saved it; cut to 100 characters.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When (UTC).
    pub created_at: NaiveDateTime,
}

const COLUMNS: &str = "SELECT strategy, version, document, author, note, created_at FROM gleaner_rules";

impl Store {
    /// The newest version of every strategy that has one.
    pub async fn rules(&self) -> Result<Vec<RulesRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} AS r WHERE version = (SELECT MAX(version) FROM gleaner_rules WHERE strategy = r.strategy) \
             ORDER BY strategy"
        );
        self.rules_where(sql, Vec::new()).await
    }

    /// The versions of a strategy, newest first.
    pub async fn rules_versions(&self, strategy: &str) -> Result<Vec<RulesRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE strategy = $1 ORDER BY version DESC");
        self.rules_where(sql, vec![strategy.into()]).await
    }

    async fn rules_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<RulesRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<RulesRow>(sql, &values).await;
        session.end(rows).await
    }

    /// Saves a version; `false` when a version of that number is there already: somebody was faster.
    pub async fn put_rules(&self, row: &RulesRow) -> Result<bool, StoreError> {
        const INSERT: &str = "INSERT INTO gleaner_rules (strategy, version, document, author, note, created_at) \
                              VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (strategy, version) DO NOTHING";
        let values = vec![
            exact("strategy", &row.strategy, 50)?,
            row.version.into(),
            row.document.as_str().into(),
            cut(row.author.as_deref(), 100),
            Value::Text(row.note.clone()),
            row.created_at.into(),
        ];
        self.add_version(&Statement { sql: INSERT.into(), values }).await
    }
}
