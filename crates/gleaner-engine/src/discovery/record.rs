//! What an answered discovery leaves in the history.

use chrono::{DateTime, Utc};
use gleaner_store::{HistoryPut, OutcomePut, Write};
use serde_json::json;

use super::types::{DiscoveryQuestion, ProductDiscoveryResult};
use crate::ledger::{Purpose, saved};
use crate::stored;

/// What a discovery writes when it is answered.
pub(super) fn history(
    question: &DiscoveryQuestion,
    key: &str,
    result: &ProductDiscoveryResult,
    hit: bool,
    started: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Write> {
    let id = result.history_id;
    let mut writes = Vec::with_capacity(4);
    if hit {
        writes.push(Write::DiscoveryHit { key: key.to_owned(), by: 1 });
    }
    writes.push(Write::History(HistoryPut {
        id,
        user_id: question.caller.user_column(),
        search_type: "discovery".to_owned(),
        filters: question.caller.noted((*result.filters).clone()),
        results_count: result.funnel.kept,
        source: Some(question.caller.source_column()),
        created_at: stored(now),
    }));
    writes.push(Write::Outcome(OutcomePut {
        history_id: id,
        hits: i64::from(hit),
        misses: i64::from(!hit),
        tokens_estimated: result.tokens.estimated,
        tokens_charged: result.tokens.charged,
        tokens_saved: result.tokens.saved,
        verdicts: json!({}),
        milliseconds: (now - started).num_milliseconds(),
        error: None,
    }));
    writes.extend(saved(question.caller.errand, Purpose::Discovery, result.tokens.saved, now));
    writes
}
