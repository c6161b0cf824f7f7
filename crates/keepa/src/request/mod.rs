//! What is asked of Keepa: typed requests that are checked before anything is sent, and what they will cost.

mod other;
mod product;

pub use other::{BestsellersRequest, GraphImageRequest, RankRange, SearchRequest};
pub use product::{ProductRequest, StatsWindow};

use std::ops::Add;

/// The tokens that a request will cost, as bounds, before it is sent.
///
/// The lower bound supposes that Keepa knows the ASINs that are asked for. Rejected requests and those without tokens
/// cost nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CostEstimate {
    /// At least so many.
    pub lower: u32,
    /// At most so many.
    pub upper: u32,
}

impl CostEstimate {
    /// Between `lower` and `upper`.
    #[must_use]
    pub const fn between(lower: u32, upper: u32) -> Self {
        Self { lower, upper }
    }

    /// Exactly so many.
    #[must_use]
    pub const fn exactly(tokens: u32) -> Self {
        Self::between(tokens, tokens)
    }

    /// Reading the token balance.
    pub const TOKEN: Self = Self::exactly(0);
    /// A best-seller list; nothing when there is none.
    pub const BESTSELLERS: Self = Self::between(0, 50);
    /// Categories by id: one request of at most ten.
    pub const CATEGORY: Self = Self::exactly(1);
    /// A search for categories.
    pub const CATEGORY_SEARCH: Self = Self::exactly(1);
    /// A page of at most 150 deals.
    pub const DEALS: Self = Self::exactly(5);
    /// The list of top sellers.
    pub const TOP_SELLERS: Self = Self::exactly(50);
    /// The lightning deal of one product.
    pub const LIGHTNING_DEAL: Self = Self::exactly(1);
    /// The list of all lightning deals (as measured in 2026).
    pub const ALL_LIGHTNING_DEALS: Self = Self::exactly(500);
    /// A graph; nothing when the same was drawn within 90 minutes.
    pub const GRAPH_IMAGE: Self = Self::between(0, 1);
    /// Reading trackings and notifications.
    pub const TRACKING: Self = Self::exactly(0);

    /// Sellers by id: one token for each that exists.
    #[must_use]
    pub fn sellers(count: usize) -> Self {
        Self::between(0, u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// One seller with its storefront: nine more when at least two ASINs are known of it.
    #[must_use]
    pub const fn storefront() -> Self {
        Self::between(0, 10)
    }

    /// So many times as much.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self::between(self.lower.saturating_mul(count), self.upper.saturating_mul(count))
    }
}

impl Add for CostEstimate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::between(self.lower.saturating_add(other.lower), self.upper.saturating_add(other.upper))
    }
}

/// A query parameter: name and value.
pub(crate) type Param = (&'static str, String);

pub(crate) fn flag(value: bool) -> String {
    (if value { "1" } else { "0" }).to_owned()
}
