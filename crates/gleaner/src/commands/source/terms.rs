//! The options by which `create` and `edit` say what a job is.

use std::path::Path;

use gleaner_core::money::Money;
use gleaner_core::rules::Strategy;
use gleaner_core::saved_filters::{CategoryRef, SavedFilters};
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::answer::{Budget, BudgetMode};
use gleaner_engine::sourcing::{JobSearch, JobSpec, Missed, PickRules, Schedule, parse_word};
use gleaner_engine::{Engine, EngineError};

use super::super::discover::{price_range, rank_range};
use crate::exit::usage;

/// What a job is, as far as it is said.
#[derive(Debug, clap::Args)]
pub struct Terms {
    /// A category to search, by name or Keepa id; 0 or all for every category. May be given several times.
    #[arg(long, help_heading = "What to look for")]
    category: Vec<String>,
    /// A niche to search, by name or id. May be given several times.
    #[arg(long, help_heading = "What to look for")]
    niche: Vec<String>,
    /// Where to look [default: us].
    #[arg(long, value_parser = super::super::marketplace, help_heading = "What to look for")]
    marketplace: Option<Marketplace>,
    /// Best and worst sales rank, for example 10000-50000.
    #[arg(long, value_name = "MIN-MAX", help_heading = "What to look for")]
    bsr: Option<String>,
    /// Lowest and highest price, for example 15-60, 15- or -60; any takes the bounds away.
    #[arg(long, value_name = "MIN-MAX", allow_hyphen_values = true, help_heading = "What to look for")]
    price: Option<String>,
    /// Condition to buy and sell in [default: the strategy's].
    #[arg(long, help_heading = "What to look for")]
    condition: Option<Condition>,
    /// Leave out what Amazon itself sells.
    #[arg(long, value_name = "YES/NO", num_args = 0..=1, default_missing_value = "true", value_parser = yes_or_no,
          help_heading = "What to look for")]
    exclude_amazon: Option<bool>,
    /// How many products at most for each category [default: 50].
    #[arg(long, help_heading = "What to look for")]
    limit: Option<u32>,
    /// What one copy costs, before tax; any goes back to the strategy's rule.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, help_heading = "What to look for")]
    cost: Option<String>,
    /// Into how many parts the rank range is split, so that results do not cluster [default: 3].
    #[arg(long, help_heading = "What to look for")]
    sub_ranges: Option<u32>,
    /// Rule set: balanced, velocity or textbook [default: balanced].
    #[arg(long, help_heading = "What is good enough")]
    strategy: Option<Strategy>,
    /// Verdicts to pick, with commas [default: `STRONG_BUY,BUY`].
    #[arg(long, value_delimiter = ',', value_parser = parse_word::<Recommendation>, help_heading = "What is good enough")]
    pick: Vec<Recommendation>,
    /// Least profit of one copy, for example 4.00.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, help_heading = "What is good enough")]
    min_profit: Option<String>,
    /// Least ROI in percent.
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, help_heading = "What is good enough")]
    min_roi: Option<f64>,
    /// Least velocity score, 0 to 100.
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, help_heading = "What is good enough")]
    min_velocity: Option<f64>,
    /// An ROI above this is a jackpot, to be verified before buying [default: 100].
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, help_heading = "What is good enough")]
    jackpot_roi: Option<f64>,
    /// The most tokens one run may spend.
    #[arg(long, value_name = "TOKENS", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(0..), help_heading = "When, and for how much")]
    max_tokens: Option<i64>,
    /// What happens beyond: stop, warn or off [default: stop].
    #[arg(long, value_parser = parse_word::<BudgetMode>, help_heading = "When, and for how much")]
    budget: Option<BudgetMode>,
    /// When it runs by itself: minute, hour, day of month, month, day of week; never takes the schedule away.
    #[arg(long, help_heading = "When, and for how much")]
    cron: Option<String>,
    /// The time zone of the schedule, for example Europe/Paris [default: UTC].
    #[arg(long, help_heading = "When, and for how much")]
    time_zone: Option<String>,
    /// Put each run off by up to so many minutes.
    #[arg(long, value_name = "MINUTES", help_heading = "When, and for how much")]
    jitter: Option<u32>,
    /// When nothing was running at the time: `run_once` or skip [default: `run_once`].
    #[arg(long, value_parser = parse_word::<Missed>, help_heading = "When, and for how much")]
    missed: Option<Missed>,
    /// What it is for.
    #[arg(long)]
    note: Option<String>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        other => Err(format!("'{other}' is neither yes nor no")),
    }
}

fn from_file(file: &Path) -> anyhow::Result<JobSpec> {
    let text = super::super::read_text(file)?;
    serde_json::from_str(&text).map_err(|error| usage(format!("{}: {error}", file.display())))
}

impl Terms {
    /// A new job.
    pub async fn new_job(
        self,
        engine: &Engine,
        name: Option<String>,
        file: Option<&Path>,
    ) -> anyhow::Result<JobSpec> {
        let mut spec = match file {
            Some(file) => from_file(file)?,
            None => JobSpec {
                name: name.unwrap_or_default(),
                note: None,
                searches: Vec::new(),
                strategy: Strategy::default(),
                budget: Budget::default(),
                schedule: None,
                picks: PickRules::default(),
                sub_ranges: 3,
            },
        };
        self.apply(engine, &mut spec).await?;
        if spec.searches.is_empty() {
            return Err(usage("say what to look for: --category with --bsr, or --niche"));
        }
        Ok(spec)
    }

    /// A job that is there, changed.
    pub async fn changed_job(
        self,
        engine: &Engine,
        mut spec: JobSpec,
        name: Option<String>,
        file: Option<&Path>,
    ) -> anyhow::Result<JobSpec> {
        if let Some(file) = file {
            spec = from_file(file)?;
        }
        spec.name = name.unwrap_or(spec.name);
        self.apply(engine, &mut spec).await?;
        Ok(spec)
    }

    async fn apply(&self, engine: &Engine, spec: &mut JobSpec) -> anyhow::Result<()> {
        self.apply_searches(engine, spec).await?;
        self.apply_filters(spec)?;
        self.apply_schedule(spec)?;
        spec.strategy = self.strategy.unwrap_or(spec.strategy);
        spec.sub_ranges = self.sub_ranges.unwrap_or(spec.sub_ranges);
        if let Some(tokens) = self.max_tokens {
            // A limit that is given is meant.
            spec.budget = Budget { tokens, mode: BudgetMode::Stop };
        }
        spec.budget.mode = self.budget.unwrap_or(spec.budget.mode);
        if let Some(note) = &self.note {
            spec.note = (!note.trim().is_empty()).then(|| note.clone());
        }
        let marketplace = spec.marketplace().or(self.marketplace).unwrap_or(Marketplace::Us);
        let picks = &mut spec.picks;
        if !self.pick.is_empty() {
            picks.levels.clone_from(&self.pick);
        }
        if let Some(profit) = &self.min_profit {
            let profit =
                Money::parse(profit, marketplace).map_err(|e| usage(format!("--min-profit: {e}")))?;
            picks.min_profit = Some(profit.minor);
        }
        picks.min_roi_percent = self.min_roi.or(picks.min_roi_percent);
        picks.min_velocity = self.min_velocity.or(picks.min_velocity);
        picks.jackpot_roi_percent = self.jackpot_roi.unwrap_or(picks.jackpot_roi_percent);
        Ok(())
    }

    /// Categories and niches that are named replace those that were there.
    async fn apply_searches(&self, engine: &Engine, spec: &mut JobSpec) -> anyhow::Result<()> {
        if self.category.is_empty() && self.niche.is_empty() {
            return Ok(());
        }
        let like = spec.searches.iter().find_map(|search| search.filters.clone());
        let mut searches = Vec::new();
        for category in &self.category {
            let category = CategoryRef::Name(category.clone());
            let filters = match (&like, &self.bsr) {
                (Some(like), _) => SavedFilters { category, ..like.clone() },
                (None, Some(bsr)) => {
                    let (bsr_min, bsr_max) = rank_range(bsr)?;
                    SavedFilters {
                        marketplace: self.marketplace.unwrap_or(Marketplace::Us),
                        category,
                        bsr_min,
                        bsr_max,
                        price_min: None,
                        price_max: None,
                        exclude_amazon: false,
                        condition: None,
                        limit: None,
                    }
                }
                (None, None) => {
                    return Err(usage("--bsr: give the best and worst sales rank, for example 1-100000"));
                }
            };
            searches.push(JobSearch { filters: Some(filters), ..JobSearch::default() });
        }
        for niche in &self.niche {
            let niche = engine.niche_named(niche).await?;
            searches.push(JobSearch { niche_id: Some(niche.id), ..JobSearch::default() });
        }
        spec.searches = searches;
        Ok(())
    }

    /// What is said of filters holds for every search with filters of its own.
    fn apply_filters(&self, spec: &mut JobSpec) -> anyhow::Result<()> {
        for search in &mut spec.searches {
            let marketplace = self
                .marketplace
                .or(search.filters.as_ref().map(|filters| filters.marketplace))
                .unwrap_or(Marketplace::Us);
            if let Some(cost) = &self.cost {
                let any = cost == "any";
                search.cost = if any { None } else { Some(super::super::score::cost(cost, marketplace)?) };
            }
            let Some(filters) = &mut search.filters else { continue };
            filters.marketplace = marketplace;
            if let Some(bsr) = &self.bsr {
                (filters.bsr_min, filters.bsr_max) = rank_range(bsr)?;
            }
            match self.price.as_deref() {
                Some("any") => (filters.price_min, filters.price_max) = (None, None),
                Some(price) => (filters.price_min, filters.price_max) = price_range(price, marketplace)?,
                None => {}
            }
            filters.condition = self.condition.or(filters.condition);
            filters.exclude_amazon = self.exclude_amazon.unwrap_or(filters.exclude_amazon);
            filters.limit = self.limit.or(filters.limit);
        }
        Ok(())
    }

    fn apply_schedule(&self, spec: &mut JobSpec) -> Result<(), EngineError> {
        if self.cron.as_deref() == Some("never") {
            spec.schedule = None;
            return Ok(());
        }
        let schedule = match (&self.cron, spec.schedule.take()) {
            (Some(cron), Some(before)) => Schedule { cron: cron.clone(), ..before },
            (None, Some(before)) => before,
            (Some(cron), None) => Schedule {
                cron: cron.clone(),
                time_zone: "UTC".to_owned(),
                jitter_minutes: 0,
                missed: Missed::default(),
            },
            (None, None) if self.time_zone.is_some() || self.jitter.is_some() || self.missed.is_some() => {
                return Err(EngineError::field("cron", "say when it runs, for example '0 7 * * *'"));
            }
            (None, None) => return Ok(()),
        };
        spec.schedule = Some(Schedule {
            time_zone: self.time_zone.clone().unwrap_or(schedule.time_zone),
            jitter_minutes: self.jitter.unwrap_or(schedule.jitter_minutes),
            missed: self.missed.unwrap_or(schedule.missed),
            cron: schedule.cron,
        });
        Ok(())
    }
}
