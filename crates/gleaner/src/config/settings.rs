//! The settings as they are written. To add one: an entry in the list below (its text is the reference
//! in `docs/`), a field in [`super::Config`], and its check in `Settings::check`.

use serde::{Deserialize, Serialize};

use super::KEEPA;

/// What is special about a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// No text: a number or a truth. All others are taken from the environment as they are, so that a key of
    /// digits does not become a number.
    Typed,
    /// Also read from the environment without the prefix, under the name that other programs know too.
    Bare,
    /// May stand in a file of its own, which `NAME_FILE` in the environment names.
    Secret,
}

/// A setting, for the environment, the messages and the reference.
#[derive(Debug)]
pub(super) struct Setting {
    /// Its name in the file; `GLEANER_NAME` in the environment.
    pub(super) name: &'static str,
    /// What it is, in Markdown.
    pub(super) about: &'static str,
    traits: &'static [Trait],
}

impl Setting {
    /// Whether it has this trait.
    pub(super) fn is(&self, wanted: Trait) -> bool {
        self.traits.contains(&wanted)
    }

    /// The variables it is read from; later ones win.
    pub(super) fn variables(&self) -> Vec<String> {
        let upper = self.name.to_ascii_uppercase();
        let prefixed = format!("GLEANER_{upper}");
        let mut all = if self.is(Trait::Bare) { vec![upper.clone(), prefixed] } else { vec![prefixed] };
        if self.is(Trait::Secret) {
            all.push(self.file_variable());
        }
        all
    }

    /// Its row in the reference.
    fn row(&self, default: &serde_json::Value) -> String {
        let variables: Vec<String> = self.variables().iter().map(|name| format!("`{name}`")).collect();
        let default = match default {
            serde_json::Value::Null => "none".to_owned(),
            serde_json::Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        format!("| `{}` | {} | {default} | {} |", self.name, variables.join(", "), self.about.trim())
    }

    /// The variable that names a file with its value.
    pub(super) fn file_variable(&self) -> String {
        format!("{}_FILE", self.name.to_ascii_uppercase())
    }
}

/// Writes the structure, its defaults and the list from one text each.
macro_rules! settings {
    ($($(#[doc = $about:literal])+ $name:ident: $kind:ty = $default:expr, [$($trait:ident),*];)+) => {
        /// The settings as they are written, with their defaults.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Settings {
            $($(#[doc = $about])+ pub(super) $name: $kind,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// Every setting, in the order of the reference.
        pub(super) const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            about: concat!($($about),+),
            traits: &[$(Trait::$trait),*],
        },)+];
    };
}

settings! {
    /// the Keepa key; without one the built-in marketplace is used
    keepa_api_key: Option<String> = None, [Bare, Secret];
    /// where Keepa is; another server needs a key too
    keepa_base_url: String = KEEPA.to_owned(), [Bare];
    /// how long an answer of Keepa's may take
    keepa_timeout: String = "120s".to_owned(), [];
    /// the longest automatic wait for tokens; beyond it the answer says how long to wait
    keepa_max_wait: String = "10s".to_owned(), [];
    /// tokens that jobs leave for people
    token_floor: i64 = 0, [Typed];
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`; without it a SQLite file in `data_dir`
    database_url: Option<String> = None, [Bare, Secret];
    /// where files are kept; without it the user's data folder (`~/.local/share/gleaner` on Linux)
    data_dir: Option<String> = None, [];
    /// SQLite: `normal` survives a crash of the program, `full` also a power cut
    durability: String = "normal".to_owned(), [];
    /// database connections
    pool_size: u32 = 4, [Typed];
    /// off for PostgreSQL behind a pooler in transaction mode
    statement_cache: bool = true, [Typed];
    /// where backups go; without it the folder `backups` beside the SQLite file, else in `data_dir`
    backup_dir: Option<String> = None, [];
    /// the time between two backups that `serve` makes; `0s`: none
    backup_every: String = "24h".to_owned(), [];
    /// how many backups are kept
    backup_keep: u32 = 7, [Typed];
    /// whether a database with rows is backed up before its schema is changed
    backup_before_migration: bool = true, [Typed];
    /// where months of the history are archived; without it the folder `archive` beside the SQLite file, else in `data_dir`
    archive_dir: Option<String> = None, [];
    /// where `serve` listens
    listen: String = "127.0.0.1:8080".to_owned(), [];
    /// where people find the server, for example `https://gleaner.example.org`: set it behind a reverse proxy
    public_url: Option<String> = None, [];
    /// more names the server may be called by, separated by commas
    allowed_hosts: String = String::new(), [];
    /// proxies whose `X-Forwarded-For` is believed: addresses or networks, separated by commas
    trusted_proxies: String = String::new(), [];
    /// how long a log-in lasts at most
    session_ttl: String = "30d".to_owned(), [];
    /// how long a log-in lasts that is not used
    session_idle: String = "7d".to_owned(), [];
    /// calls a minute that may spend tokens, by account and by address, where there are accounts; 0: no limit
    rate_limit: u32 = 600, [Typed];
    /// attempts to log in a minute, by account and by address
    login_limit: u32 = 10, [Typed];
    /// how long a call may take until its answer begins
    request_timeout: String = "5m".to_owned(), [];
    /// address of the identity provider (`OpenID` Connect) that people may log in through
    oidc_issuer: Option<String> = None, [];
    /// who Gleaner is to it
    oidc_client_id: Option<String> = None, [];
    /// Gleaner's password at it
    oidc_client_secret: Option<String> = None, [Secret];
    /// what is asked of it
    oidc_scopes: String = "openid profile email".to_owned(), [];
    /// what somebody may do who comes from it for the first time: `viewer`, `member`, `admin`, or `none`: only those whose
    /// e-mail address was added as an account come in
    oidc_role: String = "none".to_owned(), [];
    /// logs of `serve`: `text`, `json`, or `auto`: text on a terminal
    log_format: String = "auto".to_owned(), [];
    /// how much `serve` logs: `error`, `warn`, `info`, `debug`, or a filter such as `info,gleaner_engine=debug`
    log_level: String = "info".to_owned(), [];
    /// how long a discovery is an answer
    discovery_ttl: String = "24h".to_owned(), [];
    /// how long a score, and the facts under it, are an answer
    scoring_ttl: String = "6h".to_owned(), [];
    /// the mail server, `smtps://USER:PASSWORD@HOST` or `smtp://USER:PASSWORD@HOST:587?tls=required`; without it no mail
    smtp_url: Option<String> = None, [Secret];
    /// whom mail comes from, `Gleaner <gleaner@example.com>`
    mail_from: Option<String> = None, [];
    /// private networks that webhooks and ntfy may reach, `192.168.1.0/24, 127.0.0.1`; others are refused
    notify_allow: String = String::new(), [];
    /// an alert above so many entries in a cache
    alert_cache_entries: i64 = 10_000, [Typed];
    /// an alert when the entries of a cache are used less often than this on average
    alert_average_hits: f64 = 2.0, [Typed];
    /// an alert when more percent than this of a cache have expired
    alert_expired_percent: f64 = 20.0, [Typed];
    /// an alert below so many tokens; without it below `token_floor`; 0: never
    alert_tokens: Option<i64> = None, [Typed];
    /// an alert when a job fails or finds nothing so many times in a row; 0: never
    alert_job_misses: u32 = 3, [Typed];
    /// size of the built-in marketplace
    demo_products: u32 = 20_000, [Typed];
    /// what it is derived from
    demo_seed: u64 = 7, [Typed];
}

/// The reference of the settings, as a page of Markdown.
pub fn reference() -> String {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let rows: Vec<String> = SETTINGS.iter().map(|setting| setting.row(&defaults[setting.name])).collect();
    format!(
        "# Settings\n\nEvery setting with its default. [Configuration](configuration.md) tells where they are read \
         from.\n\n| in the file | in the environment | default | what it is |\n| --- | --- | --- | --- |\n{}",
        rows.join("\n")
    )
}
