//! One module per path of the service.

pub(crate) mod admin;
pub(crate) mod category;
mod deal;
mod graph;
mod lightning;
mod lists;
mod product;
mod query;
mod seller;
mod tracking;

use crate::app::Call;
use crate::reply::{Failure, Reply};

/// The paths there are.
pub(crate) const NAMES: [&str; 12] = [
    "token",
    "product",
    "query",
    "bestsellers",
    "topseller",
    "category",
    "search",
    "deal",
    "seller",
    "lightningdeal",
    "graphimage",
    "tracking",
];

/// Answers a call to an endpoint, its name without slashes.
pub(crate) fn call(endpoint: &str, call: &Call<'_>) -> Result<Reply, Failure> {
    match endpoint {
        "token" => Ok(Reply::bare(0)),
        "product" => product::product(call),
        "query" => query::query(call),
        "bestsellers" => lists::bestsellers(call),
        "topseller" => lists::topseller(call),
        "category" => category::category(call),
        "search" => category::search(call),
        "deal" => deal::deal(call),
        "seller" => seller::seller(call),
        "lightningdeal" => lightning::lightning_deal(call),
        "graphimage" => graph::graph_image(call),
        "tracking" => tracking::tracking(call),
        _ => Err(Failure::NotFound),
    }
}
