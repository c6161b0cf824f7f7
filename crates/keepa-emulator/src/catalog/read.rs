//! Finding products in a saved file: a full answer, a bare product, or either inside other objects.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde_json::value::RawValue;

use super::{Facts, Saved};

/// Nothing that Keepa sends is near this large; a file that unpacks to more is not read.
const LARGEST: u64 = 256 << 20;
/// How deep a product may lie inside wrapper objects.
const DEEPEST: usize = 6;

/// The products of a file; the reason when there are none.
pub(crate) fn products(file: &Path) -> Result<Vec<Saved>, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let text = unpacked(&bytes)?;
    let raw: &RawValue = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("not JSON: {error}"))?;
    let mut found = Vec::new();
    collect(raw, 0, &mut found)?;
    if found.is_empty() {
        return Err("no product in it".to_owned());
    }
    Ok(found)
}

fn unpacked(bytes: &[u8]) -> Result<String, String> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let decoder = flate2::read::MultiGzDecoder::new(bytes);
        decoder.take(LARGEST).read_to_end(&mut text).map_err(|error| format!("not whole gzip: {error}"))?;
    } else {
        text.extend_from_slice(bytes);
    }
    String::from_utf8(text).map_err(|_| "not UTF-8".to_owned())
}

/// What makes an object a product: an ASIN and something only products have.
fn is_product(object: &BTreeMap<String, &RawValue>) -> bool {
    object.contains_key("asin")
        && ["csv", "productType", "domainId", "rootCategory", "title"]
            .iter()
            .any(|key| object.contains_key(*key))
}

fn collect(raw: &RawValue, depth: usize, found: &mut Vec<Saved>) -> Result<(), String> {
    if depth > DEEPEST {
        return Ok(());
    }
    let text = raw.get();
    if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for item in items.into_iter().filter(|item| item.get().starts_with(['{', '['])) {
            collect(item, depth + 1, found)?;
        }
        return Ok(());
    }
    if !text.starts_with('{') {
        return Ok(());
    }
    let object: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if is_product(&object) {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let asin = value["asin"].as_str().ok_or("its asin is not text")?.to_owned();
        let domain = value["domainId"].as_i64().unwrap_or(crate::world::DOMAIN);
        found.push(Saved { asin, domain, raw: text.to_owned(), facts: Facts::of(&value) });
        return Ok(());
    }
    for (_, inner) in object {
        collect(inner, depth + 1, found)?;
    }
    Ok(())
}
