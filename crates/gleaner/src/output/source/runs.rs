//! Runs.

use gleaner_engine::sourcing::{Outcome, Phase, Run, RunFunnel, RunState};

use super::{moment, percent, word};
use crate::output::table::{self, counted, cut, or_missing};

/// What a run is doing, for the bar.
pub fn doing(run: &Run) -> String {
    let progress = &run.progress;
    if run.state == RunState::Waiting {
        let until = run.resume_at.map(|at| format!(" until {} UTC", at.format("%H:%M"))).unwrap_or_default();
        let why = run.waiting_for.as_deref().unwrap_or("waiting");
        return format!("waiting{until}: {}", cut(why, 60));
    }
    match progress.phase {
        Phase::Estimate => "starting".to_owned(),
        Phase::Discover => format!("page {} of {}", progress.pages_done + 1, progress.pages),
        Phase::Score | Phase::Done => {
            format!("judged {} of {}, {} good enough", progress.judged, progress.found, progress.passed)
        }
    }
}

/// The runs, newest first.
pub fn list(runs: &[Run], demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    if runs.is_empty() {
        return super::super::line("No run yet.");
    }
    let mut rows = table::new(&["ASKED FOR (UTC)", "OUTCOME", ">FOUND", ">PICKS", ">TOKENS", "RUN"]);
    for run in runs {
        rows.add([
            moment(run.created_at),
            run.outcome.map_or_else(|| word(&run.state), |outcome| word(&outcome)),
            run.progress.found.to_string(),
            or_missing(run.funnel.as_ref().map(|funnel| funnel.picks)),
            run.tokens.charged.to_string(),
            format!("{}#{}", run.job, run.number),
        ]);
    }
    rows.print()
}

/// How a run ended, and its funnel.
pub fn report(run: &Run, demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    let name = format!("{}#{}", run.job, run.number);
    let tokens = format!("{}, {} saved", counted(run.tokens.charged, "token"), run.tokens.saved);
    let picks = run.funnel.as_ref().map_or(0, |funnel| funnel.picks);
    let said = match run.outcome {
        None => format!("{name}: {}, {}", word(&run.state), doing(run)),
        Some(Outcome::Done) => format!("{name}: done, {}; {tokens}", counted(picks, "pick")),
        Some(Outcome::Empty) => format!("{name}: done but nothing found; {tokens}"),
        Some(Outcome::Budget) => format!(
            "{name}: stopped by its budget of {}, {} so far; {tokens}",
            run.budget.tokens,
            counted(picks, "pick")
        ),
        Some(Outcome::Failed) => format!("{name}: failed; {tokens}"),
        Some(Outcome::Cancelled) => format!("{name}: cancelled, {} so far; {tokens}", counted(picks, "pick")),
    };
    super::super::line(said)?;
    if let Some(error) = &run.error {
        super::super::line(format!("Why: {} [{}]", error.message, error.code))?;
    }
    if run.tokens.over_budget {
        super::super::line(format!("Its budget of {} was exceeded.", counted(run.budget.tokens, "token")))?;
    }
    if let Some(classes) = run.classes.as_ref().filter(|classes| !classes.is_empty()) {
        let told: Vec<String> = classes.iter().map(|(class, n)| format!("{n} {class}")).collect();
        super::super::line(format!("Picks: {}", told.join(", ")))?;
    }
    run.funnel.as_ref().map_or(Ok(()), funnel)
}

fn funnel(funnel: &RunFunnel) -> anyhow::Result<()> {
    if let Some(explanation) = &funnel.explanation {
        super::super::line(format!("Nothing to pick: {explanation}."))?;
    }
    let matched = or_missing(funnel.matched_total);
    super::super::line(format!("Keepa matches {matched}, returned {}", funnel.returned))?;
    for step in funnel.steps.iter().filter(|step| step.removed > 0) {
        let by: Vec<String> =
            step.by.iter().map(|(word, n)| format!("{n} {}", word.replace('_', " "))).collect();
        super::super::line(format!(
            "  {:<11}{:>5} -{:<5}{}",
            word(&step.step),
            step.entered,
            step.removed,
            by.join(", ")
        ))?;
    }
    super::super::line(format!("  {:<11}{:>5}", "picks", funnel.picks))?;
    if funnel.nearest_misses.is_empty() {
        return Ok(());
    }
    super::super::line("Nearest misses:")?;
    let mut rows = table::new(&["  FELL SHORT OF", "ASIN", ">ROI %", ">SPEED", "TITLE"]);
    for miss in &funnel.nearest_misses {
        rows.add([
            format!("  {}", miss.missed.replace('_', " ")),
            miss.asin.clone(),
            percent(miss.figures.roi_percent),
            format!("{:.1}", miss.figures.velocity_score),
            or_missing(miss.figures.title.as_deref()),
        ]);
    }
    rows.print()
}
