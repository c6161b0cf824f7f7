//! A supplier's list, CSV or XLSX: every row becomes a product or a reason.

#![no_main]

use gleaner_core::Marketplace;
use gleaner_exchange::supplier::{self, AmazonPack};
use gleaner_exchange::table::Table;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let with_header = [b"EAN,Cost,Title,Pack size,ASIN\n", bytes].concat();
    for bytes in [bytes, with_header.as_slice()] {
        // Compressed files may grow; how far is bounded on its own.
        let times = if bytes.starts_with(b"PK") || bytes.starts_with(&[0x1f, 0x8b]) { 4_000 } else { 20 };
        gleaner_fuzz::bounded(bytes.len(), times, || read(bytes));
    }
});

fn read(bytes: &[u8]) {
    let Ok(table) = Table::open(bytes) else { return };
    let Some(list) = supplier::read(&table, Marketplace::De) else { return };
    for item in &list.items {
        assert!(!item.lines.is_empty());
        for pack in [AmazonPack::Unknown, AmazonPack::Unclear, AmazonPack::Of(6)] {
            let (cost, _) = item.cost_of(pack, Marketplace::De);
            assert!(cost.is_none_or(|cost| cost > 0));
        }
    }
}
