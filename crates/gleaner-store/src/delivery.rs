//! `gleaner_notify_delivery` and `gleaner_notify_attempt`: what is to be sent where, and how each attempt went.

use chrono::{NaiveDateTime, TimeDelta};

use crate::statement::{Insert, Statement, Value, cut, exact, json, parameters, read_json};
use crate::{Engine, Store, StoreError};

/// Nothing is put off for longer: quiet hours, digests and repeated attempts end within two days. What is due later was
/// put off before the clock was put back.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(3);

/// A message to a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    /// Its id, a UUID; receivers know a message that comes twice by it.
    pub id: String,
    /// Where to.
    pub channel_id: String,
    /// `waiting`, `delivered`, `failed`, `merged` into another one, or `dropped`.
    pub state: String,
    /// Whether somebody only tries the channel.
    pub trial: bool,
    /// The ids of the notices it is about.
    pub notices: Vec<String>,
    /// Its words, as an object; `None` until the first attempt.
    pub message: Option<serde_json::Value>,
    /// Attempts so far.
    pub attempts: i64,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
    /// When it is to be sent, or sent again (UTC).
    pub due_at: NaiveDateTime,
    /// When it was delivered (UTC).
    pub delivered_at: Option<NaiveDateTime>,
}

/// An attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AttemptRow {
    /// Its id, a UUID.
    pub id: String,
    /// What was tried to deliver.
    pub delivery_id: String,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// The status that the receiver answered.
    pub status: Option<i64>,
    /// What went wrong, as a stable word; at most 50 characters.
    pub error_code: Option<String>,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
    /// How long it took.
    pub milliseconds: i64,
}

#[derive(sqlx::FromRow)]
struct Record {
    id: String,
    channel_id: String,
    state: String,
    trial: i64,
    notices: String,
    message: Option<String>,
    attempts: i64,
    created_at: NaiveDateTime,
    due_at: NaiveDateTime,
    delivered_at: Option<NaiveDateTime>,
}

impl Record {
    fn read(self) -> Result<DeliveryRow, StoreError> {
        Ok(DeliveryRow {
            notices: read_json("notices", &self.notices)?,
            message: self.message.map(|text| read_json("message", &text)).transpose()?,
            trial: self.trial != 0,
            id: self.id,
            channel_id: self.channel_id,
            state: self.state,
            attempts: self.attempts,
            created_at: self.created_at,
            due_at: self.due_at,
            delivered_at: self.delivered_at,
        })
    }
}

impl DeliveryRow {
    /// The statement that keeps it, in place of the one of its id. The moment of the delivery has no parameter of its
    /// own: it is the last attempt's.
    fn put(&self) -> Result<Statement, StoreError> {
        let delivered = if self.delivered_at.is_some() { "$10" } else { "NULL" };
        let sql = format!(
            "INSERT INTO gleaner_notify_delivery (id, channel_id, state, trial, notices, message, attempts, \
             created_at, due_at, delivered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {delivered}) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, notices = excluded.notices, \
             message = excluded.message, attempts = excluded.attempts, due_at = excluded.due_at, \
             delivered_at = excluded.delivered_at"
        );
        let mut values = vec![
            exact("id", &self.id, 36)?,
            exact("channel_id", &self.channel_id, 36)?,
            exact("state", &self.state, 20)?,
            i64::from(self.trial).into(),
            json(&self.notices.clone().into()),
            self.message.as_ref().map_or(Value::Text(None), json),
            self.attempts.into(),
            self.created_at.into(),
            self.due_at.into(),
        ];
        values.extend(self.delivered_at.map(Value::from));
        Ok(Statement { sql: sql.into(), values })
    }
}

const ATTEMPT: Insert = Insert {
    table: "gleaner_notify_attempt",
    columns: &["id", "delivery_id", "at", "status", "error_code", "error", "milliseconds"],
    json: &[],
    conflict: "ON CONFLICT (id) DO NOTHING",
};

const COLUMNS: &str = "SELECT id, channel_id, state, trial, notices, message, attempts, created_at, due_at, \
                       delivered_at FROM gleaner_notify_delivery";

impl Store {
    /// Hands notices out: keeps these deliveries and marks the notices, in one transaction. `false`: somebody else
    /// handed some of them out meanwhile, and nothing was done.
    pub async fn hand_out(
        &self,
        notices: &[String],
        deliveries: &[DeliveryRow],
        at: NaiveDateTime,
    ) -> Result<bool, StoreError> {
        let ids: Vec<Value> = notices.iter().map(|id| Value::from(id.as_str())).collect();
        let lock = if self.engine() == Engine::Postgres { "ORDER BY id FOR UPDATE" } else { "" };
        let waiting = format!(
            "SELECT id FROM gleaner_notice WHERE handed_out_at IS NULL AND id IN ({}) {lock}",
            parameters(1, ids.len())
        );
        let sql = format!(
            "UPDATE gleaner_notice SET handed_out_at = $1 WHERE id IN ({})",
            parameters(2, ids.len())
        );
        let mark = Statement { sql: sql.into(), values: [vec![at.into()], ids.clone()].concat() };
        let puts = deliveries.iter().map(DeliveryRow::put).collect::<Result<Vec<_>, _>>()?;
        let mut session = self.writing().await?;
        let handed = async {
            if session.rows::<(String,)>(waiting, &ids).await?.len() != ids.len() {
                return Ok(false);
            }
            session.execute(&mark).await?;
            for put in &puts {
                session.execute(put).await?;
            }
            Ok(true)
        };
        let handed = handed.await;
        session.end(handed).await
    }

    /// Keeps deliveries, replacing those of their ids, together with the attempt that changed them.
    pub async fn put_deliveries(
        &self,
        rows: &[DeliveryRow],
        attempt: Option<&AttemptRow>,
    ) -> Result<(), StoreError> {
        let mut statements = rows.iter().map(DeliveryRow::put).collect::<Result<Vec<_>, _>>()?;
        if let Some(attempt) = attempt {
            let values = vec![
                exact("id", &attempt.id, 36)?,
                exact("delivery_id", &attempt.delivery_id, 36)?,
                attempt.at.into(),
                Value::Int(attempt.status),
                cut(attempt.error_code.as_deref(), 50),
                cut(attempt.error.as_deref(), 2_000),
                attempt.milliseconds.into(),
            ];
            statements.extend(ATTEMPT.statements(self.engine(), vec![values]));
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

    /// Deliveries that wait and are due at `now`, the longest due first.
    pub async fn deliveries_due(
        &self,
        now: NaiveDateTime,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE state = 'waiting' AND (due_at <= $1 OR due_at > $2) ORDER BY due_at, id LIMIT $3"
        );
        let values = vec![now.into(), (now + LONGEST_WAIT).into(), i64::from(limit).into()];
        self.deliveries_where(sql, values).await
    }

    /// What waits and has no words yet: news can still be added to it.
    pub async fn deliveries_gathering(&self) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE state = 'waiting' AND message IS NULL AND trial = 0 ORDER BY created_at, id"
        );
        self.deliveries_where(sql, Vec::new()).await
    }

    /// The last deliveries of a channel, newest first.
    pub async fn deliveries_of(&self, channel: &str, limit: u32) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE channel_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2");
        self.deliveries_where(sql, vec![channel.into(), i64::from(limit).into()]).await
    }

    /// How many messages a channel got since `since` (UTC), trials aside.
    pub async fn delivered_since(&self, channel: &str, since: NaiveDateTime) -> Result<i64, StoreError> {
        const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM gleaner_notify_delivery \
                             WHERE channel_id = $1 AND state = 'delivered' AND trial = 0 AND delivered_at >= $2";
        let mut session = self.reading().await?;
        let count = session.row::<(i64,)>(COUNT, &[channel.into(), since.into()]).await;
        Ok(session.end(count).await?.map_or(0, |(count,)| count))
    }

    /// The attempts of some deliveries, oldest first.
    pub async fn attempts_of(&self, deliveries: &[String]) -> Result<Vec<AttemptRow>, StoreError> {
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, delivery_id, at, status, error_code, error, milliseconds FROM gleaner_notify_attempt \
             WHERE delivery_id IN ({}) ORDER BY at, id",
            parameters(1, deliveries.len())
        );
        let values: Vec<Value> = deliveries.iter().map(|id| Value::from(id.as_str())).collect();
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    async fn deliveries_where(
        &self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut session = self.reading().await?;
        let records = session.rows::<Record>(sql, &values).await;
        session.end(records).await?.into_iter().map(Record::read).collect()
    }
}
