//! ID tokens: a signature by one of the provider's keys, over claims that are about us and now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How far two clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// The provider's keys (RFC 7517).
#[derive(Debug, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims<T> {
    /// The person, by the provider's own id.
    pub(super) sub: String,
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    /// What else it says.
    #[serde(flatten)]
    pub(super) rest: T,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What it must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// What a token says, if it can be trusted (`OpenID` Connect Core, section 3.1.3.7).
pub(super) fn check<T: DeserializeOwned>(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<Claims<T>, &'static str> {
    let (signed, signature) = token.rsplit_once('.').ok_or("it is not a token")?;
    let (header, claims) = signed.split_once('.').ok_or("it is not a token")?;
    let header: Header = json(header)?;
    let signature = bytes(signature)?;
    // A provider that changes its keys shows the old and the new; one without names for them is tried key by key.
    let candidates = keys.keys.iter().filter(|key| {
        (header.kid.is_none() || key.kid == header.kid)
            && key.usage.as_deref().is_none_or(|usage| usage == "sig")
    });
    if !candidates.into_iter().any(|key| key.signed(&header.alg, signed.as_bytes(), &signature)) {
        return Err("none of the provider's keys has signed it, or not by RS256, ES256 or EdDSA");
    }
    let claims: Claims<T> = json(claims)?;
    let now = expected.now.timestamp();
    let (for_us, several) = match &claims.aud {
        Audience::One(one) => (one == expected.client_id, false),
        Audience::Many(many) => (many.iter().any(|one| one == expected.client_id), many.len() > 1),
    };
    if claims.iss != expected.issuer {
        Err("it is from another provider")
    } else if !for_us {
        Err("it is for somebody else")
    } else if claims.azp.as_deref().map_or(several, |azp| azp != expected.client_id) {
        Err("it was asked for by somebody else")
    } else if claims.exp.saturating_add(LEEWAY) <= now {
        Err("it has expired")
    } else if claims.iat.saturating_sub(LEEWAY) > now {
        Err("it is from the future: look at the clocks")
    } else if claims.nonce.as_deref() != Some(expected.nonce) {
        Err("it belongs to another log-in")
    } else if claims.sub.is_empty() || claims.sub.chars().count() > 255 {
        Err("it says nothing about whom it is for")
    } else {
        Ok(claims)
    }
}

impl Key {
    fn signed(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        self.verify(algorithm, message, signature).is_some()
    }

    fn verify(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> Option<()> {
        let part = |text: &Option<String>| bytes(text.as_deref()?).ok();
        match (algorithm, self.kty.as_str(), self.crv.as_deref()) {
            ("RS256", "RSA", _) => {
                let key = RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
            ("ES256", "EC", Some("P-256")) => {
                // An uncompressed point (SEC 1, section 2.3.3).
                let point = [vec![4], part(&self.x)?, part(&self.y)?].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
            }
            ("EdDSA", "OKP", Some("Ed25519")) => {
                UnparsedPublicKey::new(&ED25519, part(&self.x)?).verify(message, signature).ok()
            }
            _ => None,
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "a part of it is not base64url")
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, &'static str> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| "a part of it is not what it must be")
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
