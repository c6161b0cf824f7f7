//! `gleaner_audit`: what administrators did, for ever.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::statement::{Statement, Value, cut, exact, exact_option};
use crate::{Store, StoreError};

/// An act to note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPut {
    /// Made by the caller, in the order of time.
    pub id: Uuid,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// Whose account.
    pub actor_id: Option<String>,
    /// Who, as people know them; cut to 100 characters.
    pub actor: String,
    /// What was done: a stable word, at most 100 characters.
    pub action: String,
    /// To whom or what; cut to 300 characters.
    pub subject: Option<String>,
    /// More about it: an object.
    pub detail: Option<serde_json::Value>,
    /// `frontend`, `api` or `manual`.
    pub source: String,
    /// From where.
    pub address: Option<String>,
}

/// An act that was noted; the fields are those of [`AuditPut`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at AuditPut")]
pub struct AuditRow {
    pub id: String,
    pub at: NaiveDateTime,
    pub actor_id: Option<String>,
    pub actor: String,
    pub action: String,
    pub subject: Option<String>,
    /// As JSON.
    pub detail: Option<String>,
    pub source: String,
    pub address: Option<String>,
}

pub(crate) fn insert(put: &AuditPut) -> Result<Statement, StoreError> {
    const SQL: &str = "INSERT INTO gleaner_audit \
                       (id, at, actor_id, actor, action, subject, detail, source, address) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = vec![
        Value::Text(Some(put.id.to_string())),
        put.at.into(),
        exact_option("actor_id", put.actor_id.as_deref(), 36)?,
        cut(Some(&put.actor), 100),
        exact("action", &put.action, 100)?,
        cut(put.subject.as_deref(), 300),
        Value::Text(put.detail.as_ref().map(ToString::to_string)),
        exact("source", &put.source, 50)?,
        cut(put.address.as_deref(), 50),
    ];
    Ok(Statement { sql: SQL.into(), values })
}

impl Store {
    /// Notes an act.
    pub async fn put_audit(&self, put: &AuditPut) -> Result<(), StoreError> {
        self.write_all(&[insert(put)?]).await.map(drop)
    }

    /// The newest acts, or those before the one of an id; at most `limit`.
    pub async fn audit(&self, before: Option<&str>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let (condition, values) = match before {
            // The ids are made in the order of time.
            Some(id) => ("WHERE id < $2", vec![Value::Int(Some(limit.into())), id.into()]),
            None => ("", vec![Value::Int(Some(limit.into()))]),
        };
        let sql = format!(
            "SELECT id, at, actor_id, actor, action, subject, detail, source, address FROM gleaner_audit \
             {condition} ORDER BY id DESC LIMIT $1"
        );
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }
}
