//! `gleaner_fee_card`: every version of every fee card that somebody saved.
//!
//! A version is written once and never changed. Saving one raises the generation in the same transaction, so that no
//! answer computed under the cards before is kept after it.

use chrono::NaiveDateTime;

use crate::statement::{Statement, Value, cut, exact};
use crate::{Store, StoreError};

/// A version of a fee card.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FeeCardRow {
    /// The card's name, at most 100 characters.
    pub id: String,
    /// Its number.
    pub version: i64,
    /// The card, as JSON; `None`: as the program ships it, or not at all.
    pub document: Option<String>,
    /// Who saved it; cut to 100 characters.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When (UTC).
    pub created_at: NaiveDateTime,
}

const COLUMNS: &str = "SELECT id, version, document, author, note, created_at FROM gleaner_fee_card";

impl Store {
    /// Every version of every card, by name, newest first.
    pub async fn fee_cards(&self) -> Result<Vec<FeeCardRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows(format!("{COLUMNS} ORDER BY id, version DESC"), &[]).await;
        session.end(rows).await
    }

    /// Saves a version; `false` when a version of that number is there already: somebody was faster.
    pub async fn put_fee_card(&self, row: &FeeCardRow) -> Result<bool, StoreError> {
        const INSERT: &str = "INSERT INTO gleaner_fee_card (id, version, document, author, note, created_at) \
                              VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id, version) DO NOTHING";
        let values = vec![
            exact("id", &row.id, 100)?,
            row.version.into(),
            Value::Text(row.document.clone()),
            cut(row.author.as_deref(), 100),
            Value::Text(row.note.clone()),
            row.created_at.into(),
        ];
        self.add_version(&Statement { sql: INSERT.into(), values }).await
    }
}
