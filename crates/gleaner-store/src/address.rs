//! Database addresses: what people write in `DATABASE_URL`, understood, and made fit to be shown.

use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// Where an address leads.
#[derive(Debug)]
pub(crate) enum Target {
    /// A file, or `None` for a database in memory.
    Sqlite(Option<PathBuf>),
    /// A server.
    Postgres(Box<PgConnectOptions>),
}

/// Reads an address. `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, `postgresql://…`, and the same with a
/// driver's name behind a plus sign, as `SQLAlchemy` writes them (`postgresql+asyncpg://…`).
pub(crate) fn parse(url: &str) -> Result<Target, StoreError> {
    let bad = |reason: &str| StoreError::BadUrl { url: redact(url), reason: reason.to_owned() };
    let (scheme, rest) = url.trim().split_once(':').ok_or_else(|| bad("it does not begin with a scheme"))?;
    let (engine, driver) = match scheme.split_once('+') {
        Some((engine, _)) => (engine, true),
        None => (scheme, false),
    };
    match engine.to_ascii_lowercase().as_str() {
        "sqlite" => sqlite(rest, driver).ok_or_else(|| bad("it names no file")),
        "postgres" | "postgresql" => {
            let rest = rest.strip_prefix("//").ok_or_else(|| bad("// is missing behind the scheme"))?;
            let url = format!("postgres://{}", translate_query(rest));
            // The parser's own words may quote the address, so they are not passed on.
            let options = PgConnectOptions::from_str(&url)
                .map_err(|_| bad("host, port or an option of it is not valid"))?;
            Ok(Target::Postgres(Box::new(options)))
        }
        _ => Err(bad("the scheme is neither sqlite nor postgres")),
    }
}

/// Reads a SQLite address without its scheme; `None`: there is nothing in it.
fn sqlite(rest: &str, driver: bool) -> Option<Target> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.split('&').any(|pair| pair == "mode=memory") {
        return Some(Target::Sqlite(None));
    }
    // SQLAlchemy separates an empty host with a slash of its own: three for a relative path, four for an absolute.
    let path = match (path.strip_prefix("//"), driver) {
        (Some(path), true) => path.strip_prefix('/').unwrap_or(path),
        (Some(path), false) => path,
        (None, _) => path,
    };
    match path {
        ":memory:" => Some(Target::Sqlite(None)),
        "" => driver.then_some(Target::Sqlite(None)),
        path => Some(Target::Sqlite(Some(PathBuf::from(path)))),
    }
}

/// The file an address leads to, for what is kept beside it; `None` for a server, and for a database in memory.
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    match parse(url) {
        Ok(Target::Sqlite(path)) => path,
        _ => None,
    }
}

/// Gives options of other drivers the names that ours knows, and leaves out what it would only warn about.
fn translate_query(rest: &str) -> String {
    let Some((front, query)) = rest.split_once('?') else { return rest.to_owned() };
    let pairs: Vec<String> = query
        .split('&')
        .filter_map(|pair| match pair.split_once('=').unwrap_or((pair, "")) {
            (
                "" | "channel_binding" | "prepared_statement_cache_size" | "command_timeout" | "sslpassword",
                _,
            ) => None,
            ("ssl", "true") => Some("sslmode=require".to_owned()),
            ("ssl", "false") => Some("sslmode=disable".to_owned()),
            ("ssl", mode) => Some(format!("sslmode={mode}")),
            _ => Some(pair.to_owned()),
        })
        .collect();
    if pairs.is_empty() { front.to_owned() } else { format!("{front}?{}", pairs.join("&")) }
}

/// The address with every password replaced by `***`. When in doubt it hides more rather than less.
pub(crate) fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (front, query) = rest.split_once('?').map_or((rest, None), |(front, query)| (front, Some(query)));
    // An unescaped `/`, `?` or `@` in a password must not reveal a part of it: take the last `@` of all.
    if let Some(query) = query
        && let Some((_, tail)) = query.rsplit_once('@')
        && !front.contains('@')
    {
        return format!("{scheme}://***@{}", redact_query(tail));
    }
    let mut shown = format!("{scheme}://");
    match front.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split_once(':').map_or(user, |(name, _)| name);
            shown.push_str(name);
            if user.contains(':') {
                shown.push_str(":***");
            }
            shown.push('@');
            shown.push_str(host);
        }
        None => shown.push_str(front),
    }
    if let Some(query) = query {
        shown.push('?');
        shown.push_str(&redact_query(query));
    }
    shown
}

fn redact_query(query: &str) -> String {
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Option<String> {
        match parse(url).unwrap() {
            Target::Sqlite(path) => path.map(|path| path.display().to_string()),
            Target::Postgres(_) => panic!("{url} is not SQLite"),
        }
    }

    #[test]
    fn sqlite_addresses_name_their_file() {
        assert_eq!(file("sqlite:gleaner.db").as_deref(), Some("gleaner.db"));
        assert_eq!(file("sqlite:/var/lib/gleaner.db").as_deref(), Some("/var/lib/gleaner.db"));
        assert_eq!(file("sqlite:///var/lib/gleaner.db?mode=rwc").as_deref(), Some("/var/lib/gleaner.db"));
        assert_eq!(file("sqlite+aiosqlite:///./gleaner.db").as_deref(), Some("./gleaner.db"));
        assert_eq!(file("sqlite+aiosqlite:////var/gleaner.db").as_deref(), Some("/var/gleaner.db"));
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("sqlite+aiosqlite://"), None);
    }

    #[test]
    fn addresses_of_python_drivers_are_understood() {
        let url =
            "postgresql+asyncpg://ann:s3cret@db.example:5433/resale?ssl=require&channel_binding=require";
        let Target::Postgres(options) = parse(url).unwrap() else { panic!("not PostgreSQL") };
        assert_eq!(
            (options.get_host(), options.get_port(), options.get_username(), options.get_database()),
            ("db.example", 5433, "ann", Some("resale"))
        );
        assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
    }

    #[test]
    fn a_wrong_address_gets_a_sentence_without_its_password() {
        for url in
            ["mysql://ann:s3cret@host/db", "gleaner.db", "sqlite:", "postgres://ann:s3cret@host:port/db"]
        {
            let error = parse(url).unwrap_err();
            assert_eq!(error.code(), "database_url_invalid", "{url}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn no_password_survives_redaction() {
        assert_eq!(redact("postgres://ann:s3cret@host:1/db"), "postgres://ann:***@host:1/db");
        assert_eq!(redact("postgres://ann@host/db"), "postgres://ann@host/db");
        assert_eq!(redact("sqlite:gleaner.db"), "sqlite:gleaner.db");
        for url in [
            "postgres://ann:s3cret/more@host/db",
            "postgres://ann:a@s3cret@host/db",
            "postgres://ann:why?s3cret@host/db",
            "postgres://host/db?user=ann&password=s3cret",
            "postgresql+asyncpg://ann:s3cret@host/db?sslpassword=s3cret",
        ] {
            assert!(!redact(url).contains("s3cret"), "{}", redact(url));
        }
    }
}
