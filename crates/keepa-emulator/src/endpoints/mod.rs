//! One module per path of the service.

pub(crate) mod admin;
mod product;
mod query;

use crate::app::Call;
use crate::reply::{Failure, Reply};

/// Answers a call to an endpoint, its name without slashes.
pub(crate) fn call(endpoint: &str, call: &Call<'_>) -> Result<Reply, Failure> {
    match endpoint {
        "token" => Ok(Reply::bare(0)),
        "product" => product::product(call),
        "query" => query::query(call),
        _ => Err(Failure::NotFound),
    }
}
