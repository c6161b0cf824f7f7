//! Talking to an identity provider: bounded in time and size, over TLS unless it is on this machine, following nothing.

use std::fmt::Display;
use std::sync::{Once, OnceLock};
use std::time::Duration;

use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer.
const MAX_ANSWER: usize = 256 * 1024;

/// A client, made when it is needed first.
#[derive(Default)]
pub(super) struct Http(OnceLock<reqwest::Client>);

impl Http {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that talks HTTP to the identity provider"
    )]
    fn client(&self) -> Result<&reqwest::Client, Problem> {
        static PROVIDER: Once = Once::new();
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        // An error means that the program has chosen a provider already, which serves as well.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            // Log-ins are rare: a connection kept from the last one is likely to be closed when it is used again.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("gleaner/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable(&error))?;
        Ok(self.0.get_or_init(|| client))
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<T, Problem> {
        let mut request = self.client()?.get(checked(url)?).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        read(request).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<T, Problem> {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self
            .client()?
            .post(checked(url)?)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some((id, secret)) = basic {
            // RFC 6749, section 2.3.1: both are encoded as in a form first.
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encode(id), Some(encode(secret)));
        }
        read(request).await
    }
}

/// An address with a secret in the conversation must be TLS, unless it never leaves this machine.
fn checked(url: &str) -> Result<reqwest::Url, Problem> {
    let url = reqwest::Url::parse(url).map_err(|error| unreachable(&error))?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "https" || (url.scheme() == "http" && here) {
        return Ok(url);
    }
    Err(unreachable(&format!("{url} is not https")))
}

async fn read<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Problem> {
    let mut response = request.send().await.map_err(|error| unreachable(&error.without_url()))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error.without_url()))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(unreachable(&"its answer is too large"));
        }
    }
    if !status.is_success() {
        return Err(unreachable(&format!("it answered {status}")));
    }
    serde_json::from_slice(&body).map_err(|error| unreachable(&error))
}

/// The identity provider did not do its part.
pub(super) fn unreachable(reason: &dyn Display) -> Problem {
    tracing::warn!(%reason, "the identity provider does not answer as it should");
    let detail = "the identity provider does not answer as it should; the log says why";
    Problem::new(StatusCode::BAD_GATEWAY, "oidc_unreachable", detail)
}
