//! An export: every row becomes a product or a reason, and every product can be judged.

#![no_main]

use gleaner_core::rules::Rules;
use gleaner_core::{Condition, Identity, Marketplace, Terms, score_facts};
use gleaner_exchange::{keepa_csv, table::Table};
use libfuzzer_sys::fuzz_target;

/// So that the reader gets past the header at once; the seeds bring their own as well.
const HEADER: &[u8] = "Locale,Title,Sales Rank: Current,Sales Rank: Drops last 30 days,Bought in past month,Buy Box 🚚: \
Current,Buy Box 🚚: 90 days avg.,Buy Box 🚚: 90 days OOS,Amazon: Current,Amazon: 90 days OOS,FBA Pick&Pack Fee,Referral \
Fee %,New Offer Count: Current,Categories: Root,ASIN,Package: Length (cm),Package: Width (cm),Package: Height (cm),\
Package: Weight (g)\n"
    .as_bytes();

fuzz_target!(|bytes: &[u8]| {
    let with_header = [HEADER, bytes].concat();
    for bytes in [bytes, with_header.as_slice()] {
        // Compressed files may grow; how far is bounded on its own.
        let times = if bytes.starts_with(b"PK") || bytes.starts_with(&[0x1f, 0x8b]) { 4_000 } else { 20 };
        gleaner_fuzz::bounded(bytes.len(), times, || read(bytes));
    }
});

fn read(bytes: &[u8]) {
    let Ok(table) = Table::open(bytes) else { return };
    let Some(export) = keepa_csv::read(&table, Marketplace::Us) else { return };
    let cards = &*gleaner_fuzz::CARDS;
    for row in export.rows.iter().take(20) {
        let at = gleaner_fuzz::moment();
        for condition in [Condition::New, Condition::Used] {
            let (facts, _) = row.facts(condition, at, export.exported_at);
            let rules = Rules::balanced(row.marketplace);
            let terms = Terms {
                marketplace: row.marketplace,
                condition,
                cost: None,
                price: None,
                at,
                rules: &rules,
                cards,
            };
            let score = score_facts(Identity { asin: row.asin.as_str(), title: None }, &facts, &terms);
            assert!(score.roi_percent.is_some() || !score.reasons.is_empty(), "no ROI and no reason");
        }
    }
}
