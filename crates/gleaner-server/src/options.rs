//! What the server is told once: under which names it is called, behind what, and how much it takes.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::uri::Uri;
use gleaner_engine::accounts::Role;
use ipnet::IpNet;
use secrecy::SecretString;

/// Where people find the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// The host, with a port where it is not the usual one; in small letters.
    authority: String,
}

impl PublicUrl {
    /// Reads an address such as `https://gleaner.example.org`: a scheme, a name, perhaps a port, and nothing more.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' must be like https://gleaner.example.org, without a path");
        let uri: Uri = text.trim().trim_end_matches('/').parse().map_err(|_| wrong())?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().filter(|name| !name.as_str().contains('@')).ok_or_else(wrong)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong());
        }
        Ok(Self { https, authority: authority.as_str().to_ascii_lowercase() })
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, with a port where it is not the usual one.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

/// An identity provider that people log in through.
#[derive(Debug, Clone)]
pub struct OidcOptions {
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// Our password at it; a public client has none.
    pub client_secret: Option<SecretString>,
    /// What is asked for, separated by blanks.
    pub scopes: String,
    /// What somebody may do who is not known yet; `None`: they are not let in.
    pub role: Option<Role>,
}

/// The server's settings.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether nobody comes in without an account, even where there is none yet.
    pub require_accounts: bool,
    /// Where people find the server.
    pub public_url: Option<PublicUrl>,
    /// More names it is called by, beside loopback's.
    pub allowed_hosts: Vec<String>,
    /// From where a `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Calls that may spend tokens, a minute, by account and by address; `None`: as many as come.
    pub calls_per_minute: Option<NonZeroU32>,
    /// Log-ins a minute, by account and by address.
    pub logins_per_minute: NonZeroU32,
    /// How long a call may take until its answer begins.
    pub request_timeout: Duration,
    /// The identity provider.
    pub oidc: Option<OidcOptions>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            require_accounts: false,
            public_url: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            calls_per_minute: NonZeroU32::new(600),
            logins_per_minute: NonZeroU32::MIN.saturating_add(9),
            request_timeout: Duration::from_mins(5),
            oidc: None,
        }
    }
}

impl Options {
    /// Whether people reach it over TLS.
    pub(crate) fn https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Who asks: the other end of the connection, or what the proxies there say, as far as they are trusted.
    pub(crate) fn client_address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut address = peer?.to_canonical();
        let mut hops: Vec<IpAddr> = Vec::new();
        for value in headers.get_all("x-forwarded-for") {
            for hop in value.to_str().unwrap_or_default().split(',') {
                // Something unreadable is not believed, nor what stands before it.
                match hop.trim().parse::<IpAddr>() {
                    Ok(hop) => hops.push(hop.to_canonical()),
                    Err(_) => hops.clear(),
                }
            }
        }
        // Each proxy adds on the right whom it was asked by.
        while self.trusted_proxies.iter().any(|net| net.contains(&address)) {
            match hops.pop() {
                Some(hop) => address = hop,
                None => break,
            }
        }
        Some(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_a_scheme_and_a_host() {
        let url = PublicUrl::parse("https://Gleaner.example.org/").unwrap();
        assert_eq!((url.is_https(), url.authority()), (true, "gleaner.example.org"));
        assert_eq!(PublicUrl::parse("http://10.0.0.2:8080").unwrap().to_string(), "http://10.0.0.2:8080");
        for wrong in ["gleaner.example.org", "ftp://x", "https://x/app", "https://u:p@x", "https://x?y", ""] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed_about_who_asks() {
        let address = |peer: &str, trusted: &[&str], forwarded: &[&str]| {
            let trusted_proxies = trusted.iter().map(|net| net.parse().unwrap()).collect();
            let options = Options { trusted_proxies, ..Options::default() };
            let headers = forwarded
                .iter()
                .map(|value| ("x-forwarded-for".parse().unwrap(), value.parse().unwrap()))
                .collect();
            options.client_address(Some(peer.parse().unwrap()), &headers).unwrap().to_string()
        };
        assert_eq!(
            address("203.0.113.9", &[], &["198.51.100.1"]),
            "203.0.113.9",
            "anybody can send a header"
        );
        assert_eq!(address("127.0.0.1", &["127.0.0.1/32"], &["198.51.100.1"]), "198.51.100.1");
        let spoofed = &["10.0.0.1, 198.51.100.1", "10.0.0.2"];
        assert_eq!(address("127.0.0.1", &["127.0.0.0/8", "10.0.0.2/32"], spoofed), "198.51.100.1");
        assert_eq!(address("127.0.0.1", &["127.0.0.0/8"], &["nonsense"]), "127.0.0.1");
        assert_eq!(address("::ffff:127.0.0.1", &["127.0.0.0/8"], &["::ffff:198.51.100.1"]), "198.51.100.1");
    }
}
