//! `gleaner_user`: the accounts.
//!
//! They are few, and rules about them concern several at once (there is always an administrator): a change reads all
//! of them under a lock, lets the caller decide, and writes what it decided in the same transaction.

use chrono::NaiveDateTime;

use crate::audit::{self, AuditPut};
use crate::generation::{self, Hold};
use crate::session::Session;
use crate::statement::{Statement, Value, exact, exact_option};
use crate::{Store, StoreError};

/// An account.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UserRow {
    /// Its id, at most 36 characters.
    pub id: String,
    /// Its name, at most 100 characters, unlike any other's.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// The password's hash; `None` when it has none.
    pub password_hash: Option<String>,
    /// Who it is at an identity provider, at most 500 characters.
    pub subject: Option<String>,
    /// Since when it exists (UTC).
    pub created_at: NaiveDateTime,
    /// Since when it may not come in any more (UTC).
    pub disabled_at: Option<NaiveDateTime>,
    /// When it came in last (UTC).
    pub login_at: Option<NaiveDateTime>,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The hash stays out of every log.
        f.debug_struct("UserRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A change of accounts.
#[derive(Clone, PartialEq, Eq)]
pub enum UserChange {
    /// A new one.
    Add(UserRow),
    /// What it may do.
    Role {
        /// Which account.
        id: String,
        /// The role.
        role: String,
    },
    /// Its password.
    Password {
        /// Which account.
        id: String,
        /// The hash.
        hash: String,
    },
    /// Who it is at an identity provider.
    Subject {
        /// Which account.
        id: String,
        /// Who.
        subject: String,
    },
    /// Since when it may not come in any more; `None`: it may.
    Disabled {
        /// Which account.
        id: String,
        /// Since when.
        at: Option<NaiveDateTime>,
    },
    /// Ends its sessions, all but one perhaps.
    EndSessions {
        /// Which account.
        id: String,
        /// The session that goes on.
        but: Option<String>,
    },
    /// Removes it, with its API tokens.
    Remove {
        /// Which account.
        id: String,
    },
    /// A line for the audit log.
    Note(AuditPut),
}

const COLUMNS: &str =
    "SELECT id, name, role, password_hash, subject, created_at, disabled_at, login_at FROM gleaner_user";

impl Store {
    /// Every account, by name.
    pub async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows(format!("{COLUMNS} ORDER BY name"), &[]).await;
        session.end(rows).await
    }

    /// Whether there is any account.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        let mut session = self.reading().await?;
        let row = session.row::<(i64,)>("SELECT CAST(1 AS BIGINT) FROM gleaner_user LIMIT 1", &[]).await;
        Ok(session.end(row).await?.is_some())
    }

    /// The account of a name.
    pub async fn user_named(&self, name: &str) -> Result<Option<UserRow>, StoreError> {
        let mut session = self.reading().await?;
        let row = session.row(format!("{COLUMNS} WHERE name = $1"), &[name.into()]).await;
        session.end(row).await
    }

    /// The account that belongs to a subject of an identity provider.
    pub async fn user_of_subject(&self, subject: &str) -> Result<Option<UserRow>, StoreError> {
        let mut session = self.reading().await?;
        let row = session.row(format!("{COLUMNS} WHERE subject = $1"), &[subject.into()]).await;
        session.end(row).await
    }

    /// Changes accounts: `decide` sees all of them, and nobody changes any until what it answers is written. Its
    /// error changes nothing.
    pub async fn change_users<T, E>(
        &self,
        decide: impl FnOnce(&[UserRow]) -> Result<(Vec<UserChange>, T), E> + Send,
    ) -> Result<Result<T, E>, StoreError>
    where
        T: Send,
        E: Send,
    {
        let mut session = self.writing().await?;
        let done = change(&mut session, decide).await;
        let done = session.end(done).await;
        self.committed();
        done
    }
}

async fn change<T, E>(
    session: &mut Session,
    decide: impl FnOnce(&[UserRow]) -> Result<(Vec<UserChange>, T), E>,
) -> Result<Result<T, E>, StoreError> {
    // The one lock that every process knows.
    generation::hold(session, Hold::Alone).await?;
    let all: Vec<UserRow> = session.rows(format!("{COLUMNS} ORDER BY name"), &[]).await?;
    let (changes, answer) = match decide(&all) {
        Ok(decided) => decided,
        Err(error) => return Ok(Err(error)),
    };
    for change in changes {
        if let UserChange::Remove { id } = &change {
            let sql = "DELETE FROM gleaner_api_token WHERE user_id = $1";
            session.execute(&Statement { sql: sql.into(), values: vec![id.as_str().into()] }).await?;
        }
        session.execute(&statement(change)?).await?;
    }
    Ok(Ok(answer))
}

fn statement(change: UserChange) -> Result<Statement, StoreError> {
    let (sql, values): (&'static str, Vec<Value>) = match change {
        UserChange::Add(user) => (
            "INSERT INTO gleaner_user (id, name, role, password_hash, subject, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            vec![
                exact("id", &user.id, 36)?,
                exact("name", &user.name, 100)?,
                exact("role", &user.role, 20)?,
                Value::Text(user.password_hash),
                exact_option("subject", user.subject.as_deref(), 500)?,
                user.created_at.into(),
            ],
        ),
        UserChange::Role { id, role } => (
            "UPDATE gleaner_user SET role = $2 WHERE id = $1",
            vec![Value::Text(Some(id)), exact("role", &role, 20)?],
        ),
        UserChange::Password { id, hash } => (
            "UPDATE gleaner_user SET password_hash = $2 WHERE id = $1",
            vec![Value::Text(Some(id)), Value::Text(Some(hash))],
        ),
        UserChange::Subject { id, subject } => (
            "UPDATE gleaner_user SET subject = $2 WHERE id = $1",
            vec![Value::Text(Some(id)), exact("subject", &subject, 500)?],
        ),
        UserChange::Disabled { id, at: Some(at) } => {
            ("UPDATE gleaner_user SET disabled_at = $2 WHERE id = $1", vec![Value::Text(Some(id)), at.into()])
        }
        UserChange::Disabled { id, at: None } => {
            ("UPDATE gleaner_user SET disabled_at = NULL WHERE id = $1", vec![Value::Text(Some(id))])
        }
        UserChange::EndSessions { id, but: Some(but) } => (
            "DELETE FROM gleaner_session WHERE user_id = $1 AND id <> $2",
            vec![Value::Text(Some(id)), Value::Text(Some(but))],
        ),
        UserChange::EndSessions { id, but: None } => {
            ("DELETE FROM gleaner_session WHERE user_id = $1", vec![Value::Text(Some(id))])
        }
        UserChange::Remove { id } => ("DELETE FROM gleaner_user WHERE id = $1", vec![Value::Text(Some(id))]),
        UserChange::Note(note) => return audit::insert(&note),
    };
    Ok(Statement { sql: sql.into(), values })
}
