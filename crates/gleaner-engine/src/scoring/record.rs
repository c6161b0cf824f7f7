//! What an answered scoring leaves in the history.

use chrono::{DateTime, Utc};
use gleaner_core::Condition;
use gleaner_store::{HistoryPut, OutcomePut, Write};
use serde_json::json;
use uuid::Uuid;

use super::count;
use super::terms::Terms;
use super::types::{ProductScoringResult, ScoringQuestion};
use crate::ledger::{Purpose, saved};
use crate::stored;

/// What was asked.
pub(super) fn filters(question: &ScoringQuestion, condition: Option<Condition>) -> serde_json::Value {
    json!({
        "marketplace": question.marketplace.code(),
        "asins": question.asins,
        "condition": condition.map(Condition::as_str),
        "cost": question.cost,
        "strategy": question.strategy.as_str(),
    })
}

/// What a scoring writes when it is answered.
pub(super) fn history(
    id: Uuid,
    question: &ScoringQuestion,
    terms: &Terms,
    result: &ProductScoringResult,
    started: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Write> {
    let mut writes = vec![
        Write::History(HistoryPut {
            id,
            user_id: question.caller.user_column(),
            search_type: "scoring".to_owned(),
            filters: question.caller.noted(filters(question, Some(terms.condition))),
            results_count: count(result.scores.len()),
            source: Some(question.caller.source_column()),
            created_at: stored(now),
        }),
        Write::Outcome(OutcomePut {
            history_id: id,
            hits: result.hits,
            misses: result.misses,
            tokens_estimated: result.tokens.estimated,
            tokens_charged: result.tokens.charged,
            tokens_saved: result.tokens.saved,
            verdicts: json!(result.verdicts),
            milliseconds: (now - started).num_milliseconds(),
            error: None,
        }),
    ];
    writes.extend(saved(question.caller.errand, Purpose::Scoring, result.tokens.saved, now));
    writes
}
