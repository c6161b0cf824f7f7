//! `searchInsights`: what the matches of a search have in common.

use std::collections::BTreeMap;

use super::fields::{Field, Plain};
use super::run::{Row, Sources};
use crate::json::Json;
use crate::world::history::slot;
use crate::world::texts::Texts;

/// Fields the insights are made of.
const FIELDS: [Field; 14] = [
    Field::Current(18),
    Field::Mean(90, 18),
    Field::Mean(365, 18),
    Field::DeltaPercent(30, 18),
    Field::DeltaPercent(90, 18),
    Field::DeltaPercent(30, 0),
    Field::DeltaPercent(90, 0),
    Field::Current(17),
    Field::Current(16),
    Field::Current(11),
    Field::Current(12),
    Field::Current(3),
    Field::Plain(Plain::BuyBoxIsFba),
    Field::Plain(Plain::BuyBoxIsAmazon),
];
/// Brands are counted over this many matches at most.
const SAMPLE: usize = 2_000;

impl Sources<'_> {
    /// The `searchInsights` object of these matches.
    pub(crate) fn insights(&self, domain: i64, matches: &[Row], now: i32) -> Vec<u8> {
        let view = (domain == crate::world::DOMAIN).then(|| self.columns.view(now, &FIELDS));
        let values = |field: Field| -> Vec<i64> {
            matches
                .iter()
                .filter_map(|row| match row {
                    Row::Synthetic(number) => view.as_ref()?.value(field, usize::try_from(*number).ok()?),
                    Row::Saved(place) => field.of(&self.catalog.at(*place).facts),
                })
                .map(i64::from)
                .collect()
        };
        let current_box = values(FIELDS[0]);
        let mut brands: BTreeMap<String, i64> = BTreeMap::new();
        for row in matches.iter().take(SAMPLE) {
            let brand = match row {
                Row::Synthetic(number) => Some(Texts::of(&self.world.traits(*number)).brand),
                Row::Saved(place) => self.catalog.at(*place).facts.text("brand").map(str::to_owned),
            };
            *brands.entry(brand.unwrap_or_default()).or_default() += 1;
        }
        let mut top: Vec<(&String, &i64)> = brands.iter().filter(|(brand, _)| !brand.is_empty()).collect();
        top.sort_by_key(|(_, count)| -**count);

        let mut json = Json::default();
        json.begin();
        json.key("avgBuyBox").int(mean(&current_box));
        json.key("avgBuyBox365").int(mean(&values(FIELDS[2])));
        json.key("avgBuyBox90").int(mean(&values(FIELDS[1])));
        json.key("avgBuyBoxDeviation").int(deviation(&current_box));
        json.key("avgDeltaPercent30Amazon").hundredths(100 * mean(&values(FIELDS[5])));
        json.key("avgDeltaPercent30BuyBox").hundredths(100 * mean(&values(FIELDS[3])));
        json.key("avgDeltaPercent90Amazon").hundredths(100 * mean(&values(FIELDS[6])));
        json.key("avgDeltaPercent90BuyBox").hundredths(100 * mean(&values(FIELDS[4])));
        json.key("avgOfferCountNew").hundredths(mean_hundredths(&values(FIELDS[9])));
        json.key("avgOfferCountUsed").hundredths(mean_hundredths(&values(FIELDS[10])));
        json.key("avgRating").int(mean(&values(FIELDS[8])));
        json.key("avgReviewCount").int(mean(&values(FIELDS[7])));
        json.key("brandCount").int(i64::try_from(top.len()).unwrap_or(0));
        json.key("hasCouponPercent").hundredths(0);
        let ranks = values(Field::Current(u8::try_from(slot::SALES).unwrap_or(3)));
        json.key("highestRank").int(ranks.iter().copied().max().unwrap_or(-1));
        json.key("isFBAPercent").hundredths(100 * mean_hundredths(&values(FIELDS[12])));
        json.key("lowestRank").int(ranks.iter().copied().min().unwrap_or(-1));
        json.key("relatedCategories").begin_list().end_list();
        json.key("soldByAmazonPercent").hundredths(100 * mean_hundredths(&values(FIELDS[13])));
        json.key("topBrandsWithCounts").begin();
        for (brand, count) in top.into_iter().take(20) {
            json.key(brand).int(*count);
        }
        json.end().end();
        json.into_bytes()
    }
}

fn count(values: &[i64]) -> i64 {
    i64::try_from(values.len()).unwrap_or(i64::MAX)
}

/// -1 for nothing.
fn mean(values: &[i64]) -> i64 {
    if values.is_empty() { -1 } else { values.iter().sum::<i64>() / count(values) }
}

fn mean_hundredths(values: &[i64]) -> i64 {
    if values.is_empty() { 0 } else { 100 * values.iter().sum::<i64>() / count(values) }
}

fn deviation(values: &[i64]) -> i64 {
    let middle = mean(values);
    let squares: Vec<i64> = values.iter().map(|value| (value - middle).pow(2)).collect();
    if squares.is_empty() { -1 } else { mean(&squares).isqrt() }
}
