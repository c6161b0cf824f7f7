//! `gleaner niche list|show|create|edit|duplicate|archive|unarchive|delete|run|runs|compare|yield|templates|export|import`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gleaner_core::templates::templates;
use gleaner_engine::export::{niche_comparison_sheet, niche_runs_sheet, niches_sheet, scores_sheet};
use gleaner_engine::niche::{NicheDraft, NicheFile, NicheFilter, NicheRunQuestion};
use gleaner_engine::{Engine, EngineError};
use uuid::Uuid;

use super::niche_terms::{Terms, draft};
use super::spending::Spending;
use crate::app::App;
use crate::config::Config;
use crate::exit::usage;
use crate::output::export::{Output, ToFile};
use crate::output::{self, progress};

/// Niches: saved searches that are run again and compared.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner niche templates
  gleaner niche create --template medical-textbooks
  gleaner niche create 'Python books' --category Programming --bsr 10000-300000 --price 20-70
  gleaner niche run 'Python books' --max-tokens 80
  gleaner niche compare 'Python books'
  gleaner niche yield 'Python books'")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The niches, each with what its last run came to.
    List {
        /// Also those that are archived.
        #[arg(long, conflicts_with = "archived")]
        all: bool,
        /// Only those that are archived.
        #[arg(long)]
        archived: bool,
        #[command(flatten)]
        file: ToFile,
    },
    /// Show one niche.
    Show(Which),
    /// Keep a new niche: from a template, from options, or both.
    Create {
        /// Its name [default: the template's].
        #[arg(required_unless_present = "template")]
        name: Option<String>,
        /// Begin with a template (see `gleaner niche templates`).
        #[arg(long, value_name = "ID")]
        template: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
    /// Change a niche: what is not named stays.
    Edit {
        #[command(flatten)]
        which: Which,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
    /// Keep a copy under another name.
    Duplicate {
        #[command(flatten)]
        which: Which,
        /// Its name [default: the niche's with "(copy)"].
        #[arg(long)]
        name: Option<String>,
    },
    /// Put a niche aside: it is not listed and cannot be run.
    Archive(Which),
    /// Take a niche out of the archive.
    Unarchive(Which),
    /// Remove a niche with all its runs.
    Delete {
        #[command(flatten)]
        which: Which,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Run a niche: search, score, compare with the run before.
    Run {
        #[command(flatten)]
        which: Which,
        /// Pay again and replace what is kept.
        #[arg(long)]
        force_refresh: bool,
        #[command(flatten)]
        spending: Spending,
        /// Write the scores to a file, .csv or .xlsx.
        #[arg(long, value_name = "FILE", value_parser = output::export::parse)]
        output: Option<Output>,
    },
    /// The last runs of a niche.
    Runs(Past),
    /// What changed between two runs [default: the last two].
    Compare {
        #[command(flatten)]
        which: Which,
        /// The earlier run.
        #[arg(long, value_name = "RUN")]
        from: Option<Uuid>,
        /// The later run.
        #[arg(long, value_name = "RUN")]
        to: Option<Uuid>,
        #[command(flatten)]
        file: ToFile,
    },
    /// What a niche brought over time.
    Yield(Past),
    /// Niches to begin with.
    Templates,
    /// Write all niches in use as JSON.
    Export {
        /// Where to [default: standard output].
        file: Option<PathBuf>,
    },
    /// Keep the niches of a file; what is there already is passed over.
    Import {
        /// The file; - reads standard input.
        file: PathBuf,
    },
}

/// A niche.
#[derive(Debug, clap::Args)]
struct Which {
    /// The niche's name or id.
    niche: String,
}

/// A niche's past.
#[derive(Debug, clap::Args)]
struct Past {
    #[command(flatten)]
    which: Which,
    /// How many runs at most.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    #[command(flatten)]
    file: ToFile,
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    // What needs no database is told without one, and mistakes before one is opened.
    let (draft, file) = match args.action {
        Action::Templates => {
            if json {
                output::json(&templates())?;
            } else {
                output::niches::templates(templates())?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Create { name, template, terms } => {
            let draft = draft(name, template.as_deref(), terms)?;
            let errors = draft.check();
            if !errors.is_empty() {
                return Err(EngineError::Invalid(errors).into());
            }
            let app = crate::app::start(&config, true).await?;
            let niche = app.engine.create_niche(draft).await?;
            if json {
                output::json(&niche)?;
            } else {
                output::niches::print(&niche)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Import { file } => (read(&file)?, file),
        other => return Box::pin(act(other, config, json)).await,
    };
    let app = crate::app::start(&config, true).await?;
    let imported = app.engine.import_niches(draft).await?;
    if json {
        output::json(&imported)?;
    } else {
        output::line(format!(
            "{} new from {}, {} there already",
            imported.created.len(),
            file.display(),
            imported.unchanged.len()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn act(action: Action, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    let id = async |which: &Which| engine.niche_named(&which.niche).await.map(|niche| niche.id);
    match action {
        Action::List { all, archived, file } => {
            let which = match (all, archived) {
                (true, _) => NicheFilter::All,
                (_, true) => NicheFilter::Archived,
                _ => NicheFilter::Active,
            };
            let niches = engine.niches(which).await?;
            file.write(|| niches_sheet(&niches, engine.now()))?;
            if json { output::json(&niches)? } else { output::niches::list(&niches)? }
        }
        Action::Show(which) => show(&engine.niche_named(&which.niche).await?, json)?,
        Action::Edit { which, name, terms } => {
            let niche = engine.niche_named(&which.niche).await?;
            let mut draft = NicheDraft::from(&niche);
            draft.name = name.unwrap_or(draft.name);
            terms.over(&mut draft)?;
            show(&engine.edit_niche(niche.id, niche.version, draft).await?, json)?;
        }
        Action::Duplicate { which, name } => {
            show(&engine.duplicate_niche(id(&which).await?, name).await?, json)?;
        }
        Action::Archive(which) => show(&engine.archive_niche(id(&which).await?, true).await?, json)?,
        Action::Unarchive(which) => show(&engine.archive_niche(id(&which).await?, false).await?, json)?,
        Action::Delete { which, yes } => return delete(engine, &which.niche, yes, json).await,
        Action::Run { which, force_refresh, spending, output } => {
            let question = NicheRunQuestion {
                niche: id(&which).await?,
                force_refresh,
                stale_if_error: spending.stale_if_error,
                budget: spending.budget(),
                caller: spending.caller(),
            };
            return Box::pin(search(&app, question, output.as_ref(), json)).await;
        }
        Action::Runs(past) => {
            let runs = engine.niche_runs(id(&past.which).await?, past.limit).await?;
            past.file.write(|| niche_runs_sheet(&runs, engine.now()))?;
            if json { output::json(&runs)? } else { output::niches::runs(&runs)? }
        }
        Action::Compare { which, from, to, file } => {
            let niche = engine.niche_named(&which.niche).await?;
            let compared = engine.compare_niche_runs(niche.id, from, to).await?;
            file.write(|| niche_comparison_sheet(&compared, niche.filters.marketplace, engine.now()))?;
            if json {
                output::json(&compared)?;
            } else {
                output::niches::comparison(&compared, niche.filters.marketplace)?;
            }
        }
        Action::Yield(past) => {
            let brought = engine.niche_yield(id(&past.which).await?, past.limit).await?;
            past.file.write(|| niche_runs_sheet(&brought.runs, engine.now()))?;
            if json { output::json(&brought)? } else { output::niches::brought(&brought)? }
        }
        Action::Export { file } => {
            let all = engine.export_niches().await?;
            let Some(file) = file else {
                output::json(&all)?;
                return Ok(ExitCode::SUCCESS);
            };
            let text = serde_json::to_string_pretty(&all)?;
            std::fs::write(&file, text + "\n")
                .map_err(|e| usage(format!("{} cannot be written: {e}", file.display())))?;
            let n = output::table::counted(all.niches.len(), "niche");
            output::line(format!("{n} written to {}", file.display()))?;
        }
        Action::Create { .. } | Action::Import { .. } | Action::Templates => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn show(niche: &gleaner_engine::niche::Niche, json: bool) -> anyhow::Result<()> {
    if json { output::json(niche) } else { output::niches::print(niche) }
}

async fn delete(engine: &Engine, name: &str, yes: bool, json: bool) -> anyhow::Result<ExitCode> {
    let niche = engine.niche_named(name).await?;
    if !yes && !super::confirmed(&format!("Remove '{}' with all its runs?", niche.name))? {
        output::line("nothing removed")?;
        return Ok(ExitCode::FAILURE);
    }
    engine.delete_niche(niche.id).await?;
    if json {
        output::json(&serde_json::json!({"deleted": niche.id}))?;
    } else {
        output::line(format!("'{}' is removed", niche.name))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn search(
    app: &App,
    question: NicheRunQuestion,
    file: Option<&Output>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let progress = progress::spinner("asking for products");
    let (sender, watcher) = progress::follow(&progress);
    let result = Box::pin(app.until_stopped(app.engine.run_niche(question, Some(sender)))).await;
    // It ends with the last event; what it shows has no say in the answer.
    let _ = watcher.await;
    progress.finish_and_clear();
    let result = result?;
    let empty = result.search.scoring.scores.is_empty();
    if let Some(file) = file {
        let scores = result.search.scoring.scores.iter().map(|scored| &scored.score);
        output::export::write(scores_sheet(scores, app.engine.now()), file)?;
    }
    if json {
        output::json(&result)?;
    } else {
        output::discovery::heading(&result.search.discovery)?;
        output::score::body(&result.search.scoring, false)?;
        output::niches::outcome(&result)?;
    }
    Ok(if empty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(file: &Path) -> anyhow::Result<NicheFile> {
    let text = super::read_text(file)?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| usage(format!("{}: {}: {}", file.display(), error.path(), error.inner())))
}
