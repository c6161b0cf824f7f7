//! Configuration: file, environment, `.env`, flags; later ones win.
//!
//! Every setting has one name: `name` in the file, `GLEANER_NAME` in the environment. The three that
//! other programs know too are also read as `DATABASE_URL`, `KEEPA_API_KEY` and `KEEPA_BASE_URL`.
//! Secrets can be read from a file: `KEEPA_API_KEY_FILE`, `DATABASE_URL_FILE`. The list is in [`settings`].

mod serving;
mod settings;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use directories::ProjectDirs;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use gleaner_engine::backup::BackupPlan;
use secrecy::SecretString;
use serde::Serialize;

use crate::exit::usage;
pub use serving::LogFormat;
pub use settings::reference;
use settings::{SETTINGS, Setting, Settings, Trait};

/// Keepa itself.
pub const KEEPA: &str = "https://api.keepa.com";

/// What the command line says over everything else.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Overrides {
    /// `--database-url`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
}

/// The configuration, checked.
#[derive(Clone)]
pub struct Config {
    /// Where the data is.
    pub database_url: String,
    /// The Keepa key; without one the built-in marketplace is used.
    pub keepa_api_key: Option<SecretString>,
    /// Where Keepa is.
    pub keepa_base_url: String,
    /// The longest automatic wait when Keepa has no tokens.
    pub keepa_max_wait: Duration,
    /// How long an answer of Keepa's may take.
    pub keepa_timeout: Duration,
    /// Tokens that jobs leave for people.
    pub token_floor: i64,
    /// Where to listen.
    pub listen: std::net::SocketAddr,
    /// What the server is told about who may come in; whether it needs accounts is decided when it listens.
    pub serving: gleaner_server::Options,
    /// How long a session lasts at most.
    pub session_ttl: Duration,
    /// How long a session lasts that is not used.
    pub session_idle: Duration,
    /// How the server logs.
    pub log_format: serving::LogFormat,
    /// How much it logs.
    pub log_level: String,
    /// How long a discovery is an answer.
    pub discovery_ttl: Duration,
    /// How long a score is an answer.
    pub scoring_ttl: Duration,
    /// What an acknowledged answer survives.
    pub durability: gleaner_store::Durability,
    /// Database connections.
    pub pool_size: u32,
    /// Whether statements stay prepared.
    pub statement_cache: bool,
    /// Backups.
    pub backups: BackupPlan,
    /// Whether one is made before the schema is changed.
    pub backup_before_migration: bool,
    /// Where months of the history are archived.
    pub archive_dir: PathBuf,
    /// How people are told.
    pub notify: gleaner_engine::notices::Settings,
    /// What alerts are measured against.
    pub alerts: gleaner_engine::alerts::AlertThresholds,
    /// Size of the built-in marketplace.
    pub demo_products: u32,
    /// Seed of the built-in marketplace.
    pub demo_seed: u64,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key and the database's password stay out of every log.
        f.debug_struct("Config").field("keepa_base_url", &self.keepa_base_url).finish_non_exhaustive()
    }
}

impl Config {
    /// Whether the built-in synthetic marketplace is used.
    pub fn demo(&self) -> bool {
        self.keepa_api_key.is_none()
    }

    /// Who fills the database: facts of one never mix with another's.
    pub fn upstream(&self) -> String {
        if self.demo() {
            return format!("demo:{}", self.demo_seed);
        }
        let host = self.keepa_base_url.split("://").nth(1).unwrap_or(&self.keepa_base_url);
        // Whatever stands before an @ is a secret.
        let host = host.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        // The port says nothing about who answers: a local server may get another one tomorrow.
        if host == "api.keepa.com" { "keepa".to_owned() } else { format!("server:{host}") }
    }

    /// Reads and checks the configuration.
    pub fn load(file: Option<&Path>, overrides: Overrides) -> anyhow::Result<Self> {
        // What is not there cannot be wrong; what is there and unreadable must be told.
        match dotenvy::from_path(".env") {
            Ok(()) => {}
            Err(error) if error.not_found() => {}
            // What stands in the line may be a key: it is not repeated.
            Err(dotenvy::Error::LineParse(..)) => {
                return Err(usage(
                    "the file .env has a line that is not NAME=VALUE: quote values with spaces",
                ));
            }
            Err(error) => return Err(usage(format!("the file .env cannot be read: {error}"))),
        }
        let mut figment = Figment::from(Serialized::defaults(Settings::default()));
        if let Some(path) = config_file(file)? {
            figment = figment.merge(Toml::file_exact(path));
        }
        figment = figment
            .merge(Env::prefixed("GLEANER_").only(&names(|setting| setting.is(Trait::Typed))))
            .merge(Serialized::defaults(texts_from_environment()?))
            .merge(Serialized::defaults(overrides));
        let settings: Settings = figment.extract().map_err(|errors| {
            let all: Vec<String> = errors.into_iter().map(|error| describe(&error)).collect();
            usage(all.join("\n"))
        })?;
        settings.check()
    }
}

impl Settings {
    fn check(self) -> anyhow::Result<Config> {
        let serving = self.serving()?;
        let key = self.keepa_api_key.map(|k| k.trim().to_owned()).filter(|k| !k.is_empty());
        if key.as_ref().is_some_and(|k| !k.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))) {
            return Err(wrong(
                "keepa_api_key",
                "has characters that no Keepa key has (it is not shown here)",
            ));
        }
        let base = self.keepa_base_url.trim_end_matches('/').to_owned();
        if !(base.starts_with("https://") || base.starts_with("http://")) {
            return Err(wrong("keepa_base_url", &format!("'{base}' must start with https:// or http://")));
        }
        if base != KEEPA && key.is_none() {
            return Err(usage(format!(
                "keepa_base_url is set to {base}, but there is no key for it: set KEEPA_API_KEY in the environment or \
                 in .env, or keepa_api_key in the configuration file; without both, the built-in marketplace is used"
            )));
        }
        let demo = key.is_none();
        let database_url = match self.database_url.map(|u| u.trim().to_owned()).filter(|u| !u.is_empty()) {
            Some(url) => url,
            None => default_database(&data_dir(self.data_dir.as_deref())?, demo),
        };
        let beside =
            |set: Option<String>, name: &str| beside(set, &database_url, self.data_dir.as_deref(), name);
        Ok(Config {
            serving,
            session_ttl: duration("session_ttl", &self.session_ttl, false)?,
            session_idle: duration("session_idle", &self.session_idle, false)?,
            log_format: self.log_format.parse().map_err(|what: String| wrong("log_format", &what))?,
            log_level: serving::log_level(self.log_level)?,
            backups: BackupPlan {
                folder: beside(self.backup_dir, "backups")?,
                every: duration("backup_every", &self.backup_every, true)?,
                keep: usize::try_from(bounded("backup_keep", self.backup_keep, 1..=10_000)?)?,
            },
            backup_before_migration: self.backup_before_migration,
            archive_dir: beside(self.archive_dir, "archive")?,
            database_url,
            keepa_api_key: key.map(SecretString::from),
            keepa_base_url: base,
            keepa_max_wait: duration("keepa_max_wait", &self.keepa_max_wait, true)?,
            keepa_timeout: duration("keepa_timeout", &self.keepa_timeout, false)?,
            token_floor: match self.token_floor {
                floor @ 0..=100_000 => floor,
                other => return Err(wrong("token_floor", &format!("{other} must be 0 to 100000"))),
            },
            listen: self
                .listen
                .parse()
                .map_err(|_| wrong("listen", &format!("'{}' must be like 127.0.0.1:8080", self.listen)))?,
            discovery_ttl: duration("discovery_ttl", &self.discovery_ttl, false)?,
            scoring_ttl: duration("scoring_ttl", &self.scoring_ttl, false)?,
            durability: match self.durability.as_str() {
                "normal" => gleaner_store::Durability::Normal,
                "full" => gleaner_store::Durability::Full,
                other => return Err(wrong("durability", &format!("'{other}' must be normal or full"))),
            },
            pool_size: bounded("pool_size", self.pool_size, 1..=100)?,
            statement_cache: self.statement_cache,
            notify: notify(self.smtp_url, self.mail_from, &self.notify_allow)?,
            alerts: gleaner_engine::alerts::AlertThresholds {
                cache_entries: at_least("alert_cache_entries", self.alert_cache_entries, 1)?,
                average_hits: share("alert_average_hits", self.alert_average_hits, 1_000_000.0)?,
                expired_percent: share("alert_expired_percent", self.alert_expired_percent, 100.0)?,
                tokens: at_least("alert_tokens", self.alert_tokens.unwrap_or(self.token_floor), 0)?,
                job_misses: bounded("alert_job_misses", self.alert_job_misses, 0..=1_000)?,
            },
            demo_products: bounded("demo_products", self.demo_products, 1..=1_000_000)?,
            demo_seed: self.demo_seed,
        })
    }
}

/// How people are told. What a sender would stumble over is told now.
fn notify(
    smtp_url: Option<String>,
    mail_from: Option<String>,
    allow: &str,
) -> anyhow::Result<gleaner_engine::notices::Settings> {
    use gleaner_engine::notices::{MailSettings, Settings};

    let mail = match (smtp_url, mail_from) {
        (Some(url), Some(from)) => Some(MailSettings { url: url.into(), from }),
        (None, None) => None,
        (Some(_), None) => return Err(wrong("mail_from", "must be set when smtp_url is")),
        (None, Some(_)) => return Err(wrong("smtp_url", "must be set when mail_from is")),
    };
    if let Some(mail) = &mail {
        mail.check().map_err(|error| usage(format!("setting {error}")))?;
    }
    let allowed = allow.parse().map_err(|error: String| wrong("notify_allow", &error))?;
    Ok(Settings { allowed, mail, ..Settings::default() })
}

fn at_least(name: &str, value: i64, least: i64) -> anyhow::Result<i64> {
    if value >= least { Ok(value) } else { Err(wrong(name, &format!("{value} must be {least} or more"))) }
}

fn share(name: &str, value: f64, most: f64) -> anyhow::Result<f64> {
    if (0.0..=most).contains(&value) {
        Ok(value)
    } else {
        Err(wrong(name, &format!("{value} must be 0 to {most}")))
    }
}

/// A sentence about a setting, with the places it is looked for.
fn wrong(name: &str, what: &str) -> anyhow::Error {
    usage(format!("setting {name}: {what} (looked for in {})", places(name)))
}

fn places(name: &str) -> String {
    let variables = SETTINGS.iter().find(|setting| setting.name == name).map(Setting::variables);
    format!(
        "{name} in the configuration file, {} in the environment or .env",
        variables.unwrap_or_default().join(" or ")
    )
}

/// The names of some settings.
fn names(wanted: impl Fn(&Setting) -> bool) -> Vec<&'static str> {
    SETTINGS.iter().filter(|setting| wanted(setting)).map(|setting| setting.name).collect()
}

fn describe(error: &figment::Error) -> String {
    let name = error.path.first().map_or_else(String::new, |name| name.to_ascii_lowercase());
    let place = error.metadata.as_ref().map(|m| {
        let source = m.source.as_ref().map(|s| format!(" {s}")).unwrap_or_default();
        format!("{}{source}", m.name)
    });
    let found = place.map(|p| format!("; found in {p}")).unwrap_or_default();
    match &error.kind {
        figment::error::Kind::UnknownField(field, _) => {
            format!("unknown setting '{field}'{found}; the settings are {}", names(|_| true).join(", "))
        }
        kind if name.is_empty() => format!("the configuration cannot be read: {kind}{found}"),
        kind => format!("setting {name}: {kind}{found} (looked for in {})", places(&name)),
    }
}

fn duration(name: &str, text: &str, zero: bool) -> anyhow::Result<Duration> {
    let parsed = humantime::parse_duration(text)
        .map_err(|e| wrong(name, &format!("'{text}' is not a duration such as 24h, 30m or 10s: {e}")))?;
    if parsed.is_zero() && !zero {
        return Err(wrong(name, "must be longer than nothing"));
    }
    if parsed > Duration::from_hours(24 * 366) {
        return Err(wrong(name, &format!("'{text}' is longer than a year")));
    }
    Ok(parsed)
}

fn bounded(name: &str, value: u32, range: std::ops::RangeInclusive<u32>) -> anyhow::Result<u32> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(wrong(name, &format!("{value} must be {} to {}", range.start(), range.end())))
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "gleaner")
}

/// The file that was named, else the first that exists.
fn config_file(named: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = named {
        if !path.is_file() {
            return Err(usage(format!("the configuration file {} does not exist", path.display())));
        }
        return Ok(Some(path.to_owned()));
    }
    let usual = project().map(|dirs| dirs.config_dir().join("gleaner.toml"));
    Ok([Some(PathBuf::from("gleaner.toml")), usual].into_iter().flatten().find(|path| path.is_file()))
}

/// Where files are kept: the folder that was set, else the user's data folder.
fn data_dir(set: Option<&str>) -> anyhow::Result<PathBuf> {
    if let Some(path) = set.map(str::trim).filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let dirs = project().ok_or_else(|| {
        usage(format!("there is no home folder to keep data in: set data_dir ({})", places("data_dir")))
    })?;
    Ok(dirs.data_dir().to_owned())
}

/// A folder for files that belong to a database: the one that was set, else one beside its file, else in the data folder.
fn beside(
    set: Option<String>,
    database_url: &str,
    data: Option<&str>,
    name: &str,
) -> anyhow::Result<PathBuf> {
    if let Some(path) = set.map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let file = gleaner_store::sqlite_file(database_url);
    match file.as_deref().and_then(Path::parent) {
        Some(folder) => Ok(folder.join(name)),
        None => Ok(data_dir(data)?.join(name)),
    }
}

/// Demo data has a database of its own.
fn default_database(data_dir: &Path, demo: bool) -> String {
    let file = if demo { "demo.db" } else { "gleaner.db" };
    format!("sqlite:{}", data_dir.join(file).display())
}

/// The settings that are texts, as they stand in the environment.
fn texts_from_environment() -> anyhow::Result<std::collections::BTreeMap<&'static str, String>> {
    let mut texts = std::collections::BTreeMap::new();
    for setting in SETTINGS.iter().filter(|setting| !setting.is(Trait::Typed)) {
        for variable in setting.variables() {
            match std::env::var(&variable) {
                Ok(path) if setting.is(Trait::Secret) && variable == setting.file_variable() => {
                    let text = std::fs::read_to_string(&path)
                        .map_err(|e| usage(format!("{variable} names {path}, which cannot be read: {e}")))?;
                    texts.insert(setting.name, text.trim().to_owned());
                }
                Ok(text) => drop(texts.insert(setting.name, text)),
                Err(std::env::VarError::NotPresent) => {}
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(wrong(setting.name, &format!("{variable} is not valid text")));
                }
            }
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_and_paid_facts_have_different_upstreams() {
        let config = |key: Option<&str>, base: &str| {
            let settings = Settings {
                database_url: Some("sqlite:x".to_owned()),
                keepa_api_key: key.map(str::to_owned),
                keepa_base_url: base.to_owned(),
                ..Settings::default()
            };
            settings.check().unwrap()
        };
        assert_eq!(config(None, KEEPA).upstream(), "demo:7");
        assert_eq!(config(Some("k"), KEEPA).upstream(), "keepa");
        assert_eq!(config(Some("k"), "http://127.0.0.1:8090/").upstream(), "server:127.0.0.1");
    }

    #[test]
    fn a_wrong_value_names_the_setting_and_where_it_is_looked_for() {
        let base = || Settings { database_url: Some("sqlite:x".to_owned()), ..Settings::default() };
        for (settings, name, place) in [
            (
                Settings { discovery_ttl: "soon".to_owned(), ..base() },
                "discovery_ttl",
                "GLEANER_DISCOVERY_TTL",
            ),
            (Settings { scoring_ttl: "0s".to_owned(), ..base() }, "scoring_ttl", "GLEANER_SCORING_TTL"),
            (Settings { listen: "8080".to_owned(), ..base() }, "listen", "GLEANER_LISTEN"),
            (Settings { pool_size: 0, ..base() }, "pool_size", "GLEANER_POOL_SIZE"),
            (Settings { durability: "yes".to_owned(), ..base() }, "durability", "GLEANER_DURABILITY"),
            (Settings { keepa_base_url: "x".to_owned(), ..base() }, "keepa_base_url", "KEEPA_BASE_URL"),
        ] {
            let message = settings.check().unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(place), "{message}");
        }
    }

    #[test]
    fn a_key_never_shows() {
        let settings = Settings {
            database_url: Some("sqlite:x".to_owned()),
            keepa_api_key: Some("s3cret key".to_owned()),
            ..Settings::default()
        };
        assert!(!settings.clone().check().unwrap_err().to_string().contains("s3cret"));
        let good = Settings { keepa_api_key: Some("s3cret".to_owned()), ..settings };
        assert!(!format!("{:?}", good.check().unwrap()).contains("s3cret"));
    }
}
