//! `gleaner_alert`: when something was wrong, and what people did about it.

use chrono::NaiveDateTime;

use crate::notice::{self, NoticePut};
use crate::statement::{Statement, Value, exact, exact_option, finite};
use crate::{Store, StoreError};

/// A stretch of time in which something was wrong.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct AlertRow {
    /// Its id, a UUID.
    pub id: String,
    /// What kind, at most 50 characters.
    pub kind: String,
    /// What it is about where a kind has several, a job's name for example; at most 100 characters, may be empty.
    pub subject: String,
    /// A sentence for people.
    pub message: String,
    /// What was measured last.
    pub measured: f64,
    /// The threshold it was measured against.
    pub threshold: f64,
    /// Since when (UTC).
    pub raised_at: NaiveDateTime,
    /// When it was measured last (UTC).
    pub seen_at: NaiveDateTime,
    /// Until when (UTC); `None`: it still is.
    pub cleared_at: Option<NaiveDateTime>,
    /// When somebody took note of it (UTC).
    pub acknowledged_at: Option<NaiveDateTime>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// Until when nobody is to be told of it (UTC).
    pub silenced_until: Option<NaiveDateTime>,
}

const COLUMNS: &str = "SELECT id, kind, subject, message, measured, threshold, raised_at, seen_at, cleared_at, \
                       acknowledged_at, acknowledged_by, silenced_until FROM gleaner_alert";

impl AlertRow {
    fn put(&self) -> Result<Statement, StoreError> {
        let mut values = vec![
            exact("id", &self.id, 36)?,
            exact("kind", &self.kind, 50)?,
            if self.subject.is_empty() { "".into() } else { exact("subject", &self.subject, 100)? },
            self.message.as_str().into(),
            finite("measured", self.measured)?,
            finite("threshold", self.threshold)?,
            exact_option("acknowledged_by", self.acknowledged_by.as_deref(), 100)?,
            self.raised_at.into(),
            self.seen_at.into(),
        ];
        // A moment that may be missing is a parameter or the word NULL: a parameter without a value has no type.
        let mut moment = |time: Option<NaiveDateTime>| match time {
            None => "NULL".to_owned(),
            Some(time) => {
                values.push(time.into());
                format!("${}", values.len())
            }
        };
        let (cleared, acknowledged, silenced) =
            (moment(self.cleared_at), moment(self.acknowledged_at), moment(self.silenced_until));
        let sql = format!(
            "INSERT INTO gleaner_alert (id, kind, subject, message, measured, threshold, acknowledged_by, raised_at, \
             seen_at, cleared_at, acknowledged_at, silenced_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
             {cleared}, {acknowledged}, {silenced}) ON CONFLICT (id) DO UPDATE SET message = excluded.message, \
             measured = excluded.measured, threshold = excluded.threshold, seen_at = excluded.seen_at, \
             cleared_at = excluded.cleared_at, acknowledged_at = excluded.acknowledged_at, \
             acknowledged_by = excluded.acknowledged_by, silenced_until = excluded.silenced_until"
        );
        Ok(Statement { sql: sql.into(), values })
    }
}

impl Store {
    /// Keeps alerts and what is told about them, in one transaction.
    pub async fn put_alerts(&self, alerts: &[AlertRow], notices: &[NoticePut]) -> Result<(), StoreError> {
        let mut statements = alerts.iter().map(AlertRow::put).collect::<Result<Vec<_>, _>>()?;
        let rows = notices.iter().map(NoticePut::row).collect::<Result<Vec<_>, _>>()?;
        statements.extend(notice::INSERT.statements(self.engine(), rows));
        if statements.is_empty() {
            return Ok(());
        }
        let mut session = self.writing().await?;
        let mut done = Ok(());
        for statement in &statements {
            if done.is_ok() {
                done = session.execute(statement).await.map(drop);
            }
        }
        session.end(done).await
    }

    /// The alerts that are not over, oldest first.
    pub async fn alerts_open(&self) -> Result<Vec<AlertRow>, StoreError> {
        self.alerts_where(format!("{COLUMNS} WHERE cleared_at IS NULL ORDER BY raised_at, id"), Vec::new())
            .await
    }

    /// The last alerts, newest first.
    pub async fn alerts_recent(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY raised_at DESC, id DESC LIMIT $1");
        self.alerts_where(sql, vec![i64::from(limit).into()]).await
    }

    /// The alert of an id.
    pub async fn alert(&self, id: &str) -> Result<Option<AlertRow>, StoreError> {
        let rows = self.alerts_where(format!("{COLUMNS} WHERE id = $1"), vec![id.into()]).await?;
        Ok(rows.into_iter().next())
    }

    async fn alerts_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<AlertRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<AlertRow>(sql, &values).await;
        session.end(rows).await
    }
}
