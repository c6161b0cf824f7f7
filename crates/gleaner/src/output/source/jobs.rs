//! Jobs.

use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_engine::answer::BudgetMode;
use gleaner_engine::sourcing::{Estimate, Job};

use super::{moment, word};
use crate::output::table::{self, MISSING, counted};

/// All jobs.
pub fn list(jobs: &[Job], demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    if jobs.is_empty() {
        return super::super::line("No job yet: make one with `gleaner source create`.");
    }
    let mut rows = table::new(&[">RUN", "OUTCOME", "LAST RUN (UTC)", "NEXT RUN (UTC)", "NAME"]);
    for job in jobs {
        let last = job.last_run.as_ref();
        let outcome = last.map(|run| run.outcome.map_or_else(|| "under way".to_owned(), |o| word(&o)));
        let next = match (job.paused, job.next_run_at) {
            (true, _) => "paused".to_owned(),
            (false, Some(at)) => moment(at),
            (false, None) => "when asked".to_owned(),
        };
        rows.add([
            table::or_missing(last.map(|run| run.number)),
            table::or_missing(outcome),
            table::or_missing(last.map(|run| moment(run.created_at))),
            next,
            job.name.clone(),
        ]);
    }
    rows.print()
}

/// One job with all it says.
pub fn one(job: &Job, demo: bool) -> anyhow::Result<()> {
    let spec = &job.spec;
    let line = |name: &str, text: String| super::super::line(format!("{name:<12}{text}"));
    super::super::demo_notice(demo)?;
    super::super::line(format!("{} (version {})", job.name, job.version))?;
    if let Some(note) = &spec.note {
        line("for", note.clone())?;
    }
    for search in &spec.searches {
        line("search", searched(search))?;
    }
    line("parts", format!("{} of each rank range", spec.sub_ranges))?;
    line("strategy", spec.strategy.to_string())?;
    let levels: Vec<&str> = spec.picks.levels.iter().map(|level| level.as_str()).collect();
    line("picks", levels.join(", "))?;
    let marketplace = spec.marketplace().unwrap_or(Marketplace::Us);
    for (name, least) in [
        ("min profit", spec.picks.min_profit.map(|profit| Money::new(profit, marketplace).to_string())),
        ("min ROI", spec.picks.min_roi_percent.map(|roi| format!("{roi} %"))),
        ("min speed", spec.picks.min_velocity.map(|velocity| velocity.to_string())),
    ] {
        if let Some(least) = least {
            line(name, least)?;
        }
    }
    line("jackpot", format!("above {} % ROI: verify first", spec.picks.jackpot_roi_percent))?;
    let stable = format!("seen on {} of the last {} runs", spec.picks.stable_seen, spec.picks.stable_of);
    line("stable", stable)?;
    let budget = match spec.budget.mode {
        BudgetMode::Off => "no limit".to_owned(),
        BudgetMode::Warn => format!("warns beyond {}", counted(spec.budget.tokens, "token")),
        BudgetMode::Stop => format!("stops at {}", counted(spec.budget.tokens, "token")),
    };
    line("budget", budget)?;
    let schedule = spec.schedule.as_ref().map_or_else(
        || "only when asked".to_owned(),
        |schedule| {
            let jitter = match schedule.jitter_minutes {
                0 => String::new(),
                minutes => format!(", up to {minutes} min later"),
            };
            let missed = word(&schedule.missed);
            format!("{} ({}){jitter}; missed runs: {missed}", schedule.cron, schedule.time_zone)
        },
    );
    line("runs", schedule)?;
    let next = if job.paused { "paused".to_owned() } else { table::or_missing(job.next_run_at.map(moment)) };
    line("next (UTC)", next)?;
    if let Some(last) = &job.last_run {
        let outcome = last.outcome.map_or_else(|| "under way".to_owned(), |outcome| word(&outcome));
        line("last (UTC)", format!("#{} {}: {outcome}", last.number, moment(last.created_at)))?;
    }
    Ok(())
}

fn searched(search: &gleaner_engine::sourcing::JobSearch) -> String {
    let Some(filters) = &search.filters else {
        return format!("niche {}", table::or_missing(search.niche_id));
    };
    let money = |minor: Option<i64>| {
        minor.map(|minor| Money::new(minor, filters.marketplace).to_string()).unwrap_or_default()
    };
    let mut parts = vec![
        filters.marketplace.code().to_owned(),
        filters.category.to_string(),
        format!("rank {}-{}", filters.bsr_min, filters.bsr_max),
    ];
    if filters.price_min.is_some() || filters.price_max.is_some() {
        parts.push(format!("price {}-{}", money(filters.price_min), money(filters.price_max)));
    }
    parts.extend(filters.condition.map(|condition| condition.to_string()));
    parts.extend(filters.exclude_amazon.then(|| "without Amazon".to_owned()));
    parts.extend(search.cost.map(|cost| format!("cost {}", money(Some(cost)))));
    parts.extend(filters.limit.map(|limit| format!("at most {limit}")));
    parts.join(", ")
}

/// What a run would cost.
pub fn estimate(estimate: &Estimate) -> anyhow::Result<()> {
    super::super::line(format!(
        "At most {}: {} for pages that are not known yet, {} for products.",
        counted(estimate.total, "token"),
        if estimate.discovery == 0 { MISSING.to_owned() } else { estimate.discovery.to_string() },
        if estimate.products == 0 { MISSING.to_owned() } else { estimate.products.to_string() },
    ))
}
