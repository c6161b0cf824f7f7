//! One product: facts, histories for charts, the complete score, and what-if questions.
//!
//! Everything here is computed from facts that are already paid for; it never spends a token.

mod offers;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_core::money::MAX_AMOUNT;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace, Score, ScoreInput, score};
use gleaner_exchange::links;
use keepa::{Asin, CsvType, Product, RawProduct};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::offers::offers;
pub use self::offers::{OfferCondition, ProductOffer};

use crate::clock::can_have_been;
use crate::scoring::off_the_runtime;
use crate::{Engine, EngineError, span};

/// A question about one product.
#[derive(Debug, Clone)]
pub struct ProductQuestion {
    /// The marketplace.
    pub marketplace: Marketplace,
    /// The product, as it was given.
    pub asin: String,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// What one copy is to be listed for, in minor units; the rules' choice when absent.
    pub price: Option<i64>,
    /// The moment to judge at; now when absent.
    pub date: Option<DateTime<Utc>>,
    /// The rule set.
    pub strategy: Strategy,
}

/// Everything that is known of one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductDetail {
    /// The facts as they are.
    pub facts: ProductFacts,
    /// Histories by Keepa's name, for charts.
    #[schema(value_type = BTreeMap<String, Vec<Vec<Option<i64>>>>)]
    pub series: BTreeMap<String, Vec<SeriesPoint>>,
    /// The live offers, in the order in which Amazon shows them; null where none were bought.
    pub offers: Option<Vec<ProductOffer>>,
    /// The score under the terms of the question.
    pub score: Score,
    /// When the facts were bought from Keepa.
    pub facts_fetched_at: DateTime<Utc>,
    /// Whether the facts are older than a score may be; buying them anew costs one token.
    pub stale: bool,
    /// Whether the data is synthetic.
    pub demo: bool,
}

/// `[unix milliseconds, value]`; the value is null while there is none.
pub type SeriesPoint = (i64, Option<i64>);

/// What a product is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductFacts {
    /// The product.
    pub asin: String,
    /// Marketplace code.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// Its title.
    pub title: Option<String>,
    /// Its brand.
    pub brand: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// Its binding.
    pub binding: Option<String>,
    /// Category names, root first.
    pub categories: Vec<String>,
    /// EAN and ISBN-13 codes.
    pub eans: Vec<String>,
    /// UPC codes.
    pub upcs: Vec<String>,
    /// Package length in millimetres.
    #[schema(value_type = Option<i64>)]
    pub package_length_mm: Option<i64>,
    /// Package width in millimetres.
    #[schema(value_type = Option<i64>)]
    pub package_width_mm: Option<i64>,
    /// Package height in millimetres.
    #[schema(value_type = Option<i64>)]
    pub package_height_mm: Option<i64>,
    /// Package weight in grams.
    #[schema(value_type = Option<i64>)]
    pub package_weight_g: Option<i64>,
    /// When Keepa last refreshed it.
    pub last_update: Option<DateTime<Utc>>,
    /// The product at Amazon.
    pub amazon_url: String,
    /// The product at Keepa.
    pub keepa_url: String,
    /// The product in `SellerAmp`'s calculator.
    pub selleramp_url: String,
}

/// The histories that charts show.
const CHARTED: [CsvType; 10] = [
    CsvType::Amazon,
    CsvType::New,
    CsvType::Used,
    CsvType::Sales,
    CsvType::NewFba,
    CsvType::BuyBoxShipping,
    CsvType::BuyBoxUsedShipping,
    CsvType::CountNew,
    CsvType::CountUsed,
    CsvType::CountNewFba,
];

impl Engine {
    /// Tells everything about a product whose facts were bought before, under any terms. `None`: its
    /// facts are not known.
    pub async fn product(&self, question: ProductQuestion) -> Result<Option<ProductDetail>, EngineError> {
        let asin = check(&question)?;
        let marketplace = question.marketplace;
        let rows = self.store.products(i64::from(marketplace.id()), &[asin.to_string()]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let fetched_at = row.fetched_at.and_utc();
        let now = self.now();
        let stale = now - fetched_at > span(self.settings.scoring_ttl) || !can_have_been(fetched_at, now);
        // Nothing is committed here that would notice new rules, so they are looked for.
        self.memory.renew(&self.store).await?;
        let generation = self.memory.generation();
        let rules = self.rules_for(question.strategy, marketplace, generation).await?;
        let cards = self.cards_at(generation).await?;
        let (engine, demo) = (self.clone(), self.settings.demo);
        off_the_runtime(move || {
            // Facts that cannot be read any more are as good as unknown: they can be bought again.
            let text = std::str::from_utf8(&row.json).ok()?;
            let product = RawProduct::decode(text).ok()?.product;
            let score = score(&ScoreInput {
                product: &product,
                marketplace,
                condition: question.condition.unwrap_or(rules.condition),
                cost: question.cost,
                price: question.price,
                at: question.date.unwrap_or_else(|| engine.evaluation_time(&product)),
                rules: &rules,
                cards: &cards,
            });
            let facts = facts(&product, asin, marketplace);
            let series = series(&product);
            let offers = offers(&product);
            Some(ProductDetail { facts, series, offers, score, facts_fetched_at: fetched_at, stale, demo })
        })
        .await
    }
}

fn check(question: &ProductQuestion) -> Result<Asin, EngineError> {
    let mut errors = Vec::new();
    let asin = question.asin.parse::<Asin>().map_err(|e| errors.push(FieldError::new("asin", e.to_string())));
    for (field, amount, least) in [("cost", question.cost, 0), ("price", question.price, 1)] {
        if amount.is_some_and(|amount| !(least..=MAX_AMOUNT).contains(&amount)) {
            errors.push(FieldError::new(field, format!("must be {least} to {MAX_AMOUNT} in the minor unit")));
        }
    }
    match asin {
        Ok(asin) if errors.is_empty() => Ok(asin),
        _ => Err(EngineError::Invalid(errors)),
    }
}

fn facts(product: &Product, asin: Asin, marketplace: Marketplace) -> ProductFacts {
    ProductFacts {
        asin: asin.to_string(),
        marketplace,
        title: product.title.clone(),
        brand: product.brand.clone(),
        author: product.author.clone(),
        binding: product.binding.clone(),
        categories: product.category_tree.iter().map(|node| node.name.clone()).collect(),
        eans: product.ean_list.clone(),
        upcs: product.upc_list.clone(),
        package_length_mm: product.package_length,
        package_width_mm: product.package_width,
        package_height_mm: product.package_height,
        package_weight_g: product.package_weight,
        last_update: product.last_update.map(keepa::KeepaTime::to_datetime),
        amazon_url: links::amazon(marketplace, asin.as_str()),
        keepa_url: links::keepa(marketplace, asin.as_str()),
        selleramp_url: links::selleramp(marketplace, asin.as_str(), None, None),
    }
}

fn series(product: &Product) -> BTreeMap<String, Vec<SeriesPoint>> {
    CHARTED
        .into_iter()
        .filter_map(|kind| {
            let points = product.series(kind)?.points().iter().map(|p| (p.time.unix_ms(), p.value)).collect();
            Some((kind.name().to_owned(), points))
        })
        .collect()
}
