//! `gleaner_session` and `gleaner_api_token`: with what people and programs come in.

use chrono::NaiveDateTime;

use crate::audit::{self, AuditPut};
use crate::statement::{Statement, Value, cut, exact};
use crate::{Store, StoreError};

/// A session to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPut {
    /// The SHA-256 of what the browser keeps, in hexadecimal digits.
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// Since when (UTC).
    pub created_at: NaiveDateTime,
    /// Until when at most (UTC).
    pub expires_at: NaiveDateTime,
    /// From where.
    pub address: Option<String>,
    /// With what browser; cut to 300 characters.
    pub client: Option<String>,
}

/// Who comes in with a session or an API token, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LoginRow {
    /// The id of the session or of the API token.
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// The account's name.
    pub name: String,
    /// What the account may do.
    pub role: String,
    /// Since when the account may not come in any more (UTC).
    pub disabled_at: Option<NaiveDateTime>,
    /// What the API token is for; `None` for a session.
    pub scope: Option<String>,
    /// When it was last used (UTC), to within a minute or so.
    pub used_at: Option<NaiveDateTime>,
    /// Until when it is good (UTC).
    pub expires_at: Option<NaiveDateTime>,
}

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiTokenRow {
    /// Its id.
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// What people call it, at most 100 characters.
    pub name: String,
    /// What it may do at most.
    pub scope: String,
    /// The SHA-256 of it, in hexadecimal digits.
    pub hash: String,
    /// How it begins, to tell it from others.
    pub beginning: String,
    /// Since when (UTC).
    pub created_at: NaiveDateTime,
    /// Until when (UTC); `None`: until it is revoked.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was last used (UTC), to within a minute or so.
    pub used_at: Option<NaiveDateTime>,
}

const OF_TOKEN: &str = "SELECT id, user_id, name, scope, hash, beginning, created_at, expires_at, used_at FROM gleaner_api_token";

impl Store {
    /// The session of this id, and whose it is.
    pub async fn session_login(&self, id: &str) -> Result<Option<LoginRow>, StoreError> {
        const SQL: &str = "SELECT s.id, s.user_id, u.name, u.role, u.disabled_at, CAST(NULL AS VARCHAR(20)) AS scope, \
                           s.seen_at AS used_at, s.expires_at FROM gleaner_session s \
                           JOIN gleaner_user u ON u.id = s.user_id WHERE s.id = $1";
        self.login(SQL, id).await
    }

    /// The API token of this hash, and whose it is.
    pub async fn api_token_login(&self, hash: &str) -> Result<Option<LoginRow>, StoreError> {
        const SQL: &str = "SELECT t.id, t.user_id, u.name, u.role, u.disabled_at, t.scope, t.used_at, t.expires_at \
                           FROM gleaner_api_token t JOIN gleaner_user u ON u.id = t.user_id WHERE t.hash = $1";
        self.login(SQL, hash).await
    }

    async fn login(&self, sql: &'static str, key: &str) -> Result<Option<LoginRow>, StoreError> {
        let mut session = self.reading().await?;
        let row = session.row(sql, &[key.into()]).await;
        session.end(row).await
    }

    /// Begins a session, and notes on its account when that was.
    pub async fn put_session(&self, put: &SessionPut) -> Result<(), StoreError> {
        let insert = Statement {
            sql:
                "INSERT INTO gleaner_session (id, user_id, created_at, seen_at, expires_at, address, client) \
                  VALUES ($1, $2, $3, $3, $4, $5, $6)"
                    .into(),
            values: vec![
                exact("id", &put.id, 64)?,
                exact("user_id", &put.user_id, 36)?,
                put.created_at.into(),
                put.expires_at.into(),
                cut(put.address.as_deref(), 50),
                cut(put.client.as_deref(), 300),
            ],
        };
        let note = Statement {
            sql: "UPDATE gleaner_user SET login_at = $2 WHERE id = $1".into(),
            values: vec![put.user_id.as_str().into(), put.created_at.into()],
        };
        self.write_all(&[insert, note]).await.map(drop)
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, id: &str, at: NaiveDateTime) -> Result<(), StoreError> {
        let sql = "UPDATE gleaner_session SET seen_at = $2 WHERE id = $1";
        self.write_all(&[Statement { sql: sql.into(), values: vec![id.into(), at.into()] }]).await.map(drop)
    }

    /// Ends a session.
    pub async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM gleaner_session WHERE id = $1";
        self.write_all(&[Statement { sql: sql.into(), values: vec![id.into()] }]).await.map(drop)
    }

    /// Removes the sessions that have expired, or were last used before `idle`.
    pub async fn purge_sessions(&self, now: NaiveDateTime, idle: NaiveDateTime) -> Result<u64, StoreError> {
        let sql = "DELETE FROM gleaner_session WHERE expires_at <= $1 OR seen_at <= $2";
        self.write_all(&[Statement { sql: sql.into(), values: vec![now.into(), idle.into()] }]).await
    }

    /// The API tokens of an account, or all of them; the newest first.
    pub async fn api_tokens(&self, user_id: Option<&str>) -> Result<Vec<ApiTokenRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = match user_id {
            Some(user) => {
                let sql = format!("{OF_TOKEN} WHERE user_id = $1 ORDER BY created_at DESC, id DESC");
                session.rows(sql, &[user.into()]).await
            }
            None => session.rows(format!("{OF_TOKEN} ORDER BY created_at DESC, id DESC"), &[]).await,
        };
        session.end(rows).await
    }

    /// Keeps an API token, with its line in the audit log.
    pub async fn put_api_token(&self, token: &ApiTokenRow, note: &AuditPut) -> Result<(), StoreError> {
        let mut values = vec![
            exact("id", &token.id, 36)?,
            exact("user_id", &token.user_id, 36)?,
            exact("name", &token.name, 100)?,
            exact("scope", &token.scope, 20)?,
            exact("hash", &token.hash, 64)?,
            exact("beginning", &token.beginning, 20)?,
            token.created_at.into(),
        ];
        let expiry = if let Some(at) = token.expires_at {
            values.push(at.into());
            "$8"
        } else {
            "NULL"
        };
        let sql = format!(
            "INSERT INTO gleaner_api_token \
             (id, user_id, name, scope, hash, beginning, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, {expiry})"
        );
        self.write_all(&[Statement { sql: sql.into(), values }, audit::insert(note)?]).await.map(drop)
    }

    /// Notes that an API token was used.
    pub async fn touch_api_token(&self, id: &str, at: NaiveDateTime) -> Result<(), StoreError> {
        let sql = "UPDATE gleaner_api_token SET used_at = $2 WHERE id = $1";
        self.write_all(&[Statement { sql: sql.into(), values: vec![id.into(), at.into()] }]).await.map(drop)
    }

    /// Revokes an API token, with its line in the audit log.
    pub async fn remove_api_token(&self, id: &str, note: &AuditPut) -> Result<(), StoreError> {
        let sql = "DELETE FROM gleaner_api_token WHERE id = $1";
        let remove = Statement { sql: sql.into(), values: vec![Value::Text(Some(id.to_owned()))] };
        self.write_all(&[remove, audit::insert(note)?]).await.map(drop)
    }

    /// Runs statements in one transaction; answers how many rows the first one touched.
    pub(crate) async fn write_all(&self, statements: &[Statement]) -> Result<u64, StoreError> {
        let mut session = self.writing().await?;
        let mut first = None;
        let mut done = Ok(());
        for statement in statements {
            match session.execute(statement).await {
                Ok(count) => drop(first.get_or_insert(count)),
                Err(error) => {
                    done = Err(error);
                    break;
                }
            }
        }
        session.end(done).await?;
        self.committed();
        Ok(first.unwrap_or_default())
    }
}
