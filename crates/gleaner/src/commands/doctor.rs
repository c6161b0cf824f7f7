//! `gleaner doctor`

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gleaner_engine::{Clock, SystemClock};
use gleaner_store::{ConnectOptions, Store};
use serde::Serialize;

use crate::config::Config;
use crate::output;

/// The least free space a database needs to go on for a while.
const LITTLE_SPACE: u64 = 1 << 30;
/// So little that the next commits may fail.
const NO_SPACE: u64 = 100 << 20;
/// How far this machine's clock may be from another's.
const CLOCK: i64 = 120;
/// How long anything that is tried may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Look at everything a server needs, and say what to do about what is wrong. Spends no token, changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner doctor
  gleaner doctor --json | jq '.checks[] | select(.status != \"ok\")'

Exit codes: 0 nothing is wrong; 1 something is.")]
pub struct Args {}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, but look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// One after the other.
    pub checks: Vec<Check>,
}

impl Report {
    fn add(&mut self, name: &'static str, status: Status, detail: impl Into<String>, advice: &str) {
        self.ok &= status != Status::Fail;
        let advice = (!advice.is_empty()).then(|| advice.to_owned());
        self.checks.push(Check { name, status, detail: detail.into(), advice });
    }
}

/// Runs the command.
pub async fn run(config: anyhow::Result<Config>, json: bool) -> anyhow::Result<ExitCode> {
    let mut report = Report { ok: true, checks: Vec::new() };
    match config {
        Err(error) => {
            let advice = "mend it, then run this again: nothing else was looked at";
            report.add("configuration", Status::Fail, error.to_string(), advice);
        }
        Ok(config) => {
            report.add("configuration", Status::Ok, "readable and complete", "");
            let store = database(&config, &mut report).await;
            access(&config, store.as_ref(), &mut report).await;
            let keepa = key(&config, &mut report).await;
            clock(store.as_ref(), keepa, &mut report).await;
            disk(&config, &mut report);
            provider(&config, &mut report).await;
        }
    }
    if json {
        output::json(&report)?;
    } else {
        output::doctor::print(&report)?;
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the database answers, is ours, and is as this program expects it.
async fn database(config: &Config, report: &mut Report) -> Option<Store> {
    let file = sqlite_file(config);
    if file.as_ref().is_some_and(|file| !file.exists()) {
        let place = file.map(|file| file.display().to_string()).unwrap_or_default();
        report.add(
            "database",
            Status::Warn,
            format!("{place} does not exist yet"),
            "it is made at the first start",
        );
        return None;
    }
    let options = ConnectOptions { create: false, ..ConnectOptions::new(&config.database_url) };
    let store = match Store::connect(&options).await {
        Ok(store) => store,
        Err(error) => {
            let advice = "check database_url, and that the server runs and lets this user in";
            report.add("database", Status::Fail, error.to_string(), advice);
            return None;
        }
    };
    if let Err(error) = store.ping().await {
        report.add("database", Status::Fail, error.to_string(), "look at the database's own log");
        return None;
    }
    report.add("database", Status::Ok, format!("{} answers", store.redacted_url()), "");
    match store.is_current().await {
        Err(error) => report.add("schema", Status::Fail, error.to_string(), "look at the database's own log"),
        Ok(false) => {
            let advice = "`gleaner db migrate` brings it up to date; `serve` does so at its start";
            report.add("schema", Status::Warn, "not up to date", advice);
        }
        Ok(true) => match store.verify().await {
            Ok(verified) if verified.ok => report.add("schema", Status::Ok, "up to date and as expected", ""),
            Ok(_) => {
                report.add(
                    "schema",
                    Status::Fail,
                    "differs from what is expected",
                    "see `gleaner db verify`",
                );
            }
            Err(error) => report.add("schema", Status::Fail, error.to_string(), "see `gleaner db verify`"),
        },
    }
    if let Ok(Some(found)) = store.upstream().await
        && found != config.upstream()
    {
        let detail = format!("filled by {found}, and the configuration says {}", config.upstream());
        let advice = "use another database: facts of one never mix with another's";
        report.add("upstream", Status::Fail, detail, advice);
    }
    Some(store)
}

/// Whether whoever can reach the server needs an account, and has one.
async fn access(config: &Config, store: Option<&Store>, report: &mut Report) {
    let open = config.serving.public_url.is_some() || !config.listen.ip().is_loopback();
    let accounts = match store {
        Some(store) => store.has_users().await.unwrap_or(false),
        None => false,
    };
    let place = match &config.serving.public_url {
        Some(url) => format!("reached at {url}, listening on {}", config.listen),
        None => format!("listening on {}", config.listen),
    };
    match (open, accounts) {
        (true, false) => {
            let advice =
                "create the first account with `gleaner users add NAME`: `serve` does not start without";
            report.add("access", Status::Fail, format!("{place}, without accounts"), advice);
        }
        (false, false) => report.add("access", Status::Ok, format!("{place}, without accounts"), ""),
        (_, true) => report.add("access", Status::Ok, format!("{place}, with accounts"), ""),
    }
}

/// Whether Keepa is reached and takes the key; its balance is free to ask for. The time there, if it says so.
async fn key(config: &Config, report: &mut Report) -> Option<DateTime<Utc>> {
    let Some(key) = &config.keepa_api_key else {
        let advice = "set KEEPA_API_KEY for real products";
        report.add("key", Status::Ok, "none: demo data, a synthetic marketplace", advice);
        return None;
    };
    let client = keepa::Client::builder(key.clone())
        .base_url(config.keepa_base_url.clone())
        .timeout(PATIENCE)
        .max_wait(Duration::ZERO)
        .build();
    let status = match client {
        Ok(client) => client.token_status().await,
        Err(error) => Err(error),
    };
    match status {
        Ok(status) => {
            let left =
                status.tokens_left.map_or_else(|| "an unknown number of".to_owned(), |n| n.to_string());
            report.add(
                "key",
                Status::Ok,
                format!("{} takes it, {left} tokens left", config.keepa_base_url),
                "",
            );
            status.timestamp_ms.and_then(DateTime::from_timestamp_millis)
        }
        Err(error) => {
            let advice = match error.kind() {
                "keepa_unreachable" | "keepa_timeout" | "keepa_transport" => {
                    "check keepa_base_url and that this machine reaches the internet"
                }
                _ => "check the key at https://keepa.com/#!api",
            };
            report.add("key", Status::Fail, error.to_string(), advice);
            None
        }
    }
}

/// Whether this machine's clock agrees with the database's and with Keepa's.
async fn clock(store: Option<&Store>, keepa: Option<DateTime<Utc>>, report: &mut Report) {
    let now = SystemClock.now();
    let database = match store {
        Some(store) => store.clock().await.ok(),
        None => None,
    };
    let others = [("the database's", database), ("Keepa's", keepa)];
    let wrong = others.iter().find_map(|(whose, at)| {
        let seconds = (now - (*at)?).num_seconds();
        (seconds.abs() > CLOCK).then(|| format!("{seconds} seconds from {whose}"))
    });
    match wrong {
        Some(detail) => report.add("clock", Status::Fail, detail, "set the clock: answers expire by it"),
        None => report.add("clock", Status::Ok, now.format("%Y-%m-%d %H:%M:%S UTC").to_string(), ""),
    }
}

/// Whether there is space left where the data is.
fn disk(config: &Config, report: &mut Report) {
    let Some(file) = sqlite_file(config) else { return };
    // The nearest folder that exists is on the disk where the file is, or will be.
    let Some(folder) =
        file.ancestors().skip(1).find(|folder| folder.is_dir() || folder.as_os_str().is_empty())
    else {
        return;
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Some(free) = free_bytes(folder) else { return };
    let detail = format!("{} MB free at {}", free >> 20, folder.display());
    let advice = "make room, or move the data with data_dir or database_url";
    let (status, advice) = match free {
        0..NO_SPACE => (Status::Fail, advice),
        NO_SPACE..LITTLE_SPACE => (Status::Warn, advice),
        _ => (Status::Ok, ""),
    };
    report.add("disk", status, detail, advice);
}

/// Whether the identity provider answers.
async fn provider(config: &Config, report: &mut Report) {
    let Some(options) = &config.serving.oidc else { return };
    match gleaner_server::try_provider(options.clone()).await {
        Ok(()) => report.add("identity provider", Status::Ok, format!("{} answers", options.issuer), ""),
        Err(reason) => {
            let advice = "check oidc_issuer, exactly as the provider calls itself";
            report.add("identity provider", Status::Fail, reason, advice);
        }
    }
}

/// The file of a SQLite database.
fn sqlite_file(config: &Config) -> Option<std::path::PathBuf> {
    let path = config.database_url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default();
    (!path.is_empty() && path != ":memory:").then(|| path.into())
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(folder).ok()?;
    space.f_bavail.checked_mul(space.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
