//! A whole answer of Keepa's: products, balance, errors.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((_, products)) = keepa::decode_products(bytes) {
        for raw in &products {
            let again = keepa::RawProduct::decode(&raw.json).expect("what was read once is read again");
            assert_eq!(again.product, raw.product);
        }
    }
});
