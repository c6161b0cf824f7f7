//! `gleaner cache stats|purge|clear`

use std::io::IsTerminal;
use std::process::ExitCode;

use gleaner_engine::accounts::Act;
use gleaner_store::Caches;
use serde_json::json;

use crate::config::Config;
use crate::exit::usage;
use crate::output;

/// The caches: statistics, purge, clear.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Entries, live and expired, hits, hit ratio lately, ages, size.
    Stats {
        /// Hits and misses of the last so many hours.
        #[arg(long, default_value_t = 24)]
        hours: i64,
    },
    /// Remove what has expired. History and paid facts stay.
    Purge,
    /// Remove everything from the caches. History and paid facts stay.
    Clear {
        /// Which cache: discovery, scoring or all.
        #[arg(long, default_value = "all", value_parser = which)]
        cache: Caches,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

fn which(text: &str) -> Result<Caches, String> {
    match text {
        "discovery" => Ok(Caches::Discovery),
        "scoring" => Ok(Caches::Scoring),
        "all" => Ok(Caches::All),
        other => Err(format!("'{other}' is not a cache: use discovery, scoring or all")),
    }
}

fn word(cache: Caches) -> &'static str {
    match cache {
        Caches::Discovery => "discovery",
        Caches::Scoring => "scoring",
        Caches::All => "all",
    }
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    if let Action::Clear { yes: false, .. } = args.action
        && !asked()?
    {
        eprintln!("nothing was removed");
        return Ok(ExitCode::FAILURE);
    }
    let app = crate::app::start(&config, true).await?;
    let removed = match args.action {
        Action::Stats { hours } => {
            let report = app.engine.cache_report(Some(hours)).await?;
            if json {
                output::json(&report)?;
            } else {
                output::cache::print(&report)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Purge => app.engine.purge().await?,
        Action::Clear { cache, .. } => app.engine.clear(cache).await?,
    };
    let (action, subject) = match args.action {
        Action::Clear { cache, .. } => ("cache.clear", Some(word(cache).to_owned())),
        _ => ("cache.purge", None),
    };
    let gone = json!({"discovery": removed.discovery, "scoring": removed.scoring});
    super::note(&app.engine, Act::new(action, subject).with(gone)).await;
    if json {
        output::json(&removed)?;
    } else {
        output::cache::print_removed(removed)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn asked() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(usage("cache clear asks first, and nobody is there to answer: add --yes"));
    }
    super::confirmed("Empty the caches? What they hold has to be paid for again.")
}
