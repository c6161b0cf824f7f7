//! What is fixed about one product: derived from (seed, index) in well under a microsecond, without a single allocation.

use super::categories::{self, Root};
use super::kinds::{KINDS, Kind};
use crate::rng::{Draw, GOLDEN, exp2, mix, mix2, unit, whole};

/// The day (since 2011-01-01) on which the synthetic marketplace opens: 2024-06-01.
pub(crate) const FIRST_DAY: i32 = 4_900;

/// Whether Amazon itself sells the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmazonStock {
    Never,
    OnAndOff,
    Always,
}

/// The fixed part of a product.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a trait of its own")]
pub(crate) struct Traits {
    pub(crate) index: u32,
    /// Hash key of everything about this product.
    pub(crate) key: u64,
    pub(crate) kind: &'static Kind,
    pub(crate) root: &'static Root,
    /// Ids of the categories it is listed in, main one first; 0 = unused.
    pub(crate) leaves: [i64; 3],
    /// Day and minute of the first record, Keepa minutes.
    pub(crate) tracked_since: i32,
    /// Typical new price, cents.
    pub(crate) price: f64,
    /// List price, cents; 0 = none.
    pub(crate) list_price: i32,
    /// Sales of the whole listing per 30 days, over the year.
    pub(crate) demand: f64,
    /// How often a day Keepa looks at the rank.
    pub(crate) looks_per_day: i32,
    /// False for the few products Amazon gives no rank.
    pub(crate) ranked: bool,
    /// Amazon shows "bought in past month".
    pub(crate) badge: bool,
    pub(crate) amazon: AmazonStock,
    /// Typical number of new offers, fulfilled by Amazon and by merchants.
    pub(crate) fba_offers: i32,
    pub(crate) fbm_offers: i32,
    /// Typical number of used offers; 0 = never any.
    pub(crate) used_offers: i32,
    /// Lowest used price as a share of the new price.
    pub(crate) used_share: f64,
    /// Chance of a price change on a day, and its size.
    pub(crate) restless: f64,
    pub(crate) swing: f64,
    /// 0: prices end on 99, 1: on 95, otherwise anything.
    pub(crate) ending: i32,
    /// mm, longest first; `None` = unknown to Keepa.
    pub(crate) sides: Option<[i32; 3]>,
    /// g.
    pub(crate) weight: Option<i32>,
    pub(crate) hazmat: bool,
    pub(crate) lithium: bool,
    pub(crate) heat: bool,
    pub(crate) adult: bool,
    /// 10 to 50; 0 = no reviews.
    pub(crate) rating: i32,
    pub(crate) pages: i32,
    /// Year of publication or release.
    pub(crate) year: i32,
    /// Siblings share a parent: numbers `4 * family .. 4 * family + 4`.
    pub(crate) family: Option<u32>,
}

/// Ranks at these shares of the products, as powers of two: 2^5.6 = 50, 2^13.3 = 10,000, 2^15.6 = 50,000.
const BOOK_RANKS: [(f64, f64); 9] = [
    (0.0, 5.6),
    (0.006, 10.0),
    (0.025, 13.29),
    (0.105, 15.61),
    (0.22, 17.2),
    (0.45, 19.4),
    (0.8, 21.5),
    (0.97, 23.3),
    (1.0, 24.2),
];

/// The same for everything else.
const OTHER_RANKS: [(f64, f64); 7] =
    [(0.0, 6.6), (0.03, 11.0), (0.14, 13.3), (0.35, 15.6), (0.6, 17.4), (0.85, 19.6), (1.0, 22.0)];

fn interpolate(table: &[(f64, f64)], at: f64) -> f64 {
    table.windows(2).find(|pair| at <= pair[1].0).map_or(table[table.len() - 1].1, |pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    })
}

fn kind_of(hash: u64, books: bool) -> &'static Kind {
    let mut left = unit(hash) * if books { 1000.0 } else { 450.0 };
    for kind in KINDS.iter().filter(|kind| books || !kind.is_book()) {
        left -= f64::from(kind.share);
        if left < 0.0 {
            return kind;
        }
    }
    &KINDS[0]
}

/// Where a product belongs, which is what its ASIN depends on.
pub(crate) fn placed(seed: u64, index: u32) -> (&'static Kind, Option<u32>) {
    let family = index / 4;
    let hash = mix2(mix(seed ^ 0x00FA_4117), u64::from(family));
    if hash.is_multiple_of(40) {
        // Families are goods in several sizes or colours, never books.
        return (kind_of(mix(hash), false), Some(family));
    }
    (kind_of(mix2(mix(seed ^ 0x0C0F_FEE0), u64::from(index)), true), None)
}

impl Traits {
    /// Product `index` of the marketplace `seed`.
    pub(crate) fn derive(seed: u64, index: u32) -> Self {
        let (kind, family) = placed(seed, index);
        let root = categories::root_of(kind.root).unwrap_or(&categories::ROOTS[0]);
        let key = mix(mix(seed).wrapping_add(u64::from(index).wrapping_mul(GOLDEN)));
        let mut draw = Draw::new(key);

        let demand_draw = draw.unit();
        let ranks: &[(f64, f64)] = if kind.is_book() { &BOOK_RANKS } else { &OTHER_RANKS };
        let rank = exp2(interpolate(ranks, demand_draw));
        let demand = root.rank_sales / rank;

        let (low, typical, high) = kind.price;
        let (low, typical, high) = (f64::from(low), f64::from(typical), f64::from(high));
        let spread = draw.unit();
        let price = if spread < 0.6 {
            low + (typical - low) * spread / 0.6
        } else {
            let beyond = (spread - 0.6) / 0.4;
            typical + (high - typical) * beyond * beyond
        };

        let (sides, weight) = package(kind, &mut draw);
        let leaves = listed_in(kind, &mut draw);
        let start = if draw.chance(0.72) {
            FIRST_DAY + draw.between(0, 159)
        } else {
            FIRST_DAY + draw.between(480, 740)
        };
        let amazon = match draw.unit() {
            u if u < 0.24 => AmazonStock::Always,
            u if u < 0.48 => AmazonStock::OnAndOff,
            _ => AmazonStock::Never,
        };
        let popular = demand > 20.0;
        let used_offers =
            if kind.used == 0 { 0 } else { 1 + draw.between(0, kind.used * if popular { 3 } else { 1 }) };
        Self {
            index,
            key,
            kind,
            root,
            leaves,
            tracked_since: start * 1440 + (draw.between(0, 1439) & !1),
            price,
            list_price: if draw.chance(0.75) {
                whole(price * draw.real(1.02, 1.45) / 100.0) * 100 - if kind.is_book() { 5 } else { 1 }
            } else {
                0
            },
            demand,
            looks_per_day: match demand {
                d if d >= 400.0 => 4,
                d if d >= 25.0 => 3,
                d if d >= 3.0 => 2,
                _ => 1,
            },
            ranked: !draw.chance(0.02),
            badge: draw.chance(if kind.is_book() { 0.45 } else { 0.7 }),
            amazon,
            fba_offers: draw.between(0, if popular { 9 } else { 3 }),
            fbm_offers: draw.between(i32::from(kind.is_book()), if popular { 14 } else { 6 }),
            used_offers,
            used_share: draw.real(0.3, 0.8),
            restless: draw.real(0.01, 0.3),
            swing: draw.real(0.01, 0.09),
            ending: draw.between(0, 3),
            sides,
            weight,
            hazmat: draw.chance(kind.hazmat / 100.0),
            lithium: kind.referral < 10.0 && draw.chance(0.5),
            heat: draw.chance(kind.heat / 100.0),
            adult: draw.chance(kind.adult / 100.0),
            rating: if draw.chance(0.93) { draw.between(34, 49) } else { 0 },
            pages: if kind.is_book() { draw.between(96, 820) } else { -1 },
            year: 2026 - whole(22.0 * draw.unit() * draw.unit()),
            family,
        }
    }

    /// Day of the first record.
    pub(crate) const fn first_day(&self) -> i32 {
        self.tracked_since / 1440
    }
}

fn package(kind: &Kind, draw: &mut Draw) -> (Option<[i32; 3]>, Option<i32>) {
    // Thick things are heavy: one draw moves all measures of a product together.
    let bulk = draw.unit();
    let mut of = |(low, high): (i32, i32), own: f64| {
        let share = bulk * (1.0 - own) + draw.unit() * own;
        low + whole(f64::from(high - low) * share)
    };
    let mut sides = [of(kind.sides[0], 0.6), of(kind.sides[1], 0.6), of(kind.sides[2], 0.25)];
    let weight = of(kind.weight, 0.25);
    sides.sort_unstable_by(|a, b| b.cmp(a));
    match draw.unit() {
        u if u < 0.02 => (None, None),
        u if u < 0.03 => (Some(sides), None),
        u if u < 0.035 => (None, Some(weight)),
        _ => (Some(sides), Some(weight)),
    }
}

fn listed_in(kind: &Kind, draw: &mut Draw) -> [i64; 3] {
    let mut leaves = [*draw.pick(kind.leaves), 0, 0];
    for place in 1..3 {
        if draw.chance(0.25) {
            let more = *draw.pick(kind.leaves);
            if !leaves.contains(&more) {
                leaves[place] = more;
            }
        }
    }
    leaves
}
