//! Saved Keepa answers, served beside the synthetic products exactly as they were saved.
//!
//! `read` finds the products in a file, `facts` is what the finder sees of them.

mod facts;
mod read;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub(crate) use facts::Facts;

use crate::json::Json;
use crate::product::Options;
use crate::world::World;

/// One saved product.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) asin: String,
    pub(crate) domain: i64,
    /// The JSON text of the product object, byte for byte.
    pub(crate) raw: String,
    pub(crate) facts: Facts,
}

/// A file that could not be used, and why.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    pub(crate) file: PathBuf,
    pub(crate) reason: String,
}

/// `*.json` and `*.json.gz`.
fn is_answer(path: &Path) -> bool {
    let ends = |path: &Path, with: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(with));
    ends(path, "json")
        || (ends(path, "gz") && path.file_stem().is_some_and(|stem| ends(Path::new(stem), "json")))
}

/// All saved products.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    products: Vec<Saved>,
    by_asin: HashMap<(i64, String), usize>,
    by_code: HashMap<(i64, String), Vec<usize>>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Catalog {
    /// Reads every `*.json` and `*.json.gz` of a folder, in the order of their names; a later product replaces an earlier one of the same ASIN and marketplace.
    pub(crate) fn open(folder: &Path) -> std::io::Result<Self> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| is_answer(path))
            .collect();
        files.sort();
        let mut catalog = Self::default();
        for file in files {
            match read::products(&file) {
                Ok(products) => products.into_iter().for_each(|saved| catalog.add(saved)),
                Err(reason) => {
                    tracing::warn!(file = %file.display(), %reason, "saved product skipped");
                    catalog.skipped.push(Skipped { file, reason });
                }
            }
        }
        Ok(catalog)
    }

    fn add(&mut self, saved: Saved) {
        let key = (saved.domain, saved.asin.clone());
        if let Some(place) = self.by_asin.get(&key) {
            self.products[*place] = saved;
            return;
        }
        let place = self.products.len();
        for code in &saved.facts.codes {
            self.by_code.entry((saved.domain, code.clone())).or_default().push(place);
        }
        self.by_asin.insert(key, place);
        self.products.push(saved);
    }

    pub(crate) const fn len(&self) -> usize {
        self.products.len()
    }

    pub(crate) fn at(&self, place: usize) -> &Saved {
        &self.products[place]
    }

    pub(crate) fn get(&self, domain: i64, asin: &str) -> Option<&Saved> {
        if self.products.is_empty() {
            return None;
        }
        self.by_asin.get(&(domain, asin.to_owned())).map(|place| &self.products[*place])
    }

    /// The saved product that stands in for a synthetic one of the same ASIN.
    pub(crate) fn find(&self, domain: i64, number: u32, world: &World) -> Option<&Saved> {
        if self.products.is_empty() {
            return None;
        }
        self.get(domain, &world.codec.asin(number))
    }

    pub(crate) fn of_domain(&self, domain: i64) -> impl Iterator<Item = (usize, &Saved)> {
        self.products.iter().enumerate().filter(move |(_, saved)| saved.domain == domain)
    }

    /// Products with this EAN, UPC or ISBN-13.
    pub(crate) fn by_code(&self, domain: i64, code: &str) -> Vec<&Saved> {
        let places = self.by_code.get(&(domain, code.to_owned()));
        places.into_iter().flatten().map(|place| &self.products[*place]).collect()
    }
}

impl Saved {
    /// Writes the product as it was saved; statistics are added when they were asked for and are not there.
    pub(crate) fn write(&self, json: &mut Json, options: &Options) {
        match options.stats {
            Some(window) if !self.facts.has_stats => {
                let open = self.raw.trim_end().strip_suffix('}').unwrap_or(&self.raw);
                let mut stats = Json::default();
                self.facts.write_stats(&mut stats, window);
                let comma = if open.trim_end().ends_with('{') { "" } else { "," };
                let mut whole = format!("{open}{comma}\"stats\":").into_bytes();
                whole.extend(stats.into_bytes());
                whole.push(b'}');
                json.raw(&whole);
            }
            _ => {
                json.raw(self.raw.as_bytes());
            }
        }
    }
}
