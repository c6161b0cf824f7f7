//! A saved answer, plain or gzip: read, and every product judged at its own time.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(saved) = gleaner_exchange::keepa_json::read(bytes) {
        assert!(!saved.products.is_empty());
        for raw in saved.products.iter().take(20) {
            let _ = saved.as_of(&raw.product);
            gleaner_fuzz::judge(&raw.product);
        }
    }
});
