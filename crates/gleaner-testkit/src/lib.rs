//! What the tests of the house share: a database of its own for each test, on either engine, and an honest way to
//! skip. Only tests depend on this crate; it knows no other crate of the house.
//!
//! ```no_run
//! if let Some(database) = gleaner_testkit::postgres_database() {
//!     println!("{}", database.url());
//! }
//! ```

mod cluster;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Says why a test does nothing: on standard output, and as a line of the file that `GLEANER_SKIP_LOG` names, from
/// which the test command counts what was left out and judges whether that was acceptable. The test then returns.
pub fn skip(reason: &str) {
    println!("skipped: {reason}");
    let Some(log) = std::env::var_os("GLEANER_SKIP_LOG").filter(|path| !path.is_empty()) else { return };
    let line = format!("{reason}\n");
    let append =
        || std::fs::OpenOptions::new().append(true).create(true).open(&log)?.write_all(line.as_bytes());
    if let Err(error) = append() {
        println!("the skip was not noted in {}: {error}", log.display());
    }
}

/// The address of a PostgreSQL server on which databases may be created: the one that
/// `GLEANER_TEST_DATABASE_URL` names, else a private one, started once for this process and gone with it.
/// `None` where there is no server program to start.
#[must_use]
pub fn postgres_url() -> Option<String> {
    match std::env::var("GLEANER_TEST_DATABASE_URL") {
        Ok(url) if !url.is_empty() => Some(url),
        _ => cluster::url(),
    }
}

/// A database for one test. It is removed when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Folder(tempfile::TempDir),
    Server { url: String, name: String },
}

impl TestDatabase {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of a SQLite database; `None` for one on a server.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.home {
            Home::Folder(folder) => Some(folder.path()),
            Home::Server { .. } => None,
        }
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join("gleaner.db"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Home::Server { url, name } = &self.home {
            // A leftover database harms nobody; a panic in a drop would hide the test's own.
            if let Err(error) = on_server(url, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")) {
                println!("the database {name} was not removed: {error}");
            }
        }
    }
}

/// The address of a SQLite file that does not exist yet, in a folder of its own.
///
/// # Panics
/// When no temporary folder can be made.
#[must_use]
pub fn sqlite_database() -> TestDatabase {
    let folder = tempfile::Builder::new().prefix("gleaner-test-").tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("gleaner.db").display());
    TestDatabase { url, home: Home::Folder(folder) }
}

/// A new, empty PostgreSQL database; `None`, with a word from [`skip`], where there is no server.
///
/// # Panics
/// When there is a server and it refuses to create a database.
#[must_use]
pub fn postgres_database() -> Option<TestDatabase> {
    let Some(server) = postgres_url() else {
        skip("no PostgreSQL: GLEANER_TEST_DATABASE_URL is not set and no initdb was found");
        return None;
    };
    let name = format!("gleaner_test_{}", uuid::Uuid::new_v4().simple());
    on_server(&server, format!("CREATE DATABASE {name} TEMPLATE template0"))
        .expect("a database for the test");
    Some(TestDatabase { url: with_database(&server, &name), home: Home::Server { url: server, name } })
}

/// Runs one statement, from wherever the caller is, inside a runtime or not.
fn on_server(url: &str, sql: String) -> Result<(), String> {
    let url = url.to_owned();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(async {
            // A pooler in between refuses `extra_float_digits`.
            let options = url.parse::<PgConnectOptions>().map_err(|error| error.to_string())?;
            let options = options.extra_float_digits(None);
            let mut connection =
                PgConnection::connect_with(&options).await.map_err(|error| error.to_string())?;
            let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
            done.map(drop).map_err(|error| error.to_string())
        })
    };
    std::thread::spawn(work).join().unwrap_or_else(|_| Err("the thread panicked".to_owned()))
}

/// The same server's address with another database in it.
fn with_database(url: &str, name: &str) -> String {
    let (front, query) = url.split_once('?').map_or((url, None), |(front, query)| (front, Some(query)));
    let authority = front.find("://").map_or(0, |at| at + 3);
    let end = front[authority..].find('/').map_or(front.len(), |at| authority + at);
    let url = format!("{}/{name}", &front[..end]);
    query.map_or(url.clone(), |query| format!("{url}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        assert_eq!(with_database("postgres://u:p@h:1/postgres", "x"), "postgres://u:p@h:1/x");
        assert_eq!(with_database("postgres://h", "x"), "postgres://h/x");
        assert_eq!(
            with_database("postgres:///postgres?host=/tmp/a&user=b", "x"),
            "postgres:///x?host=/tmp/a&user=b"
        );
    }
}
