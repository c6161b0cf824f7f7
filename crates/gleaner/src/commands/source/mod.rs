//! `gleaner source …`: sourcing jobs, their runs, their picks.

mod terms;
mod triage;

use std::path::PathBuf;
use std::process::ExitCode;

use gleaner_engine::sourcing::{
    BuyListQuestion, DiffAgainst, JobEdit, Outcome, PickClass, PickQuestion, Run, RunsQuestion, TriageState,
    VerificationResult,
};
use gleaner_engine::{Caller, Engine, Source};
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::output::{self, progress};
use terms::Terms;
use triage::Decision;

/// AutoSourcing: jobs that search by themselves, and what they picked.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner source create 'Books' --category Books --bsr 1-400000 --max-tokens 150 --cron '0 7 * * *' --time-zone Europe/Paris
  gleaner source run Books
  gleaner source buy-list
  gleaner source verify 0593655036
  gleaner source triage bought 0593655036 --quantity 2 --cost 4.50
  gleaner source diff Books

Jobs run by themselves while `gleaner serve` runs. A run is named by its job (the newest run), or as 'Books#3'.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The jobs, each with its last run and its next.
    Jobs,
    /// Make a job from options, or from a file.
    Create {
        /// Its name.
        #[arg(required_unless_present = "file")]
        name: Option<String>,
        /// The whole job as JSON; - reads standard input.
        #[arg(long, conflicts_with = "name")]
        file: Option<PathBuf>,
        #[command(flatten)]
        terms: Box<Terms>,
    },
    /// Change a job: what is not named stays.
    Edit {
        /// The job's name or id.
        job: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// The whole job as JSON, instead of options; - reads standard input.
        #[arg(long, conflicts_with = "name")]
        file: Option<PathBuf>,
        #[command(flatten)]
        terms: Box<Terms>,
    },
    /// Show a job; with --json its `spec` is what `create --file` takes.
    Show {
        /// The job's name or id.
        job: String,
    },
    /// What a run would cost now, at most.
    Estimate {
        /// The job's name or id.
        job: String,
    },
    /// Run a job now and wait for the run to end. One that was interrupted goes on where it was.
    Run {
        /// The job's name or id.
        job: String,
    },
    /// The runs, newest first.
    Runs {
        /// Of this job only.
        job: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// How a run ended, and how its products became its picks.
    Report {
        /// The run: JOB for its newest, JOB#NUMBER, or an id.
        run: String,
    },
    /// Stop a run. What it judged until then is kept.
    Cancel {
        /// The run: JOB for its newest, JOB#NUMBER, or an id.
        run: String,
    },
    /// Let a job rest: it does not run by itself until it is resumed.
    Pause {
        /// The job's name or id.
        job: String,
    },
    /// Let a job run by itself again.
    Resume {
        /// The job's name or id.
        job: String,
    },
    /// Remove a job and stop its run. Its picks are not listed any more.
    Delete {
        /// The job's name or id.
        job: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// What the jobs picked, best ROI first.
    Picks {
        /// Of this job only.
        #[arg(long)]
        job: Option<String>,
        /// Of these classes only: new, stable, returning, jackpot, fading.
        #[arg(long, value_delimiter = ',', value_parser = one_of::<PickClass>)]
        class: Vec<PickClass>,
        /// In these states only: open, `to_buy`, bought, watching, dismissed.
        #[arg(long, value_delimiter = ',', value_parser = one_of::<TriageState>)]
        state: Vec<TriageState>,
        /// Also those that are no picks any more.
        #[arg(long)]
        all: bool,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// All that is known of one pick.
    Pick {
        /// The pick's ASIN or id.
        pick: String,
    },
    /// Decide on a pick.
    #[command(subcommand)]
    Triage(Decision),
    /// What to buy today, best first.
    BuyList {
        /// Of this job only.
        #[arg(long)]
        job: Option<String>,
        /// Seen within so many hours [default: 36].
        #[arg(long, value_name = "HOURS")]
        max_age: Option<i64>,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Buy fresh facts of a pick (one token) and compare them with what its job saw.
    Verify {
        /// The pick's ASIN or id.
        pick: String,
    },
    /// What changed from an earlier run: new, gone, changed.
    Diff {
        /// The later run: JOB for its newest, JOB#NUMBER, or an id.
        run: String,
        /// The earlier run: day (the last of an earlier day), previous, a number or an id.
        #[arg(long, default_value = "day")]
        against: DiffAgainst,
    },
}

/// Reads a word of a closed list, as it stands in JSON.
fn one_of<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text.trim())).map_err(|error| error.to_string())
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    if let Action::Delete { job, yes: false } = &args.action
        && !super::confirmed(&format!("Remove the job '{job}' with its picks?"))?
    {
        eprintln!("nothing was removed");
        return Ok(ExitCode::FAILURE);
    }
    let app = crate::app::start(&config, true).await?;
    // In a box: a run is large.
    Box::pin(act(args.action, &app.engine, json)).await
}

/// Prints a value as JSON, or as a person reads it.
fn show<T: serde::Serialize>(
    json: bool,
    value: &T,
    print: impl FnOnce(&T) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    if json {
        output::json(value)?;
    } else {
        print(value)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Nothing to show ends with 1, so that scripts notice.
fn unless_empty(ended: ExitCode, empty: bool) -> ExitCode {
    if empty { ExitCode::FAILURE } else { ended }
}

async fn act(action: Action, engine: &Engine, json: bool) -> anyhow::Result<ExitCode> {
    let demo = engine.settings().demo;
    match action {
        Action::Jobs => {
            let jobs = engine.sourcing_jobs().await?;
            let ended = show(json, &jobs, |jobs| output::source::jobs::list(jobs, demo))?;
            Ok(unless_empty(ended, jobs.is_empty()))
        }
        Action::Create { name, file, terms } => {
            let spec = terms.new_job(engine, name, file.as_deref()).await?;
            let job = engine.create_sourcing_job(spec).await?;
            show(json, &job, |job| output::source::jobs::one(job, demo))
        }
        Action::Edit { job, name, file, terms } => {
            let before = engine.sourcing_job(&job).await?;
            let spec = terms.changed_job(engine, before.spec, name, file.as_deref()).await?;
            let edit = JobEdit { spec, version: before.version };
            let job = engine.edit_sourcing_job(&before.id, edit).await?;
            show(json, &job, |job| output::source::jobs::one(job, demo))
        }
        Action::Show { job } => {
            let job = engine.sourcing_job(&job).await?;
            show(json, &job, |job| output::source::jobs::one(job, demo))
        }
        Action::Estimate { job } => {
            let estimate = engine.sourcing_estimate(&job).await?;
            show(json, &estimate, output::source::jobs::estimate)
        }
        Action::Pause { job } => {
            let job = engine.pause_sourcing_job(&job).await?;
            show(json, &job, |job| output::source::jobs::one(job, demo))
        }
        Action::Resume { job } => {
            let job = engine.resume_sourcing_job(&job).await?;
            show(json, &job, |job| output::source::jobs::one(job, demo))
        }
        Action::Delete { job, .. } => {
            engine.delete_sourcing_job(&job).await?;
            if !json {
                output::line(format!("removed the job '{job}'"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Run { job } => run_job(engine, &job, json).await,
        Action::Runs { job, limit } => {
            let runs = engine.sourcing_runs(&RunsQuestion { job, before: None, limit }).await?;
            let ended = show(json, &runs, |runs| output::source::runs::list(runs, demo))?;
            Ok(unless_empty(ended, runs.is_empty()))
        }
        Action::Report { run } => {
            let run = engine.find_sourcing_run(&run).await?;
            show(json, &run, |run| output::source::runs::report(run, demo))
        }
        Action::Cancel { run } => {
            let run = engine.find_sourcing_run(&run).await?;
            let run = engine.cancel_sourcing_run(&run.id).await?;
            show(json, &run, |run| output::source::runs::report(run, demo))
        }
        Action::Diff { run, against } => {
            let run = engine.find_sourcing_run(&run).await?;
            let diff = engine.sourcing_diff(&run.id, against).await?;
            show(json, &diff, |diff| output::source::diff::print(diff, demo))
        }
        Action::Picks { job, class, state, all, limit } => {
            let question =
                PickQuestion { job, classes: class, states: state, all, limit, ..PickQuestion::default() };
            let picks = engine.sourcing_picks(&question).await?;
            let ended = show(json, &picks, |picks| output::source::picks::list(picks, demo))?;
            Ok(unless_empty(ended, picks.is_empty()))
        }
        Action::Pick { pick } => {
            let pick = engine.sourcing_pick(&pick).await?;
            show(json, &pick, |pick| output::source::picks::one(pick, demo))
        }
        Action::Triage(decision) => {
            let pick = decision.carry_out(engine).await?;
            show(json, &pick, |pick| output::source::picks::one(pick, demo))
        }
        Action::BuyList { job, max_age, limit } => {
            let question = BuyListQuestion { job, max_age_hours: max_age, limit };
            let list = engine.buy_list(&question).await?;
            let ended = show(json, &list, output::source::buy_list::print)?;
            Ok(unless_empty(ended, list.items.is_empty()))
        }
        Action::Verify { pick } => {
            let found = engine.sourcing_pick(&pick).await?;
            let verification = engine.verify_pick(&found.pick.id, Caller::new(Source::Manual)).await?;
            let ended = show(json, &verification, |verification| {
                output::source::picks::verification(&found.pick, verification, demo)
            })?;
            Ok(unless_empty(ended, verification.result == VerificationResult::Avoid))
        }
    }
}

/// Runs a job to its end, with a bar.
async fn run_job(engine: &Engine, job: &str, json: bool) -> anyhow::Result<ExitCode> {
    let bar = progress::bar();
    let listener = |run: &Run| {
        bar.set_position(u64::try_from(run.progress.percent).unwrap_or_default());
        bar.set_message(output::source::runs::doing(run));
    };
    let run = engine.run_sourcing_job(job, Caller::new(Source::Manual), listener).await;
    bar.finish_and_clear();
    let run = run?;
    let demo = engine.settings().demo;
    show(json, &run, |run| output::source::runs::report(run, demo))?;
    Ok(if run.outcome == Some(Outcome::Done) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
