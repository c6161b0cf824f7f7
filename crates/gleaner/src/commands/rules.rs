//! `gleaner rules list|show|versions|preview|set|edit|diff|restore`

use std::path::Path;
use std::process::ExitCode;

use gleaner_core::rules::{RuleDocument, Strategy, diff};
use gleaner_engine::accounts::Act;
use gleaner_engine::export::rules_versions_sheet;
use gleaner_engine::preview::DEFAULT_EXAMPLES;
use gleaner_engine::rules::{RulesEdit, RulesVersion};
use gleaner_engine::{Engine, EngineError};
use serde_json::json;

use crate::config::Config;
use crate::exit::usage;
use crate::output::export::ToFile;
use crate::output::{self, progress};

/// The rules: show, change, try, compare, restore.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner rules show balanced
  gleaner rules preview balanced buy.roi=35
  gleaner rules set balanced buy.roi=35 max_rank=250000 --note 'fewer slow sellers'
  gleaner rules edit balanced
  gleaner rules show balanced --json > rules.json
  gleaner rules set balanced rules.json
  gleaner rules diff balanced 1 2
  gleaner rules versions balanced --output versions.csv
  gleaner rules restore balanced 1")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The strategies with what they ask for.
    List,
    /// Show a strategy's rules; with --json as a document that `set` takes.
    Show {
        #[command(flatten)]
        which: Which,
        /// A version [default: the newest].
        #[arg(long)]
        version: Option<i64>,
    },
    /// Which versions there are, who saved them and what changed.
    Versions {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        file: ToFile,
    },
    /// What other rules would change, at no token; nothing is saved.
    Preview {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Change,
        /// Products shown for each kind of change.
        #[arg(long, default_value_t = DEFAULT_EXAMPLES)]
        examples: usize,
    },
    /// Save other rules as the next version.
    Set {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        save: Save,
    },
    /// Change the rules in your editor ($VISUAL or $EDITOR), see what changes, then save.
    Edit {
        #[command(flatten)]
        which: Which,
        /// Save without asking.
        #[arg(long)]
        yes: bool,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// What changed from one version to another.
    Diff {
        #[command(flatten)]
        which: Which,
        /// From this version.
        from: i64,
        /// To this version [default: the newest].
        to: Option<i64>,
    },
    /// Save an earlier version again as the newest.
    Restore {
        #[command(flatten)]
        which: Which,
        /// Which version.
        version: i64,
        #[command(flatten)]
        save: Save,
    },
}

/// Whose rules.
#[derive(Debug, clap::Args)]
struct Which {
    /// balanced, velocity or textbook.
    strategy: Strategy,
}

/// Other rules.
#[derive(Debug, clap::Args)]
struct Change {
    /// A file with a document as JSON (- reads standard input), or single values as PATH=VALUE.
    #[arg(required = true, value_name = "FILE or PATH=VALUE")]
    change: Vec<String>,
}

/// How to save.
#[derive(Debug, clap::Args)]
struct Save {
    /// Why.
    #[arg(long)]
    note: Option<String>,
    /// Refuse when somebody saved a version after this one.
    #[arg(long, value_name = "VERSION")]
    based_on: Option<i64>,
}

impl Change {
    /// The document that is meant, over the newest one.
    fn over(&self, newest: &RuleDocument) -> anyhow::Result<RuleDocument> {
        let read = match self.change.as_slice() {
            [file] if !file.contains('=') => RuleDocument::parse(&super::read_text(Path::new(file))?),
            pairs => newest.set(pairs),
        };
        read.map_err(|errors| super::mistakes(&errors))
    }
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    match args.action {
        Action::List => {
            let all = engine.rules_list().await?;
            if json { output::json(&all)? } else { output::rules::list(&all)? }
        }
        Action::Show { which, version } => {
            let found = engine.rules_version(which.strategy, version).await?;
            if json { output::json(&found.document)? } else { output::rules::print(&found)? }
        }
        Action::Versions { which, file } => {
            let all = engine.rules_versions(which.strategy).await?;
            file.write(|| rules_versions_sheet(&all, engine.now()))?;
            if json { output::json(&all)? } else { output::rules::versions(&all)? }
        }
        Action::Diff { which, from, to } => {
            let found = engine.rules_diff(which.strategy, from, to).await?;
            if json { output::json(&found.changes)? } else { output::rules::changes(&found.changes)? }
        }
        Action::Preview { which, change, examples } => {
            let newest = engine.rules_version(which.strategy, None).await?;
            let document = change.over(&newest.document)?;
            let changes = diff(&newest.document, &document);
            let preview = preview(engine, which.strategy, document, examples).await?;
            if json {
                output::json(&preview)?;
            } else {
                output::rules::changes(&changes)?;
                output::preview::print(&preview)?;
            }
        }
        Action::Set { which, change, save } => {
            let newest = engine.rules_version(which.strategy, None).await?;
            let document = change.over(&newest.document)?;
            let based_on = save.based_on.unwrap_or(newest.version);
            keep(engine, which.strategy, document, based_on, save.note, json).await?;
        }
        Action::Edit { which, yes, note } => return edit(engine, which.strategy, yes, note, json).await,
        Action::Restore { which, version, save } => {
            let newest = engine.rules_version(which.strategy, None).await?.version;
            let based_on = save.based_on.unwrap_or(newest);
            let saved = engine
                .restore_rules(which.strategy, version, based_on, Some(super::user()), save.note)
                .await?;
            note_version(engine, "rules.restore", &saved, newest).await;
            told(&saved, newest, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn preview(
    engine: &Engine,
    strategy: Strategy,
    document: RuleDocument,
    examples: usize,
) -> Result<gleaner_engine::preview::Preview, EngineError> {
    let progress = progress::spinner("judging every stored product");
    let preview = engine.preview_rules(strategy, document, examples).await;
    progress.finish_and_clear();
    preview
}

async fn keep(
    engine: &Engine,
    strategy: Strategy,
    document: RuleDocument,
    based_on: i64,
    note: Option<String>,
    json: bool,
) -> anyhow::Result<()> {
    let edit = RulesEdit { strategy, document, based_on, author: Some(super::user()), note };
    let saved = engine.save_rules(edit).await?;
    note_version(engine, "rules.set", &saved, based_on).await;
    told(&saved, based_on, json)
}

/// Notes a version that is new.
async fn note_version(engine: &Engine, action: &str, saved: &RulesVersion, before: i64) {
    if saved.version != before {
        let act = Act::new(action, Some(saved.strategy.to_string()));
        super::note(engine, act.with(json!({"version": saved.version, "note": saved.note}))).await;
    }
}

fn told(saved: &RulesVersion, before: i64, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(saved);
    }
    if saved.version == before {
        return output::line(format!("nothing changed; version {before} stays"));
    }
    output::line(format!("saved as version {}", saved.version))?;
    output::rules::changes(&saved.changes)
}

/// Opens the document in an editor until it is right or given up, shows what it changes, asks, and saves.
async fn edit(
    engine: &Engine,
    strategy: Strategy,
    yes: bool,
    note: Option<String>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let newest = engine.rules_version(strategy, None).await?;
    let text = serde_json::to_string_pretty(&newest.document)? + "\n";
    let file =
        std::env::temp_dir().join(format!("gleaner-{strategy}-{}.json", uuid::Uuid::now_v7().simple()));
    std::fs::write(&file, text).map_err(|e| usage(format!("{} cannot be written: {e}", file.display())))?;
    let document = loop {
        super::open_editor(&file)?;
        match RuleDocument::parse(&super::read_text(&file)?) {
            Ok(document) => break document,
            Err(errors) => {
                for error in &errors {
                    eprintln!("gleaner: {error}");
                }
                // Nothing that was typed is lost: the file stays where it is.
                if !super::asked("Open it again?")? {
                    return Err(kept(&file));
                }
            }
        }
    };
    let changes = diff(&newest.document, &document);
    if changes.is_empty() {
        std::fs::remove_file(&file)?;
        output::line(format!("nothing changed; version {} stays", newest.version))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !json {
        output::rules::changes(&changes)?;
        output::preview::print(&preview(engine, strategy, document.clone(), DEFAULT_EXAMPLES).await?)?;
    }
    if !yes && !super::asked(&format!("Save as version {}?", newest.version + 1))? {
        return Err(kept(&file));
    }
    keep(engine, strategy, document, newest.version, note, json).await?;
    std::fs::remove_file(&file)?;
    Ok(ExitCode::SUCCESS)
}

fn kept(file: &Path) -> anyhow::Error {
    usage(format!("nothing saved; what you wrote is in {}", file.display()))
}
