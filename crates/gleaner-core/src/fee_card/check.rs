//! Whether a card can be right: every mistake by its field, at once.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{FeeCard, SizeTier};
use crate::filters::FieldError;
use crate::money::MAX_AMOUNT;

/// The longest name of a card and of its source, in characters.
const MAX_TEXT: usize = 1_000;

impl FeeCard {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.head(&mut errors);
        self.tiers(&mut errors);
        self.lines(&mut errors);
        errors
    }

    fn head(&self, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > 100 || !self.id.chars().all(plain) {
            wrong("id", "must be 1 to 100 small letters, digits and hyphens, for example us-2027".to_owned());
        }
        for (field, text) in [("source", &self.source), ("confidence", &self.confidence)] {
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
                wrong(field, format!("say it in 1 to {MAX_TEXT} characters"));
            }
        }
        if self.valid_to < self.valid_from {
            wrong("valid_to", format!("{} is before valid_from {}", self.valid_to, self.valid_from));
        }
        let currency = self.marketplace.currency();
        if self.currency != currency {
            wrong("currency", format!("'{}' is not the marketplace's: {currency}", self.currency));
        }
        let [low, high] = self.price_bands;
        if low <= 0 || low >= high || high > MAX_AMOUNT {
            wrong("price_bands", format!("{low} and {high} must be above 0 and rise"));
        }
        if self.dimensional_divisor <= Decimal::ZERO {
            wrong("dimensional_divisor", "must be above 0".to_owned());
        }
        let mut days = HashSet::new();
        for (n, surcharge) in self.surcharges.iter().enumerate() {
            if surcharge.percent < Decimal::ZERO || surcharge.percent > Decimal::ONE_HUNDRED {
                wrong(&format!("surcharges[{n}].percent"), format!("{} must be 0 to 100", surcharge.percent));
            }
            if !days.insert(surcharge.from) {
                wrong(&format!("surcharges[{n}].from"), format!("{} stands twice", surcharge.from));
            }
        }
    }

    fn tiers(&self, errors: &mut Vec<FieldError>) {
        tier("small_standard", &self.small_standard, errors);
        tier("large_standard", &self.large_standard, errors);
        let (small, large) = (&self.small_standard, &self.large_standard);
        let sides = small.max_sides_in.iter().zip(&large.max_sides_in);
        if sides.clone().any(|(small, large)| small > large) {
            errors.push(FieldError::new(
                "large_standard.max_sides_in",
                "must hold whatever small_standard holds: no side may be shorter",
            ));
        }
        if small.max_weight_oz > large.max_weight_oz {
            errors
                .push(FieldError::new("large_standard.max_weight_oz", "must not be below small_standard's"));
        }
    }

    fn lines(&self, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        let amounts = [
            ("storage.standard.normal", self.storage.standard.normal),
            ("storage.standard.high", self.storage.standard.high),
            ("storage.beyond_standard.normal", self.storage.beyond_standard.normal),
            ("storage.beyond_standard.high", self.storage.beyond_standard.high),
            ("closing.fee", self.closing.fee),
            ("referral.minimum", self.referral.minimum),
        ];
        for (field, amount) in amounts {
            if !(0..=MAX_AMOUNT).contains(&amount) {
                wrong(field, format!("{amount} must be 0 to {MAX_AMOUNT} in the minor unit"));
            }
        }
        if self.storage.high_months.iter().any(|month| !(1..=12).contains(month)) {
            wrong("storage.high_months", "must be months from 1 to 12".to_owned());
        }
        let mut roots = HashSet::new();
        for (n, rule) in self.referral.rules.iter().enumerate() {
            let field = format!("referral.rules[{n}]");
            for root in rule.root_categories.iter().filter(|root| !roots.insert(**root)) {
                wrong(
                    &field,
                    format!("category {root} has a rule already: a category stands in at most one"),
                );
            }
            let bounded = rule.steps.len().saturating_sub(1);
            if rule.steps.is_empty()
                || rule.steps[..bounded].iter().any(|step| step.up_to.is_none())
                || rule.steps[bounded].up_to.is_some()
                || rule.steps.windows(2).any(|w| w[1].up_to.is_some_and(|bound| Some(bound) <= w[0].up_to))
            {
                wrong(&field, "its steps must rise, and only the last one has no up_to".to_owned());
            }
            if rule.steps.iter().any(|s| s.percent <= Decimal::ZERO || s.percent >= Decimal::ONE_HUNDRED) {
                wrong(&field, "a rate must be above 0 and below 100 percent".to_owned());
            }
        }
    }
}

fn tier(name: &str, tier: &SizeTier, errors: &mut Vec<FieldError>) {
    let mut wrong =
        |field: &str, message: String| errors.push(FieldError::new(format!("{name}.{field}"), message));
    let [longest, median, shortest] = tier.max_sides_in;
    if shortest <= Decimal::ZERO || longest < median || median < shortest {
        wrong("max_sides_in", "must be above 0, longest first".to_owned());
    }
    if tier.max_weight_oz <= Decimal::ZERO {
        wrong("max_weight_oz", "must be above 0".to_owned());
    }
    if tier.rows.is_empty() {
        wrong("rows", "at least one is needed".to_owned());
    }
    for (n, pair) in tier.rows.windows(2).enumerate() {
        if pair[0].up_to_oz >= pair[1].up_to_oz {
            wrong(
                &format!("rows[{}].up_to_oz", n + 1),
                format!("{} must be above the row before", pair[1].up_to_oz),
            );
        }
        if pair[0].fee.iter().zip(&pair[1].fee).any(|(lighter, heavier)| lighter > heavier) {
            wrong(&format!("rows[{}].fee", n + 1), "a heavier unit must not cost less".to_owned());
        }
    }
    let fees = tier.rows.iter().map(|row| &row.fee).chain(tier.beyond.iter().map(|beyond| &beyond.fee));
    for (n, fee) in fees.enumerate() {
        let field = if n < tier.rows.len() { format!("rows[{n}].fee") } else { "beyond.fee".to_owned() };
        if fee.iter().any(|amount| !(1..=MAX_AMOUNT).contains(amount)) {
            wrong(&field, format!("every fee must be 1 to {MAX_AMOUNT} in the minor unit"));
        } else if fee.windows(2).any(|bands| bands[0] > bands[1]) {
            wrong(&field, "a dearer price band must not cost less".to_owned());
        }
    }
    if let Some(beyond) = &tier.beyond
        && (beyond.step_oz <= Decimal::ZERO || !(0..=MAX_AMOUNT).contains(&beyond.step_fee))
    {
        wrong("beyond", "step_oz must be above 0 and step_fee not negative".to_owned());
    }
    let last = tier.rows.last().map(|row| row.up_to_oz);
    if tier.beyond.is_none() && last.is_some_and(|last| last < tier.max_weight_oz) {
        wrong("rows", format!("nothing is said above {} oz: add a row or beyond", last.unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::FeeCards;
    use super::*;

    fn card() -> FeeCard {
        FeeCards::shipped().iter().find(|card| card.id == "us-2026").map(|card| FeeCard::clone(card)).unwrap()
    }

    #[test]
    fn every_shipped_card_passes_and_survives_json() {
        for card in FeeCards::shipped().iter() {
            assert_eq!(card.check(), [], "{}", card.id);
            let value = serde_json::to_value(&**card).unwrap();
            assert_eq!(FeeCard::from_value(value).unwrap(), **card);
        }
    }

    #[test]
    fn each_mistake_is_told_by_its_field() {
        type Break = fn(&mut FeeCard);
        let cases: [(&str, Break); 14] = [
            ("id", |c| c.id = "US 2026".to_owned()),
            ("valid_to", |c| c.valid_to = c.valid_from.pred_opt().unwrap()),
            ("currency", |c| c.currency = "EUR".to_owned()),
            ("price_bands", |c| c.price_bands = [5000, 1000]),
            ("surcharges[0].percent", |c| c.surcharges[0].percent = Decimal::from(101)),
            ("small_standard.max_sides_in", |c| c.small_standard.max_sides_in.reverse()),
            ("large_standard.max_weight_oz", |c| c.large_standard.max_weight_oz = Decimal::ONE),
            ("small_standard.rows[1].up_to_oz", |c| c.small_standard.rows[1].up_to_oz = Decimal::ONE),
            ("large_standard.rows[2].fee", |c| c.large_standard.rows[2].fee = [0, 420, 446]),
            ("large_standard.rows[1].fee", |c| c.large_standard.rows[1].fee = [100, 395, 421]),
            ("large_standard.beyond.fee", |c| {
                c.large_standard.beyond.as_mut().unwrap().fee = [900, 800, 700];
            }),
            ("large_standard.rows", |c| c.large_standard.beyond = None),
            ("storage.high_months", |c| c.storage.high_months = vec![13]),
            ("referral.rules[1]", |c| c.referral.rules[1].root_categories.push(283_155)),
        ];
        for (field, break_it) in cases {
            let mut card = card();
            break_it(&mut card);
            let errors = card.check();
            assert!(errors.iter().any(|error| error.field == field), "{field}: {errors:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let mut value = serde_json::to_value(card()).unwrap();
        value["referral"]["minimun"] = 30.into();
        let errors = FeeCard::from_value(value).unwrap_err();
        assert_eq!(errors[0].field, "referral.minimun");
        assert!(errors[0].message.contains("'minimum'"), "{errors:?}");
    }
}
