//! Asking over HTTP, the way any client would.

use std::sync::Once;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The answer of a request that must have worked.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The code of a request that must have failed as problem+json.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["code"].as_str().is_some_and(|code| !code.is_empty()), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        problem
    }
}

/// A client of one server.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    pub(crate) url: String,
    client: reqwest::Client,
}

impl Http {
    #[expect(clippy::disallowed_methods, reason = "these tests are somebody else's client")]
    pub(crate) fn new(url: impl Into<String>) -> Self {
        static PROVIDER: Once = Once::new();
        // An error means that there is one already.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        Self { url: url.into(), client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// The same server, asked the way the web app does.
    #[expect(clippy::disallowed_methods, reason = "these tests are somebody else's client")]
    pub(crate) fn as_web_app(&self) -> Self {
        let headers = [("x-gleaner-client".parse().unwrap(), "web".parse().unwrap())].into_iter().collect();
        let client = reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
        Self { url: self.url.clone(), client }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.url))).await.unwrap()
    }

    pub(crate) async fn method(&self, method: &str, path: &str) -> Answer {
        self.send(self.client.request(method.parse().unwrap(), format!("{}{path}", self.url))).await.unwrap()
    }

    /// Posts whatever it is given.
    pub(crate) async fn post_text(&self, path: &str, body: impl Into<String>) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    /// The same for a server that may be dying.
    pub(crate) async fn try_post(
        &self,
        path: &str,
        body: impl Into<String>,
    ) -> Result<Answer, reqwest::Error> {
        let request =
            self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        self.send(request.body(body.into())).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, body.to_string()).await
    }

    /// Posts, and answers as soon as the stream of events begins; who drops it has left.
    pub(crate) async fn stream(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = self.client.post(format!("{}{path}", self.url)).header("accept", "text/event-stream");
        request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        let request =
            self.client.put(format!("{}{path}", self.url)).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await.unwrap()
    }

    pub(crate) async fn discover(&self, body: &Value) -> Value {
        self.post("/api/v1/products/discover", body).await.ok()
    }

    pub(crate) async fn score(&self, body: &Value) -> Value {
        self.post("/api/v1/products/score", body).await.ok()
    }
}

/// Somebody at the server's door: nobody, or logged in, or with an API token.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    http: Http,
    headers: Vec<(&'static str, String)>,
}

impl Http {
    /// Somebody without an account.
    pub(crate) fn nobody(&self) -> Visitor {
        Visitor { http: self.clone(), headers: Vec::new() }
    }

    /// Somebody who logs in, the way a browser does.
    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Visitor {
        let credentials = serde_json::json!({"username": name, "password": password});
        Visitor::logged_in(self, &self.post("/api/v1/auth/login", &credentials).await)
    }

    /// A program with an API token.
    pub(crate) fn with_token(&self, token: &str) -> Visitor {
        self.nobody().with("authorization", format!("Bearer {token}"))
    }
}

impl Visitor {
    /// Whoever got this answer to a log-in.
    #[track_caller]
    pub(crate) fn logged_in(http: &Http, answer: &Answer) -> Self {
        let csrf = answer.ok()["csrf_token"].as_str().unwrap().to_owned();
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        http.nobody().with("cookie", cookie).with("x-csrf-token", csrf)
    }

    /// The same with another header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// Sends a request; a body is JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request =
            self.http.client.request(method.parse().unwrap(), format!("{}{path}", self.http.url));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.http.send(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }
}
