//! One product object: decoded, judged, and its histories survive.

#![no_main]

use keepa::{CsvType, RawProduct, Series};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(RawProduct { product, json }) = RawProduct::decode(text) else { return };
    // What was decoded is JSON by the book, too.
    serde_json::from_str::<&serde_json::value::RawValue>(&json).expect("accepted what is no JSON");
    for kind in (0..64).filter_map(CsvType::from_index) {
        if let Some(series) = product.series(kind) {
            assert_eq!(&Series::from_flat(kind.stride(), &series.to_flat()), series);
        }
    }
    gleaner_fuzz::judge(&product);
});
