//! The statistics recomputed from the histories, against those that Keepa sent with real products.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/skip.rs"]
mod skip;

use std::io::Read;
use std::path::PathBuf;

use self::skip::skip;
use keepa::{
    CsvType, KeepaTime, Product, RawProduct, Statistics, decode_products, keepa_monthly_sold_delta,
    keepa_rank_drops,
};

/// Every real product with the name of its file.
fn real_products() -> Option<Vec<(String, Product)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/products");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        skip("there are no real products beside the repository (../shared/data/products)");
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut products = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            (&bytes[..]).read_to_string(&mut text).unwrap();
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (_, list) = decode_products(text.as_bytes()).unwrap();
        if list.is_empty() {
            products.push((name, RawProduct::decode(&text).unwrap().product));
        } else {
            products.extend(list.into_iter().map(|raw| (name.clone(), raw.product)));
        }
    }
    Some(products)
}

/// A figure that differs: which statistic, of which history, Keepa's and ours.
type Odd = (&'static str, CsvType, Option<i64>, Option<i64>);

/// Compares every figure that follows from the histories; returns how many there are and those that differ.
fn compare(product: &Product, sent: &Statistics, days: i64, now: KeepaTime) -> (usize, Vec<Odd>) {
    let ours = Statistics::compute(&product.csv, product.tracking_since, days, now);
    let (mut count, mut odd) = (0, Vec::new());
    for csv_type in CsvType::ALL {
        // Answers from before February 2026 have 34 places.
        if product.series(csv_type).is_none() || sent.current.len() <= csv_type.index() {
            continue;
        }
        macro_rules! check {
            ($($name:ident $value:expr),* $(,)?) => { $(
                let (keepa, we) = (sent.$name(csv_type), ours.$name(csv_type));
                count += 1;
                if keepa != we {
                    odd.push((stringify!($name), csv_type, keepa.map($value), we.map($value)));
                }
            )* };
        }
        let extreme = |extreme: keepa::product::Extreme| extreme.value;
        check!(
            current i64::from, avg i64::from, avg30 i64::from, avg90 i64::from, avg180 i64::from, avg365 i64::from,
            at_interval_start i64::from, min extreme, max extreme, min_in_interval extreme, max_in_interval extreme,
            is_lowest i64::from, is_lowest90 i64::from, out_of_stock_percentage_in_interval i64::from,
            out_of_stock_percentage30 i64::from, out_of_stock_percentage90 i64::from,
            out_of_stock_percentage180 i64::from, out_of_stock_percentage365 i64::from,
        );
    }
    (count, odd)
}

/// The moment and interval of the request are not in the answer: the minute after the refresh and the number of days
/// that agree best.
fn best_fit(product: &Product, sent: &Statistics) -> (usize, Vec<Odd>, i64, KeepaTime) {
    let update = product.last_update.unwrap();
    let tries =
        [0, 1, 30, 90, 180, 365].into_iter().flat_map(|days| (0..=60).map(move |minutes| (days, minutes)));
    let fits = tries.map(|(days, minutes)| {
        let now = update.plus_minutes(minutes);
        let (count, odd) = compare(product, sent, days, now);
        (count, odd, days, now)
    });
    fits.min_by_key(|fit| fit.1.len()).unwrap()
}

/// Of these Keepa leaves out the most extreme prices, by a rule that is not known.
const WITH_OUTLIERS: [&str; 3] = ["used_book_0135048761", "used_book_1593694512", "used_book_1937565750"];

#[test]
fn our_statistics_are_keepas() {
    let Some(products) = real_products() else { return };
    let (mut figures, mut differ, mut compared) = (0, 0, 0);
    for (name, product) in &products {
        // The histories of the German product were cut after the answer was saved.
        let sent = product.stats.as_ref().filter(|_| !product.csv.is_empty() && !name.contains("trimmed"));
        let Some(sent) = sent else { continue };
        let (count, odd, days, now) = best_fit(product, sent);
        println!("{name}: {} of {count} figures agree (interval {days} days, {now})", count - odd.len());
        (figures, differ, compared) = (figures + count, differ + odd.len(), compared + 1);
        if !WITH_OUTLIERS.iter().any(|book| name.starts_with(book)) {
            assert_eq!(odd, [], "{name}");
            continue;
        }
        for (statistic, csv_type, keepa, we) in odd {
            let about_extremes = statistic.starts_with("max") || statistic.starts_with("avg");
            assert!(
                about_extremes && keepa < we,
                "{name}: {statistic} of {csv_type:?}: {keepa:?} is not {we:?}"
            );
        }
    }
    println!("{} of {figures} figures of {compared} products agree", figures - differ);
    assert!(compared >= 12 && figures >= 3_294 && differ <= 56);
}

#[test]
fn our_rank_drops_are_keepas_within_one() {
    let Some(products) = real_products() else { return };
    let (mut same, mut all) = (0, 0);
    for (name, product) in &products {
        let sent = product.stats.as_ref().filter(|_| !product.csv.is_empty() && !name.contains("trimmed"));
        let (Some(sent), Some(now)) = (sent, product.last_update) else { continue };
        let Some(ranks) = product.series(CsvType::Sales) else { continue };
        for (days, keepa) in [
            (30, sent.sales_rank_drops30),
            (90, sent.sales_rank_drops90),
            (180, sent.sales_rank_drops180),
            (365, sent.sales_rank_drops365),
        ] {
            let we = i64::try_from(keepa_rank_drops(ranks, days, now)).unwrap();
            let keepa = keepa.unwrap();
            assert!((keepa - we).abs() <= 1, "{name} in {days} days: Keepa {keepa}, we {we}");
            all += 1;
            same += usize::from(keepa == we);
        }
    }
    println!("{same} of {all} counts of rank drops agree, the others within one");
    assert!(all >= 48 && all - same <= 1);
}

#[test]
fn our_change_of_sales_is_keepas() {
    let Some(products) = real_products() else { return };
    let mut compared = 0;
    for (name, product) in &products {
        let (Some(sent), Some(history), Some(now)) =
            (&product.stats, &product.monthly_sold_history, product.last_update)
        else {
            continue;
        };
        // A badge that has vanished has no current value to compare with.
        if history.last().is_some_and(|point| point.value.is_some()) {
            assert_eq!(keepa_monthly_sold_delta(history, now), sent.delta_percent90_monthly_sold, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 3, "{compared}");
}
