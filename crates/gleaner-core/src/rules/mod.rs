//! Rules: every number a reseller may choose, gathered in named strategies.
//!
//! A strategy is a complete rule set, kept as a [`RuleDocument`] that people edit; resolved for one
//! marketplace it becomes [`Rules`], which is what a score is computed from. Amounts are in that
//! marketplace's minor unit; a marketplace that the document does not name costs nothing for prep and
//! inbound.

mod change;
mod document;
mod fields;
mod set;

pub use change::{Change, diff, diff_values};
pub(crate) use document::hint;
pub use document::{Freshness, RuleDocument, RunBudget, UnitCosts};
pub use fields::{FIELDS, RuleField, Unit};

use keepa::Domain;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Condition;

/// The version of the shipped rule sets; a reseller's own start above it.
pub const SHIPPED_VERSION: i64 = 1;

/// The named rule sets.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// The default.
    #[default]
    Balanced,
    /// Fast turnover, lower margins.
    Velocity,
    /// Slow, dear books; used copies by default.
    Textbook,
}

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 3] = [Self::Balanced, Self::Velocity, Self::Textbook];

    /// `balanced`, `velocity` or `textbook`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Velocity => "velocity",
            Self::Textbook => "textbook",
        }
    }
}

impl std::fmt::Display for Strategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str() == text.trim().to_ascii_lowercase())
            .ok_or_else(|| format!("'{text}' is not a strategy: use balanced, velocity or textbook"))
    }
}

/// Which price a copy is expected to sell for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SellPrice {
    /// The lower of the current price and the 90-day median.
    Conservative,
    /// The current price, else the median.
    Current,
    /// The median, else the current price.
    Median90,
}

/// What a copy is expected to cost when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuyCost {
    /// The cheapest offer on Amazon itself.
    AmazonLowest,
    /// A share of the sell price, above 0 and at most 1.
    #[schema(value_type = f64)]
    Factor(#[serde(with = "rust_decimal::serde::float")] Decimal),
}

/// What to do when Amazon sells the product itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AmazonRule {
    /// Nothing.
    Ignore,
    /// At most CONSIDER.
    Cap,
    /// SKIP.
    Skip,
}

/// What happens beyond a budget of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BudgetMode {
    /// Nothing is checked.
    #[default]
    Off,
    /// Going over is told in the answer.
    Warn,
    /// A call that would go over is not made.
    Stop,
}

/// What a level asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Least ROI in percent.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub roi_percent: Decimal,
    /// Least velocity score, 0 to 100.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub velocity: Decimal,
    /// Least profit in minor units; 0 means that it must be above zero.
    #[schema(value_type = i64)]
    pub profit: i64,
}

/// One complete rule set for one marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Its name.
    pub strategy: Strategy,
    /// Its version, see [`SHIPPED_VERSION`].
    pub version: i64,
    /// The condition asked for when nobody says.
    pub condition: Condition,
    /// Which price counts.
    pub sell_price: SellPrice,
    /// Which cost counts when none is given.
    pub buy_cost: BuyCost,
    /// Tax on the purchase, in percent of the cost.
    pub buy_tax_percent: Decimal,
    /// Inbound placement fee per unit.
    pub placement: i64,
    /// Prep per unit.
    pub prep: i64,
    /// Inbound shipping per pound.
    pub inbound_per_lb: i64,
    /// Months in storage.
    pub storage_months: Decimal,
    /// Returns and the rest, in percent of the sell price.
    pub allowance_percent: Decimal,
    /// What Amazon on the listing means.
    pub amazon: AmazonRule,
    /// ROI in percent above which a number must be verified by hand.
    pub roi_outlier_percent: Decimal,
    /// Most FBA offers; none when off.
    pub max_fba_offers: Option<i64>,
    /// Worst rank; none when off.
    pub max_rank: Option<i64>,
    /// `STRONG_BUY`.
    pub strong_buy: Thresholds,
    /// BUY.
    pub buy: Thresholds,
    /// CONSIDER.
    pub consider: Thresholds,
    /// How old answers may be.
    pub freshness: Freshness,
    /// What one run may spend when nobody says.
    pub budget: RunBudget,
}

impl Rules {
    /// The shipped rule set of a strategy, for one marketplace.
    #[must_use]
    pub fn for_marketplace(strategy: Strategy, marketplace: Domain) -> Self {
        RuleDocument::shipped(strategy).resolve(strategy, SHIPPED_VERSION, marketplace)
    }

    /// The default rule set.
    #[must_use]
    pub fn balanced(marketplace: Domain) -> Self {
        Self::for_marketplace(Strategy::Balanced, marketplace)
    }
}
