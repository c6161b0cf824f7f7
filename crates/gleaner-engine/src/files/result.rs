//! What became of files: scores with their rows, candidates, and every row that could not be used.

use std::collections::{BTreeMap, HashMap};

use gleaner_core::Marketplace;
use gleaner_core::economics::CostSource;
use gleaner_core::verdict::Recommendation;
use gleaner_exchange::{Rejection, keepa_csv, supplier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::EngineError;
use crate::answer::{Rejected, TokenUse};
use crate::scoring::{ProductScoringResult, Scored, ScoredProduct, count, verdicts};

/// What is to be said of a row: a closed list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RowNote {
    /// Of an export.
    Export(keepa_csv::Note),
    /// Of a supplier's list.
    List(supplier::Note),
}

impl From<keepa_csv::Note> for RowNote {
    fn from(note: keepa_csv::Note) -> Self {
        Self::Export(note)
    }
}

impl From<supplier::Note> for RowNote {
    fn from(note: supplier::Note) -> Self {
        Self::List(note)
    }
}

/// A score and where in which file it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileScore {
    /// The score.
    #[serde(flatten)]
    pub product: ScoredProduct,
    /// The file.
    pub file: String,
    /// The lines it stands in; empty for a saved answer.
    pub rows: Vec<u64>,
    /// The code as a list gives it.
    pub input: Option<String>,
    /// What is to be said of it.
    pub notes: Vec<RowNote>,
}

/// Several products under one code: the list's owner chooses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidates {
    /// The marketplace whose currency the amounts are in.
    pub marketplace: Marketplace,
    /// The file.
    pub file: String,
    /// The lines the code stands in.
    pub rows: Vec<u64>,
    /// The code as it was given.
    pub input: String,
    /// The products, with the verdict each would get.
    pub products: Vec<Candidate>,
    /// Whether there may be more: as many were found as were asked for.
    pub maybe_more: bool,
}

/// One of several products under a code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Its ASIN.
    pub asin: String,
    /// Its title, to choose by.
    pub title: Option<String>,
    /// Pieces in it, by Keepa.
    pub package_quantity: Option<i64>,
    /// What it would sell for, in minor units.
    pub sell_price: Option<i64>,
    /// What it would earn on the list's cost.
    pub roi_percent: Option<f64>,
    /// The most to pay for it.
    pub max_cost: Option<i64>,
    /// The verdict it would get.
    pub recommendation: Recommendation,
}

/// A row, or a file, that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The file.
    pub file: String,
    /// The line the row begins on; null for what is no row.
    pub row: Option<u64>,
    /// What stood there.
    pub input: String,
    /// A stable word for programs.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl RejectedRow {
    pub(super) fn file(name: &str, code: &str, message: impl Into<String>) -> Self {
        Self {
            file: name.to_owned(),
            row: None,
            input: name.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn of(name: &str, rejection: &Rejection) -> Self {
        Self {
            file: name.to_owned(),
            row: rejection.line,
            input: rejection.input.clone(),
            code: rejection.code.clone(),
            message: rejection.message.clone(),
        }
    }
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileScoringResult {
    /// The row of the history; null when nothing was asked of Keepa.
    pub history_id: Option<Uuid>,
    /// The scores, file by file in the order of their rows.
    pub scores: Vec<FileScore>,
    /// Codes that belong to several products.
    pub candidates: Vec<Candidates>,
    /// What could not be scored, and why.
    pub rejected: Vec<RejectedRow>,
    /// How many products or rows got no ROI, by the first reason.
    pub without_roi: BTreeMap<String, i64>,
    /// Products whose facts were there already.
    pub hits: i64,
    /// Products whose facts were bought or read.
    pub misses: i64,
    /// How many got which verdict.
    pub verdicts: BTreeMap<String, i64>,
    /// What it cost.
    pub tokens: TokenUse,
    /// Whether the data is synthetic.
    pub demo: bool,
}

impl FileScoringResult {
    pub(super) fn add(&mut self, score: FileScore) {
        self.scores.push(score);
    }

    pub(super) fn reject(&mut self, rows: impl IntoIterator<Item = RejectedRow>) {
        self.rejected.extend(rows);
    }

    /// Counts verdicts, and what has no ROI, by reason.
    pub(super) fn count(&mut self) {
        self.verdicts = verdicts(&[]);
        self.without_roi.clear();
        for score in self.scores.iter().map(|score| &score.product.score) {
            *self.verdicts.entry(score.recommendation.as_str().to_owned()).or_default() += 1;
            if score.roi_percent.is_none() {
                let word = score.reasons.first().and_then(|reason| serde_json::to_value(reason).ok());
                let word = word.and_then(|word| word.as_str().map(str::to_owned));
                // A cost of 0 has no ROI either, and needs no reason.
                *self.without_roi.entry(word.unwrap_or_else(|| "no_roi".to_owned())).or_default() += 1;
            }
        }
        for row in self.rejected.iter().filter(|row| row.row.is_some()) {
            *self.without_roi.entry(row.code.clone()).or_default() += 1;
        }
    }

    /// Merges rows of a list that turned out to be one product, an ASIN here and its EAN there: the lowest
    /// cost counts, as for rows of one code.
    pub(super) fn merge_products(&mut self) {
        let mut first: HashMap<(String, String), usize> = HashMap::new();
        let mut merged: Vec<FileScore> = Vec::with_capacity(self.scores.len());
        for score in std::mem::take(&mut self.scores) {
            let key = (score.file.clone(), score.product.score.asin.clone());
            let at = first.get(&key).copied().filter(|_| score.input.is_some());
            let Some(kept) = at.map(|at| &mut merged[at]) else {
                first.insert(key, merged.len());
                merged.push(score);
                continue;
            };
            let explicit = |score: &FileScore| {
                score.product.score.cost.filter(|_| score.product.score.cost_source == CostSource::Explicit)
            };
            let cheaper = match (explicit(kept), explicit(&score)) {
                (Some(mine), Some(theirs)) => theirs < mine,
                (mine, theirs) => mine.is_none() && theirs.is_some(),
            };
            let mut rows = [kept.rows.as_slice(), score.rows.as_slice()].concat();
            rows.sort_unstable();
            if cheaper {
                *kept = score;
            }
            kept.rows = rows;
            let note = RowNote::List(supplier::Note::RowsMerged);
            if !kept.notes.contains(&note) {
                kept.notes.push(note);
            }
        }
        self.scores = merged;
    }

    /// The same without rows and candidates, as every other scoring is answered.
    pub fn plain(&self) -> Result<ProductScoringResult, EngineError> {
        let written = |score: &FileScore| {
            let until = score.product.score.evaluated_at;
            Scored::new(score.product.clone(), until)
        };
        let scores: Vec<Scored> = self.scores.iter().map(written).collect::<Result<_, _>>()?;
        Ok(ProductScoringResult {
            history_id: self.history_id,
            hits: self.hits,
            misses: count(scores.len()) - self.hits,
            verdicts: verdicts(&scores),
            scores,
            rejected: self.rejected.iter().map(Rejected::from).collect(),
            tokens: self.tokens,
            demo: self.demo,
        })
    }
}

impl From<&RejectedRow> for Rejected {
    fn from(row: &RejectedRow) -> Self {
        let place = match row.row {
            Some(line) => format!("{} line {line}", row.file),
            None => row.file.clone(),
        };
        Self::new(place, &row.code, row.message.clone())
    }
}
