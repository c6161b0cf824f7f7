//! From a delivery to the receiver: at least once, every time under the same id and in the same words.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_notify::{SendError, Sender, Sent, retry};
use gleaner_store::{AttemptRow, DeliveryRow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::MOST_LISTED;
use super::channels::Ready;
use super::compose::Words;
use crate::{Engine, EngineError, stored};

/// Deliveries of one round.
const PAGE: u32 = 100;

/// A message to a channel, and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id; `webhook-id` is `msg_` and this without dashes.
    pub id: String,
    /// `waiting`, `delivered`, `failed`, `merged` (told in another one) or `dropped` (the channel was removed).
    pub state: String,
    /// Whether somebody only tried the channel.
    pub trial: bool,
    /// Its subject, once it has one.
    pub subject: Option<String>,
    /// The notices it is about.
    pub notices: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// While it waits: when it is sent, or sent again.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

/// An attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// The status that the receiver answered, HTTP's or SMTP's.
    #[schema(value_type = Option<i64>)]
    pub status: Option<i64>,
    /// What went wrong, as a stable word; null when it went well.
    pub error_code: Option<String>,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
    /// How long it took.
    #[schema(value_type = i64)]
    pub milliseconds: i64,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        let AttemptRow { at, status, error_code, error, milliseconds, .. } = row;
        Self { at: at.and_utc(), status, error_code, error, milliseconds }
    }
}

impl Engine {
    /// Sends everything that is due; answers how many messages arrived. What fails is tried again later.
    pub async fn deliver_notices(&self) -> Result<usize, EngineError> {
        let due = self.store.deliveries_due(stored(self.now()), PAGE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut channels: BTreeMap<String, Ready> = self
            .ready_channels()
            .await?
            .into_iter()
            .map(|channel| (channel.row.id.clone(), channel))
            .collect();
        let mut of_channel: BTreeMap<String, Vec<DeliveryRow>> = BTreeMap::new();
        for row in due {
            of_channel.entry(row.channel_id.clone()).or_default().push(row);
        }
        // One slow receiver must not keep the others waiting.
        let work = of_channel.into_iter().filter_map(|(id, rows)| {
            let channel = channels.remove(&id).filter(|channel| channel.row.enabled)?;
            Some(async move { self.deliver_to(&channel, rows).await })
        });
        let mut arrived = 0;
        let mut failure = None;
        for result in futures::future::join_all(work).await {
            match result {
                Ok(count) => arrived += count,
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(arrived), Err)
    }

    async fn deliver_to(&self, channel: &Ready, rows: Vec<DeliveryRow>) -> Result<usize, EngineError> {
        let mut arrived = 0;
        for mut row in self.merge(rows).await? {
            if !row.trial {
                let now = self.now();
                let since = stored(channel.plan.day_began(now));
                let sent = self.store.delivered_since(&channel.row.id, since).await?;
                let allowed = channel.plan.allowed(now, u32::try_from(sent).unwrap_or(u32::MAX));
                if allowed > now {
                    row.due_at = stored(allowed);
                    self.store.put_deliveries(&[row], None).await?;
                    continue;
                }
            }
            arrived += usize::from(self.try_delivery(channel, &mut row).await?.is_ok());
        }
        Ok(arrived)
    }

    /// News that had to wait is told together: the first of such deliveries takes in the others.
    async fn merge(&self, rows: Vec<DeliveryRow>) -> Result<Vec<DeliveryRow>, EngineError> {
        let waited = |row: &DeliveryRow| row.message.is_none() && !row.trial && row.due_at > row.created_at;
        let (together, mut alone): (Vec<_>, Vec<_>) = rows.into_iter().partition(waited);
        let mut together = together.into_iter();
        if let Some(mut first) = together.next() {
            let mut others: Vec<DeliveryRow> = together.collect();
            if !others.is_empty() {
                for other in &mut others {
                    first.notices.extend(other.notices.iter().cloned());
                    "merged".clone_into(&mut other.state);
                }
                others.push(first.clone());
                self.store.put_deliveries(&others, None).await?;
            }
            alone.insert(0, first);
        }
        Ok(alone)
    }

    /// Makes one attempt and records it.
    async fn try_delivery(
        &self,
        channel: &Ready,
        row: &mut DeliveryRow,
    ) -> Result<Result<Sent, SendError>, EngineError> {
        let words = self.words(channel, row).await?;
        let started = tokio::time::Instant::now();
        let now = self.now();
        let sent = match channel.target(now) {
            Ok(target) => self.sender().await?.send(&target, &words.message(&row.id), now).await,
            Err(error) => Err(SendError {
                code: "invalid_target",
                message: error.to_string(),
                status: None,
                again: false,
                gone: false,
            }),
        };
        let milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let status = match &sent {
            Ok(sent) => Some(sent.status),
            Err(error) => error.status,
        };
        let attempt = AttemptRow {
            id: Uuid::now_v7().to_string(),
            delivery_id: row.id.clone(),
            at: stored(now),
            status: status.map(i64::from),
            error_code: sent.as_ref().err().map(|error| error.code.to_owned()),
            error: sent.as_ref().err().map(|error| error.message.clone()),
            milliseconds,
        };
        row.attempts += 1;
        match &sent {
            Ok(_) => {
                "delivered".clone_into(&mut row.state);
                row.delivered_at = Some(stored(now));
            }
            Err(error) => {
                let attempts = u32::try_from(row.attempts).unwrap_or(u32::MAX);
                let wait =
                    retry::wait(attempts, spread(&row.id, attempts)).filter(|_| error.again && !row.trial);
                match wait.and_then(|wait| TimeDelta::from_std(wait).ok()) {
                    // Not in the quiet hours either.
                    Some(wait) => row.due_at = stored(channel.plan.allowed(now + wait, 0)),
                    None => "failed".clone_into(&mut row.state),
                }
                let (name, code) = (&channel.row.name, error.code);
                tracing::warn!(
                    channel = name,
                    code,
                    attempts,
                    state = row.state,
                    "a message did not arrive: {error}"
                );
            }
        }
        self.store.put_deliveries(std::slice::from_ref(row), Some(&attempt)).await?;
        if sent.as_ref().is_err_and(|error| error.gone) {
            self.switch_off(channel).await?;
        }
        Ok(sent)
    }

    /// The words of a delivery; made at the first attempt and kept before anything is sent.
    async fn words(&self, channel: &Ready, row: &mut DeliveryRow) -> Result<Words, EngineError> {
        if let Some(kept) = row.message.clone().and_then(|kept| serde_json::from_value(kept).ok()) {
            return Ok(kept);
        }
        let words = if row.trial {
            Words::trial(&channel.row.name, self.now())
        } else {
            Words::of(&self.store.notices(&row.notices).await?, self.settings.demo, self.now())
        };
        row.message = Some(json!(words));
        self.store.put_deliveries(std::slice::from_ref(row), None).await?;
        Ok(words)
    }

    /// A receiver that says it is gone for good is left in peace.
    async fn switch_off(&self, channel: &Ready) -> Result<(), EngineError> {
        let mut row = channel.row.clone();
        row.enabled = false;
        row.document["enabled"] = false.into();
        row.updated_at = stored(self.now());
        self.store.put_channel(&row).await?;
        Ok(())
    }

    /// Tries a channel: sends a test at once, also in quiet hours, and answers how it went.
    pub async fn test_channel(&self, id: Uuid) -> Result<Delivery, EngineError> {
        let channel = self.ready_channel(id).await?;
        let now = stored(self.now());
        let mut row = DeliveryRow {
            id: Uuid::now_v7().to_string(),
            channel_id: channel.row.id.clone(),
            state: "waiting".to_owned(),
            trial: true,
            notices: Vec::new(),
            message: None,
            attempts: 0,
            created_at: now,
            // Sent here, and by nobody else: it is not due before it failed.
            due_at: stored(self.now() + TimeDelta::days(1)),
            delivered_at: None,
        };
        let _told_in_the_log = self.try_delivery(&channel, &mut row).await?;
        let shown = self.show_deliveries(vec![row]).await?;
        shown.into_iter().next().ok_or(EngineError::Internal)
    }

    /// The last messages to a channel with every attempt, newest first.
    pub async fn deliveries(&self, channel: Uuid, limit: u32) -> Result<Vec<Delivery>, EngineError> {
        let id = self.ready_channel(channel).await?.row.id;
        let rows = self.store.deliveries_of(&id, limit.min(MOST_LISTED)).await?;
        self.show_deliveries(rows).await
    }

    async fn show_deliveries(&self, rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>, EngineError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut attempts: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
        for attempt in self.store.attempts_of(&ids).await? {
            attempts.entry(attempt.delivery_id.clone()).or_default().push(attempt.into());
        }
        let show = |row: DeliveryRow| Delivery {
            attempts: attempts.remove(&row.id).unwrap_or_default(),
            subject: row.message.as_ref().and_then(|words| words["subject"].as_str()).map(str::to_owned),
            due_at: Some(row.due_at.and_utc()).filter(|_| row.state == "waiting"),
            delivered_at: row.delivered_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            id: row.id,
            state: row.state,
            trial: row.trial,
            notices: row.notices,
        };
        Ok(rows.into_iter().map(show).collect())
    }

    /// What sends; made when it is first needed.
    async fn sender(&self) -> Result<&Sender, EngineError> {
        let make = async || {
            Sender::new(&self.settings.notify).map_err(|error| {
                tracing::error!(%error, "messages cannot be sent");
                EngineError::Internal
            })
        };
        self.sender.get_or_try_init(make).await
    }

    /// Hands out and delivers: what is done regularly.
    pub(crate) async fn tell(&self) -> Result<(), EngineError> {
        self.hand_out_notices().await?;
        self.deliver_notices().await.map(drop)
    }
}

/// A number from 0 to 1 that differs from one message and attempt to the next, without a generator: it only has to
/// spread what would happen at once.
fn spread(id: &str, attempts: u32) -> f64 {
    let sum = id.bytes().fold(attempts, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    f64::from(sum % 1_000) / 999.0
}
