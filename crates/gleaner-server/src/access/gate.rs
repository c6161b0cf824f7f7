//! The middleware: finds the line of the table for a request, and lets it pass or not.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gleaner_engine::Engine;
use gleaner_engine::accounts::{Act, Actor, Visitor, Way, csrf_token};
use tower_http::request_id::RequestId;
use tracing::{Instrument, Span};
use utoipa::openapi::OpenApi;

use super::limits::Limits;
use super::table::{Line, TABLE};
use super::{guard, headers};
use crate::asking::source;
use crate::metering::Meter;
use crate::oidc::Provider;
use crate::options::Options;
use crate::problem::{self, Problem};
use crate::{cookie, openapi_methods};

/// Where a page of ours shows what no other site's page can know.
const CSRF: &str = "x-csrf-token";

/// Everything that decides who comes in.
pub(crate) struct Gate {
    pub(crate) engine: Engine,
    pub(crate) options: Options,
    pub(crate) limits: Limits,
    pub(crate) provider: Option<Provider>,
    /// The table, with every endpoint of the document that it lacks: those are refused to everybody.
    paths: HashMap<String, Vec<Row>>,
}

/// An endpoint as the gate knows it.
struct Row {
    method: Method,
    /// Its line in the table; without one it is refused to everybody.
    line: Option<&'static Line>,
    meter: Meter,
}

impl Row {
    fn new(method: Method, path: &str, line: Option<&'static Line>) -> Self {
        let meter = Meter::of(method.as_str(), path);
        Self { method, line, meter }
    }
}

/// Who stands at the gate, for the endpoints that care.
#[derive(Clone)]
pub struct Visit {
    pub(crate) visitor: Option<Visitor>,
    pub(crate) address: Option<IpAddr>,
    /// Whether accounts are in force.
    pub(crate) accounts: bool,
    pub(crate) gate: Arc<Gate>,
}

impl Gate {
    pub(crate) fn new(document: &OpenApi, engine: Engine, options: Options) -> Arc<Self> {
        let mut paths: HashMap<String, Vec<Row>> = HashMap::new();
        for line in TABLE {
            if let Ok(method) = line.method.parse() {
                let row = Row::new(method, line.path, Some(line));
                paths.entry(line.path.to_owned()).or_default().push(row);
            }
        }
        for (method, path) in openapi_methods(document) {
            let lines = paths.entry(path.clone()).or_default();
            if lines.iter().all(|row| row.method != method) {
                tracing::error!(%method, path, "an endpoint is not in the access table, it is refused");
                lines.push(Row::new(method, path, None));
            }
        }
        let limits = Limits::new(&engine, &options);
        let provider = options.oidc.clone().map(Provider::new);
        Arc::new(Self { engine, options, limits, provider, paths })
    }

    /// The line for a method and a path as it was matched.
    #[expect(clippy::result_large_err, reason = "the error is the answer, made once and sent")]
    fn find(&self, method: &Method, path: &str) -> Result<(&'static Line, &Meter), Response> {
        let unlisted = || {
            let detail =
                "nobody may call this: it is not in the table of who may call what, a fault of the program";
            Err(Problem::new(StatusCode::FORBIDDEN, "not_in_access_table", detail).into_response())
        };
        let Some(lines) = self.paths.get(path) else { return unlisted() };
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        match lines.iter().find(|row| row.method == method) {
            Some(Row { line: Some(line), meter, .. }) => Ok((line, meter)),
            Some(Row { line: None, .. }) => unlisted(),
            None => Err(other_methods(lines)),
        }
    }

    /// Lets a request in, or says why not. Whoever changes something that only administrators may is returned.
    async fn admit(self: &Arc<Self>, line: &Line, request: &mut Request) -> Result<Option<Actor>, Problem> {
        let about_log_in = line.path.starts_with("/api/v1/auth/");
        if line.who.is_none() && !about_log_in {
            return Ok(None);
        }
        let accounts = self.options.require_accounts || self.engine.has_accounts().await?;
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        if !accounts {
            // Whoever is behind a proxy is not at this machine.
            if line.who.is_some() && came_through_a_proxy(request.headers()) {
                return Err(accounts_needed());
            }
            if !line.spends {
                let visit = Visit { visitor: None, address: peer, accounts, gate: self.clone() };
                request.extensions_mut().insert(visit);
            }
            return Ok(audited(line).then(|| nobody(request.headers(), peer)));
        }
        let address = self.options.client_address(peer, request.headers());
        let visitor = self.identify(request.headers()).await?;
        if let Some(role) = line.who {
            let Some(visitor) = &visitor else { return Err(log_in_first()) };
            if visitor.role < role {
                let detail = format!("this needs the role {role}; yours here is {}", visitor.role);
                return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", detail));
            }
            Self::check_csrf(visitor, request)?;
        }
        if line.spends {
            self.limits.call(visitor.as_ref().map(|visitor| visitor.user_id), address)?;
        }
        let actor = visitor.as_ref().filter(|_| audited(line));
        let actor = actor.map(|visitor| visitor.actor(source(request.headers()), address));
        request.extensions_mut().insert(Visit { visitor, address, accounts, gate: self.clone() });
        Ok(actor)
    }

    /// Who it is: an API token says so, or else a session.
    async fn identify(&self, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
        if let Some(authorization) = headers.get(header::AUTHORIZATION) {
            let token = authorization.to_str().ok().and_then(|text| text.split_once(' '));
            let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            return match token {
                Some((_, token)) => Ok(self.engine.visitor_of_api_token(token.trim()).await?),
                None => Ok(None),
            };
        }
        match cookie::session(headers) {
            Some(secret) => Ok(self.engine.visitor_of_session(secret).await?),
            None => Ok(None),
        }
    }

    /// A browser sends the session along with whatever any page makes it send: a change must also show what only a
    /// page of ours can know.
    fn check_csrf(visitor: &Visitor, request: &Request) -> Result<(), Problem> {
        if !matches!(visitor.way, Way::Session(_)) || matches!(*request.method(), Method::GET | Method::HEAD)
        {
            return Ok(());
        }
        let shown = request.headers().get(CSRF).map(HeaderValue::as_bytes);
        let expected = cookie::session(request.headers()).map(csrf_token);
        if shown.is_some() && shown == expected.as_deref().map(str::as_bytes) {
            return Ok(());
        }
        let detail =
            "a change with a session needs the header x-csrf-token, which /api/v1/auth/session tells";
        Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail))
    }

    /// Notes a change that only administrators may make.
    async fn note(&self, actor: &Actor, act: Act) {
        if let Err(error) = self.engine.note_act(actor, act).await {
            tracing::error!(code = error.code(), %error, "an act could not be noted in the audit log");
        }
    }
}

/// Whether the middleware notes it.
fn audited(line: &Line) -> bool {
    line.who == Some(gleaner_engine::accounts::Role::Admin) && line.method != "GET" && !line.notes_itself
}

/// Whoever sits at this machine, where there are no accounts.
pub(crate) fn nobody(headers: &HeaderMap, address: Option<IpAddr>) -> Actor {
    Actor { user_id: None, name: "this machine".to_owned(), source: source(headers), address }
}

pub(crate) fn came_through_a_proxy(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name))
}

fn accounts_needed() -> Problem {
    let detail = "this came through a proxy, and there are no accounts: create the first with `gleaner users add NAME`, \
                  and set public_url";
    Problem::new(StatusCode::FORBIDDEN, "accounts_needed", detail)
}

fn log_in_first() -> Problem {
    let detail = "log in first, or send an API token as `Authorization: Bearer ...`";
    Problem::new(StatusCode::UNAUTHORIZED, "login_required", detail)
}

fn other_methods(rows: &[Row]) -> Response {
    let mut names: Vec<&str> = rows.iter().map(|row| row.method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    let allow = HeaderValue::try_from(names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("GET"));
    ([(header::ALLOW, allow)], problem::wrong_method()).into_response()
}

/// Lets a request pass, or not.
pub(crate) async fn enforce(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let span = span(&request);
    let mut response = pass(&gate, request, next).instrument(span).await;
    headers::secure(response.headers_mut(), gate.options.https());
    response
}

/// Ties every line of the log about a request together, also with the answer, which has the id in a header. The query
/// is left out: a log-in comes back with secrets there.
fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("request", request_id = id, method = %request.method(), path = request.uri().path())
}

async fn pass(gate: &Arc<Gate>, request: Request, next: Next) -> Response {
    if let Some(refused) = guard::refusal(&gate.options, request.headers()) {
        return refused.into_response();
    }
    // What no route matches is answered with "not found", or is the web app, which anyone may load.
    let Some(path) = request.extensions().get::<MatchedPath>() else { return next.run(request).await };
    let (line, meter) = match gate.find(request.method(), path.as_str()) {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let started = Instant::now();
    let response = admitted(gate, line, request, next).await;
    let took = started.elapsed();
    meter.count(response.status(), took);
    tracing::debug!(status = response.status().as_u16(), milliseconds = took.as_millis(), "answered");
    response
}

async fn admitted(gate: &Arc<Gate>, line: &Line, mut request: Request, next: Next) -> Response {
    let actor = match gate.admit(line, &mut request).await {
        Ok(actor) => actor,
        Err(refused) => {
            tracing::info!(code = refused.code, status = refused.status, "refused");
            return challenge(refused);
        }
    };
    let called = actor.map(|actor| (actor, request.uri().path().to_owned()));
    let Ok(response) = tokio::time::timeout(gate.options.request_timeout, next.run(request)).await else {
        let detail = "this took too long and was given up; what was paid for is kept: ask again";
        return Problem::new(StatusCode::GATEWAY_TIMEOUT, "timed_out", detail).into_response();
    };
    if let Some((actor, path)) = called.filter(|_| response.status().is_success()) {
        gate.note(&actor, Act::new(format!("{} {}", line.method, line.path), Some(path))).await;
    }
    response
}

/// The refusal, with the word about what to send that HTTP asks for.
fn challenge(refused: Problem) -> Response {
    let unknown = refused.status == StatusCode::UNAUTHORIZED.as_u16();
    let mut response = refused.into_response();
    if unknown {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests {
    use gleaner_engine::Source;

    use super::*;

    #[test]
    fn whoever_is_behind_a_proxy_is_not_at_this_machine() {
        let with = |name: &'static str| {
            [(name.parse().unwrap(), "192.0.2.1".parse().unwrap())].into_iter().collect()
        };
        assert!(came_through_a_proxy(&with("x-forwarded-for")));
        assert!(came_through_a_proxy(&with("forwarded")));
        assert!(!came_through_a_proxy(&with("accept")));
        let actor = nobody(&HeaderMap::new(), None);
        assert_eq!((actor.user_id, actor.source), (None, Source::Api));
    }
}
