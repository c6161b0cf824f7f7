//! The audit log: what administrators did, written with what they did.

use chrono::{DateTime, Utc};
use gleaner_store::{AuditPut, AuditRow, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Actor;
use crate::{Engine, EngineError, stored};

/// The most that one look into the log shows.
const MOST: u32 = 500;

/// Something an administrator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// A stable word, such as `user.role`.
    pub action: String,
    /// To whom or what.
    pub subject: Option<String>,
    /// More about it: an object.
    pub detail: Option<serde_json::Value>,
}

impl Act {
    /// An act without detail.
    pub fn new(action: impl Into<String>, subject: Option<String>) -> Self {
        Self { action: action.into(), subject, detail: None }
    }

    /// The same with more about it.
    #[must_use]
    pub fn with(self, detail: serde_json::Value) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its id; ids grow with time.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose account; absent for the command line and where there are no accounts.
    pub actor_id: Option<String>,
    /// Who.
    pub actor: String,
    /// A stable word, such as `user.role`, or the method and path of a call.
    pub action: String,
    /// To whom or what.
    pub subject: Option<String>,
    /// More about it.
    #[schema(value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
    /// Through which door: `frontend`, `api` or `manual`.
    pub source: String,
    /// From where.
    pub address: Option<String>,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at.and_utc(),
            actor_id: row.actor_id,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail.and_then(|text| serde_json::from_str(&text).ok()),
            source: row.source,
            address: row.address,
        }
    }
}

/// The line for an act.
fn put(actor: &Actor, act: Act, now: DateTime<Utc>) -> AuditPut {
    AuditPut {
        id: Uuid::now_v7(),
        at: stored(now),
        actor_id: actor.user_id.map(|id| id.to_string()),
        actor: actor.name.clone(),
        action: act.action.chars().take(100).collect(),
        subject: act.subject,
        detail: act.detail,
        source: actor.source.as_str().to_owned(),
        address: actor.address.map(|address| address.to_string()),
    }
}

/// Notes an act upon a database that no engine runs on, such as a restore.
pub async fn note_act_in(
    store: &Store,
    actor: &Actor,
    act: Act,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    Ok(store.put_audit(&put(actor, act, now)).await?)
}

impl Engine {
    /// The line for an act.
    pub(super) fn note(&self, actor: &Actor, act: Act) -> AuditPut {
        put(actor, act, self.now())
    }

    /// Notes an act that a use case did not note itself.
    pub async fn note_act(&self, actor: &Actor, act: Act) -> Result<(), EngineError> {
        Ok(self.store.put_audit(&self.note(actor, act)).await?)
    }

    /// The newest lines of the audit log, or those before one of them; at most `limit`, and never more than 500.
    pub async fn audit_log(&self, before: Option<&str>, limit: u32) -> Result<Vec<AuditEntry>, EngineError> {
        let rows = self.store.audit(before, limit.clamp(1, MOST)).await?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
}
