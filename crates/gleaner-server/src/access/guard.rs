//! By which names the server may be called, and from whose pages.
//!
//! Every web page in a user's browser can reach a server on loopback, and one that is open to the network. A page of
//! another origin, or a name that was pointed at this machine, is refused.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};

use crate::options::{Options, PublicUrl};
use crate::problem::Problem;

/// Why a request is refused, if it is.
pub(crate) fn refusal(options: &Options, headers: &HeaderMap) -> Option<Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST);
    if host.is_some_and(|host| !ours(options, host)) {
        return Some(refused(
            "this server does not answer to that name: use localhost, or set public_url or allowed_hosts",
        ));
    }
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    // A proxy in front may call us by another name than the browser calls it.
    let public = options.public_url.as_ref().map(PublicUrl::authority);
    let own = origin.is_some_and(|origin| {
        host.is_some_and(|host| host.eq_ignore_ascii_case(origin))
            || public.is_some_and(|public| public.eq_ignore_ascii_case(origin))
    });
    let foreign = headers.contains_key(header::ORIGIN) && !own;
    let cross_site = text(header::HeaderName::from_static("sec-fetch-site")) == Some("cross-site");
    // Coming back from an identity provider, or following a link, is somebody else's page opening one of ours.
    let opened = text(header::HeaderName::from_static("sec-fetch-mode")) == Some("navigate")
        && text(header::HeaderName::from_static("sec-fetch-dest")) == Some("document")
        && options.require_accounts;
    if foreign || (cross_site && !opened) {
        return Some(refused("pages of other sites may not use this server"));
    }
    None
}

fn refused(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "cross_origin", detail)
}

fn ours(options: &Options, host: &str) -> bool {
    let (name, _) = split(host);
    if is_this_machine(name) {
        return true;
    }
    let public = options.public_url.as_ref().map(|url| split(url.authority()).0);
    if public.is_some_and(|public| public.eq_ignore_ascii_case(name))
        || options.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    {
        return true;
    }
    // Open to the network without a word about names: what a page of another name could do needs a log-in there.
    options.require_accounts && options.public_url.is_none() && options.allowed_hosts.is_empty()
}

/// The name without its port.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

fn is_this_machine(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_by(options: &Options, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        refusal(options, &headers).is_some()
    }

    fn refused(pairs: &[(&'static str, &'static str)]) -> bool {
        refused_by(&Options::default(), pairs)
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

    #[test]
    fn a_public_address_is_a_name_of_ours_also_when_the_proxy_uses_another() {
        let options = Options {
            require_accounts: true,
            public_url: PublicUrl::parse("https://gleaner.example.org").ok(),
            allowed_hosts: vec!["shop.internal".to_owned()],
            ..Options::default()
        };
        let refused = |pairs: &[(&'static str, &'static str)]| refused_by(&options, pairs);
        assert!(!refused(&[("host", "gleaner.example.org"), ("origin", "https://gleaner.example.org")]));
        assert!(!refused(&[("host", "127.0.0.1:8080"), ("origin", "https://gleaner.example.org")]));
        assert!(!refused(&[("host", "shop.internal:8080")]));
        assert!(refused(&[("host", "other.example.org")]));
        assert!(refused(&[("host", "gleaner.example.org"), ("origin", "https://evil.example")]));
        let opened = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        let link = |host| [[("host", host), ("sec-fetch-site", "cross-site")], opened].concat();
        assert!(!refused(&link("gleaner.example.org")), "a link from elsewhere opens the app");
        assert!(refused(&[("host", "gleaner.example.org"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn open_to_the_network_any_name_will_do_until_one_is_set() {
        let open = Options { require_accounts: true, ..Options::default() };
        assert!(!refused_by(&open, &[("host", "192.0.2.7:8080")]));
        let named = Options { allowed_hosts: vec!["books".to_owned()], ..open };
        assert!(refused_by(&named, &[("host", "192.0.2.7:8080")]));
        assert!(!refused_by(&named, &[("host", "books:8080")]));
    }
}
