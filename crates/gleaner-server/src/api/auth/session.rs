//! `GET /api/v1/auth/session`

use axum::Json;
use axum::http::HeaderMap;
use gleaner_engine::accounts::{Role, Way, csrf_token};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Visit, came_through_a_proxy};
use crate::cookie;
use crate::problem::Problem;

/// Who asks, and how one comes in here.
#[expect(clippy::struct_excessive_bools, reason = "each tells the log-in page something of its own")]
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionInfo {
    /// Whether an account is needed; without, whoever is at this machine may do everything.
    pub accounts: bool,
    /// Whether `POST /api/v1/auth/setup` creates the first account for whoever asks: there is none yet, and this comes
    /// from the machine itself. With neither this nor `accounts`, the way in is `gleaner users add NAME` at the machine.
    pub setup_possible: bool,
    /// Whether one can log in through an identity provider, at `/api/v1/auth/oidc/login`.
    pub oidc: bool,
    /// Whether somebody is logged in, or nobody has to be.
    pub authenticated: bool,
    /// The account.
    pub user: Option<SessionUser>,
    /// What may be done: the account's role, or an administrator's where there are no accounts.
    pub role: Option<Role>,
    /// What every change must show in the header `x-csrf-token`; absent without a session.
    pub csrf_token: Option<String>,
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionUser {
    /// The account's id, as it stands in the history.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl SessionInfo {
    /// `open`: whether whoever asks may do everything, since there are no accounts and they are at this machine.
    pub(super) fn of(visit: &Visit, open: bool, csrf_token: Option<String>) -> Self {
        let visitor = visit.visitor.as_ref();
        Self {
            accounts: visit.accounts,
            setup_possible: open,
            oidc: visit.gate.provider.is_some(),
            authenticated: visitor.is_some() || open,
            user: visitor.map(|v| SessionUser { id: v.user_id.to_string(), name: v.name.clone() }),
            role: visitor.map(|v| v.role).or(open.then_some(Role::Admin)),
            csrf_token,
        }
    }
}

/// Who am I, and how do I come in?
#[utoipa::path(
    get, path = "/api/v1/auth/session", operation_id = "get_session", tag = "auth",
    responses(
        (status = 200, body = SessionInfo),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(visit: Visit, headers: HeaderMap) -> Json<SessionInfo> {
    let in_session = visit.visitor.as_ref().is_some_and(|v| matches!(v.way, Way::Session(_)));
    let secret = cookie::session(&headers).filter(|_| in_session);
    let open = !visit.accounts && !came_through_a_proxy(&headers);
    Json(SessionInfo::of(&visit, open, secret.map(csrf_token)))
}
