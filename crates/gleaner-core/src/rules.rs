//! Rules: every number a reseller may choose, gathered in named strategies.
//!
//! A strategy is a complete rule set. Amounts are in the minor unit of the marketplace the rules
//! are made for ([`Rules::for_marketplace`]); a marketplace without a fee card costs nothing for
//! prep, inbound and storage unless it is configured.

use keepa::Domain;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Condition;

/// The version of the rule sets in this module. It grows whenever a number or the meaning of one
/// changes, so that scores kept under the old rules are not shown again.
pub const RULES_VERSION: i64 = 1;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyCost {
    /// The cheapest offer on Amazon itself.
    AmazonLowest,
    /// A share of the sell price.
    Factor(Decimal),
}

/// What to do when Amazon sells the product itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmazonRule {
    /// Nothing.
    Ignore,
    /// At most CONSIDER.
    Cap,
    /// SKIP.
    Skip,
}

/// What a level asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Least ROI in percent.
    pub roi_percent: Decimal,
    /// Least velocity score, 0 to 100.
    pub velocity: Decimal,
    /// Least profit; 0 means that it must be above zero.
    pub profit: i64,
}

/// One complete rule set for one marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Its name.
    pub strategy: Strategy,
    /// Its version, see [`RULES_VERSION`].
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
    /// STRONG_BUY.
    pub strong_buy: Thresholds,
    /// BUY.
    pub buy: Thresholds,
    /// CONSIDER.
    pub consider: Thresholds,
}

impl Rules {
    /// The shipped rule set of a strategy, in the marketplace's minor unit.
    #[must_use]
    pub fn for_marketplace(strategy: Strategy, marketplace: Domain) -> Self {
        // Thresholds are written in hundredths of a dollar; a yen is taken for a cent.
        let level = |roi: i64, velocity: i64, profit: i64| Thresholds {
            roi_percent: Decimal::from(roi),
            velocity: Decimal::from(velocity),
            profit,
        };
        let (strong_buy, buy, consider) = match strategy {
            Strategy::Balanced => (level(50, 80, 500), level(30, 60, 300), level(15, 40, 0)),
            Strategy::Velocity => (level(45, 85, 500), level(25, 70, 300), level(15, 55, 0)),
            Strategy::Textbook => (level(60, 35, 2000), level(35, 20, 1200), level(20, 12, 500)),
        };
        let textbook = strategy == Strategy::Textbook;
        // Prep and inbound are known for amazon.com only.
        let us = marketplace == Domain::Us;
        Self {
            strategy,
            version: RULES_VERSION,
            condition: if textbook { Condition::Used } else { Condition::New },
            sell_price: SellPrice::Conservative,
            buy_cost: BuyCost::Factor(Decimal::new(40, 2)),
            buy_tax_percent: Decimal::ZERO,
            placement: 0,
            prep: if us { 20 } else { 0 },
            inbound_per_lb: if us { 40 } else { 0 },
            storage_months: Decimal::from(if textbook { 3 } else { 1 }),
            allowance_percent: Decimal::ZERO,
            amazon: AmazonRule::Cap,
            roi_outlier_percent: Decimal::from(200),
            max_fba_offers: None,
            max_rank: textbook.then_some(250_000),
            strong_buy,
            buy,
            consider,
        }
    }

    /// The default rule set.
    #[must_use]
    pub fn balanced(marketplace: Domain) -> Self {
        Self::for_marketplace(Strategy::Balanced, marketplace)
    }
}
