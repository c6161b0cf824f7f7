//! The rules as people edit them: one document per strategy, checked as a whole.

use std::collections::BTreeMap;

use keepa::Domain;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::out_of_range;
use super::{AmazonRule, BudgetMode, BuyCost, Rules, SellPrice, Strategy, Thresholds};
use crate::Condition;
use crate::filters::FieldError;

/// A strategy's rules for every marketplace. Profit thresholds and unit costs are integers in the
/// marketplace's minor unit (500 is 5.00 dollars on amazon.com and 500 yen on amazon.co.jp).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// The condition asked for when nobody says.
    pub condition: Condition,
    /// Which price counts.
    pub sell_price: SellPrice,
    /// Which cost counts when none is given: `"amazon_lowest"` or `{"factor": 0.4}`.
    pub buy_cost: BuyCost,
    /// Tax on the purchase, in percent of the cost.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub buy_tax_percent: Decimal,
    /// What a unit costs besides Amazon's card, by marketplace code; elsewhere nothing.
    #[schema(value_type = BTreeMap<String, UnitCosts>)]
    pub unit_costs: BTreeMap<Domain, UnitCosts>,
    /// Months in storage.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub storage_months: Decimal,
    /// Returns and the rest, in percent of the sell price.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub allowance_percent: Decimal,
    /// What Amazon on the listing means.
    pub amazon: AmazonRule,
    /// ROI in percent above which a number must be verified by hand.
    #[serde(with = "rust_decimal::serde::float")]
    #[schema(value_type = f64)]
    pub roi_outlier_percent: Decimal,
    /// Most FBA offers; null is off.
    #[schema(value_type = Option<i64>)]
    pub max_fba_offers: Option<i64>,
    /// Worst rank; null is off.
    #[schema(value_type = Option<i64>)]
    pub max_rank: Option<i64>,
    /// `STRONG_BUY`.
    pub strong_buy: Thresholds,
    /// BUY.
    pub buy: Thresholds,
    /// CONSIDER.
    pub consider: Thresholds,
    /// How old answers may be; never older than the program's own settings allow.
    #[serde(default)]
    pub freshness: Freshness,
    /// What one search may spend when nobody says.
    #[serde(default)]
    pub budget: RunBudget,
}

/// How old an answer may be and still be used, in minutes; null: as the program is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Freshness {
    /// What a discovery found.
    #[schema(value_type = Option<i64>)]
    pub discovery_minutes: Option<i64>,
    /// A score, and the facts under it.
    #[schema(value_type = Option<i64>)]
    pub score_minutes: Option<i64>,
}

/// What one search may spend when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RunBudget {
    /// Tokens.
    #[schema(value_type = i64)]
    pub tokens: i64,
    /// What happens beyond; off: nothing is checked.
    pub mode: BudgetMode,
}

/// What a unit costs besides Amazon's card, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UnitCosts {
    /// Inbound placement fee.
    #[schema(value_type = i64)]
    pub placement: i64,
    /// Prep.
    #[schema(value_type = i64)]
    pub prep: i64,
    /// Inbound shipping per pound.
    #[schema(value_type = i64)]
    pub inbound_per_lb: i64,
}

impl RuleDocument {
    /// The shipped document of a strategy.
    #[must_use]
    pub fn shipped(strategy: Strategy) -> Self {
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
        Self {
            condition: if textbook { Condition::Used } else { Condition::New },
            sell_price: SellPrice::Conservative,
            buy_cost: BuyCost::Factor(Decimal::new(40, 2)),
            buy_tax_percent: Decimal::ZERO,
            // Prep and inbound are known for amazon.com only.
            unit_costs: BTreeMap::from([(
                Domain::Us,
                UnitCosts { placement: 0, prep: 20, inbound_per_lb: 40 },
            )]),
            storage_months: Decimal::from(if textbook { 3 } else { 1 }),
            allowance_percent: Decimal::ZERO,
            amazon: AmazonRule::Cap,
            roi_outlier_percent: Decimal::from(200),
            max_fba_offers: None,
            max_rank: textbook.then_some(250_000),
            strong_buy,
            buy,
            consider,
            freshness: Freshness::default(),
            budget: RunBudget::default(),
        }
    }

    /// The rules for one marketplace.
    #[must_use]
    pub fn resolve(&self, strategy: Strategy, version: i64, marketplace: Domain) -> Rules {
        let unit = self.unit_costs.get(&marketplace).copied().unwrap_or_default();
        Rules {
            strategy,
            version,
            condition: self.condition,
            sell_price: self.sell_price,
            buy_cost: self.buy_cost,
            buy_tax_percent: self.buy_tax_percent,
            placement: unit.placement,
            prep: unit.prep,
            inbound_per_lb: unit.inbound_per_lb,
            storage_months: self.storage_months,
            allowance_percent: self.allowance_percent,
            amazon: self.amazon,
            roi_outlier_percent: self.roi_outlier_percent,
            max_fba_offers: self.max_fba_offers,
            max_rank: self.max_rank,
            strong_buy: self.strong_buy,
            buy: self.buy,
            consider: self.consider,
            freshness: self.freshness,
            budget: self.budget,
        }
    }

    /// Reads a document; an unknown key is refused with the nearest known one.
    pub fn parse(text: &str) -> Result<Self, Vec<FieldError>> {
        let value: Value = serde_json::from_str(text)
            .map_err(|e| vec![FieldError::new("document", format!("not a complete JSON document: {e}"))])?;
        Self::from_value(value)
    }

    /// The same from JSON that was read already.
    pub fn from_value(value: Value) -> Result<Self, Vec<FieldError>> {
        let document: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            vec![FieldError::new(
                if path == "." { "document".to_owned() } else { path },
                hint(&error.into_inner().to_string()),
            )]
        })?;
        let errors = document.check();
        if errors.is_empty() { Ok(document) } else { Err(errors) }
    }

    /// Everything that is wrong with it, at once.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        // As numbers of its JSON, so that the ranges stand in one place, from which forms are built too.
        let mut errors = match serde_json::to_value(self) {
            Ok(document) => out_of_range(&document),
            Err(error) => vec![FieldError::new("document", error.to_string())],
        };
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        let levels = [("strong_buy", &self.strong_buy), ("buy", &self.buy), ("consider", &self.consider)];
        for pair in levels.windows(2) {
            let [(better_name, better), (worse_name, worse)] = pair else { continue };
            let ordered = [
                ("roi_percent", better.roi_percent >= worse.roi_percent),
                ("velocity", better.velocity >= worse.velocity),
                ("profit", better.profit >= worse.profit),
            ];
            for (measure, holds) in ordered {
                if !holds {
                    wrong(
                        &format!("{better_name}.{measure}"),
                        format!("must not be below {worse_name}.{measure}: the better level asks for more"),
                    );
                }
            }
        }
        errors
    }
}

/// Adds the nearest known key to serde's word about an unknown one.
pub(crate) fn hint(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut names = rest.split('`').step_by(2);
    let Some(unknown) = names.next() else { return message.to_owned() };
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, unknown).total_cmp(&strsim::jaro_winkler(b, unknown)));
    match nearest {
        Some(nearest) => format!("unknown key '{unknown}'; did you mean '{nearest}'?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::diff;

    #[test]
    fn the_shipped_documents_are_valid_and_survive_json() {
        for strategy in Strategy::ALL {
            let shipped = RuleDocument::shipped(strategy);
            assert_eq!(shipped.check(), []);
            let text = serde_json::to_string(&shipped).unwrap();
            assert_eq!(RuleDocument::parse(&text).unwrap(), shipped);
        }
    }

    #[test]
    fn a_document_from_before_freshness_and_budgets_is_read_as_it_was_meant() {
        let mut value = serde_json::to_value(RuleDocument::shipped(Strategy::Textbook)).unwrap();
        let members = value.as_object_mut().unwrap();
        members.remove("freshness");
        members.remove("budget");
        assert_eq!(RuleDocument::from_value(value).unwrap(), RuleDocument::shipped(Strategy::Textbook));
    }

    #[test]
    fn every_number_out_of_its_range_is_refused_by_its_path() {
        for (path, value) in [
            ("/buy_cost/factor", 0.0),
            ("/buy_cost/factor", 1.01),
            ("/buy_tax_percent", 100.5),
            ("/storage_months", 37.0),
            ("/unit_costs/us/prep", -1.0),
            ("/max_rank", 0.0),
            ("/freshness/score_minutes", 0.0),
            ("/budget/tokens", -1.0),
            ("/consider/roi_percent", -0.1),
        ] {
            let mut document = serde_json::to_value(RuleDocument::shipped(Strategy::Textbook)).unwrap();
            let number = serde_json::Number::from_f64(value).unwrap();
            let whole = path.contains("prep")
                || path.contains("max")
                || path.contains("budget")
                || path.contains("minutes");
            *document.pointer_mut(path).unwrap() = if whole {
                format!("{value:.0}").parse::<i64>().unwrap().into()
            } else {
                Value::Number(number)
            };
            let errors = RuleDocument::from_value(document).unwrap_err();
            let field = path[1..].replace('/', ".");
            assert!(errors.iter().any(|error| error.field == field), "{path}: {errors:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let mut value = serde_json::to_value(RuleDocument::shipped(Strategy::Balanced)).unwrap();
        value["alowance_percent"] = 3.into();
        let errors = RuleDocument::from_value(value).unwrap_err();
        assert!(errors[0].message.contains("allowance_percent"), "{errors:?}");
    }

    #[test]
    fn levels_out_of_order_and_rates_out_of_range_are_told_at_once() {
        let mut document = RuleDocument::shipped(Strategy::Balanced);
        document.buy.roi_percent = Decimal::from(60);
        document.consider.velocity = Decimal::from(101);
        document.allowance_percent = Decimal::from(-1);
        let fields: Vec<String> = document.check().into_iter().map(|e| e.field).collect();
        assert_eq!(
            fields,
            ["consider.velocity", "allowance_percent", "strong_buy.roi_percent", "buy.velocity"]
        );
    }

    #[test]
    fn a_difference_names_the_path_and_both_values() {
        let before = RuleDocument::shipped(Strategy::Balanced);
        let mut after = before.clone();
        after.buy.profit = 400;
        after.max_rank = Some(100_000);
        let changes = diff(&before, &after);
        let told: Vec<_> = changes.iter().map(|c| (c.path.as_str(), c.from.clone(), c.to.clone())).collect();
        assert_eq!(told, [("buy.profit", 300.into(), 400.into()), ("max_rank", Value::Null, 100_000.into())]);
    }

    #[test]
    fn a_marketplace_the_document_does_not_name_costs_nothing_extra() {
        let document = RuleDocument::shipped(Strategy::Balanced);
        assert_eq!(document.resolve(Strategy::Balanced, 1, Domain::Us).prep, 20);
        assert_eq!(document.resolve(Strategy::Balanced, 1, Domain::De).prep, 0);
    }
}
