//! The buy list of the day: what the newest runs chose and nobody dismissed or bought, best first.

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::economics::VerdictBasis;
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Condition, Marketplace};
use serde::Serialize;
use utoipa::ToSchema;

use super::classes::PickClass;
use super::picks::{Pick, PickQuestion};
use super::reasons::{Reason, reasons};
use super::triage::TriageState;
use super::verify::VerificationResult;
use crate::{Engine, EngineError};

/// How old a sighting may be when nobody says, in hours: yesterday's are on the list until today's run.
const MAX_AGE: i64 = 36;
/// The oldest sighting that may be asked for, in hours.
const MOST_AGE: i64 = 24 * 365;
/// The most picks that a list is made of.
const MOST_PICKS: u32 = 5_000;

/// Which picks go on the list.
#[derive(Debug, Clone, Default)]
pub struct BuyListQuestion {
    /// Of this job, by id or name; of all when absent.
    pub job: Option<String>,
    /// Seen within so many hours; 36 when absent.
    pub max_age_hours: Option<i64>,
    /// How many at most.
    pub limit: u32,
}

/// What to buy, best first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BuyList {
    /// The moment it was made.
    pub at: DateTime<Utc>,
    /// Only what was seen since then is on it.
    pub seen_since: DateTime<Utc>,
    /// What was decided to be bought first, then stable, returning, new, and what is to be verified first; within
    /// these, the highest ROI first.
    pub items: Vec<BuyListItem>,
    /// How many more there are.
    #[schema(value_type = i64)]
    pub left_out: i64,
    /// Whether the data is synthetic.
    pub demo: bool,
}

/// One product to buy. Amounts are minor units of the currency; what is missing is null.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BuyListItem {
    /// The pick.
    pub pick_id: String,
    /// Its job's name; null: somebody chose it by hand.
    pub job: Option<String>,
    /// The marketplace.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// The product.
    pub asin: String,
    /// Title as Keepa has it.
    pub title: Option<String>,
    /// Condition to buy and sell in.
    pub condition: Condition,
    /// What was decided on it.
    pub state: TriageState,
    /// What several runs make of it.
    pub class: PickClass,
    /// Whether it is to be verified by hand before buying.
    pub verify_first: bool,
    /// The verdict.
    pub recommendation: Recommendation,
    /// What the verdict rests on; with `assumed` the `max_cost` is what decides.
    pub verdict_basis: VerdictBasis,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The price the sale is reckoned with.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// The most to pay for one copy, before tax.
    #[schema(value_type = Option<i64>)]
    pub max_cost: Option<i64>,
    /// The cost that profit and ROI are reckoned with.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// Profit of one copy at that cost.
    #[schema(value_type = Option<i64>)]
    pub profit: Option<i64>,
    /// ROI at that cost.
    pub roi_percent: Option<f64>,
    /// Sales rank.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// Offers in new condition.
    #[schema(value_type = Option<i64>)]
    pub offers_new: Option<i64>,
    /// Offers fulfilled by Amazon.
    #[schema(value_type = Option<i64>)]
    pub offers_fba: Option<i64>,
    /// Amazon sells it now; null when nothing tells.
    pub amazon_in_stock: Option<bool>,
    /// Percent of the last 90 days with Amazon in stock.
    #[schema(value_type = Option<i64>)]
    pub amazon_share90: Option<i64>,
    /// When it was seen last.
    pub seen_at: DateTime<Utc>,
    /// What the last verification said.
    pub verified: Option<VerificationResult>,
    /// Why it is on the list, in sentences.
    pub evidence: Vec<String>,
    /// The same for programs, one for each sentence.
    pub reasons: Vec<Reason>,
}

impl Engine {
    /// Makes the list.
    pub async fn buy_list(&self, question: &BuyListQuestion) -> Result<BuyList, EngineError> {
        let hours = question.max_age_hours.unwrap_or(MAX_AGE);
        if !(1..=MOST_AGE).contains(&hours) {
            return Err(EngineError::field("max_age_hours", format!("must be 1 to {MOST_AGE}")));
        }
        let at = self.now();
        let seen_since = at - TimeDelta::hours(hours);
        let picks = PickQuestion {
            job: question.job.clone(),
            classes: vec![PickClass::Stable, PickClass::Returning, PickClass::New, PickClass::Jackpot],
            states: vec![TriageState::Open, TriageState::ToBuy, TriageState::Watching],
            seen_since: Some(seen_since),
            limit: MOST_PICKS,
            ..PickQuestion::default()
        };
        let mut items: Vec<BuyListItem> =
            self.sourcing_picks(&picks).await?.into_iter().filter(is_worth).map(BuyListItem::new).collect();
        items.sort_by(|a, b| {
            let roi = |item: &BuyListItem| item.roi_percent.unwrap_or(f64::NEG_INFINITY);
            place(a).cmp(&place(b)).then_with(|| roi(b).total_cmp(&roi(a))).then_with(|| a.asin.cmp(&b.asin))
        });
        let limit = usize::try_from(question.limit).unwrap_or(usize::MAX);
        let left_out = crate::scoring::count(items.len().saturating_sub(limit));
        items.truncate(limit);
        Ok(BuyList { at, seen_since, items, left_out, demo: self.settings.demo })
    }
}

/// What is watched by hand need not be good enough to buy; whoever decided to buy it knows better.
fn is_worth(pick: &Pick) -> bool {
    pick.figures.missed.is_none() || pick.state == TriageState::ToBuy
}

/// Where an item stands: the lower the earlier.
fn place(item: &BuyListItem) -> (bool, u8) {
    let class = match item.class {
        PickClass::Stable => 0,
        PickClass::Returning => 1,
        PickClass::New => 2,
        PickClass::Jackpot => 3,
        PickClass::Fading => 4,
    };
    (item.state != TriageState::ToBuy, class)
}

impl BuyListItem {
    fn new(pick: Pick) -> Self {
        let reasons = reasons(&pick);
        let figures = pick.figures;
        Self {
            pick_id: pick.id,
            job: pick.job,
            marketplace: pick.marketplace,
            asin: pick.asin,
            title: figures.title,
            condition: pick.condition,
            state: pick.state,
            class: pick.class,
            verify_first: pick.verify_first,
            recommendation: figures.recommendation,
            verdict_basis: figures.verdict_basis,
            currency: figures.currency,
            price: figures.sell_price,
            max_cost: figures.max_cost,
            cost: figures.cost,
            profit: figures.profit,
            roi_percent: figures.roi_percent,
            bsr: figures.bsr,
            offers_new: figures.offers_new,
            offers_fba: figures.offers_fba,
            amazon_in_stock: figures.amazon_in_stock,
            amazon_share90: figures.amazon_share90,
            seen_at: pick.last_seen_at,
            verified: pick.verification.map(|verification| verification.result),
            evidence: reasons.iter().map(Reason::to_string).collect(),
            reasons,
        }
    }
}
