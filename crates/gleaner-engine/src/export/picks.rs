//! Picks, what a run saw, and what changed from one run to another.

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_exchange::out::{Cell, Sheet};

use super::figures::{self, Judged};
use super::{Field, list, word, words};
use crate::sourcing::{Change, Figures, Pick, RunDiff, Sighting};

const PICK: [Field<Pick>; 16] = [
    ("job", 20, |pick| Cell::text(pick.job.as_deref())),
    ("class", 10, |pick| word(&pick.class)),
    ("state", 10, |pick| word(&pick.state)),
    ("active", 8, |pick| Cell::Truth(pick.active)),
    ("verify_first", 8, |pick| Cell::Truth(pick.verify_first)),
    ("first_seen_at", 17, |pick| Cell::Time(pick.first_seen_at)),
    ("last_seen_at", 17, |pick| Cell::Time(pick.last_seen_at)),
    ("seen", 6, |pick| Cell::Integer(pick.evidence.seen)),
    ("of_runs", 6, |pick| Cell::Integer(pick.evidence.of)),
    ("missed_last", 20, |pick| Cell::text(pick.evidence.missed.as_deref())),
    ("bought_quantity", 8, |pick| Cell::integer(pick.purchases.map(|bought| bought.quantity))),
    ("bought_for", 10, |pick| Cell::money(pick.purchases.map(|bought| bought.spent), pick.marketplace)),
    ("verified", 10, |pick| pick.verification.as_ref().map_or(Cell::Missing, |found| word(&found.result))),
    ("verified_at", 17, |pick| Cell::time(pick.verification.as_ref().map(|found| found.at))),
    ("note", 30, |pick| Cell::text(pick.note.as_deref())),
    ("pick_id", 38, |pick| Cell::Code(pick.id.clone())),
];

/// Picks, in the order given.
#[must_use]
pub fn picks_sheet(picks: &[Pick], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("picks", made_at, picks, PICK.into_iter().chain(figures::fields()))
}

const SIGHTING: [Field<Sighting>; 3] = [
    ("run", 6, |sighting| Cell::Integer(sighting.run_number)),
    ("seen_at", 17, |sighting| Cell::Time(sighting.seen_at)),
    ("passed", 8, |sighting| Cell::Truth(sighting.passed)),
];

/// What a run saw, in the order given.
#[must_use]
pub fn sightings_sheet(sightings: &[Sighting], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("sightings", made_at, sightings, SIGHTING.into_iter().chain(figures::fields()))
}

/// A product that is new, gone or changed; its figures are the newest there are.
struct Moved<'a> {
    change: &'static str,
    what: &'a [Change],
    why: Option<&'a str>,
    before: Option<&'a Sighting>,
    newest: &'a Sighting,
}

impl Judged for Moved<'_> {
    fn marketplace(&self) -> Marketplace {
        self.newest.marketplace
    }
    fn asin(&self) -> &str {
        &self.newest.asin
    }
    fn figures(&self) -> &Figures {
        &self.newest.figures
    }
}

fn moved<'a>() -> [Field<Moved<'a>>; 8] {
    [
        ("change", 9, |moved| Cell::Text(moved.change.to_owned())),
        ("changed", 14, |moved| words(moved.what)),
        ("why", 20, |moved| Cell::text(moved.why)),
        ("sell_price_before", 10, |moved| {
            Cell::money(moved.before.and_then(|before| before.figures.sell_price), moved.newest.marketplace)
        }),
        ("recommendation_before", 14, |moved| {
            Cell::text(moved.before.map(|before| before.figures.recommendation.as_str()))
        }),
        ("roi_percent_before", 11, |moved| {
            Cell::number(moved.before.and_then(|before| before.figures.roi_percent), 1)
        }),
        ("bsr_before", 10, |moved| Cell::integer(moved.before.and_then(|before| before.figures.bsr))),
        ("seen_at", 17, |moved| Cell::Time(moved.newest.seen_at)),
    ]
}

/// What changed from one run to another: new, gone, changed.
#[must_use]
pub fn diff_sheet(diff: &RunDiff, made_at: DateTime<Utc>) -> Sheet<'_> {
    let new =
        diff.new.iter().map(|newest| Moved { change: "new", what: &[], why: None, before: None, newest });
    let gone = diff.gone.iter().map(|gone| Moved {
        change: "gone",
        what: &[],
        why: Some(&gone.why),
        before: Some(&gone.before),
        newest: gone.now.as_ref().unwrap_or(&gone.before),
    });
    let changed = diff.changed.iter().map(|changed| Moved {
        change: "changed",
        what: &changed.changes,
        why: None,
        before: Some(&changed.before),
        newest: &changed.now,
    });
    list("difference", made_at, new.chain(gone).chain(changed), moved().into_iter().chain(figures::fields()))
}
