//! Coming in and going out.

pub mod login;
pub mod logout;
pub mod oidc;
pub mod password;
pub mod session;
pub mod setup;

use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use gleaner_engine::accounts::{NewSession, csrf_token};

use crate::access::Visit;
use crate::cookie;
use session::SessionInfo;

/// The browser a session belongs to, as it calls itself.
fn client(headers: &HeaderMap) -> Option<String> {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Whether the browser came over TLS.
fn https(visit: &Visit) -> bool {
    visit.gate.options.https()
}

/// The cookie of a session that begins.
fn session_cookie(visit: &Visit, session: &NewSession) -> axum::http::HeaderValue {
    let seconds = (session.expires_at - visit.gate.engine.now()).num_seconds();
    cookie::set_session(Some(&session.secret), seconds, https(visit))
}

/// The answer to a log-in: who they are, and the session's cookie.
fn welcome(mut visit: Visit, session: NewSession) -> Response {
    let set = session_cookie(&visit, &session);
    visit.accounts = true;
    visit.visitor = Some(session.visitor);
    let info = SessionInfo::of(&visit, false, Some(csrf_token(&session.secret)));
    (AppendHeaders([(header::SET_COOKIE, set)]), Json(info)).into_response()
}
