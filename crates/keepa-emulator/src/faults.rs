//! Things that go wrong on demand: what a client must survive, by configuration or admin call.

use std::sync::Mutex;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::clock::lock;
use crate::reply::{error_object, gzip};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// 429 with the bucket as it is, however much is in it.
    TooManyRequests,
    /// 500 with a body that is no JSON.
    InternalError,
    /// 503 with a body that is no JSON.
    Unavailable,
    /// Answers late.
    Latency {
        /// Milliseconds before the answer begins.
        ms: u64,
    },
    /// The connection ends in the middle of the body.
    CutBody,
    /// The gzip stream ends early, the HTTP message does not.
    TruncatedGzip,
    /// A page of HTML with status 200.
    Html,
    /// Status 200 with an `error` object and no payload; nothing is charged.
    ErrorWithOk,
    /// The body comes in drops.
    SlowBody {
        /// Milliseconds between two of eight pieces.
        ms: u64,
    },
    /// The emulator's clock jumps by this much before the request is answered.
    ClockJump {
        /// Seconds, backwards when negative.
        seconds: i64,
    },
}

/// When something goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// What.
    #[serde(flatten)]
    pub fault: Fault,
    /// Only for this endpoint (`"product"`); for all of them when absent.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// How many requests it hits; all of them when absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many matching requests pass unharmed before.
    #[serde(default)]
    pub after: u32,
}

impl FaultRule {
    /// The next request to any endpoint.
    #[must_use]
    pub const fn once(fault: Fault) -> Self {
        Self { fault, endpoint: None, times: Some(1), after: 0 }
    }

    /// Every request to any endpoint.
    #[must_use]
    pub const fn always(fault: Fault) -> Self {
        Self { fault, endpoint: None, times: None, after: 0 }
    }

    /// Only for this endpoint.
    #[must_use]
    pub fn on(mut self, endpoint: &str) -> Self {
        self.endpoint = Some(endpoint.to_owned());
        self
    }
}

/// The faults in force.
pub(crate) struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    pub(crate) const fn new(rules: Vec<FaultRule>) -> Self {
        Self(Mutex::new(rules))
    }

    pub(crate) fn set(&self, rules: Vec<FaultRule>) {
        *lock(&self.0) = rules;
    }

    pub(crate) fn add(&self, rules: Vec<FaultRule>) {
        lock(&self.0).extend(rules);
    }

    pub(crate) fn list(&self) -> Vec<FaultRule> {
        lock(&self.0).clone()
    }

    /// The faults that hit a request, each counted down.
    pub(crate) fn strike(&self, endpoint: &str) -> Vec<Fault> {
        let mut rules = lock(&self.0);
        let mut hit = Vec::new();
        for rule in rules.iter_mut() {
            if rule.endpoint.as_deref().is_some_and(|only| only.trim_matches('/') != endpoint) {
                continue;
            }
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            match &mut rule.times {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            hit.push(rule.fault.clone());
        }
        rules.retain(|rule| rule.times != Some(0));
        hit
    }
}

/// The body of an answer with the faults that concern bodies.
pub(crate) fn body(zipped: Vec<u8>, faults: &[Fault]) -> Body {
    let mut bytes = zipped;
    for fault in faults {
        match fault {
            Fault::TruncatedGzip => bytes.truncate(bytes.len() / 2),
            Fault::CutBody => {
                let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
                // The first half has to leave before the connection is dropped.
                let pieces = stream::iter([Some(half), None]).then(|piece| async move {
                    if let Some(piece) = piece {
                        Ok(piece)
                    } else {
                        tokio::time::sleep(Duration::from_millis(30)).await;
                        Err(std::io::Error::other("cut on demand"))
                    }
                });
                return Body::from_stream(pieces);
            }
            Fault::SlowBody { ms } => {
                let wait = Duration::from_millis(*ms);
                let size = bytes.len().div_ceil(8).max(1);
                let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
                return Body::from_stream(stream::iter(pieces).then(move |piece| async move {
                    tokio::time::sleep(wait).await;
                    Ok::<_, std::io::Error>(piece)
                }));
            }
            _ => {}
        }
    }
    Body::from(bytes)
}

/// An answer that replaces the real one.
pub(crate) fn instead(fault: &Fault) -> Option<Response<Body>> {
    let plain = |status: StatusCode, text: &'static str, kind: &'static str| {
        let mut response = Response::new(Body::from(gzip(text.as_bytes())));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    };
    match fault {
        Fault::InternalError => {
            Some(plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", "text/plain"))
        }
        Fault::Unavailable => {
            Some(plain(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", "text/plain"))
        }
        Fault::Html => Some(plain(
            StatusCode::OK,
            "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
            "text/html;charset=UTF-8",
        )),
        _ => None,
    }
}

/// The error object of a 200 that is none.
pub(crate) fn error_with_ok() -> Vec<u8> {
    error_object("invalidParameter", crate::reply::INVALID, "")
}
