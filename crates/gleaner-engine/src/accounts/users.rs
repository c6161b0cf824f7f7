//! Accounts: add, change, remove. There is always an administrator who can log in.

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_store::{UserChange, UserRow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AccountError, Act, Actor, Role, password};
use crate::{Engine, EngineError, stored};

/// The longest user name, in characters.
const LONGEST_NAME: usize = 100;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Its id, as it stands in the history.
    pub id: String,
    /// The name to log in with.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may not come in any more.
    pub disabled: bool,
    /// Whether it can log in with a password.
    pub has_password: bool,
    /// Whether it can log in through the identity provider.
    pub has_identity: bool,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// When it logged in last.
    pub last_login_at: Option<DateTime<Utc>>,
}

impl TryFrom<UserRow> for User {
    type Error = EngineError;

    fn try_from(row: UserRow) -> Result<Self, EngineError> {
        Ok(Self {
            role: role(&row.role)?,
            id: row.id,
            name: row.name,
            disabled: row.disabled_at.is_some(),
            has_password: row.password_hash.is_some(),
            has_identity: row.subject.is_some(),
            created_at: row.created_at.and_utc(),
            last_login_at: row.login_at.map(|at| at.and_utc()),
        })
    }
}

/// A role that was kept is one that we know, unless a newer program kept it.
pub(super) fn role(text: &str) -> Result<Role, EngineError> {
    text.parse().map_err(|error: String| {
        tracing::error!(error, "an account cannot be read");
        EngineError::Internal
    })
}

/// An account to add.
#[derive(Clone)]
pub struct NewUser {
    /// The name to log in with.
    pub name: String,
    /// The password; without one it can only log in through the identity provider.
    pub password: Option<String>,
    /// Who it is at the identity provider.
    pub subject: Option<String>,
    /// What it may do. The first account is an administrator's.
    pub role: Option<Role>,
}

/// What is to change about an account; what is absent stays.
#[derive(Clone, Default)]
pub struct UserEdit {
    /// What it may do.
    pub role: Option<Role>,
    /// A new password; its other sessions end.
    pub password: Option<String>,
    /// Whether it may not come in any more; its sessions end.
    pub disabled: Option<bool>,
}

/// A name as it is kept: without blanks around it, in small letters.
pub(super) fn plain_name(name: &str) -> Result<String, FieldError> {
    let name = name.trim().to_lowercase();
    let length = name.chars().count();
    let known = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    if length == 0 || length > LONGEST_NAME || !name.chars().all(known) {
        let what = format!("must be 1 to {LONGEST_NAME} letters, digits or . _ - @ +");
        return Err(FieldError::new("username", what));
    }
    Ok(name)
}

/// Whether somebody can log in and administer.
fn administers(user: &UserRow) -> bool {
    user.role == Role::Admin.as_str()
        && user.disabled_at.is_none()
        && (user.password_hash.is_some() || user.subject.is_some())
}

/// An account by its id or its name.
fn find<'a>(all: &'a [UserRow], who: &str) -> Result<&'a UserRow, AccountError> {
    let name = who.trim().to_lowercase();
    all.iter()
        .find(|user| user.id == name || user.name == name)
        .ok_or_else(|| AccountError::NoSuchUser(who.to_owned()))
}

impl Engine {
    /// Every account, by name.
    pub async fn users(&self) -> Result<Vec<User>, EngineError> {
        self.store.users().await?.into_iter().map(User::try_from).collect()
    }

    /// An account by its id or its name.
    pub async fn user(&self, who: &str) -> Result<User, EngineError> {
        find(&self.store.users().await?, who)?.clone().try_into()
    }

    /// Adds the first account, an administrator's; refused when there is any.
    pub async fn set_up(&self, actor: &Actor, name: &str, password: String) -> Result<User, EngineError> {
        let new = NewUser {
            name: name.to_owned(),
            password: Some(password),
            subject: None,
            role: Some(Role::Admin),
        };
        self.create(actor, new, true).await
    }

    /// Adds an account. The first one is an administrator's, whatever was said.
    pub async fn add_user(&self, actor: &Actor, new: NewUser) -> Result<User, EngineError> {
        self.create(actor, new, false).await
    }

    async fn create(&self, actor: &Actor, new: NewUser, only_the_first: bool) -> Result<User, EngineError> {
        let mut errors = Vec::new();
        let name = plain_name(&new.name).map_err(|error| errors.push(error)).unwrap_or_default();
        if let Some(chosen) = &new.password
            && let Err(error) = password::check(&name, chosen)
        {
            errors.push(error);
        }
        if new.subject.as_ref().is_some_and(|subject| subject.is_empty() || subject.chars().count() > 500) {
            errors.push(FieldError::new("subject", "must be 1 to 500 characters"));
        }
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let password_hash = match new.password {
            Some(password) => Some(password::hash(password).await?),
            None => None,
        };
        let now = stored(self.now());
        let (id, subject) = (Uuid::now_v7().to_string(), new.subject);
        let decide = |all: &[UserRow]| {
            if only_the_first && !all.is_empty() {
                return Err(AccountError::AlreadySetUp);
            }
            if all.iter().any(|user| user.name == name) {
                return Err(AccountError::NameTaken(name.clone()));
            }
            if let Some(known) = all.iter().find(|user| user.subject.is_some() && user.subject == subject) {
                return Err(AccountError::NameTaken(known.name.clone()));
            }
            let role = if all.is_empty() { Role::Admin } else { new.role.unwrap_or(Role::Viewer) };
            let user = UserRow {
                id,
                name: name.clone(),
                role: role.as_str().to_owned(),
                password_hash,
                subject,
                created_at: now,
                disabled_at: None,
                login_at: None,
            };
            let act = Act::new("user.add", Some(name.clone())).with(json!({"role": role}));
            Ok((vec![UserChange::Add(user.clone()), UserChange::Note(self.note(actor, act))], user))
        };
        let user = self.store.change_users(decide).await??;
        self.known.any.store(true, std::sync::atomic::Ordering::Relaxed);
        user.try_into()
    }

    /// Changes an account, named by its id or name. `keep` is a session that goes on when the password changes.
    pub async fn edit_user(
        &self,
        actor: &Actor,
        who: &str,
        edit: UserEdit,
        keep: Option<&str>,
    ) -> Result<User, EngineError> {
        let known = self.user(who).await?;
        let hash = match edit.password {
            None => None,
            Some(chosen) => {
                password::check(&known.name, &chosen).map_err(|error| EngineError::Invalid(vec![error]))?;
                Some(password::hash(chosen).await?)
            }
        };
        let now = stored(self.now());
        let decide = |all: &[UserRow]| {
            let before = find(all, &known.id)?;
            let (after, changes) =
                edited(before, edit.role, hash, edit.disabled, now, keep, |act| self.note(actor, act));
            if administers(before)
                && !administers(&after)
                && !all.iter().any(|user| user.id != after.id && administers(user))
            {
                return Err(AccountError::LastAdministrator);
            }
            Ok((changes, after))
        };
        self.store.change_users(decide).await??.try_into()
    }

    /// Removes an account, with its sessions and API tokens. What it asked stays in the history.
    pub async fn remove_user(&self, actor: &Actor, who: &str) -> Result<(), EngineError> {
        let decide = |all: &[UserRow]| {
            let user = find(all, who)?;
            if administers(user) && !all.iter().any(|other| other.id != user.id && administers(other)) {
                return Err(AccountError::LastAdministrator);
            }
            let act = Act::new("user.remove", Some(user.name.clone()));
            Ok((
                vec![
                    UserChange::EndSessions { id: user.id.clone(), but: None },
                    UserChange::Remove { id: user.id.clone() },
                    UserChange::Note(self.note(actor, act)),
                ],
                (),
            ))
        };
        Ok(self.store.change_users(decide).await??)
    }
}

/// The account as it will be, and the changes that make it so, each with its line in the audit log.
fn edited(
    before: &UserRow,
    role: Option<Role>,
    hash: Option<String>,
    disabled: Option<bool>,
    now: NaiveDateTime,
    keep: Option<&str>,
    note: impl Fn(Act) -> gleaner_store::AuditPut,
) -> (UserRow, Vec<UserChange>) {
    let mut after = before.clone();
    let mut changes = Vec::new();
    let id = || before.id.clone();
    let name = || Some(before.name.clone());
    if let Some(role) = role.filter(|role| role.as_str() != before.role) {
        role.as_str().clone_into(&mut after.role);
        changes.push(UserChange::Role { id: id(), role: after.role.clone() });
        let detail = json!({"from": before.role, "to": role});
        changes.push(UserChange::Note(note(Act::new("user.role", name()).with(detail))));
    }
    if let Some(hash) = hash {
        after.password_hash = Some(hash.clone());
        changes.push(UserChange::Password { id: id(), hash });
        changes.push(UserChange::EndSessions { id: id(), but: keep.map(str::to_owned) });
        changes.push(UserChange::Note(note(Act::new("user.password", name()))));
    }
    if let Some(disabled) = disabled.filter(|disabled| *disabled != before.disabled_at.is_some()) {
        after.disabled_at = disabled.then_some(now);
        changes.push(UserChange::Disabled { id: id(), at: after.disabled_at });
        if disabled {
            changes.push(UserChange::EndSessions { id: id(), but: None });
        }
        let word = if disabled { "user.disable" } else { "user.enable" };
        changes.push(UserChange::Note(note(Act::new(word, name()))));
    }
    (after, changes)
}
