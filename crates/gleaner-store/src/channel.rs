//! `gleaner_notify_channel`: where people are told.

use chrono::NaiveDateTime;

use crate::statement::{Statement, Value, exact, json, read_json};
use crate::{Store, StoreError};

/// A channel.
#[derive(Clone, PartialEq)]
pub struct ChannelRow {
    /// Its id, a UUID.
    pub id: String,
    /// Its name, at most 100 characters; no two are the same.
    pub name: String,
    /// Where to, what about and when: an object.
    pub document: serde_json::Value,
    /// What must not be shown: an object.
    pub secrets: serde_json::Value,
    /// Whether it is used.
    pub enabled: bool,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
    /// When it was changed last (UTC).
    pub updated_at: NaiveDateTime,
}

impl std::fmt::Debug for ChannelRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelRow").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    id: String,
    name: String,
    document: String,
    secrets: String,
    enabled: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Record {
    fn read(self) -> Result<ChannelRow, StoreError> {
        Ok(ChannelRow {
            document: read_json("document", &self.document)?,
            secrets: read_json("secrets", &self.secrets)?,
            id: self.id,
            name: self.name,
            enabled: self.enabled != 0,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl Store {
    /// Every channel, by name.
    pub async fn channels(&self) -> Result<Vec<ChannelRow>, StoreError> {
        const ALL: &str = "SELECT id, name, document, secrets, enabled, created_at, updated_at \
                           FROM gleaner_notify_channel ORDER BY name, id";
        let mut session = self.reading().await?;
        let records = session.rows::<Record>(ALL, &[]).await;
        session.end(records).await?.into_iter().map(Record::read).collect()
    }

    /// Keeps a channel, replacing the one of its id. `false`: another one has its name.
    pub async fn put_channel(&self, row: &ChannelRow) -> Result<bool, StoreError> {
        const OTHER: &str = "SELECT id FROM gleaner_notify_channel WHERE name = $1 AND id <> $2";
        // Two at once find no other; the unique index lets the first in, and the second changes nothing.
        const PUT: &str = "INSERT INTO gleaner_notify_channel \
             (id, name, document, secrets, enabled, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document, \
             secrets = excluded.secrets, enabled = excluded.enabled, updated_at = excluded.updated_at";
        let (id, name) = (exact("id", &row.id, 36)?, exact("name", &row.name, 100)?);
        let values = vec![
            id.clone(),
            name.clone(),
            json(&row.document),
            json(&row.secrets),
            i64::from(row.enabled).into(),
            row.created_at.into(),
            row.updated_at.into(),
        ];
        let mut session = self.writing().await?;
        let saved = async {
            if session.row::<(String,)>(OTHER, &[name, id]).await?.is_some() {
                return Ok(false);
            }
            session.execute(&Statement { sql: PUT.into(), values }).await?;
            Ok(true)
        };
        let saved = saved.await;
        session.end(saved).await
    }

    /// Removes a channel; what waits to be sent to it is dropped, its log stays. `false`: there was none.
    pub async fn remove_channel(&self, id: &str) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM gleaner_notify_channel WHERE id = $1";
        const DROP: &str = "UPDATE gleaner_notify_delivery SET state = 'dropped' WHERE channel_id = $1 AND state = 'waiting'";
        let values: Vec<Value> = vec![id.into()];
        let mut session = self.writing().await?;
        let removed = async {
            let removed = session.execute(&Statement { sql: REMOVE.into(), values: values.clone() }).await?;
            session.execute(&Statement { sql: DROP.into(), values }).await?;
            Ok(removed > 0)
        };
        let removed = removed.await;
        session.end(removed).await
    }
}
