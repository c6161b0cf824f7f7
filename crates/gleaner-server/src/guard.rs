//! Who may ask: this machine, by its own name.
//!
//! The server listens on loopback without accounts, so every web page in the user's browser could reach
//! it. A page of another origin, or a name that was pointed at this machine, is refused.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Refuses what another site's page sends.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    match refusal(request.headers()) {
        None => next.run(request).await,
        Some(detail) => Problem::new(StatusCode::FORBIDDEN, "cross_origin", detail).into_response(),
    }
}

fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST);
    if host.is_some_and(|host| !is_this_machine(host)) {
        return Some("this server answers to localhost and loopback addresses only");
    }
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let foreign = headers.contains_key(header::ORIGIN) && (origin.is_none() || origin != host);
    if foreign || text(header::HeaderName::from_static("sec-fetch-site")) == Some("cross-site") {
        return Some("pages of other sites may not use this server");
    }
    None
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        refusal(&headers).is_some()
    }

    #[test]
    fn this_machine_is_let_in_by_all_its_names() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.0.0.2"] {
            assert!(!refused(&[("host", host)]), "{host}");
        }
        assert!(!refused(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")]));
        assert!(!refused(&[]), "HTTP/1.0 has no host");
    }

    #[test]
    fn other_sites_pages_and_names_pointed_here_are_refused() {
        assert!(refused(&[("host", "evil.example")]));
        assert!(refused(&[("host", "127.0.0.1.evil.example:8080")]));
        assert!(refused(&[("host", "127.0.0.1:8080"), ("origin", "https://evil.example")]));
        assert!(refused(&[("host", "127.0.0.1:8080"), ("origin", "null")]));
        assert!(refused(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9999")]));
        assert!(refused(&[("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")]));
    }
}
