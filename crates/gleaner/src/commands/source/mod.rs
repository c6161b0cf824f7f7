//! `gleaner source …`: sourcing jobs, their runs, their picks.

mod terms;
mod triage;
mod watch;

use std::cell::Cell;
use std::path::PathBuf;
use std::process::ExitCode;

use gleaner_engine::export::{
    buy_list_sheet, diff_sheet, jobs_sheet, picks_sheet, runs_sheet, sightings_sheet,
};
use gleaner_engine::sourcing::{
    BuyListQuestion, DiffAgainst, JobEdit, Outcome, PickClass, PickQuestion, Run, RunsQuestion, TriageState,
    VerificationResult, parse_word,
};
use gleaner_engine::{Caller, Engine, Source};

use crate::app::App;
use crate::config::Config;
use crate::exit::Stopped;
use crate::output::export::{Output, ToFile};
use crate::output::{self, progress};
use terms::Terms;
use triage::Decision;

/// AutoSourcing: jobs that search by themselves, and what they picked.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner source create 'Books' --category Books --bsr 1-400000 --max-tokens 150 --cron '0 7 * * *' --time-zone Europe/Paris
  gleaner source run Books
  gleaner source buy-list --output today.xlsx
  gleaner source verify 0593655036
  gleaner source triage bought 0593655036 --quantity 2 --cost 4.50
  gleaner source diff Books
  gleaner source watch 0593655036 B0F7XPYCSJ --note 'wait for September'

Jobs run by themselves while `gleaner serve` runs. A run is named by its job (the newest run), or as 'Books#3'.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The jobs, each with its last run and its next.
    Jobs {
        #[command(flatten)]
        file: ToFile,
    },
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
    /// Run a job now and wait for the run to end; one that was interrupted goes on where it was.
    ///
    /// Ctrl-C only stops watching: the run goes on where it was, by itself where `gleaner serve` runs, else with the
    /// next `gleaner source run`. `gleaner source cancel` ends it.
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
        #[command(flatten)]
        file: ToFile,
    },
    /// How a run ended, and how its products became its picks.
    Report {
        /// The run: JOB for its newest, JOB#NUMBER, or an id.
        run: String,
        /// Write what it judged to a file, .csv or .xlsx.
        #[arg(long, value_name = "FILE", value_parser = output::export::parse)]
        output: Option<Output>,
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
        #[arg(long, value_delimiter = ',', value_parser = parse_word::<PickClass>)]
        class: Vec<PickClass>,
        /// In these states only: open, `to_buy`, bought, watching, dismissed.
        #[arg(long, value_delimiter = ',', value_parser = parse_word::<TriageState>)]
        state: Vec<TriageState>,
        /// Also those that are no picks any more.
        #[arg(long)]
        all: bool,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        #[command(flatten)]
        file: ToFile,
    },
    /// All that is known of one pick.
    Pick {
        /// The pick's ASIN or id.
        pick: String,
    },
    /// Watch products that no job chose, by what is known of them: no token is spent.
    ///
    /// They are picks from then on, in the state watching. What was decided on a product before holds.
    Watch(watch::Args),
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
        #[command(flatten)]
        file: ToFile,
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
        #[command(flatten)]
        file: ToFile,
    },
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
    Box::pin(act(args.action, &app, json)).await
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

async fn act(action: Action, app: &App, json: bool) -> anyhow::Result<ExitCode> {
    let engine = &app.engine;
    let demo = engine.settings().demo;
    match action {
        Action::Jobs { file } => {
            let jobs = engine.sourcing_jobs().await?;
            file.write(|| jobs_sheet(&jobs, engine.now()))?;
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
        Action::Run { job } => run_job(app, &job, json).await,
        Action::Runs { job, limit, file } => {
            let runs = engine.sourcing_runs(&RunsQuestion { job, before: None, limit }).await?;
            file.write(|| runs_sheet(&runs, engine.now()))?;
            let ended = show(json, &runs, |runs| output::source::runs::list(runs, demo))?;
            Ok(unless_empty(ended, runs.is_empty()))
        }
        Action::Report { run, output } => {
            let run = engine.find_sourcing_run(&run).await?;
            if let Some(file) = &output {
                let seen = engine.sourcing_sightings(&run.id).await?;
                output::export::write(sightings_sheet(&seen, engine.now()), file)?;
            }
            show(json, &run, |run| output::source::runs::report(run, demo))
        }
        Action::Cancel { run } => {
            let run = engine.find_sourcing_run(&run).await?;
            let run = engine.cancel_sourcing_run(&run.id).await?;
            show(json, &run, |run| output::source::runs::report(run, demo))
        }
        Action::Diff { run, against, file } => {
            let run = engine.find_sourcing_run(&run).await?;
            let diff = engine.sourcing_diff(&run.id, against).await?;
            file.write(|| diff_sheet(&diff, engine.now()))?;
            show(json, &diff, |diff| output::source::diff::print(diff, demo))
        }
        Action::Picks { job, class, state, all, limit, file } => {
            let question =
                PickQuestion { job, classes: class, states: state, all, limit, ..PickQuestion::default() };
            let picks = engine.sourcing_picks(&question).await?;
            file.write(|| picks_sheet(&picks, engine.now()))?;
            let ended = show(json, &picks, |picks| output::source::picks::list(picks, demo))?;
            Ok(unless_empty(ended, picks.is_empty()))
        }
        Action::Pick { pick } => {
            let pick = engine.sourcing_pick(&pick).await?;
            show(json, &pick, |pick| output::source::picks::one(pick, demo))
        }
        Action::Watch(products) => watch_products(engine, products, json).await,
        Action::Triage(decision) => {
            let pick = decision.carry_out(engine).await?;
            show(json, &pick, |pick| output::source::picks::one(pick, demo))
        }
        Action::BuyList { job, max_age, limit, file } => {
            let question = BuyListQuestion { job, max_age_hours: max_age, limit };
            let list = engine.buy_list(&question).await?;
            file.write(|| buy_list_sheet(&list))?;
            let ended = show(json, &list, output::source::buy_list::print)?;
            Ok(unless_empty(ended, list.items.is_empty()))
        }
        Action::Verify { pick } => verify(engine, &pick, json).await,
    }
}

/// Puts products on the watch list, and tells which are on it.
async fn watch_products(engine: &Engine, products: watch::Args, json: bool) -> anyhow::Result<ExitCode> {
    let result = products.watch(engine).await?;
    show(json, &result, output::source::watch::print)?;
    Ok(watch::exit(&result))
}

/// Buys fresh facts of a pick and compares them; 1 when it is better left alone.
async fn verify(engine: &Engine, pick: &str, json: bool) -> anyhow::Result<ExitCode> {
    let demo = engine.settings().demo;
    let found = engine.sourcing_pick(pick).await?.pick;
    let (caller, author) = (Caller::new(Source::Manual), crate::commands::user());
    let verification = engine.verify_pick(&found.id, caller, Some(author)).await?;
    let ended = show(json, &verification, |verification| {
        output::source::picks::verification(&found, verification, demo)
    })?;
    Ok(unless_empty(ended, verification.result == VerificationResult::Avoid))
}

/// Runs a job to its end, with a bar. Whoever stops it stops watching: the run goes on where it was.
async fn run_job(app: &App, job: &str, json: bool) -> anyhow::Result<ExitCode> {
    let engine = &app.engine;
    let bar = progress::bar();
    let begun = Cell::new(None);
    let listener = |run: &Run| {
        bar.set_position(u64::try_from(run.progress.percent).unwrap_or_default());
        bar.set_message(output::source::runs::doing(run));
        begun.set(Some(run.number));
    };
    let run = engine.run_sourcing_job(job, Caller::new(Source::Manual), listener);
    let run = Box::pin(app.until_stopped(run)).await;
    bar.finish_and_clear();
    if let (Err(error), Some(number)) = (&run, begun.get())
        && error.is::<Stopped>()
    {
        eprintln!(
            "gleaner: '{job}#{number}' goes on where it was: by itself where `gleaner serve` runs, else with the next \
             `gleaner source run '{job}'`; `gleaner source cancel '{job}'` ends it"
        );
    }
    let run = run?;
    let demo = engine.settings().demo;
    show(json, &run, |run| output::source::runs::report(run, demo))?;
    Ok(if run.outcome == Some(Outcome::Done) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
