//! The score: everything Gleaner says about one product, in one value.

use chrono::{DateTime, Utc};
use keepa::{Domain, KeepaTime, Product};
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Condition;
use crate::demand::{Demand, one_decimal};
use crate::economics::{self, CostSource, Reach, VerdictBasis};
use crate::facts::Facts;
use crate::fee_card::FeeCards;
use crate::fees::{FeeLines, FeeSchedule};
use crate::price::PriceRange;
use crate::rules::{Rules, SellPrice, Strategy};
use crate::verdict::{self, Assumption, Cap, Confidence, Earnings, Reason, Recommendation, Verdict, Warning};

/// What a score is computed from. Nothing else has an influence.
#[derive(Debug, Clone, Copy)]
pub struct ScoreInput<'a> {
    /// The product as Keepa sent it.
    pub product: &'a Product,
    /// The marketplace it was asked for.
    pub marketplace: Domain,
    /// The condition asked about.
    pub condition: Condition,
    /// What one copy costs before tax, in minor units, when the caller knows; not negative.
    pub cost: Option<i64>,
    /// What one copy is to be listed for, in minor units, instead of the price the rules choose.
    pub price: Option<i64>,
    /// The moment it is judged at.
    pub at: DateTime<Utc>,
    /// The rules.
    pub rules: &'a Rules,
    /// The fee cards.
    pub cards: &'a FeeCards,
}

/// Which product facts speak of.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Its ASIN; empty when nobody tells.
    pub asin: &'a str,
    /// Its title.
    pub title: Option<&'a str>,
}

/// What facts are judged under.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The marketplace the facts are from.
    pub marketplace: Domain,
    /// The condition they were gathered for.
    pub condition: Condition,
    /// What one copy costs before tax, in minor units, when the caller knows; not negative.
    pub cost: Option<i64>,
    /// What one copy is to be listed for, in minor units, instead of the price the rules choose.
    pub price: Option<i64>,
    /// The moment of the judgement.
    pub at: DateTime<Utc>,
    /// The rules.
    pub rules: &'a Rules,
    /// The fee cards.
    pub cards: &'a FeeCards,
}

/// The itemised answer for one product. Amounts are integers in the currency's minor unit; what is
/// missing is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductScore)]
pub struct Score {
    /// The product; empty when the saved product carries none.
    pub asin: String,
    /// Title as Keepa has it.
    pub title: Option<String>,
    /// Marketplace code, for example `us`.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Domain,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The condition asked about.
    pub condition: Condition,
    /// The rule set.
    pub strategy: Strategy,
    /// Its version.
    #[schema(value_type = i64)]
    pub rules_version: i64,
    /// Which set of fee cards it was computed with; 0 is what ships.
    #[serde(default)]
    #[schema(value_type = i64)]
    pub fee_cards_version: i64,
    /// The moment it was judged at.
    pub evaluated_at: DateTime<Utc>,
    /// Minutes between Keepa's last refresh and the evaluation; 0 when looking back.
    #[schema(value_type = Option<i64>)]
    pub data_age_minutes: Option<i64>,
    /// The Keepa history that gave the price.
    pub price_series: Option<String>,
    /// The price now.
    #[schema(value_type = Option<i64>)]
    pub current: Option<i64>,
    /// The time-weighted median of the last 90 days.
    #[schema(value_type = Option<i64>)]
    pub median90: Option<i64>,
    /// The price the sale is reckoned with.
    #[schema(value_type = Option<i64>)]
    pub sell_price: Option<i64>,
    /// Every fee; all null when there is no price or no fulfilment fee.
    pub lines: Lines,
    /// Sell price less all fees.
    #[schema(value_type = Option<i64>)]
    pub net: Option<i64>,
    /// What one copy costs, before tax.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// Cost with buy tax.
    #[schema(value_type = Option<i64>)]
    pub total_cost: Option<i64>,
    /// Where the cost comes from.
    pub cost_source: CostSource,
    /// Net less cost and tax.
    #[schema(value_type = Option<i64>)]
    pub profit: Option<i64>,
    /// Profit in percent of the total cost, not rounded; null for a cost of 0.
    pub roi_percent: Option<f64>,
    /// The most to pay, before tax, and still have BUY's ROI and profit.
    #[schema(value_type = Option<i64>)]
    pub max_cost: Option<i64>,
    /// The smallest price such that it and every higher one cover the cost.
    #[schema(value_type = Option<i64>)]
    pub break_even_price: Option<i64>,
    /// Lower prices that cover the cost too, where a fee steps up in between.
    pub break_even_windows: Vec<PriceRange>,
    /// Sales rank now.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// Copies the listing sells in 30 days, all sellers and conditions.
    pub sales30: Option<f64>,
    /// The caller's share of those.
    pub your_sales30: Option<f64>,
    /// Days until one copy sells at that share.
    pub days_to_sell: Option<f64>,
    /// Rank drops in 30 days.
    #[schema(value_type = Option<i64>)]
    pub drops30: Option<i64>,
    /// Rank drops in 90 days.
    #[schema(value_type = Option<i64>)]
    pub drops90: Option<i64>,
    /// Amazon's "bought in past month".
    #[schema(value_type = Option<i64>)]
    pub monthly_sold: Option<i64>,
    /// Days of the last 180 with a sale or a rank below 100,000.
    #[schema(value_type = Option<i64>)]
    pub sale_days180: Option<i64>,
    /// 0 to 100, one decimal.
    pub velocity_score: f64,
    /// Amazon sells it now; null when nothing tells.
    pub amazon_in_stock: Option<bool>,
    /// Percent of the last 90 days with Amazon in stock.
    #[schema(value_type = Option<i64>)]
    pub amazon_share90: Option<i64>,
    /// Offers in new condition.
    #[schema(value_type = Option<i64>)]
    pub offers_new: Option<i64>,
    /// Offers fulfilled by Amazon.
    #[schema(value_type = Option<i64>)]
    pub offers_fba: Option<i64>,
    /// The verdict, after caps.
    pub recommendation: Recommendation,
    /// The verdict before caps.
    pub uncapped_recommendation: Recommendation,
    /// What the verdict rests on; with `assumed` the `max_cost` is what decides.
    pub verdict_basis: VerdictBasis,
    /// Every condition of every level.
    pub conditions: Vec<verdict::Condition>,
    /// Caps that apply, even where they lower nothing.
    pub caps: Vec<Cap>,
    /// Why the verdict is not better.
    pub reasons: Vec<Reason>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// What to mind.
    pub warnings: Vec<Warning>,
    /// How far the numbers can be trusted.
    pub confidence: Confidence,
    /// The smallest change that reaches the next level.
    pub nearest_change: Option<NearestChange>,
    /// The fee card of the day; null where the marketplace has none.
    pub fee_card: Option<String>,
}

/// The fee lines of a score, in minor units; all null when there is no price or no fulfilment fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = FeeLines)]
pub struct Lines {
    /// Commission.
    #[schema(value_type = Option<i64>)]
    pub referral: Option<i64>,
    /// Per-item fee on media.
    #[schema(value_type = Option<i64>)]
    pub closing: Option<i64>,
    /// Pick, pack and ship, by the card or as Keepa reports it.
    #[schema(value_type = Option<i64>)]
    pub fulfilment: Option<i64>,
    /// What Amazon charges this product beyond the card; may be negative.
    #[schema(value_type = Option<i64>)]
    pub adjustment: Option<i64>,
    /// The card's percentage on the fulfilment fee.
    #[schema(value_type = Option<i64>)]
    pub surcharge: Option<i64>,
    /// Inbound placement, by rule.
    #[schema(value_type = Option<i64>)]
    pub placement: Option<i64>,
    /// Prep, by rule.
    #[schema(value_type = Option<i64>)]
    pub prep: Option<i64>,
    /// Shipping to the warehouse, by rule and weight.
    #[schema(value_type = Option<i64>)]
    pub inbound: Option<i64>,
    /// Storage for the months of the rule.
    #[schema(value_type = Option<i64>)]
    pub storage: Option<i64>,
    /// Returns and the rest, by rule.
    #[schema(value_type = Option<i64>)]
    pub allowance: Option<i64>,
}

impl From<FeeLines> for Lines {
    fn from(lines: FeeLines) -> Self {
        Self {
            referral: Some(lines.referral),
            closing: Some(lines.closing),
            fulfilment: Some(lines.fulfilment),
            adjustment: Some(lines.adjustment),
            surcharge: Some(lines.surcharge),
            placement: Some(lines.placement),
            prep: Some(lines.prep),
            inbound: Some(lines.inbound),
            storage: Some(lines.storage),
            allowance: Some(lines.allowance),
        }
    }
}

/// The smallest change that reaches the level above, each alone. Amounts are minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearestChange {
    /// The level it reaches.
    pub level: Recommendation,
    /// The highest cost that reaches it.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// By how much the cost must fall.
    #[schema(value_type = Option<i64>)]
    pub cost_drop: Option<i64>,
    /// The lowest higher price that reaches it.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// By how much the price must rise.
    #[schema(value_type = Option<i64>)]
    pub price_rise: Option<i64>,
}

/// Scores one product. Pure: the same input gives the same cents.
#[must_use]
pub fn score(input: &ScoreInput<'_>) -> Score {
    let ScoreInput { product, marketplace, condition, cost, price, at, rules, cards } = *input;
    let facts = Facts::gather(product, condition, KeepaTime::from_datetime(at));
    let asin = product.asin.map(|a| a.to_string()).unwrap_or_default();
    let identity = Identity { asin: &asin, title: product.title.as_deref() };
    score_facts(identity, &facts, &Terms { marketplace, condition, cost, price, at, rules, cards })
}

/// Scores facts wherever they come from: a product, or an export that only has figures.
#[must_use]
pub fn score_facts(identity: Identity<'_>, facts: &Facts, input: &Terms<'_>) -> Score {
    let Terms { marketplace, condition, rules, .. } = *input;
    let fees = FeeSchedule::new(
        marketplace,
        facts.root_category,
        &facts.package,
        rules,
        input.cards,
        input.at.date_naive(),
    );
    let demand = Demand::estimate(&facts.demand, facts.competing_offers);
    let own_price = sell_price(facts, rules);
    let sell_price = input.price.or(own_price);
    let lines = sell_price.and_then(|price| fees.lines(price));
    let net = sell_price.zip(lines).map(|(price, lines)| price - lines.total());
    let cost_source = economics::cost_source(input.cost, rules);
    // Without a price and its fees there is nothing to reckon a cost for; a given cost stays given.
    // Listing a copy for less does not make it cheaper to buy.
    let cost_base = own_price.or(sell_price);
    let cost = economics::cost(input.cost, rules, facts, cost_base.filter(|_| lines.is_some()));
    let total_cost = cost.map(|cost| economics::total_cost(cost, rules));
    let earnings = net.zip(total_cost).map(|(net, total_cost)| Earnings {
        profit: net - total_cost,
        total_cost,
        roi_percent: economics::roi_percent(net - total_cost, total_cost),
    });
    let missing = missing(facts, rules, &demand, sell_price, fees.is_known(), cost);
    let assumptions = assumptions(facts, &fees, marketplace, cost_source);
    let confidence = verdict::confidence(facts, &assumptions);
    let verdict = verdict::judge(facts, rules, earnings, demand.velocity, &missing, confidence);
    let break_even = match (net, total_cost) {
        (Some(_), Some(total)) => economics::break_even(&fees, total),
        _ => economics::BreakEven::default(),
    };
    let nearest_change = sell_price.zip(cost).and_then(|(price, cost)| {
        nearest_change(&verdict, &missing, rules, |level| economics::reach(&fees, price, cost, level, rules))
            .map(|(level, reach)| NearestChange::new(level, reach, price, cost))
    });
    Score {
        asin: identity.asin.to_owned(),
        title: identity.title.map(str::to_owned),
        marketplace,
        currency: marketplace.currency().to_owned(),
        condition,
        strategy: rules.strategy,
        rules_version: rules.version,
        fee_cards_version: input.cards.version(),
        evaluated_at: input.at,
        data_age_minutes: facts.age_minutes,
        price_series: facts.price.map(|p| p.series.name().to_owned()),
        current: facts.price.and_then(|p| p.current),
        median90: facts.price.and_then(|p| p.median90),
        sell_price,
        lines: lines.map_or_else(Lines::default, Lines::from),
        net,
        cost,
        total_cost,
        cost_source,
        profit: earnings.map(|e| e.profit),
        roi_percent: earnings.and_then(|e| e.roi_percent).and_then(|roi| roi.to_f64()),
        max_cost: net.and_then(|net| economics::max_cost(net, &rules.buy, rules)),
        break_even_price: break_even.price,
        break_even_windows: break_even.windows,
        bsr: facts.demand.bsr,
        sales30: demand.sales30,
        your_sales30: demand.your_sales30,
        days_to_sell: demand.days_to_sell,
        drops30: facts.demand.drops30,
        drops90: facts.demand.drops90,
        monthly_sold: facts.demand.monthly_sold,
        sale_days180: facts.demand.sale_days180,
        velocity_score: one_decimal(demand.velocity),
        amazon_in_stock: facts.amazon_in_stock,
        amazon_share90: facts.amazon_share90,
        offers_new: facts.offers_new,
        offers_fba: facts.offers_fba,
        recommendation: verdict.recommendation,
        uncapped_recommendation: verdict.uncapped,
        verdict_basis: cost_source.basis(),
        conditions: verdict.conditions,
        caps: verdict.caps,
        reasons: verdict.reasons,
        assumptions,
        warnings: warnings(facts, &fees),
        confidence,
        nearest_change,
        fee_card: fees.card_id,
    }
}

fn sell_price(facts: &Facts, rules: &Rules) -> Option<i64> {
    let price = facts.price?;
    match rules.sell_price {
        SellPrice::Conservative => match (price.current, price.median90) {
            (Some(now), Some(median)) => Some(now.min(median)),
            (now, median) => now.or(median),
        },
        SellPrice::Current => price.current.or(price.median90),
        SellPrice::Median90 => price.median90.or(price.current),
    }
}

fn missing(
    facts: &Facts,
    rules: &Rules,
    demand: &Demand,
    sell_price: Option<i64>,
    has_fees: bool,
    cost: Option<i64>,
) -> Vec<Reason> {
    let rank_too_high = rules.max_rank.is_some_and(|worst| facts.demand.bsr.is_none_or(|bsr| bsr > worst));
    [
        (sell_price.is_none(), Reason::NoPrice),
        (!has_fees, Reason::NoFulfilmentFee),
        (sell_price.is_some() && has_fees && cost.is_none(), Reason::NoCost),
        (demand.sales30.is_none(), Reason::NoDemand),
        (rank_too_high, Reason::RankTooHigh),
    ]
    .into_iter()
    .filter_map(|(applies, reason)| applies.then_some(reason))
    .collect()
}

fn assumptions(
    facts: &Facts,
    fees: &FeeSchedule,
    marketplace: Domain,
    cost_source: CostSource,
) -> Vec<Assumption> {
    [
        (cost_source == CostSource::Factor, Assumption::CostAssumed),
        (facts.package.sides_mm.is_none(), Assumption::SizeAssumed),
        (facts.package.weight_g.is_none(), Assumption::WeightAssumed),
        (fees.referral_assumed, Assumption::ReferralAssumed),
        (fees.card_outdated, Assumption::FeeCardOutdated),
        (marketplace != Domain::Us, Assumption::VatIgnored),
    ]
    .into_iter()
    .filter_map(|(applies, assumption)| applies.then_some(assumption))
    .collect()
}

fn warnings(facts: &Facts, fees: &FeeSchedule) -> Vec<Warning> {
    [
        (facts.flags.hazmat, Warning::Hazmat),
        (facts.flags.heat_sensitive, Warning::HeatSensitive),
        (facts.flags.adult, Warning::Adult),
        (fees.oversize, Warning::Oversize),
        (facts.flags.variation, Warning::Variation),
        (fees.not_repriced, Warning::FeeNotRepriced),
    ]
    .into_iter()
    .filter_map(|(applies, warning)| applies.then_some(warning))
    .collect()
}

/// The change to the level above the uncapped one, unless velocity, a cap or a gap stands in the way.
fn nearest_change(
    verdict: &Verdict,
    missing: &[Reason],
    rules: &Rules,
    reach: impl Fn(&crate::rules::Thresholds) -> Reach,
) -> Option<(Recommendation, Reach)> {
    let level = verdict.uncapped.above()?;
    let thresholds = level.thresholds(rules)?;
    let too_slow = verdict
        .conditions
        .iter()
        .any(|c| c.level == level && c.measure == verdict::Measure::Velocity && !c.holds);
    if !missing.is_empty() || too_slow || verdict.ceiling < level {
        return None;
    }
    Some((level, reach(thresholds)))
}

impl NearestChange {
    fn new(level: Recommendation, reach: Reach, price: i64, cost: i64) -> Self {
        Self {
            level,
            cost: reach.cost_at_most,
            cost_drop: reach.cost_at_most.map(|to| cost - to),
            price: reach.price_at_least,
            price_rise: reach.price_at_least.map(|to| to - price),
        }
    }
}
