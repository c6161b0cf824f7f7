//! `gleaner fee-cards list|show|versions|check|set|restore`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gleaner_core::fee_card::FeeCard;
use gleaner_core::rules::Strategy;
use gleaner_engine::Engine;
use gleaner_engine::accounts::Act;
use gleaner_engine::export::fee_card_versions_sheet;
use gleaner_engine::fee_cards::{FeeCardEdit, FeeCardVersion};
use gleaner_engine::preview::DEFAULT_EXAMPLES;
use serde_json::json;

use crate::config::Config;
use crate::exit::usage;
use crate::output::export::ToFile;
use crate::output::{self, progress};

/// Fee cards: Amazon's prices, dated; show, check, replace, restore.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner fee-cards list
  gleaner fee-cards show us-2026
  gleaner fee-cards show us-2026 --json > card.json
  gleaner fee-cards check card.json
  gleaner fee-cards set card.json --note 'new rates from March'
  gleaner fee-cards restore us-2026")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The cards in force.
    List,
    /// Show a card; with --json as a document that `set` takes.
    Show {
        /// The card's name.
        id: String,
        /// A version [default: the newest].
        #[arg(long)]
        version: Option<i64>,
    },
    /// Which versions of a card there are, who saved them and what changed.
    Versions {
        /// The card's name.
        id: String,
        #[command(flatten)]
        file: ToFile,
    },
    /// Check a card and tell what it would change, at no token; nothing is saved.
    Check {
        /// The card as JSON or TOML; - reads standard input.
        file: PathBuf,
        /// The rules to judge under: balanced, velocity or textbook.
        #[arg(long, default_value = "balanced")]
        strategy: Strategy,
        /// Products shown for each kind of change.
        #[arg(long, default_value_t = DEFAULT_EXAMPLES)]
        examples: usize,
    },
    /// Save a card: a new one, or over the one of its name.
    Set {
        /// The card as JSON or TOML; - reads standard input.
        file: PathBuf,
        #[command(flatten)]
        save: Save,
    },
    /// Put back what ships, or an earlier version.
    Restore {
        /// The card's name.
        id: String,
        /// Which version [default: what ships; a card that does not ship is withdrawn].
        version: Option<i64>,
        #[command(flatten)]
        save: Save,
    },
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

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    // A card that cannot be right is told before a database is opened.
    let card = match &args.action {
        Action::Check { file, .. } | Action::Set { file, .. } => Some(read(file)?),
        _ => None,
    };
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    match args.action {
        Action::List => {
            let all = engine.fee_cards().await?;
            if json { output::json(&all)? } else { output::fee_cards::list(&all)? }
        }
        Action::Show { id, version } => {
            let found = engine.fee_card(&id, version).await?;
            if json { output::json(&found.card)? } else { output::fee_cards::print(&found)? }
        }
        Action::Versions { id, file } => {
            let all = engine.fee_card_versions(&id).await?;
            file.write(|| fee_card_versions_sheet(&all, engine.now()))?;
            if json { output::json(&all)? } else { output::fee_cards::versions(&all)? }
        }
        Action::Check { strategy, examples, .. } => {
            let card = card.ok_or_else(|| usage("a card is needed"))?;
            let id = card.id.clone();
            let progress = progress::spinner("judging every stored product");
            let preview = engine.preview_fee_card(card, strategy, examples).await;
            progress.finish_and_clear();
            let preview = preview?;
            if json {
                output::json(&preview)?;
            } else {
                output::line(format!("{id} is a valid card"))?;
                output::preview::print(&preview)?;
            }
        }
        Action::Set { save, .. } => {
            let card = card.ok_or_else(|| usage("a card is needed"))?;
            let before = engine.fee_card_newest(&card.id).await?;
            let edit = FeeCardEdit {
                id: card.id.clone(),
                card: Some(card),
                based_on: save.based_on.unwrap_or(before),
                author: Some(super::user()),
                note: save.note,
            };
            let saved = engine.save_fee_card(edit).await?;
            note_version(engine, "fee_card.set", &saved, before).await;
            told(&saved, before, json)?;
        }
        Action::Restore { id, version, save } => {
            let before = engine.fee_card(&id, None).await?.version;
            let based_on = save.based_on.unwrap_or(before);
            let saved =
                engine.restore_fee_card(&id, version, based_on, Some(super::user()), save.note).await?;
            note_version(engine, "fee_card.restore", &saved, before).await;
            told(&saved, before, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes a version that is new.
async fn note_version(engine: &Engine, action: &str, saved: &FeeCardVersion, before: i64) {
    if saved.version != before {
        let act = Act::new(action, Some(saved.id.clone()));
        super::note(engine, act.with(json!({"version": saved.version, "note": saved.note}))).await;
    }
}

fn told(saved: &FeeCardVersion, before: i64, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(saved);
    }
    if saved.version == before {
        return output::line(format!("nothing changed; version {before} of {} stays", saved.id));
    }
    output::line(format!("{} is saved as version {}", saved.id, saved.version))?;
    output::rules::changes(&saved.changes)
}

/// Reads a card as JSON, or as TOML like those that ship.
fn read(file: &Path) -> anyhow::Result<FeeCard> {
    let text = super::read_text(file)?;
    if text.trim_start().starts_with('{') {
        let value = serde_json::from_str(&text)
            .map_err(|error| usage(format!("{} is not a complete JSON document: {error}", file.display())))?;
        return FeeCard::from_value(value).map_err(|errors| super::mistakes(&errors));
    }
    FeeCard::parse(&text).map_err(|error| usage(format!("{}: {error}", file.display())))
}
