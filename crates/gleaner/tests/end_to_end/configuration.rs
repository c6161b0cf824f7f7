//! Settings: where they come from, what wins, and what is said about a wrong one.

use serde_json::json;

use crate::support::{Db, Home, KEY, Market};

on_each_database!(
    a_database_of_another_upstream_is_refused_and_stays_as_it_was,
    a_database_of_a_newer_program_is_refused_and_stays_as_it_was,
);

const BOOKS: [&str; 6] = ["discover", "--category", "Books", "--bsr", "1000-500000", "--json"];

#[tokio::test]
async fn a_wrong_value_names_the_setting_and_where_it_was_looked_for() {
    for (name, value, words) in [
        ("GLEANER_DISCOVERY_TTL", "soon", &["discovery_ttl", "soon", "GLEANER_DISCOVERY_TTL", "24h"][..]),
        ("GLEANER_SCORING_TTL", "0s", &["scoring_ttl", "GLEANER_SCORING_TTL"]),
        ("GLEANER_POOL_SIZE", "many", &["pool_size", "GLEANER_POOL_SIZE"]),
        ("GLEANER_POOL_SIZE", "0", &["pool_size", "1 to 100"]),
        ("GLEANER_DURABILITY", "yes", &["durability", "normal", "full"]),
        ("GLEANER_LISTEN", "8080", &["listen", "8080", "127.0.0.1:8080"]),
        ("GLEANER_DEMO_PRODUCTS", "-1", &["demo_products"]),
        ("KEEPA_BASE_URL", "api.keepa.com", &["keepa_base_url", "KEEPA_BASE_URL", "https://"]),
        ("KEEPA_API_KEY_FILE", "nowhere.txt", &["KEEPA_API_KEY_FILE", "nowhere.txt"]),
        ("GLEANER_CONFIG", "nowhere.toml", &["nowhere.toml"]),
    ] {
        let home = Home::new().with(name, value);
        home.run(&BOOKS).await.refused(words);
        home.run(&["tokens"]).await.refused(words);
        assert!(!home.has_data(), "{name}={value}: nothing was opened");
    }
}

#[tokio::test]
async fn a_base_url_without_a_key_is_refused_and_says_what_to_set() {
    let market = Market::now(50, None).await;
    let home = Home::new().with("KEEPA_BASE_URL", market.emulator.base_url());
    home.run(&BOOKS).await.refused(&["keepa_base_url", "KEEPA_API_KEY"]);
    assert!(!home.has_data());
    assert!(market.emulator.request_counts().is_empty());
}

#[tokio::test]
async fn an_impossible_key_is_refused_without_showing_it() {
    let home = Home::new().with("KEEPA_API_KEY", "s3cret key\u{e9}");
    let run = home.run(&BOOKS).await;
    run.refused(&["keepa_api_key", "KEEPA_API_KEY"]);
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
}

#[tokio::test]
async fn a_key_of_digits_is_a_text_like_any_other() {
    let (db, market) = (Db::sqlite(), Market::open_to_all().await);
    for key in ["0815", "12e5", "true", "[1]"] {
        let home = market.home(&db).with("KEEPA_API_KEY", key);
        let run = home.run(&["tokens", "--json"]).await;
        if key == "[1]" {
            run.refused(&["keepa_api_key"]);
        } else {
            assert_eq!(run.json(0)["refill_rate"], 1_000, "{key}");
        }
    }
}

#[tokio::test]
async fn later_places_win_over_earlier_ones() {
    let home = Home::new().without("GLEANER_DEMO_PRODUCTS");
    home.write("gleaner.toml", "demo_seed = 11\ndemo_products = 300\ndatabase_url = 'sqlite:from-file.db'\n");
    home.run(&["db", "migrate"]).await.ended(0);
    assert!(home.path().join("from-file.db").is_file(), "the file counts");
    home.write(".env", "DATABASE_URL=sqlite:from-dotenv.db\n");
    home.run(&["db", "migrate"]).await.ended(0);
    assert!(home.path().join("from-dotenv.db").is_file(), ".env wins over the file");
    let home = home.with("DATABASE_URL", "sqlite:from-environment.db");
    home.run(&["db", "migrate"]).await.ended(0);
    assert!(home.path().join("from-environment.db").is_file(), "the environment wins over .env");
    home.run(&["db", "migrate", "--database-url", "sqlite:from-flag.db"]).await.ended(0);
    assert!(home.path().join("from-flag.db").is_file(), "the command line wins over everything");
    let secret = home.write("secret.txt", "sqlite:from-secret.db\n");
    let home = home.without("DATABASE_URL").with("DATABASE_URL_FILE", secret);
    home.run(&["db", "migrate"]).await.ended(0);
    assert!(home.path().join("from-secret.db").is_file(), "a secret may stand in a file");
    assert!(!home.has_data());
}

#[tokio::test]
async fn a_mistake_in_the_file_is_told_with_the_file() {
    for (text, words) in [
        ("discovery_tll = '1h'", &["discovery_tll", "gleaner.toml", "discovery_ttl"][..]),
        ("pool_size = 'many'", &["pool_size", "gleaner.toml"]),
        ("pool_size = = 4", &["gleaner.toml"]),
    ] {
        let home = Home::new();
        home.write("gleaner.toml", text);
        home.run(&BOOKS).await.refused(words);
    }
}

#[tokio::test]
async fn times_to_live_come_from_the_configuration() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home = market.home(&db).with("GLEANER_DISCOVERY_TTL", "2h").with("GLEANER_SCORING_TTL", "30m");
    let found = home.run(&BOOKS).await.json(0);
    let moment = |name: &str| crate::support::at(found[name].as_str().unwrap());
    assert_eq!(moment("expires_at") - moment("created_at"), chrono::TimeDelta::hours(2));
    home.run(&["score", found["asins"][0].as_str().unwrap()]).await.ended(0);
    let times =
        db.seen("SELECT CAST(created_at AS TEXT), CAST(expires_at AS TEXT) FROM product_scoring_cache").await;
    let time = |text: &str| {
        text.replace('T', " ").parse::<chrono::NaiveDateTime>().or_else(|_| {
            chrono::NaiveDateTime::parse_from_str(&text.replace('T', " "), "%Y-%m-%d %H:%M:%S%.f")
        })
    };
    let (created, expires) = (time(&times[0][0]).unwrap(), time(&times[0][1]).unwrap());
    assert!(expires - created <= chrono::TimeDelta::minutes(30), "never longer than the facts: {times:?}");
    assert!(expires - created > chrono::TimeDelta::minutes(29), "{times:?}");
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let refused = "postgres://gleaner:s3cretpw@127.0.0.1:1/shop";
    let home = Home::new();
    let elsewhere = home.write("a-file", "not a folder");
    for (url, word) in [
        (refused.to_owned(), "database_unreachable"),
        (format!("sqlite:{elsewhere}/below/gleaner.db"), "database_"),
        (format!("sqlite:{elsewhere}"), "database_"),
        ("mysql://gleaner:s3cretpw@127.0.0.1/shop".to_owned(), "sqlite"),
        ("gleaner.db".to_owned(), "scheme"),
    ] {
        for arguments in [&BOOKS[..], &["db", "status"], &["serve", "--listen", "127.0.0.1:0"]] {
            let run = home.run(&[arguments, &["--database-url", &url]].concat()).await;
            assert!(matches!(run.code, Some(1 | 2)), "{url}: {run:?}");
            assert!(run.stderr.contains(word), "{url}: {run:?}");
            assert!(!run.stderr.contains("s3cretpw") && !run.stdout.contains("s3cretpw"), "{run:?}");
            assert_eq!(run.stdout, "", "{url}");
            assert!(!run.stderr.contains("panicked"), "{run:?}");
        }
    }
}

#[tokio::test]
async fn looking_at_a_database_that_is_not_there_makes_none() {
    let home = Home::new();
    let file = home.path().join("mistyped").join("gleaner.db");
    let url = format!("sqlite:{}", file.display());
    for action in ["status", "verify", "rollback"] {
        let run = home.run(&["db", action, "--database-url", &url]).await;
        run.ended(1);
        assert!(run.stderr.contains("database_unreachable"), "{run:?}");
        assert!(!file.parent().unwrap().exists(), "{action}");
    }
    home.run(&["db", "migrate", "--database-url", &url]).await.ended(0);
    home.run(&["db", "verify", "--database-url", &url]).await.ended(0);
}

async fn a_database_of_another_upstream_is_refused_and_stays_as_it_was(db: Db) {
    let market = Market::now(600, None).await;
    market.home(&db).run(&BOOKS).await.json(0);
    let before = (db.count("search_history").await, market.paid_requests());
    // Demo data, or a second marketplace, must never mix with what was paid for.
    let demo = Home::new().with("DATABASE_URL", db.url());
    for (home, word) in [(&demo, "demo:7"), (&demo, "server:127.0.0.1")] {
        let run = home.run(&BOOKS).await;
        run.ended(1);
        assert!(run.stderr.contains(word) && run.stderr.contains("database_other_upstream"), "{run:?}");
    }
    let run = demo.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    run.ended(1);
    assert_eq!((db.count("search_history").await, market.paid_requests()), before);
    market.home(&db).with("KEEPA_API_KEY", KEY).run(&BOOKS).await.json(0);
}

async fn a_database_of_a_newer_program_is_refused_and_stays_as_it_was(db: Db) {
    let market = Market::now(200, None).await;
    let home = market.home(&db);
    home.run(&["db", "migrate"]).await.ended(0);
    db.by_hand(
        "INSERT INTO gleaner_schema_migration (version, name, adopted) VALUES (900, 'gleaner_future', '0')",
    )
    .await;
    for arguments in [
        &BOOKS[..],
        &["score", "0593655036"],
        &["db", "migrate"],
        &["db", "rollback"],
        &["db", "verify"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let run = home.run(arguments).await;
        run.ended(1);
        assert!(
            run.stderr.contains("900") && run.stderr.contains("database_newer_schema"),
            "{arguments:?}: {run:?}"
        );
    }
    assert!(market.emulator.request_counts().is_empty());
    assert_eq!(db.count("search_history").await, 0);
    assert_eq!(db.number("MAX(version)", "gleaner_schema_migration").await, 900);
    assert_eq!(json!(db.count("product_discovery_cache").await), json!(0));
}
