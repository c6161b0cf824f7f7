//! Telling people: what is written into the outbox ([`gleaner_store::Write::Notice`]) is handed out to the channels
//! that want it, and delivered when each of them may be used.
//!
//! * `channels`: where people are told, what about and when;
//! * `hand_out`: from the outbox to a delivery for each channel; news for the same later moment goes together;
//! * `deliver`: from a delivery to the receiver, again and again until it is there, at least once, under one id;
//! * `compose`: the words.
//!
//! To tell something new: a [`NoticeKind`], and a `Write::Notice` among the writes of what it tells about.

mod channels;
mod compose;
mod deliver;
mod hand_out;
mod kinds;

use chrono::{DateTime, Utc};
use gleaner_store::NoticeRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use channels::{Channel, ChannelDraft, ChannelKind};
pub use deliver::{Attempt, Delivery};
pub use gleaner_notify::{MailSettings, Settings};
pub use kinds::NoticeKind;

use crate::{Engine, EngineError};

/// The most notices or deliveries in one list.
pub const MOST_LISTED: u32 = 200;

/// Something that people were or will be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What kind of news, for example `run.done`.
    pub kind: String,
    /// A sentence.
    pub subject: String,
    /// More, or nothing.
    pub text: String,
    /// The same for programs.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}

impl From<NoticeRow> for Notice {
    fn from(row: NoticeRow) -> Self {
        let NoticeRow { id, at, kind, subject, text, payload, .. } = row;
        Self { id, at: at.and_utc(), kind, subject, text, details: payload }
    }
}

impl Engine {
    /// The last notices, newest first.
    pub async fn notices(&self, limit: u32) -> Result<Vec<Notice>, EngineError> {
        let rows = self.store.notices_recent(limit.min(MOST_LISTED)).await?;
        Ok(rows.into_iter().map(Notice::from).collect())
    }
}
