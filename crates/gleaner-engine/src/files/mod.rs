//! Scoring files: saved Keepa answers and Keepa's exports, which cost nothing, and suppliers' lists, which
//! need Keepa.
//!
//! [`read`] recognises each file by what is in it and scores what can be scored at once. What is left,
//! lists, goes through [`Engine::plan_lists`] (what it would cost) and [`Engine::score_lists`]. Scores of
//! files are never cached; the facts bought for them are kept like any other.

mod codes;
mod lists;
mod result;

use chrono::{DateTime, Utc};
use gleaner_core::rules::{Rules, Strategy};
use gleaner_core::{Condition, Identity, Marketplace, ScoreInput, Terms, score, score_facts};
use gleaner_exchange::keepa_csv::Export;
use gleaner_exchange::keepa_json::SavedAnswer;
use gleaner_exchange::supplier::SupplierList;
use gleaner_exchange::{Content, keepa_csv};

use crate::answer::Budget;
use crate::rules::InForce;
use crate::saved::File;
use crate::scoring::{ScoredProduct, check_cost};
use crate::{Caller, EngineError};

pub use codes::DEFAULT_CODE_LIMIT;
pub use lists::ListPlan;
pub use result::{Candidate, Candidates, FileScore, FileScoringResult, RejectedRow, RowNote};

/// How files are to be scored.
#[derive(Debug, Clone, Copy)]
pub struct FilesQuestion {
    /// For what does not say its own, and for lists.
    pub marketplace: Marketplace,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units, where a file does not tell.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
    /// The moment to judge answers and exports at; the file's own when absent.
    pub as_of: Option<DateTime<Utc>>,
    /// The present, for exports that do not say when they were made.
    pub now: DateTime<Utc>,
    /// The most products that are looked up for one code.
    pub code_limit: u32,
    /// What lists may spend.
    pub budget: Budget,
    /// Who asks.
    pub caller: Caller,
}

/// Files that were read: what is scored, and the lists that need Keepa.
#[derive(Debug)]
pub struct ReadFiles {
    /// The scores so far.
    pub result: FileScoringResult,
    /// Lists, each with its file's name.
    pub lists: Vec<(String, SupplierList)>,
}

/// Reads files and scores what needs no Keepa. A file that cannot be used is rejected; the others count.
pub fn read(
    files: Vec<File>,
    question: &FilesQuestion,
    in_force: &InForce,
) -> Result<ReadFiles, EngineError> {
    check_cost(question.cost)?;
    let mut read = ReadFiles { result: FileScoringResult::default(), lists: Vec::new() };
    for (name, bytes) in files {
        let content = match bytes {
            Ok(bytes) => gleaner_exchange::read(&bytes, question.marketplace)
                .map_err(|error| RejectedRow::file(&name, error.code(), error.to_string())),
            Err(error) => {
                Err(RejectedRow::file(&name, "unreadable_file", format!("cannot be read: {error}")))
            }
        };
        match content {
            Ok(Content::KeepaJson(saved)) => score_saved(&name, &saved, question, in_force, &mut read.result),
            Ok(Content::KeepaExport(export)) => {
                score_export(&name, &export, question, in_force, &mut read.result);
            }
            Ok(Content::SupplierList(list)) => {
                read.result.reject(list.rejected.iter().map(|r| RejectedRow::of(&name, r)));
                read.lists.push((name, list));
            }
            Err(rejection) => read.result.reject([rejection]),
        }
    }
    read.result.misses = crate::scoring::count(read.result.scores.len());
    read.result.count();
    Ok(read)
}

fn score_saved(
    name: &str,
    saved: &SavedAnswer,
    question: &FilesQuestion,
    in_force: &InForce,
    result: &mut FileScoringResult,
) {
    for raw in &saved.products {
        let product = &raw.product;
        let Some(at) = question.as_of.or_else(|| saved.as_of(product)) else {
            let message = "neither the answer nor the product says when it was saved: give --as-of";
            result.reject([RejectedRow::file(name, "no_time", message)]);
            continue;
        };
        let marketplace = product.domain.unwrap_or(question.marketplace);
        let rules = in_force.rules(question.strategy, marketplace);
        let score = score(&ScoreInput {
            product,
            marketplace,
            condition: question.condition.unwrap_or(rules.condition),
            cost: question.cost,
            price: None,
            at,
            rules: &rules,
            cards: &in_force.cards,
        });
        result.add(FileScore {
            product: ScoredProduct { score, cache_hit: false, stale: false, facts_fetched_at: None },
            file: name.to_owned(),
            rows: Vec::new(),
            input: None,
            notes: Vec::new(),
        });
    }
}

fn score_export(
    name: &str,
    export: &Export,
    question: &FilesQuestion,
    in_force: &InForce,
    result: &mut FileScoringResult,
) {
    let at = question.as_of.or(export.exported_at).unwrap_or(question.now);
    let mut rules: Option<Rules> = None;
    let mut made_for = None;
    for row in &export.rows {
        if made_for != Some(row.marketplace) {
            made_for = Some(row.marketplace);
            rules = Some(in_force.rules(question.strategy, row.marketplace));
        }
        let Some(rules) = rules.as_ref() else { continue };
        let condition = question.condition.unwrap_or(rules.condition);
        let (facts, notes) = row.facts(condition, at, export.exported_at);
        let score = score_facts(
            Identity { asin: row.asin.as_str(), title: row.title.as_deref() },
            &facts,
            &Terms {
                marketplace: row.marketplace,
                condition,
                cost: question.cost,
                price: None,
                at,
                rules,
                cards: &in_force.cards,
            },
        );
        result.add(FileScore {
            product: ScoredProduct {
                score,
                cache_hit: false,
                stale: false,
                facts_fetched_at: export.exported_at,
            },
            file: name.to_owned(),
            rows: vec![row.line],
            input: None,
            notes: notes.into_iter().map(keepa_csv::Note::into).collect(),
        });
    }
    result.reject(export.rejected.iter().map(|r| RejectedRow::of(name, r)));
}
