//! Who may come in, and what they may do: accounts, sessions, API tokens, and the log of what administrators did.
//!
//! Nothing that lets somebody in is kept as it is: passwords as argon2id, sessions and API tokens as their SHA-256.

mod api_tokens;
mod audit;
mod error;
mod identity;
mod password;
mod role;
mod secret;
mod sessions;
mod users;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use uuid::Uuid;

use crate::{Engine, EngineError, Source};

pub use api_tokens::{ApiToken, ApiTokenRequest, NewApiToken};
pub use audit::{Act, AuditEntry, note_act_in};
pub use error::AccountError;
pub use identity::Identity;
pub use role::Role;
pub use secret::fresh as fresh_secret;
pub use sessions::{NewSession, Visitor, Way, csrf_token};
pub use users::{NewUser, User, UserEdit};

/// How long a process may not have heard that the first account exists.
const LOOK_MILLIS: i64 = 1_000;

/// Whether there are accounts, as this process knows it.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Once there are, there are for good: a server that asks for accounts never stops asking.
    any: AtomicBool,
    looked_at: AtomicI64,
}

/// Who does something that is noted in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user_id: Option<Uuid>,
    /// Who, as people know them.
    pub name: String,
    /// Through which door.
    pub source: Source,
    /// From where.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Whoever sits at the command line of this machine.
    #[must_use]
    pub fn at_the_command_line() -> Self {
        // Who became the service's user with sudo is still somebody.
        let names = ["SUDO_USER", "USER"].into_iter().filter_map(|name| std::env::var(name).ok());
        let name = names.into_iter().find(|name| !name.is_empty());
        let name = name.map_or_else(|| "command line".to_owned(), |name| format!("{name} (command line)"));
        Self { user_id: None, name, source: Source::Manual, address: None }
    }
}

impl Engine {
    /// Whether there is any account: without, whoever reaches this machine's own address may do everything.
    pub async fn has_accounts(&self) -> Result<bool, EngineError> {
        if self.known.any.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let now = self.now().timestamp_millis();
        if (now - self.known.looked_at.load(Ordering::Relaxed)).abs() < LOOK_MILLIS {
            return Ok(false);
        }
        let any = self.store.has_users().await?;
        self.known.looked_at.store(now, Ordering::Relaxed);
        self.known.any.store(any, Ordering::Relaxed);
        Ok(any)
    }
}
