//! What the history adds up to, when it is long: the figures of ten million rows, and looking through them.

use std::time::Instant;

use anyhow::{Context, Result};
use gleaner_store::{ConnectOptions, Store};
use serde_json::Value;

use crate::grown::execute;
use crate::http::{Connection, get, post};
use crate::table::{Figure, median};
use crate::world::{DISCOVER, Kind, World, search};

/// The longest an answer may take, in seconds.
const MOST: f64 = 1.0;

/// Each database in turn.
pub(crate) async fn long_history(world: &World) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for kind in Kind::ALL {
        let Some(database) = kind.database() else { continue };
        let store = Store::connect(&ConnectOptions::new(database.url())).await?;
        store.migrate().await?;
        store.close().await;
        for statement in filling(kind, world.rows) {
            execute(kind, &database, statement).await.context("filling the history")?;
        }
        let server = world.serve(database.url()).await?;
        let mut connection = Connection::open(server.address).await?;
        let note = |what: &str| format!("{what}, {} history rows, {}", world.rows, kind.name());
        let started = Instant::now();
        let first = connection.json(&get("/api/v1/history/analytics")).await?;
        figures.push(Figure::note(note("first analytics (all is counted)"), seconds(started)));
        let counted = first["total"]["searches"].as_i64();
        anyhow::ensure!(counted == Some(i64::from(world.rows)), "{counted:?} searches were counted");
        for (what, path) in [
            ("analytics of everything", "/api/v1/history/analytics"),
            ("analytics of a month", "/api/v1/history/analytics?from=2025-03-01&to=2025-03-31"),
            ("what the caches hold and did", "/api/v1/cache/stats"),
            ("a page of the history", "/api/v1/history"),
            ("a page of one kind", "/api/v1/history?type=scoring"),
            ("a page with a text", "/api/v1/history?text=exclude_amazon"),
        ] {
            let mut took = Vec::new();
            for n in 0..world.rounds {
                // So that there is something new to count each time.
                let number = i64::try_from(n)?;
                let _: Value = connection.json(&post(DISCOVER, &search(number % 3))).await?;
                let started = Instant::now();
                connection.json(&get(path)).await?;
                took.push(started.elapsed().as_secs_f64());
            }
            let middle = median(took);
            figures.push(Figure::new(
                note(what),
                format!("{middle:.3} s"),
                format!("<= {MOST} s"),
                middle <= MOST,
            ));
        }
    }
    Ok(figures)
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}

/// The statements that fill the history of a year: thirty accounts, five doors, sixty categories, and some thousand
/// different searches.
fn filling(kind: Kind, rows: u32) -> Vec<String> {
    let sqlite = kind == Kind::Sqlite;
    let numbers = if sqlite {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n) n"
        )
    } else {
        format!("(SELECT CAST(i AS BIGINT) AS i FROM generate_series(1, {rows}) i) n")
    };
    let pick = |for_sqlite: String, for_postgres: String| if sqlite { for_sqlite } else { for_postgres };
    let step = 365.0 * 86_400.0 / f64::from(rows);
    let id = pick("printf('%032x', i)".to_owned(), "lpad(to_hex(i), 32, '0')".to_owned());
    let at = pick(
        format!("strftime('%Y-%m-%d %H:%M:%f', 1735689600 + i * {step}, 'unixepoch')"),
        format!("TIMESTAMP '2025-01-01 00:00:00' + i * INTERVAL '{step} seconds'"),
    );
    let json = if sqlite { "" } else { "::json" };
    let found = "'{\"marketplace\": \"us\", \"category\": ' || ((i * 7 % 60) * 1000) || ', \"bsr_min\": 1000, \
                 \"bsr_max\": ' || ((1 + i % 11) * 10000) || CASE WHEN i % 7 = 0 THEN ', \"exclude_amazon\": true' \
                 ELSE '' END || '}'";
    let scored = "'{\"marketplace\": \"us\", \"asins\": [\"B' || i || '\"], \"strategy\": \"balanced\"}'";
    vec![
        format!(
            "INSERT INTO search_history (id, user_id, search_type, filters, results_count, source, created_at) \
             SELECT {id}, 'user' || (i * 13 % 30), CASE WHEN i % 3 = 0 THEN 'scoring' ELSE 'discovery' END, \
             (CASE WHEN i % 3 = 0 THEN {scored} ELSE {found} END){json}, i % 120, 'door' || (i % 5), {at} FROM {numbers}"
        ),
        format!(
            "INSERT INTO gleaner_search_outcome SELECT {id}, i % 3, i % 2, i % 12, i % 12, i % 31, \
             CASE WHEN i % 3 = 0 THEN '{{\"BUY\": 1, \"SKIP\": 3}}' ELSE '{{}}' END, i % 900, NULL FROM {numbers}"
        ),
        "ANALYZE".to_owned(),
    ]
}
