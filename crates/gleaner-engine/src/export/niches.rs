//! Niches, their runs, and what changed between two of them.

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_exchange::links;
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, counts, list};
use crate::niche::{NicheComparison, NicheFind, NicheRun, NicheSummary};

const NICHE: [Field<NicheSummary>; 17] = [
    ("niche", 24, |one| Cell::Text(one.niche.name.clone())),
    ("note", 30, |one| Cell::text(one.niche.note.as_deref())),
    ("strategy", 10, |one| Cell::Text(one.niche.strategy.to_string())),
    ("marketplace", 12, |one| Cell::Text(one.niche.filters.marketplace.code().to_owned())),
    ("category", 24, |one| Cell::text(one.niche.category_name.as_deref())),
    ("cost", 10, |one| Cell::money(one.niche.cost, one.niche.filters.marketplace)),
    ("archived", 8, |one| Cell::Truth(one.niche.archived)),
    ("last_run_at", 17, |one| Cell::time(one.last_run.as_ref().map(|run| run.at))),
    ("last_outcome", 10, |one| Cell::text(one.last_run.as_ref().map(|run| run.outcome.as_str()))),
    ("found", 8, |one| Cell::integer(one.last_run.as_ref().map(|run| run.found))),
    ("buys", 8, |one| Cell::integer(one.last_run.as_ref().map(|run| run.buys))),
    ("median_roi_percent", 11, |one| {
        Cell::number(one.last_run.as_ref().and_then(|run| run.median_roi_percent), 1)
    }),
    ("tokens_charged", 9, |one| Cell::integer(one.last_run.as_ref().map(|run| run.tokens_charged))),
    ("filters", 60, |one| Cell::text(serde_json::to_string(&one.niche.filters).ok().as_deref())),
    ("created_at", 17, |one| Cell::Time(one.niche.created_at)),
    ("updated_at", 17, |one| Cell::Time(one.niche.updated_at)),
    ("niche_id", 38, |one| Cell::Code(one.niche.id.to_string())),
];

/// Niches, in the order given.
#[must_use]
pub fn niches_sheet(niches: &[NicheSummary], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("niches", made_at, niches, NICHE)
}

const RUN: [Field<NicheRun>; 14] = [
    ("at", 17, |run| Cell::Time(run.at)),
    ("outcome", 10, |run| Cell::Text(run.outcome.as_str().to_owned())),
    ("error", 20, |run| Cell::text(run.error.as_deref())),
    ("found", 8, |run| Cell::Integer(run.found)),
    ("scored", 8, |run| Cell::Integer(run.scored)),
    ("buys", 8, |run| Cell::Integer(run.buys)),
    ("median_roi_percent", 11, |run| Cell::number(run.median_roi_percent, 1)),
    ("verdicts", 30, |run| counts(&run.verdicts)),
    ("tokens_charged", 9, |run| Cell::Integer(run.tokens_charged)),
    ("tokens_saved", 9, |run| Cell::Integer(run.tokens_saved)),
    ("tokens_per_buy", 9, |run| Cell::number(run.tokens_per_buy, 1)),
    ("milliseconds", 9, |run| Cell::Integer(run.milliseconds)),
    ("source", 10, |run| Cell::Text(run.source.clone())),
    ("run_id", 38, |run| Cell::Code(run.id.to_string())),
];

/// Runs of a niche, in the order given.
#[must_use]
pub fn niche_runs_sheet(runs: &[NicheRun], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("niche-runs", made_at, runs, RUN)
}

/// A product that is new, gone or changed.
struct Moved<'a> {
    change: &'static str,
    marketplace: Marketplace,
    before: Option<&'a NicheFind>,
    after: Option<&'a NicheFind>,
}

impl Moved<'_> {
    fn of<T>(&self, get: impl Fn(&NicheFind) -> Option<T>) -> (Option<T>, Option<T>) {
        (self.before.and_then(&get), self.after.and_then(&get))
    }

    fn asin(&self) -> &str {
        self.after.or(self.before).map_or("", |find| find.asin.as_str())
    }
}

fn moved<'a>() -> [Field<Moved<'a>>; 14] {
    [
        ("change", 14, |moved| Cell::Text(moved.change.to_owned())),
        ("asin", 13, |moved| Cell::Code(moved.asin().to_owned())),
        ("title", 50, |moved| {
            Cell::text(moved.after.or(moved.before).and_then(|find| find.title.as_deref()))
        }),
        ("price_before", 10, |moved| Cell::money(moved.of(|find| find.price).0, moved.marketplace)),
        ("price", 10, |moved| Cell::money(moved.of(|find| find.price).1, moved.marketplace)),
        ("verdict_before", 14, |moved| Cell::text(moved.of(|find| find.verdict.clone()).0.as_deref())),
        ("verdict", 14, |moved| Cell::text(moved.of(|find| find.verdict.clone()).1.as_deref())),
        ("roi_percent_before", 11, |moved| Cell::number(moved.of(|find| find.roi_percent).0, 1)),
        ("roi_percent", 11, |moved| Cell::number(moved.of(|find| find.roi_percent).1, 1)),
        ("bsr_before", 10, |moved| Cell::integer(moved.of(|find| find.bsr).0)),
        ("bsr", 10, |moved| Cell::integer(moved.of(|find| find.bsr).1)),
        ("max_cost", 10, |moved| Cell::money(moved.of(|find| find.max_cost).1, moved.marketplace)),
        ("amazon", 12, |moved| Cell::Link(links::amazon(moved.marketplace, moved.asin()), "Amazon")),
        ("keepa", 12, |moved| Cell::Link(links::keepa(moved.marketplace, moved.asin()), "Keepa")),
    ]
}

/// What changed between two runs of a niche in a marketplace. A product with another price and another verdict has a
/// row for each.
#[must_use]
pub fn niche_comparison_sheet(
    comparison: &NicheComparison,
    marketplace: Marketplace,
    made_at: DateTime<Utc>,
) -> Sheet<'_> {
    let moved_by = move |change, before, after| Moved { change, marketplace, before, after };
    let NicheComparison { new, gone, price_changed, verdict_changed, .. } = comparison;
    let rows = new
        .iter()
        .map(move |find| moved_by("new", None, Some(find)))
        .chain(gone.iter().map(move |find| moved_by("gone", Some(find), None)))
        .chain(price_changed.iter().map(move |c| moved_by("price", Some(&c.before), Some(&c.after))))
        .chain(verdict_changed.iter().map(move |c| moved_by("verdict", Some(&c.before), Some(&c.after))));
    list("niche-comparison", made_at, rows, moved())
}
