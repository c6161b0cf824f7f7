//! What the fuzz targets share: a limit on memory in proportion to the input, and the judgement of what
//! was read.
//!
//! To add a target: a file in `fuzz_targets/`, its `[[bin]]` in `Cargo.toml`, a folder of small synthetic
//! seeds in `seeds/`, and its name in `xtask/src/fuzz.rs`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use gleaner_core::Condition;
use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::Rules;
use gleaner_core::{Marketplace, ScoreInput, score};
use keepa::Product;

/// Counts what is allocated.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on to the system's allocator unchanged; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Memory that a reader may use whatever the input: tables that are built on first use.
const BASE: usize = 4 * 1024 * 1024;

/// Runs a reader and holds it to its memory: `times` the size of the input.
///
/// # Panics
/// When it uses more.
pub fn bounded<T>(size: usize, times: usize, work: impl FnOnce() -> T) -> T {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    let used = PEAK.load(Relaxed).saturating_sub(before);
    assert!(used <= size * times + BASE, "{used} bytes of memory for an input of {size}");
    result
}

/// The shipped cards, read once.
pub static CARDS: LazyLock<FeeCards> = LazyLock::new(FeeCards::shipped);

/// A moment within the validity of the shipped fee cards.
#[must_use]
pub fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default()
}

/// Whatever was read can be judged.
pub fn judge(product: &Product) {
    let rules = Rules::balanced(Marketplace::Us);
    for condition in [Condition::New, Condition::Used] {
        let score = score(&ScoreInput {
            product,
            marketplace: Marketplace::Us,
            condition,
            cost: None,
            price: None,
            at: moment(),
            rules: &rules,
            cards: &CARDS,
        });
        assert!(score.roi_percent.is_none_or(f64::is_finite));
    }
}
