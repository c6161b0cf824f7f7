//! `gleaner history list|show|analytics|archive|restore|rebuild`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use gleaner_engine::Engine;
use gleaner_engine::accounts::Act;
use gleaner_engine::export::history_sheet;
use gleaner_engine::history::{AnalyticsQuestion, ArchivedMonth, HistoryQuestion};
use serde_json::json;

use crate::config::Config;
use crate::output::export::ToFile;
use crate::output::{self, progress};

/// Rows that are shown of a list that goes into a file.
const SHOWN: usize = 50;

/// The permanent history: look through it, what it adds up to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner history list --type discovery --from 2026-01-01 --text Books
  gleaner history list --output history.xlsx
  gleaner history analytics --from 2026-01-01 --to 2026-01-31
  gleaner history analytics --csv january.csv
  gleaner history archive --before 2025-01")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Questions and how they were answered, newest first.
    List(List),
    /// One question with everything that is known of it.
    Show {
        /// Its id, as `list --json` shows it.
        id: String,
    },
    /// Searches, hit ratio, tokens, filters, verdicts and hours of use.
    Analytics(Analytics),
    /// Move old months into compressed CSV files. They stay in the figures as long as the files are there.
    Archive {
        /// Every month before this one, for example 2026-01.
        #[arg(long, value_name = "MONTH")]
        before: String,
        /// Where the files go [default: the setting `archive_dir`].
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Bring archived months back into the database.
    Restore {
        /// Which months, for example 2025-12 [default: all].
        #[arg(value_name = "MONTH")]
        months: Vec<String>,
    },
    /// Count the whole history again.
    Rebuild,
}

#[derive(Debug, clap::Args)]
struct List {
    /// Not before this day or moment (UTC).
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to the end of this day, or before this moment (UTC).
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Only this kind: discovery, scoring or autosourcing.
    #[arg(long = "type", value_name = "TYPE")]
    search_type: Option<String>,
    /// Only through this door: frontend, api or manual.
    #[arg(long)]
    source: Option<String>,
    /// Only what this account asked.
    #[arg(long)]
    user: Option<String>,
    /// Only where this stands in what was asked, or in the error.
    #[arg(long)]
    text: Option<String>,
    /// Rows at most, 1 to 1000 [default: 50]; in a file 1 to 100000 [default: 100000].
    #[arg(long)]
    limit: Option<u32>,
    /// Go on where an earlier page ended: its `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    file: ToFile,
}

#[derive(Debug, clap::Args)]
struct Analytics {
    /// The first day (UTC).
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Only this kind: discovery, scoring or autosourcing.
    #[arg(long = "type", value_name = "TYPE")]
    search_type: Option<String>,
    /// How many of the most used filters.
    #[arg(long, default_value_t = 20)]
    top: u32,
    /// Write everything as one CSV table into this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    match args.action {
        Action::List(list) => {
            let (question, file) = list.question();
            let page = if file.is_wanted() {
                let bar = progress::spinner("reading the history");
                let list = engine.history_for_file(question).await;
                bar.finish_and_clear();
                let mut list = list?;
                file.write(|| history_sheet(&list.entries, engine.now()))?;
                if let Some(next) = &list.next_cursor {
                    eprintln!("there are more rows: go on with --cursor {next}");
                }
                if !json {
                    list.entries.truncate(SHOWN);
                }
                list
            } else {
                engine.history(question).await?
            };
            if json {
                output::json(&page)?;
            } else {
                output::history::list(&page)?;
            }
            Ok(if page.entries.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Action::Show { id } => {
            let Some(entry) = engine.history_entry(&id).await? else {
                eprintln!("the history has no question with the id {id}");
                return Ok(ExitCode::FAILURE);
            };
            // What was asked has no fixed shape: a person reads it as it is.
            output::json(&entry)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Analytics(wanted) => {
            let bar = progress::spinner("counting");
            let question = AnalyticsQuestion {
                from: wanted.from,
                to: wanted.to,
                search_type: wanted.search_type,
                top: Some(wanted.top),
            };
            let analytics = engine.analytics(question).await;
            bar.finish_and_clear();
            let analytics = analytics?;
            if let Some(file) = &wanted.csv {
                std::fs::write(file, analytics.to_csv())
                    .with_context(|| format!("{} cannot be written", file.display()))?;
            }
            if json {
                output::json(&analytics)?;
            } else if let Some(file) = &wanted.csv {
                output::line(format!("written to {}", file.display()))?;
            } else {
                output::history::analytics(&analytics)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Archive { before, dir } => {
            let bar = progress::spinner("archiving");
            let folder = dir.unwrap_or_else(|| config.archive_dir.clone());
            let months = engine.archive_history(&before, &folder).await;
            bar.finish_and_clear();
            let months = months?;
            note(engine, "history.archive", Some(format!("before {before}")), &months).await;
            told(&months, "archived", json)
        }
        Action::Restore { months } => {
            let bar = progress::spinner("restoring");
            let months = engine.restore_history(&months).await;
            bar.finish_and_clear();
            let months = months?;
            note(engine, "history.restore", None, &months).await;
            told(&months, "restored", json)
        }
        Action::Rebuild => {
            let bar = progress::spinner("counting the whole history");
            let rebuilt = engine.rebuild_history_counts().await;
            bar.finish_and_clear();
            let rows = rebuilt?.accounted;
            super::note(engine, Act::new("history.rebuild", None).with(json!({"rows": rows}))).await;
            if json {
                output::json(&serde_json::json!({ "rows": rows }))?;
            } else {
                output::line(format!("counted {rows} rows"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Notes which months were moved, if any.
async fn note(engine: &Engine, action: &str, subject: Option<String>, months: &[ArchivedMonth]) {
    if !months.is_empty() {
        let months: Vec<_> =
            months.iter().map(|month| json!({"month": month.month, "rows": month.rows})).collect();
        super::note(engine, Act::new(action, subject).with(json!({"months": months}))).await;
    }
}

fn told(months: &[ArchivedMonth], done: &str, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(&months)?;
    } else {
        output::history::months(months, done)?;
    }
    Ok(if months.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl List {
    fn question(self) -> (HistoryQuestion, ToFile) {
        let question = HistoryQuestion {
            from: self.from,
            to: self.to,
            search_type: self.search_type,
            source: self.source,
            user: self.user,
            text: self.text,
            cursor: self.cursor,
            limit: self.limit,
        };
        (question, self.file)
    }
}
