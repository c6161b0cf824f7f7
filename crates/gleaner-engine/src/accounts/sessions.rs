//! Coming in: with a name and a password, with the session that follows, or with an API token.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use gleaner_store::{LoginRow, SessionPut, UserRow};
use uuid::Uuid;

use super::users::role;
use super::{AccountError, Actor, Role, password, secret};
use crate::clock::can_have_been;
use crate::{Caller, Engine, EngineError, Source, span, stored};

/// How exact it is noted when a session or an API token was used last, in seconds: not every request is a write.
const NOTED_EVERY: i64 = 60;

/// Who came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The account.
    pub user_id: Uuid,
    /// Its name.
    pub name: String,
    /// What they may do here: the account's role, or less with an API token.
    pub role: Role,
    /// With what.
    pub way: Way,
}

/// With what somebody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A session, by the id it is kept under.
    Session(String),
    /// An API token, by its id.
    ApiToken(String),
}

impl Visitor {
    /// As whoever asks a question.
    #[must_use]
    pub fn caller(&self, source: Source) -> Caller {
        Caller { user_id: Some(self.user_id), ..Caller::new(source) }
    }

    /// As whoever does something that is noted.
    #[must_use]
    pub fn actor(&self, source: Source, address: Option<IpAddr>) -> Actor {
        Actor { user_id: Some(self.user_id), name: self.name.clone(), source, address }
    }
}

/// A session that begins.
#[derive(Clone)]
pub struct NewSession {
    /// What the browser keeps; nobody else ever sees it.
    pub secret: String,
    /// Until when at most.
    pub expires_at: DateTime<Utc>,
    /// Who came in.
    pub visitor: Visitor,
}

/// What a page of ours shows with every change, and no other site's page can know: it follows from the session's
/// secret, and the secret does not follow from it.
#[must_use]
pub fn csrf_token(session_secret: &str) -> String {
    secret::digest(&format!("csrf:{session_secret}"))
}

impl Engine {
    /// Begins a session for a name and a password.
    pub async fn log_in(
        &self,
        name: &str,
        password: String,
        address: Option<IpAddr>,
        client: Option<String>,
    ) -> Result<NewSession, EngineError> {
        let user = self.store.user_named(&name.trim().to_lowercase()).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        let right = password::verify(password, hash).await?;
        if let Some(user) = user.filter(|_| right) {
            self.begin_session(user, address, client).await
        } else {
            tracing::warn!(name, address = address.map(tracing::field::display), "a log-in was refused");
            Err(AccountError::WrongCredentials.into())
        }
    }

    /// Whether this is the password of an account.
    pub async fn is_password_of(&self, user_id: Uuid, password: String) -> Result<bool, EngineError> {
        let id = user_id.to_string();
        let user = self.store.users().await?.into_iter().find(|user| user.id == id);
        password::verify(password, user.and_then(|user| user.password_hash)).await
    }

    pub(super) async fn begin_session(
        &self,
        user: UserRow,
        address: Option<IpAddr>,
        client: Option<String>,
    ) -> Result<NewSession, EngineError> {
        let secret = secret::fresh()?;
        let now = self.now();
        let expires_at = now + span(self.settings.session_ttl);
        let id = secret::digest(&secret);
        let put = SessionPut {
            id: id.clone(),
            user_id: user.id.clone(),
            created_at: stored(now),
            expires_at: stored(expires_at),
            address: address.map(|address| address.to_string()),
            client,
        };
        self.store.put_session(&put).await?;
        tracing::info!(name = user.name, address = address.map(tracing::field::display), "logged in");
        let visitor = Visitor {
            user_id: uuid(&user.id)?,
            role: role(&user.role)?,
            name: user.name,
            way: Way::Session(id),
        };
        Ok(NewSession { secret, expires_at, visitor })
    }

    /// Ends a session.
    pub async fn log_out(&self, session_id: &str) -> Result<(), EngineError> {
        Ok(self.store.end_session(session_id).await?)
    }

    /// Whose session this is; `None` when it is over, or never was.
    pub async fn visitor_of_session(&self, secret: &str) -> Result<Option<Visitor>, EngineError> {
        let now = self.now();
        let row = self.store.session_login(&secret::digest(secret)).await?;
        let idle = stored(now - span(self.settings.session_idle));
        // One begun while the clock was ahead would outlast all others.
        let longest = now + span(self.settings.session_ttl);
        let Some(row) = row.filter(|row| {
            valid(row, now)
                && row.used_at.is_none_or(|at| at > idle)
                && row.expires_at.is_none_or(|at| can_have_been(at.and_utc(), longest))
        }) else {
            return Ok(None);
        };
        if due(&row, now)
            && let Err(error) = self.store.touch_session(&row.id, stored(now)).await
        {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
        Ok(Some(Visitor {
            user_id: uuid(&row.user_id)?,
            role: role(&row.role)?,
            name: row.name,
            way: Way::Session(row.id),
        }))
    }

    /// Whose API token this is; `None` when it is over, or never was.
    pub async fn visitor_of_api_token(&self, secret: &str) -> Result<Option<Visitor>, EngineError> {
        let now = self.now();
        let row = self.store.api_token_login(&secret::digest(secret)).await?;
        let Some(row) = row.filter(|row| valid(row, now)) else { return Ok(None) };
        if due(&row, now)
            && let Err(error) = self.store.touch_api_token(&row.id, stored(now)).await
        {
            tracing::warn!(%error, "the use of an API token could not be noted");
        }
        let scope = role(row.scope.as_deref().unwrap_or_default())?;
        Ok(Some(Visitor {
            user_id: uuid(&row.user_id)?,
            // Whoever lost a role lost it for their tokens too.
            role: role(&row.role)?.min(scope),
            name: row.name,
            way: Way::ApiToken(row.id),
        }))
    }

    /// Removes the sessions that are over.
    pub(crate) async fn purge_sessions(&self) -> Result<(), EngineError> {
        let now = self.now();
        let idle = stored(now - span(self.settings.session_idle));
        let removed = self.store.purge_sessions(stored(now), idle).await?;
        tracing::debug!(removed, "purged sessions that are over");
        Ok(())
    }
}

fn valid(row: &LoginRow, now: DateTime<Utc>) -> bool {
    row.disabled_at.is_none() && row.expires_at.is_none_or(|at| at.and_utc() > now)
}

fn due(row: &LoginRow, now: DateTime<Utc>) -> bool {
    row.used_at.is_none_or(|at| (now - at.and_utc()).num_seconds().abs() >= NOTED_EVERY)
}

pub(super) fn uuid(text: &str) -> Result<Uuid, EngineError> {
    text.parse().map_err(|_| {
        tracing::error!("an account has an id that is none");
        EngineError::Internal
    })
}
