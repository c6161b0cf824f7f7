//! `gleaner score --file`: what needs no Keepa is scored at once; a list is estimated first.

use std::io::IsTerminal;
use std::process::ExitCode;

use gleaner_engine::export::scores_sheet;
use gleaner_engine::files::{self, FileScoringResult, FilesQuestion, ListPlan};
use gleaner_engine::waiting::Progress;
use gleaner_engine::{Clock, SystemClock};

use super::score::{Args, exit_code};
use crate::config::Config;
use crate::exit::usage;
use crate::output::{self, progress, table::counted};

/// Up to here a list is scored without a question.
const ASK_ABOVE: u32 = 100;

/// Runs the command.
pub async fn run(
    args: &Args,
    cost: Option<i64>,
    config: impl Fn() -> anyhow::Result<Config>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let question = FilesQuestion {
        marketplace: args.marketplace,
        condition: args.condition,
        cost,
        strategy: args.strategy,
        as_of: args.as_of,
        now: SystemClock.now(),
        code_limit: args.code_limit,
        budget: args.spending.budget(),
        caller: args.spending.caller(),
    };
    let contents = args.file.iter().map(|path| super::contents(path)).collect();
    let (in_force, judged) = crate::app::rules_at_hand(config()).await;
    let read = files::read(contents, &question, &in_force)?;
    let from_files = !read.result.scores.is_empty();
    let result = if read.lists.iter().all(|(_, list)| list.items.is_empty()) {
        read.result
    } else {
        if args.as_of.is_some() {
            return Err(usage("--as-of: a supplier's list is judged now, on facts that Keepa has now"));
        }
        let progress = progress::spinner("starting");
        let app = crate::app::start(&config()?, true).await?;
        let plan = app.engine.plan_lists(&read.lists, &question).await?;
        progress.suspend(|| agree(&plan, args.yes))?;
        let total = plan.products;
        progress.set_message(format!("scoring {}", counted(total, "product")));
        let told = |event| match event {
            Progress::Done(done) => {
                progress.set_message(format!("scored {done} of {}", counted(total, "product")));
            }
            Progress::Waiting(waiting) => progress::waiting(&progress, &waiting),
            Progress::Scores(_) | Progress::Charged(_) => {}
        };
        let scoring = app.engine.score_lists(&read.lists, plan, &question, read.result, &told);
        let result = Box::pin(app.until_stopped(scoring)).await?;
        progress.finish_and_clear();
        app.engine.flush().await;
        result
    };
    if let Some(file) = &args.output {
        output::export::write(
            scores_sheet(result.scores.iter().map(|item| &item.product.score), question.now),
            file,
        )?;
    }
    if json {
        output::json(&result)?;
    } else {
        output::files::print(&result)?;
        if from_files {
            output::line(judged)?;
        }
    }
    Ok(exit(&result))
}

/// Asks before a list spends much; refuses where nobody can answer.
fn agree(plan: &ListPlan, yes: bool) -> anyhow::Result<()> {
    let most = plan.estimate.upper;
    if yes || most <= ASK_ABOVE {
        return Ok(());
    }
    let estimate = format!(
        "{}: {} to buy, {} to look up; {} to {} tokens",
        counted(plan.products, "product"),
        plan.to_buy,
        counted(plan.to_look_up, "code"),
        plan.estimate.lower,
        most
    );
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(usage(format!("{estimate}. Add --yes to spend them")));
    }
    if super::confirmed(&format!("{estimate}. Spend them?"))? {
        Ok(())
    } else {
        Err(usage("nothing was spent"))
    }
}

fn exit(result: &FileScoringResult) -> ExitCode {
    let anything = !result.scores.is_empty() || !result.candidates.is_empty();
    exit_code(anything, result.rejected.iter().map(|r| r.code.as_str()))
}
