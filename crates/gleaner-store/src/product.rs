//! `gleaner_product`: paid facts, each product as Keepa sent it, compressed, with `gleaner_product_excerpt` beside it.

use std::cell::RefCell;

use chrono::NaiveDateTime;
use zstd::bulk::Decompressor;

use crate::statement::{Insert, Value, cut, exact, far_ahead, padded, parameters};
use crate::{Store, StoreError};

/// zstd's level 3 is its own default: Keepa's JSON shrinks to about a sixth at some 200 MB/s.
const LEVEL: i32 = 3;

/// The facts of a product, as they were bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    /// The marketplace, in Keepa's numbers (1 = amazon.com).
    pub domain: i64,
    /// The product.
    pub asin: String,
    /// When the facts were bought (UTC).
    pub fetched_at: NaiveDateTime,
    /// Its title, at most 500 characters.
    pub title: Option<String>,
    /// Keepa's id of its root category.
    pub root_category: Option<i64>,
    /// Its sales rank at that time.
    pub bsr: Option<i64>,
    /// The product object as Keepa sent it, byte by byte.
    pub json: Vec<u8>,
}

/// Facts to keep. They replace older ones of the same product and never newer ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductPut {
    /// The marketplace, in Keepa's numbers (1 = amazon.com).
    pub domain: i64,
    /// At most 20 characters.
    pub asin: String,
    /// When the facts were bought (UTC).
    pub fetched_at: NaiveDateTime,
    /// The product object as Keepa sent it; compressed on the way in.
    pub json: Vec<u8>,
    /// Its title; cut to 500 characters.
    pub title: Option<String>,
    /// Keepa's id of its root category.
    pub root_category: Option<i64>,
    /// Its sales rank.
    pub bsr: Option<i64>,
    /// What scoring reads of it.
    pub excerpt: Option<Excerpt>,
}

/// The part of a product that scoring reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Which form it has: only readers of the same form may use it.
    pub form: i64,
    /// The part, as JSON; compressed on the way in.
    pub json: Vec<u8>,
}

/// Which excerpts a reader can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usable {
    /// Their form.
    pub form: i64,
    /// The moment it reads them for. An excerpt says nothing of the time before its facts were bought.
    pub at: NaiveDateTime,
}

pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_product",
    columns: &["domain", "asin", "fetched_at", "title", "root_category", "bsr", "facts"],
    json: &[],
    // Of two that are under way at once the later stays; but what is so far ahead was fetched before the clock was put
    // back.
    conflict: concat!(
        "ON CONFLICT (domain, asin) DO UPDATE SET fetched_at = excluded.fetched_at, \
         title = excluded.title, root_category = excluded.root_category, bsr = excluded.bsr, \
         facts = excluded.facts WHERE excluded.fetched_at >= gleaner_product.fetched_at OR ",
        far_ahead!("gleaner_product.fetched_at", "excluded.fetched_at")
    ),
};

pub(crate) const INSERT_EXCERPT: Insert = Insert {
    table: "gleaner_product_excerpt",
    columns: &["domain", "asin", "fetched_at", "form", "excerpt"],
    json: &[],
    // As with the facts themselves.
    conflict: concat!(
        "ON CONFLICT (domain, asin) DO UPDATE SET fetched_at = excluded.fetched_at, form = excluded.form, \
         excerpt = excluded.excerpt WHERE excluded.fetched_at >= gleaner_product_excerpt.fetched_at OR ",
        far_ahead!("gleaner_product_excerpt.fetched_at", "excluded.fetched_at")
    ),
};

impl ProductPut {
    /// Compresses the facts in their place. [`Self::row`] wants them so.
    pub(crate) fn pack(&mut self) -> Result<(), StoreError> {
        self.json = compress(&self.json)?;
        if let Some(excerpt) = &mut self.excerpt {
            excerpt.json = compress(&excerpt.json)?;
        }
        Ok(())
    }

    /// The row of an excerpt that was packed.
    pub(crate) fn excerpt_row(&self) -> Result<Option<Vec<Value>>, StoreError> {
        let Some(Excerpt { form, json }) = &self.excerpt else { return Ok(None) };
        let asin = exact("asin", &self.asin, 20)?;
        let row = vec![
            self.domain.into(),
            asin,
            self.fetched_at.into(),
            (*form).into(),
            Value::Bytes(json.clone()),
        ];
        Ok(Some(row))
    }

    /// The row of facts that were packed.
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            self.domain.into(),
            exact("asin", &self.asin, 20)?,
            self.fetched_at.into(),
            cut(self.title.as_deref(), 500),
            Value::Int(self.root_category),
            Value::Int(self.bsr),
            Value::Bytes(self.json.clone()),
        ])
    }
}

/// Compresses with a checksum, so that a flipped bit is an error and not a wrong price.
fn compress(json: &[u8]) -> Result<Vec<u8>, StoreError> {
    let packed = || {
        let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
        packer.include_checksum(true)?;
        packer.compress(json)
    };
    packed()
        .map_err(|error| StoreError::Other { reason: format!("compressing facts: {error}"), source: None })
}

/// No product is as long: Keepa's longest answers have some megabytes for a hundred of them. A damaged row that tells
/// of more is refused before memory is taken for it.
const LONGEST: u64 = 64 * 1024 * 1024;

thread_local! {
    /// What a decompressor sets up takes as long as a small product.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompress(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let unpack = || -> Result<Vec<u8>, std::io::Error> {
        let told = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
        let length = told.filter(|length| *length <= LONGEST).and_then(|length| usize::try_from(length).ok());
        let length = length.ok_or_else(|| std::io::Error::other("no length is told"))?;
        UNPACKER.with_borrow_mut(|kept| {
            let unpacker = match kept {
                Some(unpacker) => unpacker,
                None => kept.insert(Decompressor::new()?),
            };
            unpacker.decompress(packed, length)
        })
    };
    unpack().map_err(|error| StoreError::corrupt(format!("stored facts: {error}")))
}

#[derive(sqlx::FromRow)]
struct Record {
    domain: i64,
    asin: String,
    fetched_at: NaiveDateTime,
    title: Option<String>,
    root_category: Option<i64>,
    bsr: Option<i64>,
    facts: Vec<u8>,
}

impl Record {
    fn read(self) -> Result<ProductRow, StoreError> {
        let Self { domain, asin, fetched_at, title, root_category, bsr, facts } = self;
        let json = decompress(&facts)?;
        Ok(ProductRow { domain, asin, fetched_at, title, root_category, bsr, json })
    }
}

/// A product's facts, or their excerpt, as they lie in the database. [`PackedProduct::unpack`] takes up to a tenth of a
/// millisecond of computing: who reads many does it on threads of their own.
#[derive(sqlx::FromRow)]
pub struct PackedProduct {
    asin: String,
    packed: Vec<u8>,
}

impl std::fmt::Debug for PackedProduct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackedProduct").field("asin", &self.asin).finish_non_exhaustive()
    }
}

impl PackedProduct {
    /// The product.
    #[must_use]
    pub fn asin(&self) -> &str {
        &self.asin
    }

    /// The product as JSON: what was bought, or the part of it that scoring reads.
    pub fn unpack(&self) -> Result<Vec<u8>, StoreError> {
        decompress(&self.packed)
    }
}

const COLUMNS: &str =
    "SELECT domain, asin, fetched_at, title, root_category, bsr, facts FROM gleaner_product";

impl Store {
    /// The facts kept for these products, in no particular order, whatever their age. Up to 100 are one query.
    pub async fn products(&self, domain: i64, asins: &[String]) -> Result<Vec<ProductRow>, StoreError> {
        let mut asins: Vec<&str> = asins.iter().map(String::as_str).collect();
        asins.sort_unstable();
        asins.dedup();
        if asins.is_empty() {
            return Ok(Vec::new());
        }
        let mut session = self.reading().await?;
        let mut found = Ok(Vec::with_capacity(asins.len()));
        for asins in asins.chunks(100) {
            let mut values = vec![Value::from(domain)];
            values.extend(padded(asins).into_iter().map(Value::from));
            let sql =
                format!("{COLUMNS} WHERE domain = $1 AND asin IN ({})", parameters(2, values.len() - 1));
            let records = session.rows::<Record>(sql, &values).await;
            found = found.and_then(|mut found: Vec<Record>| {
                found.extend(records?);
                Ok(found)
            });
        }
        session.end(found).await?.into_iter().map(Record::read).collect()
    }

    /// A page of all products of a marketplace, in the order of their ASINs, after the given one: to walk through
    /// everything that was paid for in bounded memory. The excerpt stands for the product where there is one that the
    /// reader can use.
    pub async fn products_page(
        &self,
        domain: i64,
        after: Option<&str>,
        limit: u32,
        usable: Usable,
    ) -> Result<Vec<PackedProduct>, StoreError> {
        // Decided by CASE, so that the facts of which an excerpt is used are not read.
        const PAGE: &str = "SELECT p.asin, CASE WHEN e.excerpt IS NULL THEN p.facts ELSE e.excerpt END AS packed \
             FROM gleaner_product p LEFT JOIN gleaner_product_excerpt e ON e.domain = p.domain AND e.asin = p.asin \
             AND e.fetched_at = p.fetched_at AND e.fetched_at <= $4 AND e.form = $5 \
             WHERE p.domain = $1 AND p.asin > $2 ORDER BY p.asin LIMIT $3";
        let values = [
            domain.into(),
            after.unwrap_or_default().into(),
            i64::from(limit).into(),
            usable.at.into(),
            usable.form.into(),
        ];
        let mut session = self.reading().await?;
        let page = session.rows(PAGE, &values).await;
        session.end(page).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_byte_by_byte_and_damage_is_noticed() {
        let json: Vec<u8> = (0..40_000_u32).flat_map(|n| (n % 977).to_string().into_bytes()).collect();
        let packed = compress(&json).unwrap();
        assert!(packed.len() < json.len() / 2);
        assert_eq!(decompress(&packed).unwrap(), json);
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x10;
        assert_eq!(decompress(&damaged).unwrap_err().code(), "database_corrupt");
        assert_eq!(decompress(&packed[..packed.len() - 3]).unwrap_err().code(), "database_corrupt");
    }
}
