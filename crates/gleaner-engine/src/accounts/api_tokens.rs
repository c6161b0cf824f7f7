//! API tokens: with what programs come in.

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_store::ApiTokenRow;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::users::role;
use super::{AccountError, Act, Actor, Role, secret};
use crate::{Engine, EngineError, stored};

/// How every token begins, so that people and scanners know one when they see it.
const PREFIX: &str = "gleaner_";
/// How much of a token is shown again.
const SHOWN: usize = PREFIX.len() + 6;

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiToken {
    /// Its id.
    pub id: String,
    /// The account it comes in as, by id.
    pub user_id: String,
    /// The account's name.
    pub user: Option<String>,
    /// What it is for.
    pub name: String,
    /// What it may do at most; never more than its account.
    pub scope: Role,
    /// How it begins.
    pub beginning: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Until when it is good; absent: until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A token that was created: the only time its secret is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewApiToken {
    /// The secret, for `Authorization: Bearer …`. It cannot be shown again.
    pub token: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub details: ApiToken,
}

/// A token to create.
#[derive(Debug, Clone)]
pub struct ApiTokenRequest {
    /// What it is for.
    pub name: String,
    /// What it may do at most.
    pub scope: Role,
    /// Until when it is good.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Engine {
    /// The API tokens of an account (by id or name), or all of them.
    pub async fn api_tokens(&self, of: Option<&str>) -> Result<Vec<ApiToken>, EngineError> {
        let users = self.store.users().await?;
        let user = match of {
            Some(who) => Some(self.user(who).await?.id),
            None => None,
        };
        let rows = self.store.api_tokens(user.as_deref()).await?;
        rows.into_iter()
            .map(|row| {
                let owner = users.iter().find(|user| user.id == row.user_id).map(|user| user.name.clone());
                shown(row, owner)
            })
            .collect()
    }

    /// Creates an API token for an account (by id or name).
    pub async fn create_api_token(
        &self,
        actor: &Actor,
        owner: &str,
        request: ApiTokenRequest,
    ) -> Result<NewApiToken, EngineError> {
        let user = self.user(owner).await?;
        let name = request.name.trim().to_owned();
        let mut errors = Vec::new();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            errors.push(FieldError::new("name", "must be 1 to 100 characters that say what it is for"));
        }
        if request.scope > user.role {
            let what = format!("must not be more than {}'s own role, {}", user.name, user.role);
            errors.push(FieldError::new("scope", what));
        }
        if request.expires_at.is_some_and(|at| at <= self.now()) {
            errors.push(FieldError::new("expires_at", "must be in the future"));
        }
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let token = format!("{PREFIX}{}", secret::fresh()?);
        let row = ApiTokenRow {
            id: Uuid::now_v7().to_string(),
            user_id: user.id,
            name,
            scope: request.scope.as_str().to_owned(),
            hash: secret::digest(&token),
            beginning: token.chars().take(SHOWN).collect(),
            created_at: stored(self.now()),
            expires_at: request.expires_at.map(stored),
            used_at: None,
        };
        let detail = json!({"user": user.name, "scope": request.scope, "expires_at": request.expires_at});
        let act = Act::new("api_token.create", Some(row.name.clone())).with(detail);
        self.store.put_api_token(&row, &self.note(actor, act)).await?;
        Ok(NewApiToken { token, details: shown(row, Some(user.name))? })
    }

    /// Revokes an API token by its id; one of this account only, where one is given.
    pub async fn revoke_api_token(
        &self,
        actor: &Actor,
        id: &str,
        of: Option<&str>,
    ) -> Result<(), EngineError> {
        let token = self.api_tokens(of).await?.into_iter().find(|token| token.id == id);
        let token = token.ok_or_else(|| AccountError::NoSuchToken(id.to_owned()))?;
        let act = Act::new("api_token.revoke", Some(token.name)).with(json!({"user": token.user}));
        Ok(self.store.remove_api_token(&token.id, &self.note(actor, act)).await?)
    }
}

fn shown(row: ApiTokenRow, user: Option<String>) -> Result<ApiToken, EngineError> {
    Ok(ApiToken {
        scope: role(&row.scope)?,
        id: row.id,
        user_id: row.user_id,
        user,
        name: row.name,
        beginning: row.beginning,
        created_at: row.created_at.and_utc(),
        expires_at: row.expires_at.map(|at| at.and_utc()),
        last_used_at: row.used_at.map(|at| at.and_utc()),
    })
}
