//! What the history adds up to: searches, hit ratios, tokens, verdicts, hours of use.
//!
//! Every figure is a sum over buckets that are true at the moment of asking; see `counting`. To add one: a facet in
//! `tally`, a field here.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use gleaner_core::Marketplace;
use gleaner_core::category::categories;
use gleaner_store::{GroupBy, Measures, RollupQuery, RollupSum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::moment;
use super::tally::{CATEGORY, FIELD, FILTERS, HOUR, NICHE, RESULTS, RESULTS_FROM, VERDICT, WHO};
use crate::{Engine, EngineError};

/// The most used filters that are shown when nothing else is said, and at most.
const TOP: u32 = 20;
const MOST: u32 = 1_000;

/// Over what to add up; everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalyticsQuestion {
    /// The first day (UTC), `2026-01-31`.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Only this kind of search.
    pub search_type: Option<String>,
    /// How many of the most used filters; 20 when not said.
    pub top: Option<u32>,
}

/// What some searches came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Searches.
    #[schema(value_type = i64)]
    pub searches: i64,
    /// Those without an answer.
    #[schema(value_type = i64)]
    pub failed: i64,
    /// Results of all answers.
    #[schema(value_type = i64)]
    pub results: i64,
    /// Parts of answers that came from the cache.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Parts that did not.
    #[schema(value_type = i64)]
    pub misses: i64,
    /// Hits of hits and misses; null without either.
    pub hit_ratio: Option<f64>,
    /// Tokens that were expected to be spent.
    #[schema(value_type = i64)]
    pub tokens_estimated: i64,
    /// Tokens that Keepa charged.
    #[schema(value_type = i64)]
    pub tokens_charged: i64,
    /// Tokens that the cache saved.
    #[schema(value_type = i64)]
    pub tokens_saved: i64,
    /// How long an answer took; null when that is not known of any.
    pub average_milliseconds: Option<f64>,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByDay {
    /// The day (UTC).
    #[schema(value_type = String, format = Date)]
    pub day: NaiveDate,
    /// All its searches.
    #[serde(flatten)]
    pub usage: Usage,
    /// How many searches of each kind.
    #[schema(value_type = Object)]
    pub by_type: BTreeMap<String, i64>,
}

/// A kind of search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByType {
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: String,
    /// Its searches.
    #[serde(flatten)]
    pub usage: Usage,
}

/// A door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BySource {
    /// `frontend`, `api` or `manual`; null where another program did not say.
    pub source: Option<String>,
    /// What came through it.
    #[serde(flatten)]
    pub usage: Usage,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByUser {
    /// The account; null where there was none.
    pub user_id: Option<String>,
    /// Their searches.
    #[serde(flatten)]
    pub usage: Usage,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByCategory {
    /// Keepa's id, `0` for all; another program may have written a name.
    pub category: String,
    /// Its name, where it is known.
    pub name: Option<String>,
    /// The marketplace's code; null where another program did not say.
    pub marketplace: Option<String>,
    /// Searches in it.
    #[serde(flatten)]
    pub usage: Usage,
}

/// A saved search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByNiche {
    /// Its id.
    pub niche: String,
    /// Its runs.
    #[serde(flatten)]
    pub usage: Usage,
}

/// Filters that were used together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByFilters {
    /// What was asked, but for the products of a scoring.
    #[schema(value_type = Object)]
    pub filters: serde_json::Value,
    /// Searches with exactly these.
    #[serde(flatten)]
    pub usage: Usage,
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByField {
    /// Its name.
    pub field: String,
    /// Searches in which it was set.
    #[schema(value_type = i64)]
    pub searches: i64,
}

/// A verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerdictShare {
    /// The verdict.
    pub verdict: String,
    /// Results that got it.
    #[schema(value_type = i64)]
    pub results: i64,
    /// Of all results with a verdict; 0 to 1.
    pub share: f64,
}

/// Searches with about so many results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResultsRange {
    /// Results at least.
    #[schema(value_type = i64)]
    pub from: i64,
    /// Results at most; null: any number.
    #[schema(value_type = Option<i64>)]
    pub to: Option<i64>,
    /// Searches.
    #[schema(value_type = i64)]
    pub searches: i64,
}

/// An hour of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByHour {
    /// 0 to 23 (UTC).
    #[schema(value_type = i64)]
    pub hour: u8,
    /// Searches in it.
    #[schema(value_type = i64)]
    pub searches: i64,
}

/// Months that live in files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArchivesCounted {
    /// Months that are in the figures, `2026-01`.
    pub counted: Vec<String>,
    /// Months that are not, because their file is not where it was.
    pub missing: Vec<String>,
}

/// What the history adds up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Analytics {
    /// The first day that was asked for; null: from the beginning.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// The last day; null: to the end.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    /// All searches.
    pub total: Usage,
    /// Results of an average search; null without searches.
    pub average_results: Option<f64>,
    /// Each day with searches.
    pub per_day: Vec<ByDay>,
    /// Each kind of search.
    pub by_type: Vec<ByType>,
    /// Each door.
    pub by_source: Vec<BySource>,
    /// Each account.
    pub by_user: Vec<ByUser>,
    /// Each category that was searched.
    pub by_category: Vec<ByCategory>,
    /// Each saved search that was run.
    pub by_niche: Vec<ByNiche>,
    /// The filters most used together.
    pub top_filters: Vec<ByFilters>,
    /// How often each filter was set.
    pub fields: Vec<ByField>,
    /// The verdicts that were given.
    pub verdicts: Vec<VerdictShare>,
    /// How many searches had how many results.
    pub results_per_search: Vec<ResultsRange>,
    /// The hours of the day.
    pub hours: Vec<ByHour>,
    /// Rows without a time, which are in no other figure; other programs may have left some.
    #[schema(value_type = i64)]
    pub undated: i64,
    /// Months that live in files.
    pub archives: ArchivesCounted,
}

impl From<Measures> for Usage {
    fn from(sum: Measures) -> Self {
        Self {
            searches: sum.searches,
            failed: sum.failed,
            results: sum.results,
            hits: sum.hits,
            misses: sum.misses,
            hit_ratio: ratio(sum.hits, sum.hits + sum.misses),
            tokens_estimated: sum.tokens_estimated,
            tokens_charged: sum.tokens_charged,
            tokens_saved: sum.tokens_saved,
            average_milliseconds: ratio(sum.milliseconds, sum.timed),
        }
    }
}

/// `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "a ratio for people; counts stay far below 2^52")]
pub(crate) fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Engine {
    /// What the history adds up to.
    pub async fn analytics(&self, question: AnalyticsQuestion) -> Result<Analytics, EngineError> {
        let top = question.top.unwrap_or(TOP);
        if !(1..=MOST).contains(&top) {
            return Err(EngineError::field("top", format!("must be 1 to {MOST}")));
        }
        let from = question.from.as_deref().map(|text| day("from", text)).transpose()?;
        let to = question.to.as_deref().map(|text| day("to", text)).transpose()?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(EngineError::field("from", "must not be after `to`"));
        }
        self.count_history(false).await?;
        let (archives, without) = self.archives_counted().await?;
        let query = RollupQuery {
            from,
            before: to.and_then(|day| day.checked_add_days(Days::new(1))),
            search_type: question.search_type.filter(|kind| !kind.is_empty()),
            without,
        };
        let sums = async |facet, by, limit| self.store.history_sums(facet, by, &query, limit).await;
        let who = sums(WHO, GroupBy::Values, None).await?;
        let total = together(&who);
        let by_source = fold(&who, |sum| &sum.name);
        let by_user = fold(&who, |sum| &sum.detail);
        let top_filters = sums(FILTERS, GroupBy::Values, Some(top)).await?;
        Ok(Analytics {
            from,
            to,
            total: total.into(),
            average_results: ratio(total.results, total.searches),
            per_day: per_day(&sums(WHO, GroupBy::Day, None).await?),
            by_type: by_searches(sums(WHO, GroupBy::SearchType, None).await?)
                .map(|sum| ByType { usage: sum.measures.into(), search_type: sum.name })
                .collect(),
            by_source: by_source
                .into_iter()
                .map(|(source, sum)| BySource { source: said(source), usage: sum.into() })
                .collect(),
            by_user: by_user
                .into_iter()
                .map(|(user, sum)| ByUser { user_id: said(user), usage: sum.into() })
                .collect(),
            by_category: by_searches(sums(CATEGORY, GroupBy::Values, None).await?).map(category).collect(),
            by_niche: by_searches(sums(NICHE, GroupBy::Values, None).await?)
                .map(|sum| ByNiche { usage: sum.measures.into(), niche: sum.name })
                .collect(),
            top_filters: self.filters(top_filters).await?,
            fields: by_searches(sums(FIELD, GroupBy::Values, None).await?)
                .map(|sum| ByField { searches: sum.measures.searches, field: sum.name })
                .collect(),
            verdicts: shares(sums(VERDICT, GroupBy::Values, None).await?),
            results_per_search: ranges(&sums(RESULTS, GroupBy::Values, None).await?),
            hours: hours(&sums(HOUR, GroupBy::Values, None).await?),
            undated: self.store.history_undated().await?,
            archives,
        })
    }

    async fn filters(&self, sums: Vec<RollupSum>) -> Result<Vec<ByFilters>, EngineError> {
        let hashes: Vec<String> = sums.iter().map(|sum| sum.name.clone()).collect();
        let texts: BTreeMap<String, String> =
            self.store.history_filters(&hashes).await?.into_iter().collect();
        let all = sums.into_iter().map(|sum| {
            let text = texts.get(&sum.name).map_or("null", String::as_str);
            ByFilters { filters: serde_json::from_str(text).unwrap_or_default(), usage: sum.measures.into() }
        });
        Ok(all.collect())
    }
}

fn day(field: &'static str, text: &str) -> Result<NaiveDate, EngineError> {
    Ok(moment(field, text, false)?.date())
}

fn add(sum: &mut Measures, more: &Measures) {
    sum.searches += more.searches;
    sum.failed += more.failed;
    sum.results += more.results;
    sum.hits += more.hits;
    sum.misses += more.misses;
    sum.tokens_estimated += more.tokens_estimated;
    sum.tokens_charged += more.tokens_charged;
    sum.tokens_saved += more.tokens_saved;
    sum.timed += more.timed;
    sum.milliseconds += more.milliseconds;
}

fn together(sums: &[RollupSum]) -> Measures {
    let mut total = Measures::default();
    for sum in sums {
        add(&mut total, &sum.measures);
    }
    total
}

/// The most used first.
fn fold(sums: &[RollupSum], key: impl Fn(&RollupSum) -> &String) -> Vec<(String, Measures)> {
    let mut all: BTreeMap<String, Measures> = BTreeMap::new();
    for sum in sums {
        add(all.entry(key(sum).clone()).or_default(), &sum.measures);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.searches));
    all
}

/// The most used first.
fn by_searches(mut sums: Vec<RollupSum>) -> impl Iterator<Item = RollupSum> {
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.measures.searches));
    sums.into_iter()
}

fn said(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn per_day(sums: &[RollupSum]) -> Vec<ByDay> {
    let mut days: BTreeMap<NaiveDate, (Measures, BTreeMap<String, i64>)> = BTreeMap::new();
    for sum in sums {
        let Ok(day) = sum.name.parse() else { continue };
        let (measures, kinds) = days.entry(day).or_default();
        add(measures, &sum.measures);
        *kinds.entry(sum.detail.clone()).or_default() += sum.measures.searches;
    }
    let all = days.into_iter().map(|(day, (sum, by_type))| ByDay { day, usage: sum.into(), by_type });
    all.collect()
}

fn category(sum: RollupSum) -> ByCategory {
    let marketplace = said(sum.detail);
    let known = marketplace.as_ref().and_then(|code| code.parse::<Marketplace>().ok());
    let name = known.and_then(|marketplace| {
        let id: i64 = sum.name.parse().ok()?;
        categories(marketplace).iter().find(|category| category.id.0 == id).map(|found| found.name.clone())
    });
    ByCategory { category: sum.name, name, marketplace, usage: sum.measures.into() }
}

fn shares(sums: Vec<RollupSum>) -> Vec<VerdictShare> {
    let all: i64 = sums.iter().map(|sum| sum.measures.results).sum();
    let mut shares: Vec<_> = sums
        .into_iter()
        .map(|sum| {
            let results = sum.measures.results;
            VerdictShare { verdict: sum.name, results, share: ratio(results, all).unwrap_or_default() }
        })
        .collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.results));
    shares
}

fn ranges(sums: &[RollupSum]) -> Vec<ResultsRange> {
    let ends = RESULTS_FROM.iter().skip(1).map(|next| Some(next - 1)).chain([None]);
    let range = |(&from, to): (&i64, Option<i64>)| {
        let found = sums.iter().filter(|sum| sum.name.parse() == Ok(from));
        ResultsRange { from, to, searches: found.map(|sum| sum.measures.searches).sum() }
    };
    RESULTS_FROM.iter().zip(ends).map(range).collect()
}

fn hours(sums: &[RollupSum]) -> Vec<ByHour> {
    let of = |hour: u8| sums.iter().filter(move |sum| sum.name.parse() == Ok(hour));
    (0..24).map(|hour| ByHour { hour, searches: of(hour).map(|sum| sum.measures.searches).sum() }).collect()
}
