//! Counting rows of the history: what each of them adds to which sum.
//!
//! One implementation serves rows of the database and of archived months. To add a facet: a constant, and a line in
//! [`Tally::add`]; then `gleaner history rebuild` counts the past as well.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::Timelike;
use gleaner_store::{HistoryText, Measures, RollupLine};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Source and user; every search is in it once.
pub(super) const WHO: &str = "who";
/// Hour of the day (UTC), `00` to `23`.
pub(super) const HOUR: &str = "hour";
/// Category and marketplace, of searches that have a category.
pub(super) const CATEGORY: &str = "category";
/// Saved search, of those that were one.
pub(super) const NICHE: &str = "niche";
/// Verdict; its `results` are those with that verdict.
pub(super) const VERDICT: &str = "verdict";
/// The lower end of a range of [`RESULTS_FROM`].
pub(super) const RESULTS: &str = "results";
/// Everything asked but which products, by the hash of its text.
pub(super) const FILTERS: &str = "filters";
/// A filter that was set.
pub(super) const FIELD: &str = "field";

/// Where the ranges of results per search begin.
pub(super) const RESULTS_FROM: [i64; 7] = [0, 1, 10, 25, 50, 100, 200];

/// Different filters that are remembered while counting.
const REMEMBERED: usize = 10_000;

/// What is read from the filters of a row, once for all rows with the same text.
struct Asked {
    category: Option<(String, String)>,
    niche: Option<String>,
    fields: Vec<String>,
    /// A run of a sourcing job, whose searches and scorings have rows of their own.
    sums_up: bool,
    hash: String,
    text: String,
}

type Key = (&'static str, Arc<str>, Arc<str>, Arc<str>);

/// Sums over rows.
#[derive(Default)]
pub(super) struct Tally {
    rows: i64,
    sums: HashMap<Key, Measures>,
    texts: BTreeMap<String, String>,
    asked: HashMap<String, Arc<Asked>>,
    words: HashMap<String, Arc<str>>,
}

impl Tally {
    /// Counts a row.
    pub(super) fn add(&mut self, row: &HistoryText) {
        self.rows += 1;
        let asked = self.asked(&row.filters);
        let one = measures(row, asked.sums_up);
        let kind = self.word(&row.search_type);
        let none = self.word("");
        let (source, user) = (self.option(row.source.as_deref()), self.option(row.user_id.as_deref()));
        self.count((WHO, kind.clone(), source, user), &one);
        let hour = self.word(&format!("{:02}", row.created_at.hour()));
        self.count((HOUR, kind.clone(), hour, none.clone()), &one);
        let from = RESULTS_FROM.iter().rev().find(|from| **from <= row.results_count).unwrap_or(&0);
        let from = self.word(&from.to_string());
        self.count((RESULTS, kind.clone(), from, none.clone()), &one);
        self.add_asked(&asked, &kind, &none, &one);
        // A run's products were judged by scorings of its own, which are counted.
        if asked.sums_up {
            return;
        }
        for (verdict, results) in row.outcome.verdicts.as_deref().map(verdicts).unwrap_or_default() {
            let verdict = self.word(&verdict);
            let one = Measures { searches: 1, results, ..Measures::default() };
            self.count((VERDICT, kind.clone(), verdict, none.clone()), &one);
        }
    }

    fn add_asked(&mut self, asked: &Asked, kind: &Arc<str>, none: &Arc<str>, one: &Measures) {
        if let Some((category, marketplace)) = &asked.category {
            let (category, marketplace) = (self.word(category), self.word(marketplace));
            self.count((CATEGORY, kind.clone(), category, marketplace), one);
        }
        if let Some(niche) = &asked.niche {
            let niche = self.word(niche);
            self.count((NICHE, kind.clone(), niche, none.clone()), one);
        }
        for field in &asked.fields {
            let field = self.word(field);
            self.count((FIELD, kind.clone(), field, none.clone()), one);
        }
        let hash = self.word(&asked.hash);
        self.count((FILTERS, kind.clone(), hash, none.clone()), one);
        if !self.texts.contains_key(&asked.hash) {
            self.texts.insert(asked.hash.clone(), asked.text.clone());
        }
    }

    fn count(&mut self, key: Key, one: &Measures) {
        let sum = self.sums.entry(key).or_default();
        sum.searches += one.searches;
        sum.failed += one.failed;
        sum.results += one.results;
        sum.hits += one.hits;
        sum.misses += one.misses;
        sum.tokens_estimated += one.tokens_estimated;
        sum.tokens_charged += one.tokens_charged;
        sum.tokens_saved += one.tokens_saved;
        sum.timed += one.timed;
        sum.milliseconds += one.milliseconds;
    }

    fn asked(&mut self, filters: &str) -> Arc<Asked> {
        if let Some(asked) = self.asked.get(filters) {
            return asked.clone();
        }
        let asked = Arc::new(read(filters));
        if self.asked.len() >= REMEMBERED {
            self.asked.clear();
        }
        self.asked.insert(filters.to_owned(), asked.clone());
        asked
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.get(text) {
            return word.clone();
        }
        if self.words.len() >= REMEMBERED {
            self.words.clear();
        }
        // The columns hold a hundred characters.
        let word: Arc<str> = text.chars().take(100).collect::<String>().into();
        self.words.insert(text.to_owned(), word.clone());
        word
    }

    fn option(&mut self, text: Option<&str>) -> Arc<str> {
        self.word(text.unwrap_or_default())
    }

    /// How many rows were counted, the sums, and the filters by hash. The next rows begin anew.
    pub(super) fn take(&mut self) -> (i64, Vec<RollupLine>, Vec<(String, String)>) {
        let sums = std::mem::take(&mut self.sums);
        let lines = sums.into_iter().map(|((facet, kind, name, detail), measures)| RollupLine {
            facet: facet.to_owned(),
            search_type: kind.to_string(),
            name: name.to_string(),
            detail: detail.to_string(),
            measures,
        });
        let texts = std::mem::take(&mut self.texts).into_iter().collect();
        (std::mem::take(&mut self.rows), lines.collect(), texts)
    }
}

/// What a row adds. What a run of a sourcing job spent, hit and saved stands in the rows of its own searches and
/// scorings: counted in its row as well it would be counted twice.
fn measures(row: &HistoryText, sums_up: bool) -> Measures {
    let outcome = &row.outcome;
    let of = |number: Option<i64>| number.filter(|_| !sums_up).unwrap_or_default();
    Measures {
        searches: 1,
        failed: i64::from(outcome.error.is_some()),
        results: row.results_count,
        hits: of(outcome.hits),
        misses: of(outcome.misses),
        tokens_estimated: of(outcome.tokens_estimated),
        tokens_charged: of(outcome.tokens_charged),
        tokens_saved: of(outcome.tokens_saved),
        timed: i64::from(outcome.milliseconds.is_some()),
        milliseconds: outcome.milliseconds.unwrap_or_default(),
    }
}

fn verdicts(text: &str) -> Vec<(String, i64)> {
    let all: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    all.into_iter().filter_map(|(verdict, count)| Some((verdict, count.as_i64()?))).collect()
}

/// What was asked. Which products a scoring was about is not a filter.
fn read(filters: &str) -> Asked {
    let mut value: Value = serde_json::from_str(filters).unwrap_or(Value::Null);
    let (mut category, mut niche, mut fields, mut sums_up) = (None, None, Vec::new(), false);
    if let Value::Object(all) = &mut value {
        sums_up = all.contains_key("run_id");
        all.remove("asins");
        let marketplace = all.get("marketplace").and_then(word).unwrap_or_default();
        category = all.get("category").and_then(word).map(|category| (category, marketplace));
        niche = all.get("niche").or_else(|| all.get("niche_id")).and_then(word);
        let set = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        fields = all.iter().filter(|(_, value)| set(value)).map(|(name, _)| name.clone()).collect();
    }
    let text = value.to_string();
    let mut hash = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hash, "{byte:02x}");
    }
    Asked { category, niche, fields, sums_up, hash, text }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
