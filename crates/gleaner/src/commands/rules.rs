//! `gleaner rules show|set|diff|restore`

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use gleaner_core::rules::{RuleDocument, Strategy, diff};
use gleaner_engine::EngineError;
use gleaner_engine::rules::RulesEdit;

use crate::config::Config;
use crate::exit::usage;
use crate::output;

/// The rules: show, change, compare, restore.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner rules show balanced --json > rules.json
  gleaner rules set balanced rules.json --note 'higher profit for BUY'
  gleaner rules diff balanced 1 2
  gleaner rules restore balanced 1")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show a strategy's rules; with --json as a document that `set` takes.
    Show {
        /// balanced, velocity or textbook.
        strategy: Strategy,
        /// A version [default: the newest].
        #[arg(long)]
        version: Option<i64>,
    },
    /// Which versions there are, who saved them and what changed.
    Versions {
        /// balanced, velocity or textbook.
        strategy: Strategy,
    },
    /// Save a document as the next version.
    Set {
        /// balanced, velocity or textbook.
        strategy: Strategy,
        /// The document as JSON; - reads standard input.
        file: PathBuf,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// What changed from one version to another.
    Diff {
        /// balanced, velocity or textbook.
        strategy: Strategy,
        /// From this version.
        from: i64,
        /// To this version [default: the newest].
        to: Option<i64>,
    },
    /// Save an earlier version again as the newest.
    Restore {
        /// balanced, velocity or textbook.
        strategy: Strategy,
        /// Which version.
        version: i64,
    },
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let document = match &args.action {
        Action::Set { file, .. } => Some(read(file)?),
        _ => None,
    };
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    match args.action {
        Action::Show { strategy, version } => {
            let found = engine.rules_version(strategy, version).await?;
            if json { output::json(&found.document)? } else { output::rules::print(&found)? }
        }
        Action::Versions { strategy } => {
            let all = engine.rules_versions(strategy).await?;
            if json { output::json(&all)? } else { output::rules::versions(&all)? }
        }
        Action::Diff { strategy, from, to } => {
            let from = engine.rules_version(strategy, Some(from)).await?;
            let to = engine.rules_version(strategy, to).await?;
            let changes = diff(&from.document, &to.document);
            if json { output::json(&changes)? } else { output::rules::changes(&changes)? }
        }
        Action::Set { strategy, note, .. } => {
            let document = document.ok_or_else(|| usage("a document is needed"))?;
            save(&app, strategy, document, note, json).await?;
        }
        Action::Restore { strategy, version } => {
            let old = engine.rules_version(strategy, Some(version)).await?;
            save(&app, strategy, old.document, Some(format!("restores version {version}")), json).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn save(
    app: &crate::app::App,
    strategy: Strategy,
    document: RuleDocument,
    note: Option<String>,
    json: bool,
) -> anyhow::Result<()> {
    let based_on = app.engine.rules_version(strategy, None).await?.version;
    let author = std::env::var("USER").ok().filter(|user| !user.is_empty());
    let saved = app.engine.save_rules(RulesEdit { strategy, document, based_on, author, note }).await?;
    if json {
        return output::json(&saved);
    }
    if saved.version == based_on {
        return output::line(format!("nothing changed; version {based_on} stays"));
    }
    output::line(format!("saved as version {}", saved.version))?;
    output::rules::changes(&saved.changes)
}

fn read(file: &PathBuf) -> anyhow::Result<RuleDocument> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else {
        std::fs::read_to_string(file).map_err(|e| usage(format!("{} cannot be read: {e}", file.display())))?
    };
    Ok(RuleDocument::parse(&text).map_err(EngineError::Invalid)?)
}
