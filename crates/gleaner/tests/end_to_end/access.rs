//! Who may come in: nobody without an account once there are accounts, and each exactly as far as the table says.

use serde_json::{Value, json};

use crate::support::{Db, Home, Http, Server, Visitor};

on_each_database!(
    everybody_is_refused_exactly_where_the_table_says,
    a_session_ends_with_logging_out_a_new_password_and_being_disabled,
    an_api_token_is_shown_once_and_does_no_more_than_its_scope,
    whoever_asked_stands_in_the_history,
    there_is_always_an_administrator,
    of_two_first_accounts_at_once_one_is_made,
    what_administrators_do_is_noted,
);

const PASSWORD: &str = "correct horse";

fn home(db: &Db) -> Home {
    Home::new().with("DATABASE_URL", db.url())
}

/// A server with an administrator, a member and a viewer.
async fn staffed(home: &Home) -> (Server, [Visitor; 3]) {
    let server = home.serve(&[]).await;
    let credentials = json!({"username": "Anna", "password": PASSWORD});
    let set_up = server.http.post("/api/v1/auth/setup", &credentials).await;
    let anna = Visitor::logged_in(&server.http, &set_up);
    for (name, role) in [("ben", "member"), ("carla", "viewer")] {
        let user = json!({"username": name, "password": PASSWORD, "role": role});
        let added = anna.post("/api/v1/users", &user).await;
        assert_eq!(added.status, 201, "{}", added.text);
        assert_eq!(added.json()["role"], role);
    }
    let ben = server.http.log_in("ben", PASSWORD).await;
    let carla = server.http.log_in("CARLA", PASSWORD).await;
    (server, [anna, ben, carla])
}

fn rank(role: &str) -> usize {
    ["anyone", "viewer", "member", "admin"].iter().position(|known| *known == role).unwrap()
}

/// Every endpoint of the document: method, path with something in it that does not exist, and who may call it.
async fn endpoints(http: &Http) -> Vec<(String, String, usize)> {
    let document = http.get("/api/v1/openapi.json").await.ok();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let role = operation["x-gleaner-access"]["role"].as_str();
            let role = role.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
            let filled: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { "none-such" } else { part }).collect();
            all.push((method.to_uppercase(), filled.join("/"), rank(role)));
        }
    }
    // Whoever logs out is nobody from then on.
    all.sort_by_key(|(_, path, _)| path.ends_with("/logout"));
    all
}

async fn everybody_is_refused_exactly_where_the_table_says(db: Db) {
    let home = home(&db);
    let (server, [admin, member, viewer]) = staffed(&home).await;
    let endpoints = endpoints(&server.http).await;
    assert!(endpoints.len() > 20);
    let people = [("nobody", server.http.nobody()), ("viewer", viewer), ("member", member), ("admin", admin)];
    for (name, person) in people {
        for (method, path, needed) in &endpoints {
            let body = json!({});
            let answer = person.send(method, path, (method != "GET").then_some(&body)).await;
            let what = format!("{name}: {method} {path}: {} {}", answer.status, answer.text);
            let held = if name == "nobody" { 0 } else { rank(name) };
            let code = serde_json::from_str::<Value>(&answer.text).ok().map(|body| body["code"].clone());
            if held >= *needed {
                assert!(!matches!(answer.status, 401 | 403), "{what}");
            } else if held == 0 {
                assert_eq!((answer.status, code), (401, Some(json!("login_required"))), "{what}");
                assert!(answer.headers.contains_key("www-authenticate"), "{what}");
            } else {
                assert_eq!((answer.status, code), (403, Some(json!("not_allowed"))), "{what}");
            }
        }
    }
    // The table itself, where it matters most.
    let needed = |method: &str, path: &str| {
        endpoints.iter().find(|(m, p, _)| m == method && p == path).map(|(_, _, needed)| *needed)
    };
    assert_eq!(needed("POST", "/api/v1/products/discover"), Some(rank("member")), "it spends tokens");
    assert_eq!(needed("GET", "/api/v1/tokens"), Some(rank("viewer")));
    assert_eq!(needed("PUT", "/api/v1/rules/none-such"), Some(rank("admin")));
    assert_eq!(needed("GET", "/api/v1/users"), Some(rank("admin")));
    assert_eq!(needed("GET", "/healthz"), Some(rank("anyone")));
}

async fn a_session_ends_with_logging_out_a_new_password_and_being_disabled(db: Db) {
    let home = home(&db);
    let (server, [anna, ben, carla]) = staffed(&home).await;
    let who = ben.get("/api/v1/auth/session").await.ok();
    assert_eq!((&who["user"]["name"], &who["role"]), (&json!("ben"), &json!("member")));
    // A change must show what no other site's page can know.
    let change = json!({"username": "dora", "password": PASSWORD});
    for shown in [None, Some("0".repeat(64))] {
        let forged = match shown {
            None => anna.clone().without("x-csrf-token"),
            Some(guess) => anna.clone().with("x-csrf-token", guess),
        };
        assert_eq!(forged.post("/api/v1/users", &change).await.problem(403)["code"], "csrf");
    }
    let other = server.http.log_in("ben", PASSWORD).await;
    assert_eq!(other.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert_eq!(other.get("/api/v1/tokens").await.problem(401)["code"], "login_required");
    ben.get("/api/v1/tokens").await.ok();
    // A new password ends the other sessions, not the one it was changed in.
    let elsewhere = server.http.log_in("ben", PASSWORD).await;
    let wrong = json!({"current": "not that", "new": "battery staple"});
    assert_eq!(ben.send("PUT", "/api/v1/auth/password", Some(&wrong)).await.status, 422);
    let change = json!({"current": PASSWORD, "new": "battery staple"});
    assert_eq!(ben.send("PUT", "/api/v1/auth/password", Some(&change)).await.status, 204);
    assert_eq!(elsewhere.get("/api/v1/tokens").await.status, 401);
    ben.get("/api/v1/tokens").await.ok();
    let old = json!({"username": "ben", "password": PASSWORD});
    assert_eq!(server.http.post("/api/v1/auth/login", &old).await.problem(401)["code"], "wrong_credentials");
    // Disabled from the command line, gone from the server at once.
    home.run(&["users", "disable", "carla"]).await.ended(0);
    assert_eq!(carla.get("/api/v1/tokens").await.status, 401);
    let again = json!({"username": "carla", "password": PASSWORD});
    assert_eq!(server.http.post("/api/v1/auth/login", &again).await.status, 401);
    // Nothing in the database lets anybody in.
    let kept = db.seen("SELECT id, user_id, client FROM gleaner_session").await.concat().join(" ");
    let hashes = db.column("SELECT password_hash FROM gleaner_user").await;
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")), "{hashes:?}");
    let secret = format!("{ben:?}");
    let secret = secret.split("gleaner_session=").nth(1).unwrap().split('"').next().unwrap();
    assert!(secret.len() == 43 && !kept.contains(secret), "{kept}");
    // A session that nobody used for a week is over.
    db.by_hand("UPDATE gleaner_session SET seen_at = '2020-01-01 00:00:00'").await;
    assert_eq!(ben.get("/api/v1/tokens").await.status, 401);
}

async fn an_api_token_is_shown_once_and_does_no_more_than_its_scope(db: Db) {
    let home = home(&db);
    let (server, [anna, ben, carla]) = staffed(&home).await;
    let too_much = json!({"name": "mine", "scope": "admin"});
    assert_eq!(ben.post("/api/v1/api-tokens", &too_much).await.problem(422)["errors"][0]["field"], "scope");
    let created = ben.post("/api/v1/api-tokens", &json!({"name": "nightly", "scope": "viewer"})).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let (token, id) = (created.json()["token"].clone(), created.json()["id"].clone());
    let (token, id) = (token.as_str().unwrap(), id.as_str().unwrap());
    assert!(token.starts_with("gleaner_"));
    let listed = ben.get("/api/v1/api-tokens").await;
    assert!(listed.text.contains(id) && !listed.text.contains(token), "{}", listed.text);
    let kept = db.seen("SELECT id, name, hash, beginning FROM gleaner_api_token").await.concat().join(" ");
    assert!(!kept.contains(token), "{kept}");
    let program = server.http.with_token(token);
    program.get("/api/v1/tokens").await.ok();
    assert!(ben.get("/api/v1/api-tokens").await.ok()[0]["last_used_at"].is_string());
    let body = json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000});
    let refused = program.post("/api/v1/products/discover", &body).await;
    assert_eq!(refused.problem(403)["code"], "not_allowed", "a viewer's token of a member");
    let more = program.post("/api/v1/api-tokens", &json!({"name": "more"})).await;
    assert_eq!(more.problem(409)["code"], "session_needed");
    // With a token nothing has to be shown beside it.
    let made =
        home.run(&["api-tokens", "create", "--user", "ben", "--name", "scan", "--scope", "member"]).await;
    let scan = server.http.with_token(made.ended(0).stdout.trim());
    scan.post("/api/v1/products/discover", &body).await.ok();
    // Expired, revoked by somebody else, revoked by an administrator.
    db.by_hand(&format!(
        "UPDATE gleaner_api_token SET expires_at = '2020-01-01 00:00:00' WHERE id <> '{id}'"
    ))
    .await;
    assert_eq!(scan.get("/api/v1/tokens").await.status, 401);
    let path = format!("/api/v1/api-tokens/{id}");
    assert_eq!(carla.send("DELETE", &path, None).await.problem(404)["code"], "unknown_api_token");
    program.get("/api/v1/tokens").await.ok();
    assert_eq!(anna.send("DELETE", &path, None).await.status, 204);
    assert_eq!(program.get("/api/v1/tokens").await.status, 401);
    assert_eq!(server.http.with_token("gleaner_nonsense").get("/api/v1/tokens").await.status, 401);
}

async fn whoever_asked_stands_in_the_history(db: Db) {
    let home = home(&db);
    let (_server, [_, ben, _]) = staffed(&home).await;
    let id = ben.get("/api/v1/auth/session").await.ok()["user"]["id"].clone();
    let body = json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000});
    let found =
        ben.clone().with("x-gleaner-client", "web").post("/api/v1/products/discover", &body).await.ok();
    let asin = found["asins"][0].clone();
    ben.post("/api/v1/products/score", &json!({"marketplace": "us", "asins": [asin]})).await.ok();
    let rows = db.seen("SELECT search_type, source, user_id FROM search_history ORDER BY id").await;
    let id = id.as_str().unwrap();
    assert_eq!(rows, [["discovery", "frontend", id], ["scoring", "api", id]]);
}

async fn there_is_always_an_administrator(db: Db) {
    let home = home(&db);
    let added = home.run(&["users", "add", "anna", "--password", PASSWORD, "--role", "viewer"]).await;
    assert!(added.ended(0).stdout.contains("anna: admin"), "the first is an administrator: {added:?}");
    for command in [
        &["users", "set-role", "anna", "member"][..],
        &["users", "disable", "anna"],
        &["users", "remove", "anna"],
    ] {
        let refused = home.run(command).await;
        assert!(refused.ended(1).stderr.contains("only administrator"), "{refused:?}");
    }
    home.run(&["users", "add", "ben", "--password", PASSWORD, "--role", "admin"]).await.ended(0);
    home.run(&["users", "disable", "anna"]).await.ended(0);
    home.run(&["users", "remove", "anna"]).await.ended(0);
    let listed = home.run(&["users", "list", "--json"]).await.json(0);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["name"], "ben");
    home.run(&["users", "add", "ben", "--password", PASSWORD]).await.ended(1);
    home.run(&["users", "add", "b n", "--password", PASSWORD]).await.refused(&["--username"]);
    home.run(&["users", "add", "dora", "--password", "short"]).await.refused(&["--password", "8 characters"]);
    home.run(&["users", "add", "dora"]).await.refused(&["--password-stdin"]);
}

async fn of_two_first_accounts_at_once_one_is_made(db: Db) {
    let home = home(&db);
    let server = home.serve(&[]).await;
    server.http.get("/api/v1/tokens").await.ok();
    let claim = |name: String| {
        let http = server.http.clone();
        async move {
            let body = json!({"username": name, "password": PASSWORD});
            http.post("/api/v1/auth/setup", &body).await.status
        }
    };
    let mut statuses = futures::future::join_all((0..4).map(|n| claim(format!("user{n}")))).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    assert_eq!(db.count("gleaner_user").await, 1);
    assert_eq!(server.http.get("/api/v1/tokens").await.status, 401, "from now on one has to log in");
}

async fn what_administrators_do_is_noted(db: Db) {
    let home = home(&db);
    let (_server, [anna, ben, _]) = staffed(&home).await;
    assert_eq!(anna.post("/api/v1/cache/purge", &json!({})).await.status, 200);
    let role = json!({"role": "viewer"});
    assert_eq!(anna.send("PATCH", "/api/v1/users/ben", Some(&role)).await.status, 200);
    assert_eq!(
        ben.post("/api/v1/cache/purge", &json!({})).await.status,
        403,
        "what was refused is not an act"
    );
    home.run(&["users", "disable", "ben"]).await.ended(0);
    let log = anna.get("/api/v1/audit?limit=4").await.ok();
    let lines: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(lines, ["user.disable", "user.role", "POST /api/v1/cache/purge", "user.add"]);
    assert_eq!(log["entries"][1]["actor"], "anna");
    assert_eq!(log["entries"][1]["address"], "127.0.0.1");
    assert_eq!(log["entries"][1]["detail"], json!({"from": "member", "to": "viewer"}));
    assert_eq!(log["entries"][0]["source"], "manual");
    let next = log["next"].as_str().unwrap();
    let rest = anna.get(&format!("/api/v1/audit?before={next}")).await.ok();
    assert_eq!(rest["entries"].as_array().unwrap().len(), 2, "{rest}");
    let shown = home.run(&["audit", "--json"]).await.json(0);
    assert_eq!(shown.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_server_that_others_can_reach_needs_an_account_and_says_so() {
    let home = Home::new();
    let refused = home.run(&["serve", "--listen", "0.0.0.0:0"]).await;
    refused.refused(&["0.0.0.0:0", "open to the network", "gleaner users add"]);
    let public = Home::new().with("GLEANER_PUBLIC_URL", "https://gleaner.example.org");
    public.run(&["serve", "--listen", "127.0.0.1:0"]).await.refused(&["public_url", "gleaner users add"]);
    public.run(&["users", "add", "anna", "--password", PASSWORD]).await.ended(0);
    let server = public.serve(&[]).await;
    let nobody = server.http.nobody();
    assert_eq!(nobody.get("/api/v1/tokens").await.status, 401);
    nobody.get("/healthz").await.ok();
    let open = nobody.get("/api/v1/auth/session").await.ok();
    assert_eq!((&open["accounts"], &open["authenticated"]), (&json!(true), &json!(false)));
    // The browser comes by the public name, over TLS.
    let login = json!({"username": "anna", "password": PASSWORD});
    let browser = nobody.with("host", "gleaner.example.org").with("origin", "https://gleaner.example.org");
    let answer = browser.post("/api/v1/auth/login", &login).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for word in ["__Host-gleaner_session=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(answer.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
    let foreign = browser.with("origin", "https://evil.example");
    assert_eq!(foreign.post("/api/v1/auth/login", &login).await.problem(403)["code"], "cross_origin");
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down_by_account_and_by_address() {
    let home = Home::new().with("GLEANER_LOGIN_LIMIT", "3").with("GLEANER_TRUSTED_PROXIES", "127.0.0.1");
    home.run(&["users", "add", "anna", "--password", PASSWORD]).await.ended(0);
    let server = home.serve(&[]).await;
    let from = |address: &str| server.http.nobody().with("x-forwarded-for", address);
    let guess = |name: &str, n: usize| json!({"username": name, "password": format!("guess {n}")});
    for n in 0..3 {
        let address = format!("192.0.2.{n}");
        assert_eq!(from(&address).post("/api/v1/auth/login", &guess("anna", n)).await.status, 401);
    }
    let right = json!({"username": "anna", "password": PASSWORD});
    let slowed = from("192.0.2.9").post("/api/v1/auth/login", &right).await;
    assert_eq!(slowed.problem(429)["code"], "rate_limited");
    assert!(slowed.headers.contains_key("retry-after"));
    for n in 0..3 {
        let name = format!("user{n}");
        assert_eq!(from("198.51.100.1").post("/api/v1/auth/login", &guess(&name, n)).await.status, 401);
    }
    assert_eq!(from("198.51.100.1").post("/api/v1/auth/login", &guess("user9", 9)).await.status, 429);
    assert_eq!(from("198.51.100.2").post("/api/v1/auth/login", &guess("user9", 9)).await.status, 401);
}

#[tokio::test]
async fn calls_that_may_spend_tokens_are_limited_by_account() {
    let home = Home::new().with("GLEANER_RATE_LIMIT", "2");
    home.run(&["users", "add", "anna", "--password", PASSWORD]).await.ended(0);
    let server = home.serve(&[]).await;
    let anna = server.http.log_in("anna", PASSWORD).await;
    let body = json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000});
    for _ in 0..2 {
        anna.post("/api/v1/products/discover", &body).await.ok();
    }
    assert_eq!(anna.post("/api/v1/products/discover", &body).await.problem(429)["code"], "rate_limited");
    anna.get("/api/v1/tokens").await.ok();
}

#[tokio::test]
async fn without_accounts_whoever_comes_through_a_proxy_is_not_at_this_machine() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    server.http.nobody().get("/api/v1/tokens").await.ok();
    let proxied = server.http.nobody().with("x-forwarded-for", "192.0.2.1");
    assert_eq!(proxied.get("/api/v1/tokens").await.problem(403)["code"], "accounts_needed");
    // What the web app goes by: here the first account can be made, there it cannot.
    for (who, at_the_machine) in [(&server.http.nobody(), true), (&proxied, false)] {
        let session = who.get("/api/v1/auth/session").await.ok();
        assert_eq!(session["accounts"], false);
        assert_eq!(session["setup_possible"], at_the_machine);
        assert_eq!(session["authenticated"], at_the_machine);
    }
    let credentials = json!({"username": "eve", "password": PASSWORD});
    let set_up = proxied.post("/api/v1/auth/setup", &credentials).await;
    assert_eq!(set_up.problem(403)["code"], "only_at_this_machine");
    for (name, value) in [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        let answer = server.http.get("/api/v1/tokens").await;
        assert_eq!(answer.headers[name], value);
        assert_eq!(set_up.headers[name], value, "also when it is refused");
    }
}
