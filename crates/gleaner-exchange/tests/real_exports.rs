//! Keepa's real exports: what of them gets an ROI, what not and why, and how long it takes.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::Rules;
use gleaner_core::{Condition, Identity, Marketplace, Terms, score_facts};
use gleaner_exchange::{Content, read};

/// Rows with an ROI, the others by reason, and what was read.
fn judge(name: &str) -> Option<(usize, BTreeMap<String, usize>, gleaner_exchange::keepa_csv::Export)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/exports").join(name);
    let Ok(packed) = std::fs::read(&path) else {
        gleaner_testkit::skip(&format!("the real export {name} of ../shared/data/exports is absent"));
        return None;
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("the export is whole");
    let started = Instant::now();
    let Content::KeepaExport(export) = read(&bytes, Marketplace::Us).expect("readable") else {
        panic!("no export")
    };
    let was_read = started.elapsed();
    let cards = FeeCards::shipped();
    let (mut with_roi, mut without) = (0, BTreeMap::new());
    for row in &export.rows {
        let at = export.exported_at.expect("the export says when it was made");
        let (facts, _) = row.facts(Condition::New, at, export.exported_at);
        let rules = Rules::balanced(row.marketplace);
        let terms = Terms {
            marketplace: row.marketplace,
            condition: Condition::New,
            cost: None,
            price: None,
            at,
            rules: &rules,
            cards: &cards,
        };
        let score = score_facts(Identity { asin: row.asin.as_str(), title: None }, &facts, &terms);
        if score.roi_percent.is_some() {
            with_roi += 1;
        } else {
            let reasons = serde_json::to_value(&score.reasons).expect("codes");
            let first = reasons[0].as_str().expect("a score without an ROI says why").to_owned();
            *without.entry(first).or_insert(0) += 1;
        }
    }
    let took = started.elapsed();
    for rejection in &export.rejected {
        *without.entry(rejection.code.clone()).or_insert(0) += 1;
    }
    println!(
        "{name}: {with_roi} with an ROI, without: {without:?}; read in {was_read:?}, scored after {took:?}"
    );
    assert!(took.as_secs_f64() < 1.0, "reading and scoring took {took:?}");
    Some((with_roi, without, export))
}

#[test]
fn of_the_us_export_nearly_every_row_gets_an_roi_within_a_second() {
    let Some((with_roi, without, export)) = judge("keepa_export_us_9110_rows.csv.gz") else { return };
    assert!(with_roi >= 8_900, "{with_roi}");
    assert_eq!(with_roi + without.values().sum::<usize>(), 9_110, "every row is accounted for");
    assert_eq!(export.exported_at.unwrap().to_rfc3339(), "2024-07-03T00:10:00+00:00");
    assert!(export.rows.iter().all(|row| row.marketplace == Marketplace::Us));
}

#[test]
fn of_the_german_export_every_row_gets_an_roi_or_a_reason() {
    let Some((with_roi, without, export)) = judge("keepa_export_de_176_columns.csv.gz") else { return };
    assert_eq!(with_roi + without.values().sum::<usize>(), 1_040);
    // So many rows have a new price now or a 90-day average of one (counted with another program).
    assert_eq!((with_roi, without.get("no_price")), (961, Some(&79)));
    assert_eq!(export.exported_at.unwrap().to_rfc3339(), "2026-01-19T16:16:00+00:00");
    assert!(export.rows.iter().all(|row| row.marketplace == Marketplace::De));
}
