//! Telling people: webhooks, mail, ntfy.
//!
//! [`Sender`] sends one [`Message`] to one [`Target`] and says how it went; it keeps nothing and decides nothing about
//! when. When a channel may be used (quiet hours, digests, so many a day) is [`plan`], and when a message that failed
//! is tried again is [`retry`]: both are plain functions of the time they are given.
//!
//! Webhooks and ntfy lead where a user says, so no request of theirs reaches into private networks: [`network`] looks
//! at the very addresses that are connected to. To add a kind of channel: a variant of [`Target`] and a module that
//! sends to it.

mod http;
mod mail;
pub mod network;
mod ntfy;
pub mod plan;
pub mod retry;
mod target;
pub mod webhook;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;
use thiserror::Error;

use network::{Networks, Resolver};
pub use target::{Target, TargetError};

/// Something to tell, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id: the same for every attempt, so that a receiver knows one that came twice.
    pub id: String,
    /// When what it tells about happened.
    pub at: DateTime<Utc>,
    /// What kind of news, for example `run.done`.
    pub kind: String,
    /// A sentence for people.
    pub subject: String,
    /// More for people: lines of plain text, or nothing.
    pub text: String,
    /// The same for programs: an object.
    pub data: Value,
}

/// How to reach a mail server, and as whom.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `smtps://USER:PASSWORD@HOST`, or `smtp://…?tls=required`.
    pub url: SecretString,
    /// The sender's address, `Gleaner <gleaner@example.com>`.
    pub from: String,
}

/// What a sender is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The private networks that may be reached all the same.
    pub allowed: Networks,
    /// Without it there is no mail.
    pub mail: Option<MailSettings>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { allowed: Networks::default(), mail: None, timeout: Duration::from_secs(15) }
    }
}

/// Sends messages.
#[derive(Clone)]
pub struct Sender {
    http: http::Client,
    mail: Option<mail::Mailer>,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").field("mail", &self.mail.is_some()).finish_non_exhaustive()
    }
}

impl Sender {
    /// A sender that asks the system for addresses.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        Self::resolving(settings, Arc::new(network::SystemResolver))
    }

    /// A sender that asks `resolver` for addresses.
    pub fn resolving(settings: &Settings, resolver: Arc<dyn Resolver>) -> Result<Self, SetupError> {
        let http = http::Client::new(settings.allowed.clone(), resolver, settings.timeout)?;
        let mail =
            settings.mail.as_ref().map(|mail| mail::Mailer::new(mail, settings.timeout)).transpose()?;
        Ok(Self { http, mail })
    }

    /// Makes one attempt. `now` is the time of the attempt, which a signature covers.
    pub async fn send(
        &self,
        target: &Target,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<Sent, SendError> {
        match target {
            Target::Webhook { url, secrets } => webhook::send(&self.http, url, secrets, message, now).await,
            Target::Ntfy { url, token } => ntfy::send(&self.http, url, token.as_ref(), message).await,
            Target::Mail { to } => match &self.mail {
                Some(mailer) => mailer.send(to, message).await,
                None => Err(SendError::gave_up(
                    "mail_not_set_up",
                    "no mail server is set up: set smtp_url and mail_from in the configuration",
                )),
            },
        }
    }

    /// Whether mail can be sent at all.
    #[must_use]
    pub fn can_mail(&self) -> bool {
        self.mail.is_some()
    }
}

/// An attempt that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The status of the answer, HTTP's or SMTP's.
    pub status: u16,
}

/// An attempt that did not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SendError {
    /// A stable word for programs, for example `private_target`.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Whether trying again later may help.
    pub again: bool,
    /// Whether the receiver says that it is gone for good.
    pub gone: bool,
}

impl SendError {
    fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: None, again: true, gone: false }
    }

    fn gave_up(code: &'static str, message: impl Into<String>) -> Self {
        Self { again: false, ..Self::failed(code, message) }
    }
}

/// Why there is no sender.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The address of the mail server, or the sender's.
    #[error("{0}")]
    Mail(String),
    /// TLS or the like.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl MailSettings {
    /// Checks the addresses, so that a mistake is told at the start. Nothing is connected to.
    pub fn check(&self) -> Result<(), SetupError> {
        mail::Mailer::new(self, Duration::from_secs(1)).map(drop)
    }
}
