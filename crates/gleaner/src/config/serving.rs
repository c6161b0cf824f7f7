//! The settings about who may come in, and about logs.

use std::num::NonZeroU32;
use std::str::FromStr;

use gleaner_server::{OidcOptions, Options, PublicUrl};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use super::settings::Settings;
use super::{bounded, duration, wrong};

/// How the server logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, as JSON lines elsewhere.
    Auto,
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("'{other}' must be text, json or auto")),
        }
    }
}

/// A level, or a filter that the log understands.
pub(super) fn log_level(text: String) -> anyhow::Result<String> {
    match EnvFilter::builder().parse(&text) {
        Ok(_) if !text.trim().is_empty() => Ok(text),
        _ => Err(wrong("log_level", &format!("'{text}' must be error, warn, info, debug or a filter"))),
    }
}

impl Settings {
    /// What the server is told.
    pub(super) fn serving(&self) -> anyhow::Result<Options> {
        let public_url = match given(self.public_url.as_ref()) {
            None => None,
            Some(text) => Some(PublicUrl::parse(text).map_err(|what| wrong("public_url", &what))?),
        };
        let trusted_proxies = list(&self.trusted_proxies).map(|text| {
            let one = || text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            let what = || format!("'{text}' must be an address or a network such as 10.0.0.0/8");
            text.parse().or_else(|_| one()).map_err(|_| wrong("trusted_proxies", &what()))
        });
        let allowed_hosts = list(&self.allowed_hosts).map(|host| {
            if host.contains(['/', '@', ' ']) {
                let what = format!("'{host}' must be a host name such as books.internal, without a scheme");
                return Err(wrong("allowed_hosts", &what));
            }
            Ok(host.to_owned())
        });
        let logins = bounded("login_limit", self.login_limit, 1..=10_000)?;
        Ok(Options {
            require_accounts: public_url.is_some(),
            public_url,
            allowed_hosts: allowed_hosts.collect::<anyhow::Result<_>>()?,
            trusted_proxies: trusted_proxies.collect::<anyhow::Result<_>>()?,
            calls_per_minute: NonZeroU32::new(bounded("rate_limit", self.rate_limit, 0..=1_000_000)?),
            logins_per_minute: NonZeroU32::new(logins).unwrap_or(NonZeroU32::MIN),
            request_timeout: duration("request_timeout", &self.request_timeout, false)?,
            oidc: self.oidc()?,
        })
    }

    fn oidc(&self) -> anyhow::Result<Option<OidcOptions>> {
        let Some(issuer) = given(self.oidc_issuer.as_ref()) else { return Ok(None) };
        if !(issuer.starts_with("https://") || issuer.starts_with("http://")) {
            return Err(wrong("oidc_issuer", &format!("'{issuer}' must start with https://")));
        }
        let Some(client_id) = given(self.oidc_client_id.as_ref()) else {
            return Err(wrong("oidc_client_id", "is needed beside oidc_issuer"));
        };
        let role = match self.oidc_role.as_str() {
            "none" => None,
            text => {
                Some(text.parse().map_err(|what: String| wrong("oidc_role", &format!("{what}, or none")))?)
            }
        };
        if !self.oidc_scopes.split(' ').any(|scope| scope == "openid") {
            return Err(wrong("oidc_scopes", "must contain openid"));
        }
        Ok(Some(OidcOptions {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: given(self.oidc_client_secret.as_ref()).map(SecretString::from),
            scopes: self.oidc_scopes.clone(),
            role,
        }))
    }
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_about_who_may_come_in_is_named() {
        let base = Settings::default;
        for (settings, name) in [
            (Settings { public_url: Some("gleaner.example.org".to_owned()), ..base() }, "public_url"),
            (Settings { trusted_proxies: "127.0.0.1, nginx".to_owned(), ..base() }, "trusted_proxies"),
            (Settings { allowed_hosts: "https://x".to_owned(), ..base() }, "allowed_hosts"),
            (Settings { login_limit: 0, ..base() }, "login_limit"),
            (Settings { oidc_issuer: Some("https://id.example".to_owned()), ..base() }, "oidc_client_id"),
        ] {
            let message = settings.serving().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
        assert!("xml".parse::<LogFormat>().is_err());
        assert!(log_level("loud=nonsense=1".to_owned()).is_err());
    }

    #[test]
    fn a_public_address_means_accounts() {
        let settings = Settings {
            public_url: Some("https://gleaner.example.org".to_owned()),
            trusted_proxies: "127.0.0.1, 10.0.0.0/8".to_owned(),
            ..Settings::default()
        };
        let options = settings.serving().unwrap();
        assert!(options.require_accounts);
        assert_eq!(options.trusted_proxies.len(), 2);
        assert!(!Settings::default().serving().unwrap().require_accounts);
    }
}
