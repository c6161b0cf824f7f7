//! Why somebody may not come in, or an account not be changed so.

use thiserror::Error;

/// What is wrong, each with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AccountError {
    /// The name or the password; which of them is not told.
    #[error("the user name or the password is wrong, or the account is disabled")]
    WrongCredentials,
    /// There is an account of this name.
    #[error("there is an account named '{0}' already: choose another name")]
    NameTaken(String),
    /// There is none.
    #[error("there is no account '{0}': `gleaner users list` shows them")]
    NoSuchUser(String),
    /// Nobody could administer any more.
    #[error("this is the only administrator who can log in: make somebody else an administrator first")]
    LastAdministrator,
    /// The first account exists.
    #[error("the first account exists already: log in, or ask an administrator for an account")]
    AlreadySetUp,
    /// There is no such API token, or it is somebody else's.
    #[error("there is no API token '{0}'")]
    NoSuchToken(String),
    /// What needs an account, where there is none.
    #[error("there are no accounts yet: create the first with `gleaner users add NAME`")]
    NoAccounts,
    /// Whoever the identity provider knows has no account here.
    #[error("'{0}' has no account here: ask an administrator to create one")]
    NotInvited(String),
}

impl AccountError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::NameTaken(_) => "name_taken",
            Self::NoSuchUser(_) => "unknown_user",
            Self::LastAdministrator => "last_administrator",
            Self::AlreadySetUp => "already_set_up",
            Self::NoSuchToken(_) => "unknown_api_token",
            Self::NoAccounts => "no_accounts",
            Self::NotInvited(_) => "not_invited",
        }
    }
}
