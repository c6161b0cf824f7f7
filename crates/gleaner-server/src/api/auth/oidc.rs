//! `GET /api/v1/auth/oidc/login` and `GET /api/v1/auth/oidc/callback`

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use gleaner_engine::Engine;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::Visit;
use crate::body::wrong_query;
use crate::cookie;
use crate::oidc::{Provider, Returned};
use crate::problem::Problem;

/// Where to go afterwards.
#[derive(Debug, Deserialize, IntoParams)]
pub struct LoginQuery {
    /// A path of this server; `/` when absent.
    pub return_to: Option<String>,
}

/// Begin a log-in through the identity provider: sends the browser there.
#[utoipa::path(
    get, path = "/api/v1/auth/oidc/login", operation_id = "begin_oidc_login", tag = "auth", params(LoginQuery),
    responses(
        (status = 303, description = "To the identity provider"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn login(
    State(engine): State<Engine>,
    visit: Visit,
    headers: HeaderMap,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let provider = provider(&visit)?;
    let return_to = query.return_to.filter(|path| is_own_path(path)).unwrap_or_else(|| "/".to_owned());
    let begun = provider.begin(engine.now(), own_address(&visit, &headers)?, return_to).await?;
    Ok(go(&begun.address, [cookie::set_login(Some(&begun.remembered), super::https(&visit))]))
}

/// End a log-in through the identity provider: the browser comes back from there.
#[utoipa::path(
    get, path = "/api/v1/auth/oidc/callback", operation_id = "end_oidc_login", tag = "auth", params(Returned),
    responses(
        (status = 303, description = "To the app, logged in"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn callback(
    visit: Visit,
    headers: HeaderMap,
    query: Result<Query<Returned>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(returned) = query.map_err(|rejection| wrong_query(&rejection))?;
    match enter(&visit, &headers, returned).await {
        Ok(response) => Ok(response),
        // A person looks at this, in a browser: the app tells them.
        Err(problem) if wants_page(&headers) => {
            let forget = cookie::set_login(None, super::https(&visit));
            Ok(go(&format!("/login?error={}", problem.code), [forget]))
        }
        Err(problem) => Err(problem),
    }
}

async fn enter(visit: &Visit, headers: &HeaderMap, returned: Returned) -> Result<Response, Problem> {
    let gate = &visit.gate;
    let provider = provider(visit)?;
    gate.limits.login("", visit.address)?;
    let entered = provider
        .end(gate.engine.now(), own_address(visit, headers)?, returned, cookie::login(headers))
        .await?;
    let role = provider.role();
    let session =
        gate.engine.log_in_as(entered.identity, role, visit.address, super::client(headers)).await?;
    let cookies = [cookie::set_login(None, super::https(visit)), super::session_cookie(visit, &session)];
    Ok(go(&entered.return_to, cookies))
}

fn provider(visit: &Visit) -> Result<&Provider, Problem> {
    visit.gate.provider.as_ref().ok_or_else(|| {
        let detail = "no identity provider is configured: set oidc_issuer and oidc_client_id";
        Problem::new(StatusCode::NOT_FOUND, "oidc_not_configured", detail)
    })
}

/// Where the browser finds this server.
fn own_address(visit: &Visit, headers: &HeaderMap) -> Result<String, Problem> {
    if let Some(url) = &visit.gate.options.public_url {
        return Ok(url.to_string());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.map(|host| format!("http://{host}")).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable_host",
            "the request does not say which host it is for",
        )
    })
}

/// A path, and no way to another site.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 500
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\')
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|a| a.contains("text/html"))
}

fn go<const N: usize>(to: &str, cookies: [HeaderValue; N]) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)], AppendHeaders(cookies)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site_after_logging_in() {
        for own in ["/", "/discover?bsr=1-2"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
