//! Logging in through an identity provider, tried with a real one.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Db, Home, Server};

on_each_database!(
    whoever_the_provider_knows_and_an_administrator_invited_comes_in,
    whoever_is_new_gets_the_role_that_is_set,
);

const PASSWORD: &str = "correct horse";

/// The provider, and its address; `None` where there is none to run.
async fn provider() -> Option<(Child, String)> {
    let Some(folder) = std::env::var_os("GLEANER_TEST_OIDC_PROVIDER") else {
        gleaner_testkit::skip(
            "no identity provider: GLEANER_TEST_OIDC_PROVIDER is not set, Node or npm is missing",
        );
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/support/provider.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(folder).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().expect("the provider says where it listens");
    // What it says later is read as well: it dies of a pipe that nobody reads.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some((child, address))
}

fn home(db: &Db, issuer: &str) -> Home {
    Home::new()
        .with("DATABASE_URL", db.url())
        .with("GLEANER_OIDC_ISSUER", issuer)
        .with("GLEANER_OIDC_CLIENT_ID", "gleaner")
        .with("GLEANER_OIDC_CLIENT_SECRET", "a secret & more")
}

/// A browser: keeps cookies, and is told where it is sent.
struct Browser {
    client: reqwest::Client,
    at: Option<reqwest::Url>,
    cookies: BTreeMap<String, String>,
}

struct Page {
    status: u16,
    to: String,
    text: String,
}

impl Browser {
    #[expect(clippy::disallowed_methods, reason = "these tests are somebody else's client")]
    fn new() -> Self {
        let no = reqwest::redirect::Policy::none();
        // The provider closes a connection that rests; one that is used again may be closed just then.
        let client = reqwest::Client::builder().no_proxy().redirect(no).pool_max_idle_per_host(0);
        let client = client.build().unwrap();
        Self { client, at: None, cookies: BTreeMap::new() }
    }

    /// Opens an address, or a path of the site it is at.
    async fn open(&mut self, url: &str, form: Option<&str>) -> Page {
        let url = match &self.at {
            Some(at) => at.join(url).unwrap(),
            None => url.parse().unwrap(),
        };
        self.at = Some(url.clone());
        let request = match form {
            None => self.client.get(url),
            Some(form) => self
                .client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned()),
        };
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; ")).header("accept", "text/html");
        let response = request.send().await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        Page { status: response.status().as_u16(), to, text: response.text().await.unwrap() }
    }

    /// Logs in at the provider as somebody; where it sends the browser back to.
    async fn log_in_at_the_provider(&mut self, server: &Server, who: &str) -> String {
        let begin = format!("{}/api/v1/auth/oidc/login?return_to=/discover", server.http.url);
        let sent = self.open(&begin, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let form = self.open(&sent.to, None).await.to;
        let login = format!("prompt=login&login={}&password=x", who.replace('@', "%40"));
        let back = self.open(&form, Some(&login)).await.to;
        let consent = self.open(&back, None).await.to;
        let back = self.open(&consent, Some("prompt=consent")).await.to;
        self.open(&back, None).await.to
    }

    /// The account of the session, as the server tells it.
    async fn account(&mut self, server: &Server) -> serde_json::Value {
        let page = self.open(&format!("{}/api/v1/auth/session", server.http.url), None).await;
        serde_json::from_str(&page.text).unwrap()
    }
}

async fn whoever_the_provider_knows_and_an_administrator_invited_comes_in(db: Db) {
    let Some((_provider, issuer)) = provider().await else { return };
    let home = home(&db, &issuer);
    home.run(&["users", "add", "boss", "--password", PASSWORD]).await.ended(0);
    for invited in ["Anna@example.org", "unverified@example.org"] {
        home.run(&["users", "add", invited, "--no-password", "--role", "member"]).await.ended(0);
    }
    let server = home.serve(&[]).await;
    assert_eq!(server.http.get("/api/v1/auth/session").await.ok()["oidc"], true);

    let mut browser = Browser::new();
    let callback = browser.log_in_at_the_provider(&server, "anna@example.org").await;
    assert!(
        callback.starts_with(&format!("{}/api/v1/auth/oidc/callback?code=", server.http.url)),
        "{callback}"
    );
    // Somebody who was sent that address did not begin this log-in.
    let stranger = Browser::new().open(&callback, None).await;
    assert_eq!((stranger.status, stranger.to.as_str()), (303, "/login?error=oidc_state"));
    let entered = browser.open(&callback, None).await;
    assert_eq!((entered.status, entered.to.as_str()), (303, "/discover"), "{}", entered.text);
    let session = browser.account(&server).await;
    assert_eq!((&session["user"]["name"], &session["role"]), (&json!("anna@example.org"), &json!("member")));
    assert!(session["csrf_token"].is_string());
    // The code is good once.
    let again = browser.open(&callback, None).await;
    assert!(again.to.starts_with("/login?error="), "{}", again.to);

    // Not invited, and an address that the provider has not made sure of.
    for uninvited in ["eve@example.org", "unverified@example.org"] {
        let mut browser = Browser::new();
        let callback = browser.log_in_at_the_provider(&server, uninvited).await;
        assert_eq!(browser.open(&callback, None).await.to, "/login?error=not_invited", "{uninvited}");
        assert_eq!(browser.account(&server).await["authenticated"], false);
    }
    // Known by the provider's own id from then on; disabled here is disabled.
    let mut elsewhere = Browser::new();
    let callback = elsewhere.log_in_at_the_provider(&server, "anna@example.org").await;
    assert_eq!(elsewhere.open(&callback, None).await.to, "/discover");
    home.run(&["users", "disable", "anna@example.org"]).await.ended(0);
    assert_eq!(elsewhere.account(&server).await["authenticated"], false);
    let mut after = Browser::new();
    let callback = after.log_in_at_the_provider(&server, "anna@example.org").await;
    assert!(after.open(&callback, None).await.to.starts_with("/login?error="));
    let log = home.run(&["audit", "--json"]).await.json(0);
    assert!(log.as_array().unwrap().iter().any(|entry| entry["action"] == "user.identity"), "{log}");
}

async fn whoever_is_new_gets_the_role_that_is_set(db: Db) {
    let Some((_provider, issuer)) = provider().await else { return };
    let home = home(&db, &issuer).with("GLEANER_OIDC_ROLE", "viewer");
    // A local account of the same name is somebody else's.
    home.run(&["users", "add", "carla", "--password", PASSWORD]).await.ended(0);
    let server = home.serve(&[]).await;
    for _ in 0..2 {
        let mut browser = Browser::new();
        let callback = browser.log_in_at_the_provider(&server, "carla@example.org").await;
        assert_eq!(browser.open(&callback, None).await.to, "/discover");
        let session = browser.account(&server).await;
        assert_eq!((&session["user"]["name"], &session["role"]), (&json!("carla-2"), &json!("viewer")));
    }
    assert_eq!(db.count("gleaner_user").await, 2, "the same person is known again");
    let doctor = home.run(&["doctor", "--json"]).await.json(0);
    let checks = doctor["checks"].as_array().unwrap();
    assert!(
        checks.iter().any(|check| check["name"] == "identity provider" && check["status"] == "ok"),
        "{doctor}"
    );
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told_and_passwords_go_on() {
    let home = Home::new()
        .with("GLEANER_OIDC_ISSUER", "http://127.0.0.1:9")
        .with("GLEANER_OIDC_CLIENT_ID", "gleaner");
    home.run(&["users", "add", "boss", "--password", PASSWORD]).await.ended(0);
    let server = home.serve(&[]).await;
    let begun = server.http.get("/api/v1/auth/oidc/login").await;
    assert_eq!(begun.problem(502)["code"], "oidc_unreachable");
    server.http.log_in("boss", PASSWORD).await.get("/api/v1/tokens").await.ok();
    let doctor = home.run(&["doctor", "--json"]).await.json(1);
    let checks = doctor["checks"].as_array().unwrap();
    assert!(
        checks.iter().any(|check| check["name"] == "identity provider" && check["status"] == "fail"),
        "{doctor}"
    );
}
