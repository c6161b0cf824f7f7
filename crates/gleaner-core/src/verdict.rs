//! The verdict: the highest level whose three conditions hold, and what caps it.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::economics::{meets_profit, meets_roi};
use crate::facts::{Facts, PriceLevel};
use crate::rules::{AmazonRule, Rules, Thresholds};

/// The four verdicts, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Recommendation {
    /// Leave it.
    Skip,
    /// Worth a look.
    Consider,
    /// Buy.
    Buy,
    /// Buy with confidence.
    StrongBuy,
}

impl Recommendation {
    /// All levels above SKIP, best first.
    pub const LEVELS: [Self; 3] = [Self::StrongBuy, Self::Buy, Self::Consider];

    /// `STRONG_BUY`, `BUY`, `CONSIDER` or `SKIP`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "SKIP",
            Self::Consider => "CONSIDER",
            Self::Buy => "BUY",
            Self::StrongBuy => "STRONG_BUY",
        }
    }

    /// The next better level.
    #[must_use]
    pub fn above(self) -> Option<Self> {
        match self {
            Self::Skip => Some(Self::Consider),
            Self::Consider => Some(Self::Buy),
            Self::Buy => Some(Self::StrongBuy),
            Self::StrongBuy => None,
        }
    }

    /// What the level asks for; `None` for SKIP.
    #[must_use]
    pub fn thresholds(self, rules: &Rules) -> Option<&Thresholds> {
        match self {
            Self::Skip => None,
            Self::Consider => Some(&rules.consider),
            Self::Buy => Some(&rules.buy),
            Self::StrongBuy => Some(&rules.strong_buy),
        }
    }
}

impl std::fmt::Display for Recommendation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// ROI in percent.
    RoiPercent,
    /// Velocity score.
    Velocity,
    /// Profit in minor units.
    Profit,
}

/// One condition of one level: what it asks for and what there is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = VerdictCondition)]
pub struct Condition {
    /// The level it belongs to.
    pub level: Recommendation,
    /// What it is about.
    pub measure: Measure,
    /// The least value; a profit of 0 means that it must be above 0.
    pub required: f64,
    /// The value there is, not rounded; absent when it is missing.
    pub actual: Option<f64>,
    /// Whether it holds.
    pub holds: bool,
}

/// What lowers a verdict whatever the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// Amazon sells it now, or did for at least half of the last 90 days.
    AmazonInStock,
    /// An ROI too good to be true: verify by hand.
    RoiOutlier,
    /// More FBA offers than the rule allows.
    MaxFbaOffers,
    /// The numbers rest on too little.
    LowConfidence,
}

/// Why a verdict is not better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No price in the condition asked for.
    NoPrice,
    /// No fulfilment fee to be had for this package.
    NoFulfilmentFee,
    /// The rule finds no cost.
    NoCost,
    /// Nothing tells how often it sells.
    NoDemand,
    /// The rank is above the rule's limit, or unknown under such a rule.
    RankTooHigh,
    /// The next level asks for a higher ROI.
    RoiTooLow,
    /// The next level asks for a higher velocity.
    VelocityTooLow,
    /// The next level asks for a higher profit.
    ProfitTooLow,
    /// A rule limits FBA offers and their number is not known.
    FbaOffersUnknown,
}

/// What was taken for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// The cost is a share of the price.
    CostAssumed,
    /// A side of the package is unknown.
    SizeAssumed,
    /// The weight is unknown.
    WeightAssumed,
    /// The commission is the usual 15 percent.
    ReferralAssumed,
    /// No fee card is valid on the day.
    FeeCardOutdated,
    /// Value-added tax is left out.
    VatIgnored,
}

/// What to mind when handling the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Dangerous goods.
    Hazmat,
    /// Melts.
    HeatSensitive,
    /// Adult product.
    Adult,
    /// Beyond standard size.
    Oversize,
    /// One of several variations: rank and sales may be shared.
    Variation,
    /// Keepa's fulfilment fee stands in for a card and does not move with price or date.
    FeeNotRepriced,
}

/// How far the numbers can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Old, thin or assumed more than once.
    Low,
    /// Something is assumed or not current.
    Medium,
    /// Everything is known and fresh.
    High,
}

/// Seven days in minutes: older facts are not trusted.
const OLD_MINUTES: i64 = 7 * 24 * 60;

/// Rates the trust in facts and assumptions.
#[must_use]
pub fn confidence(facts: &Facts, assumptions: &[Assumption]) -> Confidence {
    let fresh = |limit: fn(i64) -> bool| facts.age_minutes.is_some_and(limit);
    let no_rank = facts.demand.bsr.is_none();
    let thin = !facts.price.is_some_and(|p| p.known_half_the_time());
    if assumptions.len() > 1 || no_rank || thin || !fresh(|age| age <= OLD_MINUTES) {
        return Confidence::Low;
    }
    let priced_now = facts.price.is_some_and(|p| p.current.is_some());
    let averaged = facts.price.is_some_and(|p| p.level == PriceLevel::Average);
    if assumptions.is_empty() && priced_now && !averaged && fresh(|age| age < OLD_MINUTES) {
        Confidence::High
    } else {
        Confidence::Medium
    }
}

/// The money side of a verdict, when there is one.
#[derive(Debug, Clone, Copy)]
pub struct Earnings {
    /// Profit of one copy.
    pub profit: i64,
    /// Cost with tax.
    pub total_cost: i64,
    /// ROI in percent, exact; `None` for a cost of 0.
    pub roi_percent: Option<Decimal>,
}

/// A verdict with its grounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// After caps.
    pub recommendation: Recommendation,
    /// Before caps.
    pub uncapped: Recommendation,
    /// Every condition of every level, best level first.
    pub conditions: Vec<Condition>,
    /// Caps that apply, even where they lower nothing.
    pub caps: Vec<Cap>,
    /// Best verdict the caps allow.
    pub ceiling: Recommendation,
    /// Why it is not better.
    pub reasons: Vec<Reason>,
}

/// Judges. `missing` are the reasons for which no verdict above SKIP is possible.
#[must_use]
pub fn judge(
    facts: &Facts,
    rules: &Rules,
    earnings: Option<Earnings>,
    velocity: f64,
    missing: &[Reason],
    confidence: Confidence,
) -> Verdict {
    let conditions: Vec<Condition> = Recommendation::LEVELS
        .into_iter()
        .filter_map(|level| Some(conditions(level, level.thresholds(rules)?, earnings, velocity)))
        .flatten()
        .collect();
    let holds = |level| conditions.iter().filter(|c| c.level == level).all(|c| c.holds);
    let mut reasons = missing.to_vec();
    let uncapped = if missing.is_empty() {
        Recommendation::LEVELS.into_iter().find(|level| holds(*level)).unwrap_or(Recommendation::Skip)
    } else {
        Recommendation::Skip
    };
    let (caps, ceiling) = caps(facts, rules, earnings, confidence, &mut reasons);
    if let Some(next) = uncapped.above()
        && missing.is_empty()
    {
        reasons.extend(conditions.iter().filter(|c| c.level == next && !c.holds).map(|c| match c.measure {
            Measure::RoiPercent => Reason::RoiTooLow,
            Measure::Velocity => Reason::VelocityTooLow,
            Measure::Profit => Reason::ProfitTooLow,
        }));
    }
    Verdict { recommendation: uncapped.min(ceiling), uncapped, conditions, caps, ceiling, reasons }
}

fn conditions(
    level: Recommendation,
    thresholds: &Thresholds,
    earnings: Option<Earnings>,
    velocity: f64,
) -> [Condition; 3] {
    let float = |value: Decimal| value.to_f64().unwrap_or(f64::NAN);
    [
        Condition {
            level,
            measure: Measure::RoiPercent,
            required: float(thresholds.roi_percent),
            actual: earnings.and_then(|e| e.roi_percent).map(float),
            holds: earnings.is_some_and(|e| meets_roi(e.profit, e.total_cost, thresholds)),
        },
        Condition {
            level,
            measure: Measure::Velocity,
            required: float(thresholds.velocity),
            actual: Some(velocity),
            holds: velocity >= float(thresholds.velocity),
        },
        Condition {
            level,
            measure: Measure::Profit,
            required: float(Decimal::from(thresholds.profit)),
            actual: earnings.map(|e| float(Decimal::from(e.profit))),
            holds: earnings.is_some_and(|e| meets_profit(e.profit, thresholds)),
        },
    ]
}

fn caps(
    facts: &Facts,
    rules: &Rules,
    earnings: Option<Earnings>,
    confidence: Confidence,
    reasons: &mut Vec<Reason>,
) -> (Vec<Cap>, Recommendation) {
    let mut caps = Vec::new();
    let mut ceiling = Recommendation::StrongBuy;
    let mut apply = |cap, at_most: Recommendation| {
        caps.push(cap);
        ceiling = ceiling.min(at_most);
    };
    let amazon = facts.amazon_in_stock == Some(true) || facts.amazon_share90.is_some_and(|share| share >= 50);
    match rules.amazon {
        AmazonRule::Cap if amazon => apply(Cap::AmazonInStock, Recommendation::Consider),
        AmazonRule::Skip if amazon => apply(Cap::AmazonInStock, Recommendation::Skip),
        _ => {}
    }
    if earnings.and_then(|e| e.roi_percent).is_some_and(|roi| roi > rules.roi_outlier_percent) {
        apply(Cap::RoiOutlier, Recommendation::Consider);
    }
    if let Some(most) = rules.max_fba_offers {
        match facts.offers_fba {
            Some(offers) if offers > most => apply(Cap::MaxFbaOffers, Recommendation::Consider),
            Some(_) => {}
            None => reasons.push(Reason::FbaOffersUnknown),
        }
    }
    if confidence == Confidence::Low {
        apply(Cap::LowConfidence, Recommendation::Consider);
    }
    (caps, ceiling)
}
