//! `gleaner_notice`: the outbox. What people are to be told is written in the same transaction as what it tells about
//! ([`crate::Write::Notice`]); handing it out to the channels comes later, and a kill in between loses nothing.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::statement::{Insert, Value, cut, exact, json, parameters, read_json};
use crate::{Store, StoreError};

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticePut {
    /// Made by the caller; the same id twice is one notice.
    pub id: Uuid,
    /// When it happened (UTC).
    pub at: NaiveDateTime,
    /// What kind of news, for example `run.done`; at most 50 characters.
    pub kind: String,
    /// A sentence for people, which stands alone in a list; cut to 300 characters.
    pub subject: String,
    /// More for people: lines of plain text under the subject, or nothing.
    pub text: String,
    /// The same for programs: an object.
    pub payload: serde_json::Value,
}

/// A notice that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRow {
    /// Its id.
    pub id: String,
    /// When it happened (UTC).
    pub at: NaiveDateTime,
    /// What kind of news.
    pub kind: String,
    /// A sentence for people.
    pub subject: String,
    /// More for people, or nothing.
    pub text: String,
    /// The same for programs.
    pub payload: serde_json::Value,
    /// When the channels got their copies (UTC); `None`: not yet.
    pub handed_out_at: Option<NaiveDateTime>,
}

pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_notice",
    columns: &["id", "at", "kind", "subject", "text", "payload"],
    json: &[],
    conflict: "ON CONFLICT (id) DO NOTHING",
};

impl NoticePut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            Value::Text(Some(self.id.to_string())),
            self.at.into(),
            exact("kind", &self.kind, 50)?,
            cut(Some(&self.subject), 300),
            cut(Some(&self.text), 100_000),
            json(&self.payload),
        ])
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    id: String,
    at: NaiveDateTime,
    kind: String,
    subject: String,
    text: String,
    payload: String,
    handed_out_at: Option<NaiveDateTime>,
}

impl Record {
    fn read(self) -> Result<NoticeRow, StoreError> {
        let Self { id, at, kind, subject, text, payload, handed_out_at } = self;
        let payload = read_json("payload", &payload)?;
        Ok(NoticeRow { id, at, kind, subject, text, payload, handed_out_at })
    }
}

const COLUMNS: &str = "SELECT id, at, kind, subject, text, payload, handed_out_at FROM gleaner_notice";

impl Store {
    /// The notices that the channels have no copies of yet, oldest first.
    pub async fn notices_to_hand_out(&self, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE handed_out_at IS NULL ORDER BY at, id LIMIT $1");
        self.notices_where(sql, vec![i64::from(limit).into()]).await
    }

    /// The last notices, newest first.
    pub async fn notices_recent(&self, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY at DESC, id DESC LIMIT $1");
        self.notices_where(sql, vec![i64::from(limit).into()]).await
    }

    /// The last notices of a family of kinds (`run` for `run.done` and its like), newest first.
    pub async fn notices_of(&self, family: &str, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE kind LIKE $1 ORDER BY at DESC, id DESC LIMIT $2");
        self.notices_where(sql, vec![format!("{family}.%").as_str().into(), i64::from(limit).into()]).await
    }

    /// The notices of these ids, oldest first.
    pub async fn notices(&self, ids: &[String]) -> Result<Vec<NoticeRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{COLUMNS} WHERE id IN ({}) ORDER BY at, id", parameters(1, ids.len()));
        self.notices_where(sql, ids.iter().map(|id| Value::from(id.as_str())).collect()).await
    }

    async fn notices_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<NoticeRow>, StoreError> {
        let mut session = self.reading().await?;
        let records = session.rows::<Record>(sql, &values).await;
        session.end(records).await?.into_iter().map(Record::read).collect()
    }
}
