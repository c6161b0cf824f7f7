//! The cookies we set, and finding them again.

use axum::http::{HeaderMap, HeaderValue, header};

/// Who is logged in. Only sent back by our own pages, and no script can read it.
const SESSION: &str = "gleaner_session";
/// The same over TLS: browsers then take it from nobody else under the same domain.
const SESSION_OVER_TLS: &str = "__Host-gleaner_session";
/// What a log-in at an identity provider began with, until it comes back from there.
const LOGIN: &str = "gleaner_login";

/// A cookie's value.
fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

/// The session's secret.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    find(headers, SESSION_OVER_TLS).or_else(|| find(headers, SESSION))
}

/// What a log-in at an identity provider began with.
pub(crate) fn login(headers: &HeaderMap) -> Option<&str> {
    find(headers, LOGIN)
}

/// Sets the session for so many seconds; with none, ends it.
pub(crate) fn set_session(secret: Option<&str>, seconds: i64, https: bool) -> HeaderValue {
    let name = if https { SESSION_OVER_TLS } else { SESSION };
    set(name, secret, "/", "Strict", seconds, https)
}

/// Sets what a log-in began with. The identity provider sends people back from another site, so this one must come
/// along then; it is worth nothing without the answer from there.
pub(crate) fn set_login(value: Option<&str>, https: bool) -> HeaderValue {
    set(LOGIN, value, "/api/v1/auth/oidc", "Lax", 600, https)
}

fn set(name: &str, value: Option<&str>, path: &str, site: &str, seconds: i64, https: bool) -> HeaderValue {
    let (value, seconds) = value.map_or(("", 0), |value| (value, seconds));
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite={site}; Max-Age={seconds}{secure}");
    // Our values are made of letters, digits, - and _.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers: HeaderMap =
            [(header::COOKIE, "a=1; gleaner_session=x-y_z;b=2".parse().unwrap())].into_iter().collect();
        assert_eq!(session(&headers), Some("x-y_z"));
        assert_eq!(login(&headers), None);
        assert_eq!(session(&HeaderMap::new()), None);
    }

    #[test]
    fn a_session_is_for_our_own_pages_only_and_over_tls_when_there_is_tls() {
        assert_eq!(
            set_session(Some("abc"), 60, true),
            "__Host-gleaner_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"
        );
        assert_eq!(
            set_session(None, 60, false),
            "gleaner_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
        );
    }
}
