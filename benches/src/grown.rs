//! What a hit costs in a database that has grown, against an empty one.

use std::time::Instant;

use anyhow::{Context, Result};
use gleaner_store::{ConnectOptions, Store};
use gleaner_testkit::TestDatabase;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::http::{Connection as Http, get, post};
use crate::load::load;
use crate::table::{Figure, median};
use crate::world::{DISCOVER, Kind, World, search, warm};

/// Rows of the history.
const HISTORY: u32 = 1_000_000;
/// Products, and rows of the two caches together.
const PRODUCTS: u32 = 100_000;
/// Connections that ask at once.
const CONNECTIONS: usize = 10;
/// The most a hit may cost, in hits on an empty database.
const DEARER: f64 = 1.2;

/// Both databases, in turns.
pub(crate) async fn databases(world: &World) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for kind in Kind::ALL {
        let (Some(empty), Some(grown)) = (kind.database(), kind.database()) else { continue };
        let store = Store::connect(&ConnectOptions::new(grown.url())).await?;
        store.migrate().await?;
        store.close().await;
        for statement in filling(kind) {
            execute(kind, &grown, statement).await.context("filling a database")?;
        }
        let small = world.serve(empty.url()).await?;
        let started = Instant::now();
        let large = world.serve(grown.url()).await?;
        Http::open(large.address).await?.ask(&get("/readyz")).await?;
        let ready = started.elapsed().as_secs_f64();
        warm(small.address, 0).await?;
        warm(large.address, 0).await?;
        let request = post(DISCOVER, &search(0));
        let mut dearer = Vec::new();
        for _ in 0..world.rounds {
            let of_empty = load(small.address, request.clone(), CONNECTIONS, world.seconds).await?;
            let of_grown = load(large.address, request.clone(), CONNECTIONS, world.seconds).await?;
            dearer.push(of_empty.per_second / of_grown.per_second);
        }
        let dearer = median(dearer);
        let line = format!("hit with {HISTORY} history, {PRODUCTS} product, {PRODUCTS} cache rows");
        let line = format!("{line}, {}", kind.name());
        let figure = format!("{dearer:.2} of an empty database's");
        figures.push(Figure::new(line, figure, format!("<= {DEARER}"), dearer <= DEARER));
        let line = format!("ready after start, the same database, {}", kind.name());
        figures.push(Figure::note(line, format!("{ready:.3} s")));
    }
    Ok(figures)
}

/// The statements that fill a database. The ids of the history are UUIDs of version 7 in the order of time, as the
/// program makes them; one row every two and a half seconds, to this moment.
fn filling(kind: Kind) -> Vec<String> {
    let sqlite = kind == Kind::Sqlite;
    let numbers = |most: u32| {
        if sqlite {
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT i, \
                 CAST(unixepoch('subsec') * 1000 AS INTEGER) - ({most} - i) * 2500 AS t FROM n) n"
            )
        } else {
            format!(
                "(SELECT i, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) - ({most} - i) * 2500 AS t \
                 FROM generate_series(1, {most}::bigint) i) n"
            )
        }
    };
    let pick = |for_sqlite: &'static str, for_postgres: &'static str| {
        if sqlite { for_sqlite } else { for_postgres }
    };
    let id = pick(
        "printf('%08x-%04x-7%03x-8%03x-%012x', t >> 16, t & 65535, i % 4096, i % 4096, i)",
        "concat(lpad(to_hex(t >> 16), 8, '0'), '-', lpad(to_hex(t & 65535), 4, '0'), '-7', \
         lpad(to_hex(i % 4096), 3, '0'), '-8', lpad(to_hex(i % 4096), 3, '0'), '-', lpad(to_hex(i), 12, '0'))",
    );
    let time = pick("datetime(t / 1000, 'unixepoch')", "to_timestamp(t / 1000) AT TIME ZONE 'UTC'");
    let later = pick("datetime('now', '+5 hours')", "(now() + interval '5 hours') AT TIME ZONE 'UTC'");
    let now = pick("datetime('now')", "now() AT TIME ZONE 'UTC'");
    let asin = pick("printf('B0%08d', i)", "concat('B0', lpad(i::text, 8, '0'))");
    let facts = pick("randomblob(2000)", "decode(repeat(md5(i::text), 125), 'hex')");
    let json = pick("", "::json");
    let filters = r#"{"category": 0, "bsr_max": 50000, "bsr_min": 10000, "marketplace": "us"}"#;
    let caches = PRODUCTS / 2;
    vec![
        format!(
            "INSERT INTO search_history (id, search_type, filters, results_count, source, created_at) \
             SELECT {id}, 'discovery', '{filters}'{json}, 50, 'api', {time} FROM {}",
            numbers(HISTORY)
        ),
        format!(
            "INSERT INTO gleaner_search_outcome SELECT {id}, 1, 0, 0, 0, 11, '{{}}', 1, NULL FROM {}",
            numbers(HISTORY)
        ),
        format!(
            "INSERT INTO gleaner_product SELECT 1, {asin}, {time}, 'A title of some length', 283155, i, {facts} \
             FROM {}",
            numbers(PRODUCTS)
        ),
        format!(
            "INSERT INTO product_scoring_cache SELECT concat('scoring:', {asin}, ':2'), {asin}, i % 90, i % 100, \
             'BUY', 'A title', 14.0, i, {now}, {later}, 0 FROM {}",
            numbers(caches)
        ),
        format!(
            "INSERT INTO product_discovery_cache SELECT concat('discovery:2:0:', i, '-999999'), '[]'{json}, \
             '{filters}'{json}, {now}, {later}, 0 FROM {}",
            numbers(caches)
        ),
        // What the servers do by themselves in the minutes after so many rows: not what a hit costs.
        pick("ANALYZE", "VACUUM (ANALYZE)").to_owned(),
        pick("PRAGMA wal_checkpoint", "CHECKPOINT").to_owned(),
    ]
}

/// Runs a statement from outside the program.
pub(crate) async fn execute(kind: Kind, database: &TestDatabase, sql: String) -> Result<()> {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql));
    match kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(database.url()).await?;
            sql.execute(&mut connection).await?;
            connection.close().await?;
        }
        Kind::Postgres => {
            let options: PgConnectOptions = database.url().parse()?;
            let mut connection = PgConnection::connect_with(&options.extra_float_digits(None)).await?;
            sql.execute(&mut connection).await?;
            connection.close().await?;
        }
    }
    Ok(())
}
