//! The command line: global options and the list of commands.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    alerts, api_tokens, audit, backup, cache, categories, completions, db, discover, doctor, emulator,
    fee_cards, history, niche, notify, reference, restore, rules, score, serve, source, tokens, users,
};
use crate::config::{Config, Overrides};

/// Gleaner finds Amazon products worth reselling, for the fewest Keepa tokens.
///
/// Without a Keepa key it runs on a built-in synthetic marketplace and says so.
#[derive(Debug, Parser)]
#[command(
    name = "gleaner",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  gleaner discover --category Books --bsr 10000-50000 --price 15-60 --score
  gleaner score 0593655036 --condition used --cost 5.00
  gleaner serve --listen 127.0.0.1:8080

Exit codes: 0 it worked; 1 it failed, or there was nothing to show; 2 the request was wrong."
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    pub json: bool,
    /// Configuration file [default: gleaner.toml here, else in the user's configuration folder].
    #[arg(long, global = true, value_name = "FILE", env = "GLEANER_CONFIG")]
    pub config: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Say more on standard error (-v, -vv).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find products by category, sales rank and price.
    Discover(discover::Args),
    /// Score products by ASIN, or saved Keepa answers.
    Score(score::Args),
    /// Niches: saved searches that are run again and compared.
    Niche(niche::Args),
    /// The Keepa token account: balance, forecast, what was spent.
    Tokens(tokens::Args),
    /// The categories that searches accept.
    Categories(categories::Args),
    /// AutoSourcing: jobs that search by themselves, and what they picked.
    Source(source::Args),
    /// The rules: show, change, try, compare, restore.
    Rules(rules::Args),
    /// Fee cards: Amazon's prices, dated; show, check, replace, restore.
    FeeCards(fee_cards::Args),
    /// The caches: statistics, purge, clear.
    Cache(cache::Args),
    /// The permanent history: look through it, what it adds up to.
    History(history::Args),
    /// Tell people: channels, tests, what was delivered.
    Notify(notify::Args),
    /// What is wrong: list, acknowledge, silence.
    Alerts(alerts::Args),
    /// The database: migrate, roll back, status, verify.
    Db(db::Args),
    /// Write a backup of the database into a file, while it is in use.
    Backup(backup::Args),
    /// Replace what the database holds by a backup.
    Restore(restore::Args),
    /// Start the HTTP API.
    Serve(serve::Args),
    /// Look at everything a server needs, and say what to do about what is wrong.
    Doctor(doctor::Args),
    /// The accounts: list, add, change, disable.
    Users(users::Args),
    /// API tokens, with which programs come in: create, list, revoke.
    ApiTokens(api_tokens::Args),
    /// What administrators did.
    Audit(audit::Args),
    /// Run a local Keepa over a synthetic marketplace.
    Emulator(emulator::Args),
    /// Print a generated part of the documentation.
    #[command(hide = true)]
    Reference(reference::Args),
    /// Print a completion script for your shell.
    Completions(completions::Args),
}

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let global = &self.global;
        if !matches!(self.command, Command::Serve(_)) {
            crate::app::start_logging(global.verbose, None);
        }
        let config = || {
            let overrides = Overrides { database_url: global.database_url.clone() };
            Config::load(global.config.as_deref(), overrides)
        };
        match self.command {
            Command::Discover(args) => discover::run(args, config()?, global.json).await,
            Command::Score(args) => Box::pin(score::run(args, config, global.json)).await,
            Command::Niche(args) => Box::pin(niche::run(args, config()?, global.json)).await,
            Command::Tokens(args) => tokens::run(args, config()?, global.json).await,
            Command::Categories(args) => categories::run(&args, global.json),
            Command::Source(args) => source::run(args, config()?, global.json).await,
            Command::Rules(args) => rules::run(args, config()?, global.json).await,
            Command::FeeCards(args) => fee_cards::run(args, config()?, global.json).await,
            Command::Cache(args) => cache::run(args, config()?, global.json).await,
            Command::History(args) => history::run(args, config()?, global.json).await,
            Command::Notify(args) => notify::run(args, config()?, global.json).await,
            Command::Alerts(args) => alerts::run(args, config()?, global.json).await,
            Command::Db(args) => db::run(args, &config()?, global.json).await,
            Command::Doctor(_) => doctor::run(config(), global.json).await,
            Command::Serve(args) => {
                let config = config()?;
                crate::app::start_logging(global.verbose, Some(&config));
                serve::run(args, config).await
            }
            Command::Users(args) => users::run(args, config()?, global.json).await,
            Command::ApiTokens(args) => api_tokens::run(args, config()?, global.json).await,
            Command::Audit(args) => audit::run(&args, config()?, global.json).await,
            Command::Backup(args) => backup::run(args, &config()?, global.json).await,
            Command::Restore(args) => restore::run(args, &config()?, global.json).await,
            Command::Emulator(args) => emulator::run(args).await,
            Command::Reference(args) => reference::run(&args),
            Command::Completions(args) => Ok(completions::run(&args)),
        }
    }
}
