//! The web app at `/`: embedded files, and its page for every other address that a person may type.
//!
//! The page decides by itself what an address shows, so an unknown one is answered with the page; not so below
//! `/api`, where a program wants to hear that there is nothing. Nothing is compressed here.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gleaner_web::{Asset, Encoding, PAGE};

use crate::problem;

/// What the page may load: its own files, nothing from elsewhere, no script or style written into it.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// Shown where the web app was left out of the build.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>Gleaner</title><h1>Gleaner is running</h1>\
    <p>The web app was not built into this program. <code>cargo xtask run</code> builds everything; \
    the API is at <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>";

/// Addresses that belong to programs.
const FOR_PROGRAMS: [&str; 4] = ["api", "healthz", "readyz", "metrics"];

/// Answers what no endpoint answers.
pub(crate) async fn handler(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    if FOR_PROGRAMS.contains(&first) {
        return problem::not_found().into_response();
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return problem::method_not_allowed().await.into_response();
    }
    let headers = request.headers();
    let accepted = accepted(headers);
    // A file that is missing is missing: a page in its place would be read as a broken script.
    let asset = if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        gleaner_web::asset(path, &accepted)
    } else if gleaner_web::is_built() {
        gleaner_web::asset(PAGE, &accepted)
    } else {
        return (
            [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)],
            NOT_BUILT,
        )
            .into_response();
    };
    match asset {
        Some(asset) => answer(asset, headers),
        None => problem::not_found().into_response(),
    }
}

fn answer(asset: Asset, request: &HeaderMap) -> Response {
    let known = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_owned().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::try_from(asset.etag) {
        headers.insert(header::ETAG, tag);
    }
    if asset.encoding != Encoding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(asset.encoding.name()));
    }
    if asset.content_type.starts_with("text/html") {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    response
}

/// The encodings that the browser takes, the smallest first.
fn accepted(headers: &HeaderMap) -> Vec<Encoding> {
    let text = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |encoding: Encoding| {
        text.split(',').any(|one| {
            let (name, quality) = one.split_once(';').unwrap_or((one, "q=1"));
            let refused = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
            name.trim().eq_ignore_ascii_case(encoding.name()) && !refused
        })
    };
    [Encoding::Brotli, Encoding::Gzip].into_iter().filter(|encoding| takes(*encoding)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encodings(text: &'static str) -> Vec<Encoding> {
        accepted(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]))
    }

    #[test]
    fn the_smallest_encoding_that_the_browser_takes_is_sent() {
        assert_eq!(encodings("gzip, deflate, br, zstd"), [Encoding::Brotli, Encoding::Gzip]);
        assert_eq!(encodings("gzip;q=0.5"), [Encoding::Gzip]);
        assert_eq!(encodings("br;q=0, gzip"), [Encoding::Gzip]);
        assert_eq!(encodings("identity"), []);
        assert_eq!(accepted(&HeaderMap::new()), []);
    }

    #[tokio::test]
    async fn a_person_gets_a_page_and_a_program_hears_that_there_is_nothing() {
        let get = |path: &str| Request::get(path).body(axum::body::Body::empty()).unwrap();
        for path in ["/", "/discover", "/history/1"] {
            let page = handler(get(path)).await;
            assert_eq!(page.status(), StatusCode::OK, "{path}");
            assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
        }
        for path in ["/api/v1/nothing", "/api", "/metrics/x", "/assets/gone.js"] {
            let answer = handler(get(path)).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
        let post = Request::post("/discover").body(axum::body::Body::empty()).unwrap();
        assert_eq!(handler(post).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
