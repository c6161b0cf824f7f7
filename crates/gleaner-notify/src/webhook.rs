//! Webhooks, as the Standard Webhooks specification says (standardwebhooks.com): three headers, and a signature over
//! id, time and body that the receiver can check with a secret of its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;
use sha2::Sha256;
use thiserror::Error;

use crate::http::Client;
use crate::{Message, SendError, Sent};

/// What every secret begins with.
const PREFIX: &str = "whsec_";
/// How many random bytes a new secret has; the specification asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// What an endpoint's messages are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// The text is no secret of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a webhook's secret is whsec_ and 24 to 64 bytes in base64")]
pub struct InvalidSecret;

impl Secret {
    /// A secret of random bytes.
    #[must_use]
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(random.to_vec())
    }

    /// Reads `whsec_…`.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| BASE64_STANDARD.decode(text).ok());
        bytes.filter(|bytes| (24..=64).contains(&bytes.len())).map(Self).ok_or(InvalidSecret)
    }

    /// The text to give to the receiver, `whsec_…`.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(&self.0))
    }

    /// The signature of a message, `v1,…`.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The body: the same bytes for every attempt.
#[must_use]
pub fn body(message: &Message) -> Vec<u8> {
    json!({
        "type": message.kind,
        "timestamp": message.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        "data": message.data,
    })
    .to_string()
    .into_bytes()
}

pub(crate) async fn send(
    http: &Client,
    url: &Url,
    secrets: &[Secret],
    message: &Message,
    now: DateTime<Utc>,
) -> Result<Sent, SendError> {
    let body = body(message);
    let timestamp = now.timestamp();
    // While a secret is being replaced, the receiver may check with either.
    let signatures: Vec<String> =
        secrets.iter().map(|secret| secret.sign(&message.id, timestamp, &body)).collect();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("webhook-id", message.id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ] {
        let value = HeaderValue::try_from(value)
            .map_err(|_| SendError::gave_up("invalid_message", "the message has an unusable id"))?;
        headers.insert(name, value);
    }
    http.post(url, headers, body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_published_test_vector_is_signed_as_published() {
        let signature = Secret::parse(SECRET).unwrap().sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_reads_back_and_is_not_shown_by_accident() {
        let secret = Secret::new([7; SECRET_BYTES]);
        assert_eq!(Secret::parse(&secret.reveal()).unwrap(), secret);
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        let short = format!("{PREFIX}{}", BASE64_STANDARD.encode([1; 23]));
        for wrong in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!", &short] {
            assert_eq!(Secret::parse(wrong), Err(InvalidSecret), "{wrong}");
        }
    }

    #[test]
    fn any_change_of_id_time_or_body_changes_the_signature() {
        let secret = Secret::parse(SECRET).unwrap();
        let right = secret.sign("a", 1, b"{}");
        for wrong in [secret.sign("b", 1, b"{}"), secret.sign("a", 2, b"{}"), secret.sign("a", 1, b"{ }")] {
            assert_ne!(wrong, right);
        }
    }
}
