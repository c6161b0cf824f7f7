//! The one HTTP client of this crate, and the one way a request is sent.

use std::error::Error;
use std::net::IpAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};

use crate::network::{Guarded, Networks, Private, Resolver};
use crate::{SendError, Sent, SetupError};

/// So much of an answer is read, to be able to use the connection again; what it says is of no interest.
const MOST_READ: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    allowed: Networks,
}

impl Client {
    #[expect(
        clippy::disallowed_methods,
        reason = "the webhook sender is one of the two places that talk HTTP"
    )]
    pub(crate) fn new(
        allowed: Networks,
        resolver: Arc<dyn Resolver>,
        timeout: Duration,
    ) -> Result<Self, SetupError> {
        static PROVIDER: Once = Once::new();
        // An error means that the program has chosen a provider already, which serves as well.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            // A redirect is a failure, as the specification of webhooks says; it would also lead past the check of
            // an address that is written as a number.
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would connect for us, to where it likes.
            .no_proxy()
            // Every attempt asks anew where the host is, and that answer is the one that is connected to.
            .pool_max_idle_per_host(0)
            .dns_resolver(Guarded { resolver, allowed: allowed.clone() })
            .user_agent(concat!("Gleaner/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SetupError::Http(error.into()))?;
        Ok(Self { http, allowed })
    }

    /// Posts a body; anything but a status of 2xx is a failure.
    pub(crate) async fn post(&self, url: &Url, headers: HeaderMap, body: Vec<u8>) -> Result<Sent, SendError> {
        self.check_literal(url)?;
        let request = self.http.post(url.clone()).headers(headers).body(body);
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        let mut read = 0;
        while read < MOST_READ
            && let Ok(Some(chunk)) = response.chunk().await
        {
            read += chunk.len();
        }
        judge(status)
    }

    /// An address instead of a name is never asked for at a name server, so it is looked at here.
    fn check_literal(&self, url: &Url) -> Result<(), SendError> {
        let host = url.host_str().unwrap_or_default();
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) if !self.allowed.allow(address) => {
                Err(private(&Private { host: host.to_owned(), address }))
            }
            _ => Ok(()),
        }
    }
}

fn judge(status: StatusCode) -> Result<Sent, SendError> {
    if status.is_success() {
        return Ok(Sent { status: status.as_u16() });
    }
    let code = if status.is_redirection() { "redirected" } else { "refused" };
    let message = match status {
        StatusCode::GONE => "the receiver says it is gone (410): the channel is switched off".to_owned(),
        status if status.is_redirection() => {
            format!("the receiver redirects ({status}): enter the address it redirects to")
        }
        status => format!("the receiver answered {status}"),
    };
    let gone = status == StatusCode::GONE;
    Err(SendError { status: Some(status.as_u16()), again: !gone, gone, ..SendError::failed(code, message) })
}

fn failed(error: &reqwest::Error) -> SendError {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Private>() {
            return private(refusal);
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        return SendError::failed("timeout", "the receiver did not answer in time");
    }
    // The address may hold a secret (ntfy's topics do), so only the innermost cause is told.
    let mut innermost: &dyn Error = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    SendError::failed("unreachable", format!("the receiver cannot be reached: {innermost}"))
}

/// Tried again all the same: a name may come to lead elsewhere, and somebody may allow the network.
fn private(refusal: &Private) -> SendError {
    SendError::failed("private_target", refusal.to_string())
}
