//! Fees: everything between the sale price and what is left of it, line by line.
//!
//! A [`FeeSchedule`] is what one product pays on one day; it answers for any price, so that "what if
//! I list at 9.99" is one more call. Each line is rounded when it is computed.

use chrono::NaiveDate;
use keepa::{CategoryId, Domain};
use rust_decimal::Decimal;

use crate::facts::{PackageFacts, ReportedFulfilment};
use crate::fee_card::{CardOnDay, FeeCard, FeeCards, SizeTier};
use crate::money::{percent_of, round};
use crate::rules::Rules;

/// Grams in a pound.
const GRAMS_PER_LB: Decimal = Decimal::from_parts(45_359_237, 0, 0, false, 5);
/// Ounces in a pound.
const OZ_PER_LB: Decimal = Decimal::from_parts(16, 0, 0, false, 0);
/// Millimetres in an inch.
const MM_PER_IN: Decimal = Decimal::from_parts(254, 0, 0, false, 1);
/// Cubic millimetres in a cubic inch (25.4³).
const MM3_PER_IN3: Decimal = Decimal::from_parts(16_387_064, 0, 0, false, 3);
/// Cubic millimetres in a cubic foot (304.8³).
const MM3_PER_CUFT: Decimal = Decimal::from_parts(0x97d0_ca00, 6, 0, false, 3);
/// Volume in cubic feet when a side is unknown.
const ASSUMED_CUFT: Decimal = Decimal::from_parts(5, 0, 0, false, 2);
/// Commission in percent when neither Keepa nor the card tells.
const ASSUMED_REFERRAL: Decimal = Decimal::from_parts(15, 0, 0, false, 0);
/// Keepa computes its rate back from rounded cents; this close to a whole percent it is that percent.
const SNAP: Decimal = Decimal::from_parts(6, 0, 0, false, 2);

/// The amounts of one sale, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeLines {
    /// Commission.
    pub referral: i64,
    /// Per-item fee on media.
    pub closing: i64,
    /// Pick, pack and ship, by the card or as Keepa reports it.
    pub fulfilment: i64,
    /// What Amazon charges this product beyond the card (lithium, dangerous goods); may be negative.
    pub adjustment: i64,
    /// The card's percentage on the fulfilment fee.
    pub surcharge: i64,
    /// Inbound placement, by rule.
    pub placement: i64,
    /// Prep, by rule.
    pub prep: i64,
    /// Shipping to the warehouse, by rule and weight.
    pub inbound: i64,
    /// Monthly storage for the months of the rule.
    pub storage: i64,
    /// Returns and the rest, by rule.
    pub allowance: i64,
}

impl FeeLines {
    /// The sum of all lines.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.referral
            + self.closing
            + self.fulfilment
            + self.adjustment
            + self.surcharge
            + self.placement
            + self.prep
            + self.inbound
            + self.storage
            + self.allowance
    }
}

/// Where the fulfilment fee comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fulfilment {
    /// A card row: fee and surcharge by price band.
    Card { fee: [i64; 3], surcharge: [i64; 3], bounds: [i64; 2] },
    /// Keepa's figure; it does not move with the price.
    Reported(i64),
}

/// A price range with its commission: `(highest price or open, percent)`.
type ReferralStep = (Option<i64>, Decimal);

/// What one product pays on one day, at any price.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is told on its own")]
pub struct FeeSchedule {
    referral: Vec<ReferralStep>,
    referral_minimum: i64,
    fulfilment: Option<Fulfilment>,
    closing: i64,
    adjustment: i64,
    placement: i64,
    prep: i64,
    inbound: i64,
    storage: i64,
    allowance_percent: Decimal,
    /// The card that was used, by id.
    pub card_id: Option<String>,
    /// Neither Keepa nor the card had a commission.
    pub referral_assumed: bool,
    /// No card is valid on the day.
    pub card_outdated: bool,
    /// Keepa's fulfilment fee stands in for a card.
    pub not_repriced: bool,
    /// Known to be beyond standard size.
    pub oversize: bool,
}

impl FeeSchedule {
    /// Works out what a product pays on a day.
    #[must_use]
    pub fn new(
        marketplace: Domain,
        root: Option<CategoryId>,
        package: &PackageFacts,
        rules: &Rules,
        cards: &FeeCards,
        day: NaiveDate,
    ) -> Self {
        let on_day = cards.on(marketplace, day);
        let card = on_day.as_ref().map(|c| c.card.as_ref());
        let fulfilment = fulfilment(card, package, day);
        let card_row = matches!(fulfilment, Some(Fulfilment::Card { .. })) && is_measured(package);
        let adjustment = package
            .reported_fulfilment
            .filter(|_| card_row)
            .map_or(0, |reported| adjustment(marketplace, package, reported, cards));
        let (referral, referral_assumed) = referral(card, root, package.referral_percent);
        let oversize = card.is_some_and(|c| exceeds_standard(c, package));
        let media = |c: &FeeCard| root.is_some_and(|r| c.closing.root_categories.contains(&r.0));
        Self {
            referral,
            referral_minimum: card
                .filter(|c| !root.is_some_and(|r| c.referral.no_minimum.contains(&r.0)))
                .map_or(0, |c| c.referral.minimum),
            fulfilment,
            closing: package
                .closing_fee
                .or_else(|| card.filter(|c| media(c)).map(|c| c.closing.fee))
                .unwrap_or(0),
            adjustment,
            placement: rules.placement,
            prep: rules.prep,
            inbound: inbound(package, rules),
            storage: card.map_or(0, |c| storage(c, package, rules, day, !oversize)),
            allowance_percent: rules.allowance_percent,
            card_id: card.map(|c| c.id.clone()),
            referral_assumed,
            card_outdated: on_day.as_ref().is_some_and(|c| c.outdated),
            not_repriced: matches!(fulfilment, Some(Fulfilment::Reported(_))),
            oversize,
        }
    }

    /// Whether there is a fulfilment fee, and hence an answer for every price.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.fulfilment.is_some()
    }

    /// Every line at a price; `None` when there is no fulfilment fee to be had.
    #[must_use]
    pub fn lines(&self, price: i64) -> Option<FeeLines> {
        let (fulfilment, surcharge) = match self.fulfilment? {
            Fulfilment::Card { fee, surcharge, bounds } => {
                let band = band(bounds, price);
                (fee[band], surcharge[band])
            }
            Fulfilment::Reported(fee) => (fee, 0),
        };
        let percent = self
            .referral
            .iter()
            .find(|(up_to, _)| up_to.is_none_or(|bound| price <= bound))
            .map_or(Decimal::ZERO, |(_, percent)| *percent);
        Some(FeeLines {
            referral: percent_of(price, percent).max(self.referral_minimum),
            closing: self.closing,
            fulfilment,
            adjustment: self.adjustment,
            surcharge,
            placement: self.placement,
            prep: self.prep,
            inbound: self.inbound,
            storage: self.storage,
            allowance: percent_of(price, self.allowance_percent),
        })
    }

    /// What is left of a price after all fees; `None` when there is no fulfilment fee.
    #[must_use]
    pub fn net(&self, price: i64) -> Option<i64> {
        self.lines(price).map(|lines| price - lines.total())
    }

    /// The price ranges within which every rate is constant, from 1 upwards.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let mut starts = vec![1];
        if let Some(Fulfilment::Card { bounds, .. }) = self.fulfilment {
            starts.extend([bounds[0], bounds[1] + 1]);
        }
        starts.extend(self.referral.iter().filter_map(|(up_to, _)| up_to.map(|bound| bound + 1)));
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|next| Some(next - 1)).chain([None]);
        starts
            .iter()
            .zip(ends)
            .filter_map(|(&from, to)| {
                let lines = self.lines(from)?;
                let referral = self
                    .referral
                    .iter()
                    .find(|(up_to, _)| up_to.is_none_or(|bound| from <= bound))
                    .map_or(Decimal::ZERO, |(_, percent)| *percent);
                Some(Piece {
                    from,
                    to,
                    referral_percent: referral,
                    allowance_percent: self.allowance_percent,
                    referral_minimum: self.referral_minimum,
                    fixed: lines.total() - lines.referral - lines.allowance,
                })
            })
            .collect()
    }
}

/// A range of prices with constant rates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) from: i64,
    /// Inclusive; `None` is open.
    pub(crate) to: Option<i64>,
    pub(crate) referral_percent: Decimal,
    pub(crate) allowance_percent: Decimal,
    pub(crate) referral_minimum: i64,
    /// Every line that does not move with the price.
    pub(crate) fixed: i64,
}

fn band(bounds: [i64; 2], price: i64) -> usize {
    usize::from(price >= bounds[0]) + usize::from(price > bounds[1])
}

fn is_measured(package: &PackageFacts) -> bool {
    package.sides_mm.is_some() && package.weight_g.is_some()
}

fn fulfilment(card: Option<&FeeCard>, package: &PackageFacts, day: NaiveDate) -> Option<Fulfilment> {
    let priced = |card: &FeeCard, fee: [i64; 3]| {
        let percent = card.surcharge_percent(day);
        Fulfilment::Card { fee, surcharge: fee.map(|f| percent_of(f, percent)), bounds: card.price_bands }
    };
    let measured = card.zip(package.sides_mm).zip(package.weight_g);
    let by_size = measured.and_then(|((card, sides), grams)| Some(priced(card, row(card, sides, grams)?)));
    let reported = || package.reported_fulfilment.map(|r| Fulfilment::Reported(r.fee));
    let assumed = || {
        let card = card.filter(|_| !is_measured(package))?;
        let grams = package.weight_g.map_or(GRAMS_PER_LB, Decimal::from);
        Some(priced(card, tier_row(&card.large_standard, |oz| grams * OZ_PER_LB <= oz * GRAMS_PER_LB)?))
    };
    by_size.or_else(reported).or_else(assumed)
}

/// The card's row for a measured package; `None` beyond standard size.
fn row(card: &FeeCard, sides_mm: [i64; 3], grams: i64) -> Option<[i64; 3]> {
    let tier = [&card.small_standard, &card.large_standard]
        .into_iter()
        .find(|tier| sides_fit(tier, sides_mm) && weighs_at_most(grams, tier.max_weight_oz))?;
    tier_row(tier, |oz| {
        weighs_at_most(grams, oz)
            && (!tier.dimensional_weight
                || volume(sides_mm) * OZ_PER_LB <= oz * card.dimensional_divisor * MM3_PER_IN3)
    })
}

/// The first row of a tier whose weight bound holds; above the last row its base and steps.
fn tier_row(tier: &SizeTier, holds: impl Fn(Decimal) -> bool) -> Option<[i64; 3]> {
    if !holds(tier.max_weight_oz) {
        return None;
    }
    if let Some(row) = tier.rows.iter().find(|row| holds(row.up_to_oz)) {
        return Some(row.fee);
    }
    let beyond = tier.beyond.as_ref()?;
    let mut bound = tier.rows.last()?.up_to_oz;
    let mut started = 0;
    while !holds(bound) {
        bound += beyond.step_oz;
        started += beyond.step_fee;
    }
    Some(beyond.fee.map(|fee| fee + started))
}

fn sides_fit(tier: &SizeTier, sides_mm: [i64; 3]) -> bool {
    sides_mm.iter().zip(tier.max_sides_in).all(|(mm, inches)| Decimal::from(*mm) <= inches * MM_PER_IN)
}

fn weighs_at_most(grams: i64, oz: Decimal) -> bool {
    Decimal::from(grams) * OZ_PER_LB <= oz * GRAMS_PER_LB
}

fn volume(sides_mm: [i64; 3]) -> Decimal {
    sides_mm.iter().map(|mm| Decimal::from(*mm)).product()
}

/// Whether what is known of the package already puts it beyond standard size.
fn exceeds_standard(card: &FeeCard, package: &PackageFacts) -> bool {
    let tier = &card.large_standard;
    package.sides_mm.is_some_and(|sides| !sides_fit(tier, sides))
        || package.weight_g.is_some_and(|grams| !weighs_at_most(grams, tier.max_weight_oz))
}

/// Reported fee less card and surcharge of the fee's own day, in the price band of that day.
fn adjustment(
    marketplace: Domain,
    package: &PackageFacts,
    reported: ReportedFulfilment,
    cards: &FeeCards,
) -> i64 {
    let then = reported.at.map(|at| at.to_datetime().date_naive());
    let quoted = then.and_then(|day| {
        let CardOnDay { card, .. } = cards.on(marketplace, day)?;
        let fee = row(&card, package.sides_mm?, package.weight_g?)?;
        let percent = card.surcharge_percent(day);
        Some((card, fee.map(|f| f + percent_of(f, percent))))
    });
    let Some((card, fees)) = quoted else { return 0 };
    match reported.new_price {
        Some(price) => reported.fee - fees[card.band(price)],
        // The middle band first: it wins a tie.
        None => {
            [1, 0, 2].map(|band| reported.fee - fees[band]).into_iter().min_by_key(|d| d.abs()).unwrap_or(0)
        }
    }
}

fn referral(
    card: Option<&FeeCard>,
    root: Option<CategoryId>,
    reported: Option<Decimal>,
) -> (Vec<ReferralStep>, bool) {
    let rule = card.and_then(|c| c.referral_rule(root));
    let steps = |rule: &crate::fee_card::ReferralRule| {
        rule.steps.iter().map(|s| (s.up_to, s.percent)).collect::<Vec<_>>()
    };
    match (reported.map(snap), rule) {
        (Some(rate), Some(rule))
            if rule.depends_on_price() && rule.steps.iter().any(|s| s.percent == rate) =>
        {
            (steps(rule), false)
        }
        (Some(rate), _) => (vec![(None, rate)], false),
        (None, Some(rule)) => (steps(rule), false),
        (None, None) => (vec![(None, ASSUMED_REFERRAL)], true),
    }
}

fn snap(rate: Decimal) -> Decimal {
    let whole = rate.round();
    if (rate - whole).abs() <= SNAP { whole } else { rate }
}

fn inbound(package: &PackageFacts, rules: &Rules) -> i64 {
    let per_lb = Decimal::from(rules.inbound_per_lb);
    package.weight_g.map_or(rules.inbound_per_lb, |grams| round(per_lb * Decimal::from(grams) / GRAMS_PER_LB))
}

fn storage(card: &FeeCard, package: &PackageFacts, rules: &Rules, day: NaiveDate, standard: bool) -> i64 {
    let rate = Decimal::from(card.storage_rate(day, standard)) * rules.storage_months;
    match package.sides_mm {
        Some(sides) => round(rate * volume(sides) / MM3_PER_CUFT),
        None => round(rate * ASSUMED_CUFT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_exact_ones() {
        assert_eq!(GRAMS_PER_LB.to_string(), "453.59237");
        assert_eq!(MM3_PER_IN3, MM_PER_IN * MM_PER_IN * MM_PER_IN);
        let foot = MM_PER_IN * Decimal::from(12);
        assert_eq!(MM3_PER_CUFT, foot * foot * foot);
        assert_eq!(SNAP.to_string(), "0.06");
    }

    #[test]
    fn rates_near_a_whole_percent_are_that_percent() {
        let snapped = |text: &str| snap(text.parse().unwrap()).to_string();
        assert_eq!(snapped("15.02"), "15");
        assert_eq!(snapped("14.94"), "15");
        assert_eq!(snapped("15.06"), "15");
        assert_eq!(snapped("15.07"), "15.07");
        assert_eq!(snapped("12.5"), "12.5");
    }
}
