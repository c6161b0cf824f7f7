//! The synthetic marketplace: amazon.com with a seed's worth of products.
//!
//! Nothing is stored. `asin` finds a product's number, `traits` what is fixed about it, `simulate` (with `rank` and
//! `extras`) its histories up to a moment, `texts` its words, `fees` what Amazon charges for it; `offers` who sells it.
//! `categories` and `kinds` are data. All of it is a function of (seed, number, time).

pub(crate) mod asin;
pub(crate) mod categories;
pub(crate) mod extras;
pub(crate) mod fees;
pub(crate) mod history;
pub(crate) mod kinds;
pub(crate) mod offers;
pub(crate) mod rank;
pub(crate) mod simulate;
pub(crate) mod texts;
pub(crate) mod traits;
mod words;

use asin::Codec;
use history::History;
use traits::Traits;

use crate::rng::{below, mix2};

/// Keepa's number of the only marketplace with synthetic products: amazon.com.
pub(crate) const DOMAIN: i64 = 1;

/// One seed's marketplace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) products: u32,
    pub(crate) codec: Codec,
}

impl World {
    pub(crate) const fn new(seed: u64, products: u32) -> Self {
        Self { seed, products, codec: Codec::new(seed, products) }
    }

    pub(crate) fn traits(&self, index: u32) -> Traits {
        Traits::derive(self.seed, index)
    }

    /// When Keepa last looked at a product that nobody asked for since: within the quarter of an hour before the full hour.
    pub(crate) fn last_look(traits: &Traits, now: i32) -> i32 {
        now.div_euclid(60) * 60 - below(mix2(traits.key, 0x1A57), 15)
    }

    /// Whether Keepa knew the product at a moment.
    pub(crate) fn exists(traits: &Traits, at: i32) -> bool {
        traits.tracked_since <= at
    }

    /// The history up to a moment.
    pub(crate) fn history(traits: &Traits, until: i32) -> History {
        let mut history = History::default();
        simulate::simulate(traits, until, &mut history);
        history
    }
}
