//! What a niche looks for, as options of the command line.

use gleaner_core::rules::Strategy;
use gleaner_core::saved_filters::{CategoryRef, SavedFilters};
use gleaner_core::templates::templates;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::niche::NicheDraft;

use super::discover::{price_range, rank_range};
use crate::exit::usage;

/// What a niche looks for and how it is scored.
#[derive(Debug, clap::Args)]
pub(super) struct Terms {
    /// Where to look: us, uk, de, fr, jp, ca, it, es, in, mx or br [default: us].
    #[arg(long, value_parser = super::marketplace)]
    marketplace: Option<Marketplace>,
    /// Category name or Keepa id; 0 or all for every category.
    #[arg(long)]
    category: Option<String>,
    /// Best and worst sales rank, for example 10000-50000.
    #[arg(long, value_name = "MIN-MAX")]
    bsr: Option<String>,
    /// Lowest and highest price, for example 15-60, 15- or -60; any for no bound.
    #[arg(long, value_name = "MIN-MAX", allow_hyphen_values = true)]
    price: Option<String>,
    /// Condition to buy and sell in: new, used, or strategy for the strategy's own [default: strategy].
    #[arg(long)]
    condition: Option<String>,
    /// Leave out what Amazon itself sells: true or false [default: false].
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    exclude_amazon: Option<bool>,
    /// How many products at most [default: 50].
    #[arg(long)]
    limit: Option<u32>,
    /// Rule set: balanced, velocity or textbook [default: balanced].
    #[arg(long)]
    strategy: Option<Strategy>,
    /// What one copy costs, before tax; rules for what the rules say [default: rules].
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    cost: Option<String>,
    /// What to remember about it.
    #[arg(long)]
    note: Option<String>,
}

impl Terms {
    /// Lays what was typed over a draft.
    pub(super) fn over(self, draft: &mut NicheDraft) -> anyhow::Result<()> {
        let filters = &mut draft.filters;
        if let Some(marketplace) = self.marketplace {
            filters.marketplace = marketplace;
        }
        if let Some(category) = self.category {
            filters.category = CategoryRef::Name(category);
        }
        if let Some(bsr) = &self.bsr {
            (filters.bsr_min, filters.bsr_max) = rank_range(bsr)?;
        }
        match self.price.as_deref() {
            Some("any") => (filters.price_min, filters.price_max) = (None, None),
            Some(price) => {
                (filters.price_min, filters.price_max) = price_range(price, filters.marketplace)?;
            }
            None => {}
        }
        match self.condition.as_deref() {
            Some("strategy") => filters.condition = None,
            Some(condition) => {
                let condition: Condition =
                    condition.parse().map_err(|why| usage(format!("--condition: {why}, or strategy")))?;
                filters.condition = Some(condition);
            }
            None => {}
        }
        if let Some(exclude) = self.exclude_amazon {
            filters.exclude_amazon = exclude;
        }
        filters.limit = self.limit.or(filters.limit);
        draft.strategy = self.strategy.unwrap_or(draft.strategy);
        match self.cost.as_deref() {
            Some("rules") => draft.cost = None,
            Some(cost) => draft.cost = Some(super::score::cost(cost, draft.filters.marketplace)?),
            None => {}
        }
        if let Some(note) = self.note {
            draft.note = Some(note);
        }
        Ok(())
    }
}

/// The draft of a new niche.
pub(super) fn draft(
    name: Option<String>,
    template: Option<&str>,
    terms: Terms,
) -> anyhow::Result<NicheDraft> {
    let mut draft = if let Some(id) = template {
        templates().iter().find(|template| template.id == id).map(NicheDraft::from).ok_or_else(|| {
            usage(format!("--template: there is no template '{id}'; see `gleaner niche templates`"))
        })?
    } else {
        let missing = |what: &str| usage(format!("{what} is needed, or a --template"));
        NicheDraft {
            name: String::new(),
            note: None,
            strategy: Strategy::default(),
            filters: SavedFilters {
                marketplace: Marketplace::Us,
                category: CategoryRef::Name(terms.category.clone().ok_or_else(|| missing("--category"))?),
                bsr_min: 0,
                bsr_max: match &terms.bsr {
                    Some(_) => 0,
                    None => return Err(missing("--bsr")),
                },
                price_min: None,
                price_max: None,
                exclude_amazon: false,
                condition: None,
                limit: None,
            },
            cost: None,
        }
    };
    if let Some(name) = name {
        draft.name = name;
    }
    terms.over(&mut draft)?;
    Ok(draft)
}
