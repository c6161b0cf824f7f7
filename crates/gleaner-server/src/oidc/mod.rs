//! Logging in through an identity provider: `OpenID` Connect, the authorisation code flow with PKCE.
//!
//! [`Provider::begin`] makes the address to send the browser to, and what the browser has to remember meanwhile;
//! [`Provider::end`] takes what it comes back with, asks the provider for the ID token, and checks it. Who may come in
//! then is the engine's business.

mod http;
mod jwt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use gleaner_engine::accounts::{Identity, Role, fresh_secret};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use utoipa::IntoParams;

use crate::options::OidcOptions;
use crate::problem::Problem;
use http::{Http, unreachable};
use jwt::{Claims, Keys};

/// How long what a provider says about itself is believed.
const BELIEVED: TimeDelta = TimeDelta::hours(1);

/// An identity provider.
pub(crate) struct Provider {
    options: OidcOptions,
    http: Http,
    known: Mutex<Option<(DateTime<Utc>, Metadata)>>,
}

/// What a provider says about itself.
#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// A log-in that begins.
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) address: String,
    /// What it keeps until it is back.
    pub(crate) remembered: String,
}

/// A log-in that worked.
pub(crate) struct Entered {
    pub(crate) identity: Identity,
    pub(crate) return_to: String,
}

/// What the browser comes back with.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Returned {
    /// The code to get the ID token for.
    pub code: Option<String>,
    /// What the log-in began with.
    pub state: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// Who sends it (RFC 9207), from providers that say so.
    pub iss: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
    access_token: Option<String>,
}

/// What somebody is called, from the ID token or from the provider's own endpoint.
#[derive(Debug, Default, Deserialize)]
struct Person {
    sub: Option<String>,
    preferred_username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
}

/// Whether an identity provider answers, and calls itself as it is configured; else a sentence.
pub async fn try_provider(options: OidcOptions) -> Result<(), String> {
    let issuer = options.issuer.clone();
    // What it says is forgotten again, so it does not matter since when it is known.
    let tried = Provider::new(options).metadata(DateTime::default()).await;
    tried
        .map(drop)
        .map_err(|_| format!("{issuer} does not answer as an identity provider of this name should"))
}

impl Provider {
    pub(crate) fn new(options: OidcOptions) -> Self {
        Self { options, http: Http::default(), known: Mutex::default() }
    }

    /// What somebody may do who is not known yet.
    pub(crate) fn role(&self) -> Option<Role> {
        self.options.role
    }

    /// Begins a log-in; `own` is this server's address.
    pub(crate) async fn begin(
        &self,
        now: DateTime<Utc>,
        own: String,
        return_to: String,
    ) -> Result<Begun, Problem> {
        let provider = self.metadata(now).await?;
        let remembered = Remembered {
            state: fresh_secret()?,
            nonce: fresh_secret()?,
            verifier: fresh_secret()?,
            return_to,
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(remembered.verifier.as_bytes()));
        let mut address =
            reqwest::Url::parse(&provider.authorization_endpoint).map_err(|error| unreachable(&error))?;
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.options.client_id)
            .append_pair("redirect_uri", &redirect_uri(&own))
            .append_pair("scope", &self.options.scopes)
            .append_pair("state", &remembered.state)
            .append_pair("nonce", &remembered.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let remembered = serde_json::to_vec(&remembered).map_err(|error| unreachable(&error))?;
        Ok(Begun { address: address.into(), remembered: URL_SAFE_NO_PAD.encode(remembered) })
    }

    /// Ends a log-in with what the browser came back with, and what it remembered.
    pub(crate) async fn end(
        &self,
        now: DateTime<Utc>,
        own: String,
        returned: Returned,
        remembered: Option<&str>,
    ) -> Result<Entered, Problem> {
        let remembered: Option<Remembered> = remembered
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let remembered = remembered.filter(|begun| returned.state.as_deref() == Some(begun.state.as_str()));
        let Some(remembered) = remembered else {
            return Err(refused(
                "oidc_state",
                "this log-in was not begun in this browser, or too long ago: begin again",
            ));
        };
        if let Some(error) = returned.error {
            tracing::info!(error, "the identity provider refused a log-in");
            return Err(refused("oidc_refused", "the identity provider did not let you in"));
        }
        let code =
            returned.code.ok_or_else(|| refused("oidc_refused", "the identity provider sent no code"))?;
        let provider = self.metadata(now).await?;
        if returned.iss.is_some_and(|iss| iss != provider.issuer) {
            return Err(refused(
                "oidc_refused",
                "another identity provider answered than the one that was asked",
            ));
        }
        let answer = self.token(&provider, &code, &remembered.verifier, &own).await?;
        let keys: Keys = self.http.get(&provider.jwks_uri, None).await?;
        let expected = jwt::Expected {
            issuer: &provider.issuer,
            client_id: &self.options.client_id,
            nonce: &remembered.nonce,
            now,
        };
        let claims: Claims<Person> = jwt::check(&answer.id_token, &keys, &expected).map_err(|reason| {
            tracing::warn!(reason, "an ID token was refused");
            refused("oidc_token", "the identity provider's answer cannot be trusted; the log says why")
        })?;
        let person = self.person(&provider, &claims, answer.access_token.as_deref()).await?;
        let email = person.email.filter(|_| person.email_verified == Some(true));
        let name = person.preferred_username.or_else(|| email.clone()).or(person.name);
        let identity = Identity {
            subject: format!("{}|{}", provider.issuer, claims.sub),
            name: name.unwrap_or_else(|| claims.sub.clone()),
            email,
        };
        Ok(Entered { identity, return_to: remembered.return_to })
    }

    /// What the provider says about itself, asked again now and then.
    async fn metadata(&self, now: DateTime<Utc>) -> Result<Metadata, Problem> {
        let mut known = self.known.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && now - at < BELIEVED
        {
            return Ok(metadata.clone());
        }
        let issuer = self.options.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let metadata: Metadata = self.http.get(&address, None).await?;
        if metadata.issuer.trim_end_matches('/') != issuer {
            let reason = format!("it calls itself {}, and oidc_issuer is {issuer}", metadata.issuer);
            return Err(unreachable(&reason));
        }
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn token(
        &self,
        provider: &Metadata,
        code: &str,
        verifier: &str,
        own: &str,
    ) -> Result<TokenAnswer, Problem> {
        let redirect = redirect_uri(own);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("code_verifier", verifier),
        ];
        let secret = self.options.client_secret.as_ref().map(ExposeSecret::expose_secret);
        // Without a word about it, a provider takes the password as HTTP does (OpenID Connect Discovery, section 3).
        let methods = &provider.token_endpoint_auth_methods_supported;
        let in_header = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let basic = secret.filter(|_| in_header).map(|secret| (self.options.client_id.as_str(), secret));
        if basic.is_none() {
            form.push(("client_id", &self.options.client_id));
            form.extend(secret.map(|secret| ("client_secret", secret)));
        }
        self.http.post(&provider.token_endpoint, &form, basic).await
    }

    /// What somebody is called: some providers put it into the ID token, others tell it when asked.
    async fn person(
        &self,
        provider: &Metadata,
        claims: &Claims<Person>,
        access_token: Option<&str>,
    ) -> Result<Person, Problem> {
        let told = &claims.rest;
        if told.preferred_username.is_none()
            && told.email.is_none()
            && let (Some(endpoint), Some(token)) = (&provider.userinfo_endpoint, access_token)
        {
            let person: Person = self.http.get(endpoint, Some(token)).await?;
            if person.sub.as_deref() != Some(claims.sub.as_str()) {
                return Err(refused(
                    "oidc_token",
                    "the identity provider's answers are about different people",
                ));
            }
            return Ok(person);
        }
        Ok(Person {
            sub: None,
            preferred_username: told.preferred_username.clone(),
            name: told.name.clone(),
            email: told.email.clone(),
            email_verified: told.email_verified,
        })
    }
}

/// Where the provider sends people back to.
fn redirect_uri(own: &str) -> String {
    format!("{own}/api/v1/auth/oidc/callback")
}

fn refused(code: &str, detail: &str) -> Problem {
    Problem::new(axum::http::StatusCode::FORBIDDEN, code, detail)
}
