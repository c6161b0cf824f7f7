//! No key of a real answer is silently lost: those that no type reads are known junk.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

#[path = "../../tests/common/skip.rs"]
mod skip;

use self::skip::skip;
use crate::wire::UNREAD;
use crate::{RawProduct, decode_products};

/// `g` is undocumented and has no visible meaning; the notes were added by whoever saved the file.
const JUNK: [&str; 3] = ["_csv_note", "_variations_note", "g"];

#[test]
fn every_key_of_the_real_products_is_read_or_known_junk() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/products");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        skip("there are no real products beside the repository (../shared/data/products)");
        return;
    };
    UNREAD.with_borrow_mut(BTreeSet::clear);
    let mut products = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            (&bytes[..]).read_to_string(&mut text).unwrap();
        }
        let (_, mut list) = decode_products(text.as_bytes()).unwrap();
        if list.is_empty() {
            list.push(RawProduct::decode(&text).unwrap());
        }
        for raw in list {
            let product = &raw.product;
            let name = path.display();
            assert!(
                product.asin.is_some() && product.domain.is_some() && product.last_update.is_some(),
                "{name}"
            );
            assert!(path.to_string_lossy().contains(product.asin.unwrap().as_str()), "{name}");
            products += 1;
        }
    }
    let unread = UNREAD.with_borrow(Clone::clone);
    let lost: Vec<_> = unread.iter().filter(|(_, key)| !JUNK.contains(&key.as_str())).collect();
    assert!(lost.is_empty(), "keys that no type reads: {lost:?}");
    assert!(products >= 16, "{products}");
}
