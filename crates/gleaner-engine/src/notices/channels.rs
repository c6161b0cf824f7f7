//! Where people are told, what about and when.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use gleaner_core::filters::FieldError;
use gleaner_notify::Target;
use gleaner_notify::plan::Plan;
use gleaner_notify::webhook::{SECRET_BYTES, Secret};
use gleaner_store::ChannelRow;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::{self, NoticeKind};
use crate::{Engine, EngineError, stored};

/// How long the secret before still signs after a new one was made, for receivers to be changed.
const OVERLAP: TimeDelta = TimeDelta::hours(24);
/// The most channels.
const MOST_CHANNELS: usize = 50;
/// The longest name.
const LONGEST_NAME: usize = 100;

/// How a channel reaches its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Signed messages for a program.
    Webhook,
    /// Mail.
    Email,
    /// A topic of ntfy.
    Ntfy,
}

impl ChannelKind {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Ntfy => "ntfy",
        }
    }
}

/// A channel as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelDraft {
    /// Its name; no two are the same.
    #[schema(example = "phone")]
    pub name: String,
    /// How it reaches its receiver.
    pub kind: ChannelKind,
    /// Where to: the address of a webhook, a mail address, or `https://SERVER/TOPIC` of ntfy.
    #[schema(example = "https://ntfy.sh/my-topic")]
    pub target: String,
    /// What to tell: kinds (`run.empty`) or families of them (`run`); everything when empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// Collect the news and tell it once a day at this time, `HH:MM`; at once when absent.
    #[serde(default)]
    #[schema(example = "20:00")]
    pub digest_at: Option<String>,
    /// From when on nothing is sent, `HH:MM`.
    #[serde(default)]
    #[schema(example = "22:00")]
    pub quiet_from: Option<String>,
    /// Until when nothing is sent, `HH:MM`; what came up meanwhile is then told at once.
    #[serde(default)]
    #[schema(example = "07:00")]
    pub quiet_until: Option<String>,
    /// Where the clock of these times hangs, an IANA name.
    #[serde(default = "utc")]
    #[schema(default = "UTC", example = "Europe/Paris")]
    pub time_zone: String,
    /// The most messages a day; what comes up beyond is told in one on the next day.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub daily_limit: Option<u32>,
    /// Whether it is used.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// ntfy: the access token of the topic. Kept, and never shown; absent: the one that is kept.
    #[serde(default, skip_serializing_if = "never_shown")]
    #[schema(write_only)]
    pub token: Option<String>,
}

/// Why not `skip_serializing`: what carries that is missing in the API's document, where it is to be sent.
#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
fn never_shown(_: &Option<String>) -> bool {
    true
}

fn utc() -> String {
    "UTC".to_owned()
}

fn yes() -> bool {
    true
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    #[serde(flatten)]
    pub draft: ChannelDraft,
    /// What a webhook's messages are signed with. Only in the answer that makes it: it is shown once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// What must not be shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Secrets {
    #[serde(default)]
    signing: Option<String>,
    #[serde(default)]
    former: Option<String>,
    #[serde(default)]
    former_until: Option<DateTime<Utc>>,
    #[serde(default)]
    token: Option<String>,
}

/// A channel, ready to be used.
pub(super) struct Ready {
    pub(super) row: ChannelRow,
    pub(super) draft: ChannelDraft,
    pub(super) plan: Plan,
    secrets: Secrets,
}

impl Ready {
    pub(super) fn read(row: ChannelRow) -> Result<Self, EngineError> {
        let unreadable = |error: serde_json::Error| {
            tracing::error!(channel = row.name, %error, "a channel cannot be read");
            EngineError::Internal
        };
        let draft: ChannelDraft = serde_json::from_value(row.document.clone()).map_err(unreadable)?;
        let secrets = serde_json::from_value(row.secrets.clone()).map_err(unreadable)?;
        let plan = plan(&draft).map_err(EngineError::Invalid)?;
        Ok(Self { row, draft, plan, secrets })
    }

    /// Whether it is to be told of a kind of news.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.row.enabled
            && (self.draft.events.is_empty()
                || self.draft.events.iter().any(|entry| kinds::covers(entry, kind)))
    }

    /// Where its messages go.
    pub(super) fn target(&self, now: DateTime<Utc>) -> Result<Target, EngineError> {
        let Secrets { signing, former, former_until, token } = &self.secrets;
        let former = former.as_ref().filter(|_| former_until.is_some_and(|until| now < until));
        let target = match self.draft.kind {
            ChannelKind::Webhook => {
                let secrets =
                    signing.iter().chain(former).filter_map(|text| Secret::parse(text).ok()).collect();
                Target::webhook(&self.draft.target, secrets)
            }
            ChannelKind::Email => Target::mail(&self.draft.target),
            ChannelKind::Ntfy => Target::ntfy(&self.draft.target, token.clone()),
        };
        target.map_err(|error| EngineError::field("target", error.to_string()))
    }

    fn show(&self, secret: Option<String>) -> Result<Channel, EngineError> {
        Ok(Channel {
            id: self.row.id.parse().map_err(|_| EngineError::Internal)?,
            draft: self.draft.clone(),
            secret,
            created_at: self.row.created_at.and_utc(),
            updated_at: self.row.updated_at.and_utc(),
        })
    }
}

/// The draft's times as a plan, or what is wrong with them.
fn plan(draft: &ChannelDraft) -> Result<Plan, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut clock = |field: &'static str, text: &Option<String>| {
        let text = text.as_deref()?;
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
        if time.is_none() {
            errors.push(FieldError::new(field, format!("'{text}' must be a time such as 07:00")));
        }
        time
    };
    let digest_at = clock("digest_at", &draft.digest_at);
    let (from, until) = (clock("quiet_from", &draft.quiet_from), clock("quiet_until", &draft.quiet_until));
    if draft.quiet_from.is_some() != draft.quiet_until.is_some() {
        errors.push(FieldError::new("quiet_until", "quiet hours need both quiet_from and quiet_until"));
    }
    let zone = draft.time_zone.parse().map_err(|_| {
        errors.push(FieldError::new(
            "time_zone",
            format!("'{}' is no time zone such as Europe/Paris", draft.time_zone),
        ));
    });
    if draft.daily_limit == Some(0) {
        errors
            .push(FieldError::new("daily_limit", "must be 1 or more; to send nothing set enabled to false"));
    }
    match zone {
        Ok(zone) if errors.is_empty() => {
            Ok(Plan { zone, digest_at, quiet: from.zip(until), daily_limit: draft.daily_limit })
        }
        _ => Err(errors),
    }
}

impl Engine {
    pub(super) async fn ready_channels(&self) -> Result<Vec<Ready>, EngineError> {
        self.store.channels().await?.into_iter().map(Ready::read).collect()
    }

    pub(super) async fn ready_channel(&self, id: Uuid) -> Result<Ready, EngineError> {
        let id = id.to_string();
        let row = self.store.channels().await?.into_iter().find(|row| row.id == id);
        Ready::read(row.ok_or(EngineError::NotFound { what: "channel", id })?)
    }

    /// Every channel, by name.
    pub async fn channels(&self) -> Result<Vec<Channel>, EngineError> {
        self.ready_channels().await?.iter().map(|channel| channel.show(None)).collect()
    }

    /// One channel.
    pub async fn channel(&self, id: Uuid) -> Result<Channel, EngineError> {
        self.ready_channel(id).await?.show(None)
    }

    /// Makes a channel. A webhook's secret is in the answer, and never shown again.
    pub async fn add_channel(&self, draft: ChannelDraft) -> Result<Channel, EngineError> {
        if self.store.channels().await?.len() >= MOST_CHANNELS {
            return Err(EngineError::field(
                "name",
                format!("there are {MOST_CHANNELS} channels already: remove one"),
            ));
        }
        let secrets = match draft.kind {
            ChannelKind::Webhook => Secrets { signing: Some(new_secret()), ..Secrets::default() },
            _ => Secrets::default(),
        };
        self.keep_channel(Uuid::now_v7(), draft, secrets, None, true).await
    }

    /// Changes a channel; secrets stay.
    pub async fn change_channel(&self, id: Uuid, mut draft: ChannelDraft) -> Result<Channel, EngineError> {
        let before = self.ready_channel(id).await?;
        let mut secrets = before.secrets.clone();
        if draft.kind == ChannelKind::Webhook && secrets.signing.is_none() {
            secrets.signing = Some(new_secret());
        }
        // A token is for one server: it does not follow to another.
        if draft.target.trim() != before.draft.target {
            secrets.token = None;
        }
        let fresh = secrets.signing != before.secrets.signing;
        draft.token = draft.token.filter(|token| !token.is_empty());
        self.keep_channel(id, draft, secrets, Some(before.row.created_at.and_utc()), fresh).await
    }

    /// Makes a new secret for a webhook; the one before still signs for a day.
    pub async fn renew_channel_secret(&self, id: Uuid) -> Result<Channel, EngineError> {
        let before = self.ready_channel(id).await?;
        if before.draft.kind != ChannelKind::Webhook {
            return Err(EngineError::field("kind", "only webhooks have a secret"));
        }
        let secrets = Secrets {
            signing: Some(new_secret()),
            former: before.secrets.signing.clone(),
            former_until: Some(self.now() + OVERLAP),
            token: None,
        };
        let created = before.row.created_at.and_utc();
        self.keep_channel(id, before.draft, secrets, Some(created), true).await
    }

    /// Removes a channel; its log stays, what waits for it is dropped.
    pub async fn remove_channel(&self, id: Uuid) -> Result<(), EngineError> {
        let id = id.to_string();
        if self.store.remove_channel(&id).await? {
            Ok(())
        } else {
            Err(EngineError::NotFound { what: "channel", id })
        }
    }

    async fn keep_channel(
        &self,
        id: Uuid,
        mut draft: ChannelDraft,
        mut secrets: Secrets,
        created_at: Option<DateTime<Utc>>,
        show_secret: bool,
    ) -> Result<Channel, EngineError> {
        draft.name = draft.name.trim().to_owned();
        draft.target = draft.target.trim().to_owned();
        secrets.token = draft.token.take().or(secrets.token);
        let now = stored(self.now());
        let row = ChannelRow {
            id: id.to_string(),
            name: draft.name.clone(),
            document: json!(draft),
            secrets: json!(secrets),
            enabled: draft.enabled,
            created_at: created_at.map_or(now, stored),
            updated_at: now,
        };
        let channel = check(row, draft, secrets, self.now())?;
        if channel.draft.kind == ChannelKind::Email && self.settings.notify.mail.is_none() {
            let message = "no mail server is set up: set smtp_url and mail_from in the configuration";
            return Err(EngineError::field("kind", message));
        }
        if !self.store.put_channel(&channel.row).await? {
            return Err(EngineError::field(
                "name",
                format!("there is a channel '{}' already", channel.draft.name),
            ));
        }
        channel.show(channel.secrets.signing.clone().filter(|_| show_secret))
    }
}

/// Everything that is wrong with a channel at once.
fn check(
    row: ChannelRow,
    draft: ChannelDraft,
    secrets: Secrets,
    now: DateTime<Utc>,
) -> Result<Ready, EngineError> {
    let mut errors = Vec::new();
    let length = draft.name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || draft.name.chars().any(char::is_control) {
        errors.push(FieldError::new("name", format!("must have 1 to {LONGEST_NAME} letters on one line")));
    }
    let wrong = draft.events.iter().filter(|entry| !kinds::known(entry));
    errors.extend(wrong.map(|entry| {
        let all: Vec<_> = NoticeKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let message = format!(
            "'{entry}' is no kind of news; there are {}, and run, pick, tokens, alert",
            all.join(", ")
        );
        FieldError::new("events", message)
    }));
    if draft.kind != ChannelKind::Ntfy && secrets.token.is_some() {
        errors.push(FieldError::new("token", "only ntfy takes a token"));
    }
    if secrets
        .token
        .as_ref()
        .is_some_and(|token| token.len() > 500 || !token.chars().all(|c| c.is_ascii_graphic()))
    {
        errors.push(FieldError::new("token", "has letters that no token has"));
    }
    let plan = plan(&draft).map_err(|wrong| errors.extend(wrong));
    let channel = Ready { row, draft, plan: plan.unwrap_or_default(), secrets };
    match channel.target(now) {
        Err(EngineError::Invalid(wrong)) => errors.extend(wrong),
        Err(other) => return Err(other),
        Ok(_) => {}
    }
    if errors.is_empty() { Ok(channel) } else { Err(EngineError::Invalid(errors)) }
}

/// A secret from the random bits of two UUIDs, which come from the system's generator: 244 of them.
fn new_secret() -> String {
    let mut bytes = [0; SECRET_BYTES];
    for half in bytes.chunks_mut(16) {
        half.copy_from_slice(Uuid::new_v4().as_bytes());
    }
    Secret::new(bytes).reveal()
}
