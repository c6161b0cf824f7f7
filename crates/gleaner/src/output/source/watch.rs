//! What came of watching products.

use gleaner_engine::sourcing::{WatchOutcome, WatchResult};

use super::word;
use crate::output::table::{self, or_missing};

/// Each product with what came of it.
pub fn print(result: &WatchResult) -> anyhow::Result<()> {
    super::super::demo_notice(result.demo)?;
    if !result.products.is_empty() {
        let mut rows = table::new(&["ASIN", "OUTCOME", "CHOSEN BY", "TITLE"]);
        for product in &result.products {
            let outcome = match product.outcome {
                WatchOutcome::Watched => "watched".to_owned(),
                WatchOutcome::AlreadyWatched => "watched before".to_owned(),
                WatchOutcome::Decided => format!("stays {}", word(&product.state)),
            };
            rows.add([
                product.asin.clone(),
                outcome,
                product.job.clone().unwrap_or_else(|| "hand".to_owned()),
                or_missing(product.title.as_deref()),
            ]);
        }
        rows.print()?;
    }
    for rejected in &result.rejected {
        eprintln!("gleaner: {}: {} [{}]", rejected.input, rejected.message, rejected.code);
    }
    Ok(())
}
