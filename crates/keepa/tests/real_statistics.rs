//! The statistics recomputed from the histories, against those that Keepa sent with real products.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use keepa::{CsvType, KeepaTime, Product, RawProduct, Statistics, decode_products};

fn real_products() -> Option<Vec<(String, Product, Option<KeepaTime>)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/products");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there are no real products beside the repository (../shared/data/products)");
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut products = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let mut text = String::new();
        match bytes.starts_with(&[0x1f, 0x8b]) {
            true => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap(),
            false => (&bytes[..]).read_to_string(&mut text).unwrap(),
        };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (tokens, list) = decode_products(text.as_bytes()).unwrap();
        let asked = tokens.timestamp_ms.map(KeepaTime::from_unix_ms);
        if list.is_empty() {
            products.push((name, RawProduct::decode(&text).unwrap().product, asked));
        }
        products.extend(
            list.into_iter()
                .map(|raw| (path.file_name().unwrap().to_string_lossy().into_owned(), raw.product, asked)),
        );
    }
    Some(products)
}

#[derive(Default, Clone)]
struct Tally {
    same: usize,
    all: usize,
    odd: Vec<String>,
}

impl Tally {
    fn add(&mut self, same: bool, say: impl FnOnce() -> String) {
        self.all += 1;
        if same { self.same += 1 } else { self.odd.push(say()) }
    }
}

fn compare(product: &Product, sent: &Statistics, days: i64, now: KeepaTime) -> BTreeMap<&'static str, Tally> {
    let ours = Statistics::compute(&product.csv, product.tracking_since, days, now);
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for csv_type in CsvType::ALL {
        if product.series(csv_type).is_none() || sent.current.len() <= csv_type.index() {
            continue;
        }
        macro_rules! check {
            ($($name:ident),*) => { $(
                let (theirs, mine) = (sent.$name(csv_type), ours.$name(csv_type));
                tallies.entry(stringify!($name)).or_default()
                    .add(theirs == mine, || format!("{csv_type:?} keepa {theirs:?} we {mine:?}"));
            )* };
        }
        check!(
            current,
            avg,
            avg30,
            avg90,
            avg180,
            avg365,
            at_interval_start,
            min,
            max,
            min_in_interval,
            max_in_interval,
            is_lowest,
            is_lowest90,
            out_of_stock_percentage_in_interval,
            out_of_stock_percentage30,
            out_of_stock_percentage90,
            out_of_stock_percentage180,
            out_of_stock_percentage365
        );
    }
    tallies
}

#[test]
fn explore() {
    let Some(products) = real_products() else { return };
    for (name, product, asked) in products {
        let Some(sent) = &product.stats else {
            println!("{name}: no stats");
            continue;
        };
        let update = product.last_update.unwrap();
        let mut best = (0, 0, update, BTreeMap::new());
        let latest = asked.map_or(60, |asked| asked.minutes_since(update).clamp(1, 24 * 60));
        for days in [30, 90, 180, 365] {
            for minutes in 0..=latest.max(60) {
                let now = update.plus_minutes(minutes);
                let tallies = compare(&product, sent, days, now);
                let same: usize = tallies.values().map(|tally| tally.same).sum();
                if same > best.0 {
                    best = (same, days, now, tallies);
                }
            }
        }
        let (same, days, now, tallies) = best;
        let all: usize = tallies.values().map(|tally| tally.all).sum();
        println!(
            "{name}: {same}/{all} days {days} now +{} asked {:?}",
            now.minutes_since(update),
            asked.map(|a| a.minutes_since(update))
        );
        for (statistic, tally) in tallies {
            for odd in tally.odd.iter().take(4) {
                println!("    {statistic}: {odd}");
            }
        }
        let ours = Statistics::compute(&product.csv, product.tracking_since, days, now);
        println!(
            "   drops {:?} {:?} {:?} {:?} we {:?} {:?} {:?} {:?}",
            sent.sales_rank_drops30,
            sent.sales_rank_drops90,
            sent.sales_rank_drops180,
            sent.sales_rank_drops365,
            ours.sales_rank_drops30,
            ours.sales_rank_drops90,
            ours.sales_rank_drops180,
            ours.sales_rank_drops365
        );
        println!(
            "   monthly {:?} we {:?}",
            sent.delta_percent90_monthly_sold,
            product.monthly_sold_history.as_ref().and_then(|h| keepa::keepa_monthly_sold_delta(h, now))
        );
    }
}
