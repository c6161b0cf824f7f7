//! The client: one connection pool, one key, one way to send.
//!
//! Every request goes through [`Client::call`]: it knows the statuses, waits out one lack of tokens, reads the balance,
//! and keeps the key out of every message. The endpoints themselves are in [`crate::endpoints`].

use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::answer::{Head, TokenStatus, decode_head};
use crate::error::{Error, wait_for_tokens};
use crate::request::Param;

const DEFAULT_BASE_URL: &str = "https://api.keepa.com";
/// As Keepa's own client has it: live offers take up to 20 seconds each.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// One refill tick: long enough for every balance that one refill makes positive.
const DEFAULT_MAX_WAIT: Duration = Duration::from_mins(1);
/// Keepa's clock and ours differ a little; its own clients add the same.
const WAIT_MARGIN: Duration = Duration::from_millis(100);
/// No answer is larger: a hundred products with all offers stay far below.
const MAX_BODY_BYTES: usize = 512 * 1024 * 1024;

/// A client of the Keepa API. Cheap to clone; clones share connections.
///
/// After 429 (no tokens) it waits once, when the wait is within [`max_wait`](ClientBuilder::max_wait), and asks once
/// more. Nothing else is ever repeated: a time-out, a cut body or a fault of the server may have been charged.
///
/// ```no_run
/// use keepa::{Client, Domain, ProductRequest};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("my key".into()).build()?;
/// let request = ProductRequest::asins(Domain::Us, ["0593655036".parse()?]).stats_days(90);
/// let answer = client.products(&request).await?;
/// println!("{:?} tokens left", answer.tokens.tokens_left);
/// for raw in &answer.value {
///     println!("{:?}: {:?}", raw.product.asin, raw.product.title);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    base: Url,
    key: SecretString,
    max_wait: Duration,
    last_tokens: Mutex<Option<TokenStatus>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.inner.base.host_str())
            .field("path", &self.inner.base.path())
            .field("max_wait", &self.inner.max_wait)
            .field("key", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    key: SecretString,
    base_url: String,
    timeout: Duration,
    connect_timeout: Duration,
    max_wait: Duration,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("max_wait", &self.max_wait)
            .field("key", &"[redacted]")
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Where Keepa is (default `https://api.keepa.com`); a path in it is kept in front of the endpoint's.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// How long a request may take from connecting to the last byte (default 120 seconds).
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take (default 30 seconds).
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest automatic wait when there are no tokens (default 60 seconds); zero: never wait.
    pub const fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the key is empty or not printable ASCII, or the base URL is none of `http` or `https`.
    pub fn build(self) -> Result<Client, Error> {
        let key = self.key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("key", "the Keepa key is empty or has characters that no key has"));
        }
        let base = Url::parse(&self.base_url).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
        });
        let base = base
            .ok_or_else(|| Error::invalid("base_url", "must be an address such as https://api.keepa.com"))?;
        let http = transport(&base, self.timeout, self.connect_timeout)?;
        let (key, max_wait) = (self.key, self.max_wait);
        let inner = Inner { http, base, key, max_wait, last_tokens: Mutex::new(None) };
        Ok(Client { inner: Arc::new(inner) })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that talks HTTP to Keepa")]
fn transport(base: &Url, timeout: Duration, connect_timeout: Duration) -> Result<reqwest::Client, Error> {
    static PROVIDER: Once = Once::new();
    // An error means that the program has chosen a provider already, which serves as well.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let mut builder = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(connect_timeout)
        .gzip(true)
        // A redirect would carry the key elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("keepa-rust/", env!("CARGO_PKG_VERSION")));
    if base.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]")) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| Error::Connect { source: error.without_url() })
}

/// One request: the path without slash, its parameters without the key, and a JSON body if it is a POST.
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Option<String>,
}

impl Call {
    pub(crate) const fn get(path: &'static str, params: Vec<Param>) -> Self {
        Self { path, params, body: None }
    }
}

impl Client {
    /// Settings for a client with this key.
    pub fn builder(key: SecretString) -> ClientBuilder {
        ClientBuilder {
            key,
            base_url: DEFAULT_BASE_URL.to_owned(),
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            max_wait: DEFAULT_MAX_WAIT,
        }
    }

    /// The balance that the last answer told, without asking.
    #[must_use]
    pub fn last_tokens(&self) -> Option<TokenStatus> {
        *self.inner.last_tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn note_tokens(&self, tokens: &TokenStatus) {
        // Some error bodies carry no balance; a zero refill rate marks those that carry a made-up one.
        if tokens.tokens_left.is_some() && tokens.refill_rate != Some(0) {
            *self.inner.last_tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(*tokens);
        }
    }

    /// Sends the request and returns the body of a 200; waits once for tokens where that is allowed.
    pub(crate) async fn call(&self, call: &Call) -> Result<Vec<u8>, Error> {
        match self.attempt(call).await {
            Err(Error::NoTokens { wait, .. })
                if wait <= self.inner.max_wait && !self.inner.max_wait.is_zero() =>
            {
                tracing::info!(path = call.path, wait_ms = wait.as_millis(), "waiting for Keepa tokens");
                tokio::time::sleep(wait + WAIT_MARGIN).await;
                self.attempt(call).await
            }
            other => other,
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Vec<u8>, Error> {
        let request = match &call.body {
            None => self.inner.http.get(self.url(call)),
            Some(body) => {
                let request = self.inner.http.post(self.url(call)).body(body.clone());
                request.header(CONTENT_TYPE, "application/json; charset=UTF-8")
            }
        };
        let response = request.header(ACCEPT, "application/json, image/png").send().await.map_err(broken)?;
        let status = response.status();
        let body = read_body(response).await;
        tracing::debug!(path = call.path, status = status.as_u16(), "Keepa answered");
        if status == StatusCode::OK {
            return body;
        }
        // The status says enough even where the body is broken.
        let head = body.ok().and_then(|bytes| decode_head(&bytes).ok());
        if let Some(head) = &head {
            self.note_tokens(&head.tokens);
        }
        Err(self.redact(failure(status.as_u16(), call.path, head)))
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.inner.base.clone();
        let path = format!("{}/{}", url.path().trim_end_matches('/'), call.path);
        url.set_path(&path);
        url.query_pairs_mut()
            .append_pair("key", self.inner.key.expose_secret())
            .extend_pairs(call.params.iter().map(|(name, value)| (*name, value.as_str())));
        url
    }

    /// Takes the key out of whatever the server has sent back.
    pub(crate) fn redact(&self, error: Error) -> Error {
        let key = self.inner.key.expose_secret();
        let clean = |text: String| if text.contains(key) { text.replace(key, "[redacted]") } else { text };
        match error {
            Error::Rejected { status, kind, message, details, tokens } => Error::Rejected {
                status,
                kind: kind.map(clean),
                message: clean(message),
                details: details.map(clean),
                tokens,
            },
            Error::Payment { message, tokens } => Error::Payment { message: message.map(clean), tokens },
            Error::Malformed { what } => Error::Malformed { what: clean(what) },
            other => other,
        }
    }
}

/// The error of a status other than 200.
fn failure(status: u16, path: &str, head: Option<Head>) -> Error {
    let (tokens, error) = match head {
        Some(head) => (Some(Box::new(head.tokens)), head.error),
        None => (None, None),
    };
    match status {
        402 => Error::Payment {
            message: error.and_then(|error| error.message),
            tokens: tokens.unwrap_or_default(),
        },
        404 => Error::NotFound { what: format!("/{path}") },
        429 => {
            let tokens = tokens.unwrap_or_default();
            let refill = tokens.refill_in_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(60_000);
            Error::NoTokens {
                tokens_left: tokens.tokens_left,
                refill_in: Duration::from_millis(refill),
                refill_rate: tokens.refill_rate,
                wait: wait_for_tokens(&tokens),
                tokens,
            }
        }
        500.. => Error::Server { status, tokens },
        300..400 => {
            Error::Malformed { what: format!("status {status}: a redirect, which Keepa never sends") }
        }
        _ => error.unwrap_or_default().into_rejection(status, *tokens.unwrap_or_default()),
    }
}

/// The error of a transport that failed, without the address, which holds the key.
fn broken(error: reqwest::Error) -> Error {
    let source = error.without_url();
    if source.is_timeout() && !source.is_connect() {
        Error::Timeout { source: Some(source) }
    } else if source.is_connect() || source.is_builder() {
        Error::Connect { source }
    } else {
        Error::Transport { source }
    }
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY_BYTES => {
                return Err(Error::Malformed {
                    what: format!("the body is larger than {MAX_BODY_BYTES} bytes"),
                });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) if error.is_decode() && !error.is_timeout() => {
                return Err(Error::Malformed {
                    what: "the body is cut off or its compression is broken".to_owned(),
                });
            }
            Err(error) => return Err(broken(error)),
        }
    }
    // Some proxies drop the header that says so.
    if body.starts_with(&[0x1f, 0x8b]) { gunzip(&body) } else { Ok(body) }
}

fn gunzip(body: &[u8]) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    let limit = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
    match flate2::read::MultiGzDecoder::new(body).take(limit).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(_) => Err(Error::Malformed { what: "the compression of the body is broken".to_owned() }),
    }
}
