//! Listening, and what happens to every request: count it, break it if asked to, check the key, answer, charge.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::EmulatorConfig;
use crate::app::{App, Call, settle};
use crate::clock::Clock;
use crate::endpoints;
use crate::faults::{self, Fault};
use crate::params::Params;
use crate::reply::{Failure, Reply, Tokens, envelope, gzip, json_response};

/// Starts emulators.
#[derive(Clone, Copy, Debug)]
pub struct Emulator;

impl Emulator {
    /// Starts one on the configured address.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or the catalogue folder cannot be read.
    pub async fn start(config: EmulatorConfig, clock: Arc<dyn Clock>) -> std::io::Result<RunningEmulator> {
        let listen = config.listen;
        let app = Arc::new(App::new(config, clock)?);
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            std::io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}"))
        })?;
        let addr = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let service = routes(Arc::clone(&app));
        let server = tokio::spawn(async move {
            let served = axum::serve(listener, service)
                .with_graceful_shutdown(async move { stopped.cancelled().await })
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the emulator stopped serving");
            }
        });
        tracing::info!(%addr, products = app.config.products, seed = app.config.seed, "emulator listening");
        Ok(RunningEmulator { app, addr, server, stop: stop.clone(), _on_drop: stop.drop_guard() })
    }
}

/// An emulator at work. Dropping it stops it.
#[derive(Debug)]
pub struct RunningEmulator {
    app: Arc<App>,
    addr: SocketAddr,
    server: JoinHandle<()>,
    stop: CancellationToken,
    _on_drop: DropGuard,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("products", &self.config.products)
            .field("seed", &self.config.seed)
            .finish_non_exhaustive()
    }
}

impl RunningEmulator {
    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What takes the place of `https://api.keepa.com`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many requests reached each endpoint (`"product"`, `"query"`, …), refused ones included;
    /// paths that do not exist count as `"unknown"`.
    #[must_use]
    pub fn request_counts(&self) -> BTreeMap<String, u64> {
        self.app.counts()
    }

    /// Tokens of the key that asked last, or of the first configured key; negative after an overdraft.
    #[must_use]
    pub fn tokens_left(&self) -> i64 {
        self.app.tokens_left()
    }

    /// Saved products that are served.
    #[must_use]
    pub fn catalog_len(&self) -> usize {
        self.app.catalog.len()
    }

    /// Files of the catalogue folder that could not be used, each with the reason.
    #[must_use]
    pub fn catalog_skipped(&self) -> Vec<(std::path::PathBuf, String)> {
        self.app
            .catalog
            .skipped
            .iter()
            .map(|skipped| (skipped.file.clone(), skipped.reason.clone()))
            .collect()
    }

    /// Adds a fault from now on.
    pub fn add_fault(&self, rule: crate::FaultRule) {
        self.app.faults.add(vec![rule]);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.app.faults.set(Vec::new());
    }

    /// Stops listening and waits for requests under way, two seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(Duration::from_secs(2), &mut self.server).await.is_err() {
            self.server.abort();
        }
    }

    /// Waits until it stops by itself, which is never unless listening fails.
    pub async fn wait(mut self) {
        // A panic of the server task ends the wait as well.
        let _ended = (&mut self.server).await;
    }
}

/// The emulator's routes, for embedding in another server.
///
/// # Errors
///
/// When the catalogue folder cannot be read.
pub fn router(config: EmulatorConfig, clock: Arc<dyn Clock>) -> std::io::Result<Router> {
    Ok(routes(Arc::new(App::new(config, clock)?)))
}

fn routes(app: Arc<App>) -> Router {
    // One handler for all paths: `/x` and `/x/` are the same, and what is unknown needs an envelope too.
    Router::new().fallback(serve).with_state(app)
}

async fn serve(State(app): State<Arc<App>>, method: Method, uri: Uri, body: Bytes) -> Response<Body> {
    let started = Instant::now();
    let endpoint = uri.path().trim_matches('/').to_owned();
    if app.config.admin
        && let Some(call) = endpoint.strip_prefix("_emulator")
    {
        return endpoints::admin::handle(&app, call.trim_matches('/'), &body);
    }
    app.count(&endpoint);
    let struck = app.faults.strike(&endpoint);
    for fault in &struck {
        match fault {
            Fault::Latency { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Fault::ClockJump { seconds } => {
                app.time.advance(chrono::TimeDelta::try_seconds(*seconds).unwrap_or_default());
            }
            _ => {
                if let Some(response) = faults::instead(fault) {
                    return response;
                }
            }
        }
    }
    let request = Request { endpoint, method, uri, body, struck: struck.clone(), started };
    // Products are generated and zipped on a thread that may be busy for a while.
    let answer = tokio::task::spawn_blocking(move || answer(&app, &request)).await;
    let Ok(answer) = answer else {
        let parts = Failure::Internal.error().map(|error| vec![("error", error)]).unwrap_or_default();
        let body = envelope(parts, Tokens::default(), 0, 0);
        return json_response(StatusCode::INTERNAL_SERVER_ERROR, Body::from(gzip(&body)));
    };
    match answer {
        Answer::Json { status, zipped } => json_response(status, faults::body(zipped, &struck)),
        Answer::Png(png) => {
            let mut response = Response::new(faults::body(png, &struck));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            response
        }
    }
}

struct Request {
    endpoint: String,
    method: Method,
    uri: Uri,
    body: Bytes,
    struck: Vec<Fault>,
    started: Instant,
}

enum Answer {
    Json { status: StatusCode, zipped: Vec<u8> },
    Png(Vec<u8>),
}

fn answer(app: &App, request: &Request) -> Answer {
    let now = app.time.now();
    let now_ms = now.timestamp_millis();
    let query = request.uri.query().unwrap_or_default();
    let params = Params::read(query, &request.body);
    let key = params.text("key").unwrap_or_default();
    let finish = |status: StatusCode, parts, tokens| {
        let took = i64::try_from(request.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Answer::Json { status, zipped: gzip(&envelope(parts, tokens, now_ms, took)) }
    };
    let fail = |failure: &Failure, tokens: Tokens| {
        let parts = failure.error().map(|error| vec![("error", error)]).unwrap_or_default();
        finish(failure.status(), parts, tokens)
    };
    if key.is_empty() || !app.knows_key(key) {
        return fail(&Failure::UnknownKey, Tokens::default());
    }
    let untouched = || settle(app, key, now_ms, 0);
    if request.struck.contains(&Fault::TooManyRequests) {
        return fail(&Failure::NoTokens, untouched());
    }
    if request.struck.contains(&Fault::ErrorWithOk) {
        return finish(StatusCode::OK, vec![("error", faults::error_with_ok())], untouched());
    }
    if !matches!(request.method, Method::GET | Method::POST) {
        return fail(&Failure::range("method"), untouched());
    }
    let call = Call { app, params: &params, key, now, query };
    match endpoints::call(&request.endpoint, &call) {
        Ok(reply) => {
            let tokens = settle(app, key, now_ms, reply.cost());
            match reply {
                Reply::Payload { parts, .. } => finish(StatusCode::OK, parts, tokens),
                Reply::Image { png, .. } => Answer::Png(png),
            }
        }
        Err(failure) => fail(&failure, untouched()),
    }
}
