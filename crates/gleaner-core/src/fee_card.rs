//! Fee cards: Amazon's prices as dated data files.
//!
//! A card belongs to a marketplace and is valid from one day to another; several stand side by
//! side. The shipped ones are `fee-cards/*.toml`; a user's own replace a shipped one by its id.

mod check;

use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate};
use keepa::{CategoryId, Domain};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use utoipa::ToSchema;

use crate::filters::{FieldError, short_hash};

const SHIPPED: [&str; 4] = [
    include_str!("../fee-cards/us-2025.toml"),
    include_str!("../fee-cards/us-2025-peak.toml"),
    include_str!("../fee-cards/us-2026.toml"),
    include_str!("../fee-cards/us-2026-peak.toml"),
];

/// One dated price list of one marketplace. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeCard {
    /// The name it is cited by, for example `us-2026`.
    pub id: String,
    /// Where it holds.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Domain,
    /// A peak card never outlives its end; a base card holds on until a later one.
    pub kind: CardKind,
    /// The first day (UTC) it holds.
    pub valid_from: NaiveDate,
    /// The last day (UTC) it holds.
    pub valid_to: NaiveDate,
    /// Currency of every amount in it.
    pub currency: String,
    /// Where the numbers come from.
    pub source: String,
    /// How far the numbers are trusted, in words.
    pub confidence: String,
    /// Two bounds: below the first, up to and including the second, above it.
    #[schema(value_type = Vec<i64>)]
    pub price_bands: [i64; 2],
    /// Cubic inches to a pound of dimensional weight.
    #[schema(value_type = String, example = "3.5")]
    pub dimensional_divisor: Decimal,
    /// Percentages on the fulfilment fee, each from its first day on.
    #[serde(default)]
    pub surcharges: Vec<Surcharge>,
    /// The smaller size tier.
    pub small_standard: SizeTier,
    /// The larger size tier; what does not fit is beyond standard size.
    pub large_standard: SizeTier,
    /// Monthly storage.
    pub storage: Storage,
    /// Per-item fee on media.
    pub closing: Closing,
    /// Commission.
    pub referral: Referral,
}

/// Whether a card is the year's own or the season's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CardKind {
    /// Holds on after its end when nothing follows.
    Base,
    /// Ends on its last day.
    Peak,
}

/// A percentage on the fulfilment fee from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Surcharge {
    /// First day (UTC).
    pub from: NaiveDate,
    /// Percent of the fulfilment fee.
    #[schema(value_type = String, example = "3.5")]
    pub percent: Decimal,
}

/// A size tier: what fits in it and its price by weight and price band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeTier {
    /// Longest, median and shortest side in inches, inclusive.
    #[schema(value_type = Vec<String>)]
    pub max_sides_in: [Decimal; 3],
    /// Heaviest unit weight in ounces, inclusive.
    #[schema(value_type = String, example = "3.5")]
    pub max_weight_oz: Decimal,
    /// Whether the greater of unit and dimensional weight counts.
    pub dimensional_weight: bool,
    /// Fees by weight, lightest first.
    pub rows: Vec<WeightRow>,
    /// Above the last row.
    pub beyond: Option<BeyondRow>,
}

/// The fee up to a weight, for the three price bands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightRow {
    /// Heaviest weight in ounces, inclusive.
    #[schema(value_type = String, example = "3.5")]
    pub up_to_oz: Decimal,
    /// Fee in the low, middle and high price band.
    #[schema(value_type = Vec<i64>)]
    pub fee: [i64; 3],
}

/// The fee above the last row: a base and a step for each started weight step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeyondRow {
    /// Base fee in the low, middle and high price band.
    #[schema(value_type = Vec<i64>)]
    pub fee: [i64; 3],
    /// The weight step in ounces.
    #[schema(value_type = String, example = "3.5")]
    pub step_oz: Decimal,
    /// What each started step adds.
    #[schema(value_type = i64)]
    pub step_fee: i64,
}

/// Monthly storage rates per cubic foot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// Months (1 to 12) at the high rate.
    #[schema(value_type = Vec<i64>)]
    pub high_months: Vec<u32>,
    /// Standard-size units.
    pub standard: StorageRate,
    /// Everything larger.
    pub beyond_standard: StorageRate,
}

/// Storage rate in minor units per cubic foot and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StorageRate {
    /// Most of the year.
    #[schema(value_type = i64)]
    pub normal: i64,
    /// In the high months.
    #[schema(value_type = i64)]
    pub high: i64,
}

/// The variable closing fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Per item.
    #[schema(value_type = i64)]
    pub fee: i64,
    /// Root categories that pay it.
    #[schema(value_type = Vec<i64>)]
    pub root_categories: Vec<i64>,
}

/// Commission rules by root category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// Least commission per item.
    #[schema(value_type = i64)]
    pub minimum: i64,
    /// Root categories without a minimum.
    #[schema(value_type = Vec<i64>)]
    pub no_minimum: Vec<i64>,
    /// The rules; a root category stands in at most one.
    pub rules: Vec<ReferralRule>,
}

/// A commission rule: flat with one step, price-dependent with several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralRule {
    /// Root categories it holds for.
    #[schema(value_type = Vec<i64>)]
    pub root_categories: Vec<i64>,
    /// Steps by price; the step's rate holds for the whole price.
    pub steps: Vec<ReferralStep>,
}

/// One step of a commission rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralStep {
    /// Highest price it holds for, inclusive; absent in the last step.
    #[schema(value_type = Option<i64>)]
    pub up_to: Option<i64>,
    /// Percent of the price.
    #[schema(value_type = String, example = "3.5")]
    pub percent: Decimal,
}

impl ReferralRule {
    /// Whether the rate moves with the price.
    #[must_use]
    pub fn depends_on_price(&self) -> bool {
        self.steps.len() > 1
    }

    /// The rate at a price.
    #[must_use]
    pub fn percent_at(&self, price: i64) -> Decimal {
        self.steps
            .iter()
            .find(|step| step.up_to.is_none_or(|bound| price <= bound))
            .map_or(Decimal::ZERO, |step| step.percent)
    }
}

impl FeeCard {
    /// Reads and checks a card written as TOML, as those that ship are.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        let card: Self = toml::from_str(text).map_err(|e| CardError::Syntax(e.to_string()))?;
        let errors = card.check();
        if errors.is_empty() { Ok(card) } else { Err(CardError::Content { id: card.id, errors }) }
    }

    /// The same from JSON that was read already; every mistake by its field.
    pub fn from_value(value: Value) -> Result<Self, Vec<FieldError>> {
        let card: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { "card".to_owned() } else { path };
            vec![FieldError::new(field, crate::rules::hint(&error.into_inner().to_string()))]
        })?;
        let errors = card.check();
        if errors.is_empty() { Ok(card) } else { Err(errors) }
    }

    /// The commission rule of a root category, if the card has one.
    #[must_use]
    pub fn referral_rule(&self, root: Option<CategoryId>) -> Option<&ReferralRule> {
        let root = root?.0;
        self.referral.rules.iter().find(|rule| rule.root_categories.contains(&root))
    }

    /// The surcharge percentage on a day.
    #[must_use]
    pub fn surcharge_percent(&self, day: NaiveDate) -> Decimal {
        self.surcharges
            .iter()
            .filter(|s| s.from <= day)
            .max_by_key(|s| s.from)
            .map_or(Decimal::ZERO, |s| s.percent)
    }

    /// The storage rate on a day, in minor units per cubic foot and month.
    #[must_use]
    pub fn storage_rate(&self, day: NaiveDate, standard_size: bool) -> i64 {
        let rate = if standard_size { &self.storage.standard } else { &self.storage.beyond_standard };
        if self.storage.high_months.contains(&day.month()) { rate.high } else { rate.normal }
    }

    /// The first days of the months after a day in which storage has another price than in the month before.
    fn storage_changes(&self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let high = |month: NaiveDate| self.storage.high_months.contains(&month.month());
        let this = day.with_day(1).unwrap_or(day);
        let months = (1..=12).filter_map(move |n| this.checked_add_months(Months::new(n)));
        months.filter(move |month| month.pred_opt().is_some_and(|last| high(last) != high(*month)))
    }

    /// Which price band a price falls in: 0 low, 1 middle, 2 high.
    #[must_use]
    pub fn band(&self, price: i64) -> usize {
        if price < self.price_bands[0] {
            0
        } else if price <= self.price_bands[1] {
            1
        } else {
            2
        }
    }
}

/// The card that applies on a day.
#[derive(Debug, Clone)]
pub struct CardOnDay {
    /// The card.
    pub card: Arc<FeeCard>,
    /// True when no card is valid on that day and the nearest base card stands in.
    pub outdated: bool,
}

/// All known cards.
#[derive(Debug, Clone)]
pub struct FeeCards {
    cards: Vec<Arc<FeeCard>>,
    version: i64,
    /// Of everything that is in them.
    fingerprint: String,
}

impl FeeCards {
    /// The cards that ship with the program.
    ///
    /// # Panics
    /// Never: a test reads every shipped card.
    #[must_use]
    pub fn shipped() -> Self {
        let cards = SHIPPED
            .iter()
            .map(|text| Arc::new(FeeCard::parse(text).expect("the shipped cards are checked by a test")))
            .collect();
        Self::of(cards, 0)
    }

    fn of(cards: Vec<Arc<FeeCard>>, version: i64) -> Self {
        // What is printed for a person to debug has every field.
        let fingerprint = short_hash(format!("{cards:?}").as_bytes());
        Self { cards, version, fingerprint }
    }

    /// Differs between cards that differ in anything: a score made under others is not theirs.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The first day after `day` on which a fee of a marketplace may change.
    #[must_use]
    pub fn next_change(&self, marketplace: Domain, day: NaiveDate) -> Option<NaiveDate> {
        let mine = self.cards.iter().filter(|card| card.marketplace == marketplace);
        let days = mine.flat_map(|card| {
            let surcharges = card.surcharges.iter().map(|surcharge| surcharge.from);
            let ends = [Some(card.valid_from), card.valid_to.succ_opt()].into_iter().flatten();
            ends.chain(surcharges).chain(card.storage_changes(day))
        });
        days.filter(|change| *change > day).min()
    }

    /// The shipped cards with the given ones added; one with a known id replaces that card.
    #[must_use]
    pub fn with(mut self, own: Vec<FeeCard>) -> Self {
        for card in own {
            self.cards.retain(|c| c.id != card.id);
            self.cards.push(Arc::new(card));
        }
        Self::of(self.cards, self.version)
    }

    /// The same cards under a number that tells this set from any other; 0 is what ships.
    #[must_use]
    pub fn in_version(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// The number of this set.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Every card, for lists.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<FeeCard>> {
        self.cards.iter()
    }

    /// The card of a marketplace on a day; `None` when the marketplace has no card at all.
    ///
    /// Of the cards valid that day the one with the latest first day holds. After the last one the
    /// latest base card, before the first one the first, marked as outdated.
    #[must_use]
    pub fn on(&self, marketplace: Domain, day: NaiveDate) -> Option<CardOnDay> {
        let mine = || self.cards.iter().filter(|c| c.marketplace == marketplace);
        if let Some(card) =
            mine().filter(|c| c.valid_from <= day && day <= c.valid_to).max_by_key(|c| c.valid_from)
        {
            return Some(CardOnDay { card: card.clone(), outdated: false });
        }
        let base = || mine().filter(|c| c.kind == CardKind::Base);
        base()
            .filter(|c| c.valid_from <= day)
            .max_by_key(|c| c.valid_from)
            .or_else(|| mine().min_by_key(|c| c.valid_from))
            .map(|card| CardOnDay { card: card.clone(), outdated: true })
    }
}

/// Why a card cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CardError {
    /// Not TOML, a missing or unknown key, or a value of the wrong type.
    #[error("the fee card cannot be read: {0}")]
    Syntax(String),
    /// Well formed but contradictory.
    #[error("fee card '{id}': {}", sentence(.errors))]
    Content {
        /// The card's id.
        id: String,
        /// What is wrong, by field.
        errors: Vec<FieldError>,
    },
}

fn sentence(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_day_has_the_card_of_that_day() {
        let cards = FeeCards::shipped();
        for (date, id, outdated) in [
            ("2024-02-04", "us-2025", true),
            ("2024-02-05", "us-2025", false),
            ("2025-10-14", "us-2025", false),
            ("2025-10-15", "us-2025-peak", false),
            ("2026-01-14", "us-2025-peak", false),
            ("2026-01-15", "us-2026", false),
            ("2026-10-14", "us-2026", false),
            ("2026-10-15", "us-2026-peak", false),
            ("2027-01-14", "us-2026-peak", false),
            ("2027-01-15", "us-2026", true),
        ] {
            let found = cards.on(Domain::Us, day(date)).unwrap();
            assert_eq!((found.card.id.as_str(), found.outdated), (id, outdated), "{date}");
        }
        assert!(cards.on(Domain::De, day("2026-01-15")).is_none());
    }

    #[test]
    fn the_surcharge_starts_on_its_day() {
        let cards = FeeCards::shipped();
        let percent = |d: &str| cards.on(Domain::Us, day(d)).unwrap().card.surcharge_percent(day(d));
        assert_eq!(percent("2026-04-16"), Decimal::ZERO);
        assert_eq!(percent("2026-04-17"), Decimal::new(35, 1));
        assert_eq!(percent("2026-11-22"), Decimal::new(35, 1));
        assert_eq!(percent("2025-06-01"), Decimal::ZERO);
    }

    #[test]
    fn a_card_with_an_unknown_key_or_falling_weights_is_refused() {
        let text = SHIPPED[2];
        assert!(FeeCard::parse(&format!("colour = \"red\"\n{text}")).is_err());
        assert!(FeeCard::parse(&text.replacen("up_to_oz = \"4\"", "up_to_oz = \"1\"", 1)).is_err());
        assert!(FeeCard::parse(&text.replace("\"USD\"", "\"EUR\"")).is_err());
    }

    #[test]
    fn a_users_card_replaces_the_shipped_one_of_that_name() {
        let mut own = FeeCard::parse(SHIPPED[2]).unwrap();
        own.source = "mine".to_owned();
        let cards = FeeCards::shipped().with(vec![own]);
        assert_eq!(cards.iter().count(), 4);
        assert_eq!(cards.on(Domain::Us, day("2026-06-01")).unwrap().card.source, "mine");
    }

    #[test]
    fn cards_that_differ_in_one_fee_have_another_fingerprint() {
        let shipped = FeeCards::shipped();
        assert_eq!(shipped.fingerprint(), FeeCards::shipped().fingerprint());
        let mut own = FeeCard::parse(SHIPPED[2]).unwrap();
        own.large_standard.rows[0].fee[1] += 1;
        assert_ne!(shipped.clone().with(vec![own]).fingerprint(), shipped.fingerprint());
    }

    #[test]
    fn the_day_is_known_on_which_a_fee_changes_next() {
        let next = |date: &str| FeeCards::shipped().next_change(Domain::Us, day(date)).unwrap().to_string();
        assert_eq!(next("2026-04-16"), "2026-04-17", "the fuel surcharge");
        assert_eq!(next("2026-04-17"), "2026-10-01", "dearer storage");
        assert_eq!(next("2026-10-14"), "2026-10-15", "the peak card");
        assert_eq!(FeeCards::shipped().next_change(Domain::De, day("2026-01-01")), None);
    }
}
