//! Coming in through an identity provider: somebody else has checked who it is.

use std::net::IpAddr;

use super::users::plain_name;
use gleaner_store::{UserChange, UserRow};

use super::{AccountError, Act, Actor, NewSession, NewUser, Role};
use crate::{Engine, EngineError, Source};

/// How many names are tried for somebody whose own is taken.
const NAMES: u32 = 20;

/// Who an identity provider says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider and its id for the person, which never changes.
    pub subject: String,
    /// What to call them.
    pub name: String,
    /// Their e-mail address, if the provider has made sure of it.
    pub email: Option<String>,
}

impl Engine {
    /// Begins a session for an identity. One that is not known yet gets an account with `role`, or none is let in.
    pub async fn log_in_as(
        &self,
        identity: Identity,
        role: Option<Role>,
        address: Option<IpAddr>,
        client: Option<String>,
    ) -> Result<NewSession, EngineError> {
        if self.store.user_of_subject(&identity.subject).await?.is_none()
            && !self.claim(&identity, address).await?
        {
            let role = role.ok_or_else(|| AccountError::NotInvited(identity.name.clone()))?;
            self.welcome(&identity, role, address).await?;
        }
        let user = self.store.user_of_subject(&identity.subject).await?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or(AccountError::WrongCredentials)?;
        self.begin_session(user, address, client).await
    }

    /// Gives an identity the account that an administrator made for its e-mail address: one without a password, that
    /// nobody else has claimed.
    async fn claim(&self, identity: &Identity, address: Option<IpAddr>) -> Result<bool, EngineError> {
        let Some(email) = identity.email.as_ref().map(|email| email.to_lowercase()) else { return Ok(false) };
        let actor = Actor { user_id: None, name: email.clone(), source: Source::Frontend, address };
        let decide = |all: &[UserRow]| {
            let invited = all
                .iter()
                .find(|user| user.name == email && user.password_hash.is_none() && user.subject.is_none());
            let Some(user) = invited else { return Ok::<_, EngineError>((Vec::new(), false)) };
            let act = Act::new("user.identity", Some(email.clone()));
            let claimed = UserChange::Subject { id: user.id.clone(), subject: identity.subject.clone() };
            Ok((vec![claimed, UserChange::Note(self.note(&actor, act))], true))
        };
        self.store.change_users(decide).await?
    }

    /// Adds an account for an identity. A local account of the same name is somebody else's until an administrator
    /// says otherwise: names can be chosen freely at some providers.
    async fn welcome(
        &self,
        identity: &Identity,
        role: Role,
        address: Option<IpAddr>,
    ) -> Result<(), EngineError> {
        let wanted: String = identity.name.chars().filter(|c| !c.is_whitespace()).take(80).collect();
        let wanted = plain_name(&wanted).unwrap_or_else(|_| "member".to_owned());
        let actor = Actor { user_id: None, name: wanted.clone(), source: Source::Frontend, address };
        for number in 1..=NAMES {
            let name = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
            let new =
                NewUser { name, password: None, subject: Some(identity.subject.clone()), role: Some(role) };
            match self.add_user(&actor, new).await {
                Err(EngineError::Account(AccountError::NameTaken(_)))
                    if self.store.user_of_subject(&identity.subject).await?.is_none() => {}
                Err(EngineError::Account(AccountError::NameTaken(_))) => return Ok(()),
                other => return other.map(drop),
            }
        }
        Err(AccountError::NameTaken(wanted).into())
    }
}
