//! Saved Keepa answers: a full answer, a bare product, or a product inside a wrapper object; plain
//! or gzip.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use keepa::{Product, RawProduct};
use serde_json::value::RawValue;
use thiserror::Error;

pub use crate::packed::MAX_BYTES;
use crate::packed::{self, PackedError};

/// What a saved file holds.
#[derive(Debug)]
pub struct SavedAnswer {
    /// Its products, in the file's order.
    pub products: Vec<RawProduct>,
    /// When Keepa answered, if the file tells.
    pub timestamp: Option<DateTime<Utc>>,
}

impl SavedAnswer {
    /// The moment a product of this file speaks of: the answer's time, else the product's refresh.
    #[must_use]
    pub fn as_of(&self, product: &Product) -> Option<DateTime<Utc>> {
        self.timestamp.or_else(|| product.last_update.map(keepa::KeepaTime::to_datetime))
    }
}

/// Why a saved file cannot be used.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The gzip data is cut or damaged.
    #[error("the gzip data is damaged or cut off ({0}): save the file again")]
    Gzip(std::io::Error),
    /// Larger than [`MAX_BYTES`] when unpacked.
    #[error("the file is larger than {} MB, or unpacks to far more than it should: split it", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// Not JSON, or cut in the middle.
    #[error("not a complete JSON document ({0}): the file may have been cut off, save it again")]
    Json(String),
    /// JSON without a product in it.
    #[error(
        "no product in it: expected a Keepa product, an answer with \"products\", or an object that holds one"
    )]
    NoProduct,
}

impl ReadError {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "damaged_gzip",
            Self::TooLarge => "file_too_large",
            Self::Json(_) => "malformed_json",
            Self::NoProduct => "no_product",
        }
    }
}

/// Reads a saved Keepa answer.
pub fn read(bytes: &[u8]) -> Result<SavedAnswer, ReadError> {
    let unpacked = packed::unpack(bytes).map_err(|error| match error {
        PackedError::Damaged(error) => ReadError::Gzip(error),
        PackedError::TooLarge => ReadError::TooLarge,
    })?;
    let bytes = unpacked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&unpacked);
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError::Json(e.to_string()))?;
    let document: &RawValue = serde_json::from_str(text).map_err(|e| ReadError::Json(e.to_string()))?;
    let mut saved = SavedAnswer { products: Vec::new(), timestamp: None };
    collect(document, &mut saved, 0)?;
    if saved.products.is_empty() { Err(ReadError::NoProduct) } else { Ok(saved) }
}

/// More products than anybody saves in one file; without their histories so many take some 50 MB.
const MAX_PRODUCTS: usize = 20_000;

/// Wrappers are looked into this deep.
const MAX_DEPTH: usize = 3;

/// Collects the products of a value: of an answer, a bare product, a list, or a wrapper of those.
fn collect(value: &RawValue, saved: &mut SavedAnswer, depth: usize) -> Result<(), ReadError> {
    let json = |e: serde_json::Error| ReadError::Json(e.to_string());
    match value.get().as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(json)?;
            for item in items.into_iter().filter(|i| i.get().starts_with('{')) {
                collect(item, saved, depth + 1)?;
            }
        }
        Some(b'{') if depth <= MAX_DEPTH => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).map_err(json)?;
            if let Some(time) = members.get("timestamp").and_then(|t| t.get().parse().ok()) {
                saved.timestamp = saved.timestamp.or_else(|| DateTime::from_timestamp_millis(time));
            }
            if let Some(products) = members.get("products") {
                collect(products, saved, depth + 1)?;
            } else if members.contains_key("asin") {
                let product = RawProduct::decode(value.get()).map_err(|e| ReadError::Json(e.to_string()))?;
                if saved.products.len() >= MAX_PRODUCTS {
                    return Err(ReadError::TooLarge);
                }
                saved.products.push(product);
            } else {
                for member in members.into_values().filter(|m| m.get().starts_with(['{', '['])) {
                    collect(member, saved, depth + 1)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const PRODUCT: &str =
        r#"{"asin":"B000000001","domainId":1,"title":"Lamp","lastUpdate":7000000,"csv":[[1,-1]]}"#;

    #[test]
    fn an_answer_a_bare_product_and_a_wrapped_one_are_read() {
        for text in [
            PRODUCT.to_owned(),
            format!(r#"{{"timestamp":1760409339280,"products":[{PRODUCT}]}}"#),
            format!(r#"{{"note":"mine","product":{PRODUCT}}}"#),
            format!(r#"{{"data":{{"products":[{PRODUCT}]}}}}"#),
            format!("[{PRODUCT}]"),
            format!("\u{feff}{PRODUCT}"),
        ] {
            let saved = read(text.as_bytes()).unwrap();
            assert_eq!(saved.products.len(), 1, "{text}");
            assert_eq!(saved.products[0].product.title.as_deref(), Some("Lamp"));
        }
    }

    #[test]
    fn the_answers_own_time_counts_before_the_products() {
        let product_only = read(PRODUCT.as_bytes()).unwrap();
        let refreshed = product_only.as_of(&product_only.products[0].product).unwrap();
        assert_eq!(refreshed.timestamp(), (7_000_000 + 21_564_000) * 60);
        let answer =
            read(format!(r#"{{"timestamp":1760409339280,"products":[{PRODUCT}]}}"#).as_bytes()).unwrap();
        assert_eq!(answer.as_of(&answer.products[0].product).unwrap().timestamp_millis(), 1_760_409_339_280);
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_an_error_never_half_a_product() {
        let text = format!(r#"{{"timestamp":1760409339280,"products":[{PRODUCT},{PRODUCT}]}}"#);
        for cut in 0..text.len() {
            assert!(read(&text.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        let packed = gzip.finish().unwrap();
        assert_eq!(read(&packed).unwrap().products.len(), 2);
        for cut in 2..packed.len() {
            assert!(read(&packed[..cut]).is_err(), "gzip cut at {cut}");
        }
    }

    #[test]
    fn other_json_is_refused_with_a_reason() {
        for (text, code) in [
            ("{}", "no_product"),
            ("[]", "no_product"),
            ("42", "no_product"),
            (r#"{"error":{"type":"invalidParameter"}}"#, "no_product"),
            ("<html></html>", "malformed_json"),
            ("", "malformed_json"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().code(), code, "{text}");
        }
    }

    #[test]
    fn a_file_of_countless_empty_products_is_refused_before_it_fills_the_memory() {
        let empty = r#"{"asin":"B000000001"},"#;
        let of = |count: usize| format!("[{}{{}}]", empty.repeat(count));
        assert_eq!(read(of(MAX_PRODUCTS).as_bytes()).unwrap().products.len(), MAX_PRODUCTS);
        assert_eq!(read(of(MAX_PRODUCTS + 1).as_bytes()).unwrap_err().code(), "file_too_large");
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
