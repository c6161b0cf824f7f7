//! What is counted while the program works, for whoever watches it from outside.
//!
//! The names and what they mean are listed in [`DESCRIPTIONS`]; where nobody installed a recorder, counting costs nothing.
//! Answers are counted when they are committed: what the meters say is what the history says.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use gleaner_store::Write;
use metrics::{Counter, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::Engine;

/// Whether it only grows, or goes up and down, or is a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Every meter of this crate: its kind, its name and what it means.
const DESCRIPTIONS: [(Kind, &str, &str); 11] = [
    (Kind::Gauge, "gleaner_tokens_left", "Keepa tokens left, projected from its last answer"),
    (Kind::Gauge, "gleaner_recorder_queue", "Answers that wait to be committed"),
    (Kind::Counter, "gleaner_answers_total", "Questions answered, by kind"),
    (Kind::Counter, "gleaner_hits_total", "Parts of answers that came from the cache, by kind of question"),
    (Kind::Counter, "gleaner_misses_total", "Parts of answers that did not, by kind of question"),
    (Kind::Counter, "gleaner_coalesced_total", "Questions that waited for the same one asked before"),
    (Kind::Counter, "gleaner_tokens_spent_total", "Tokens that Keepa charged, by purpose"),
    (Kind::Counter, "gleaner_tokens_saved_total", "Tokens that the cache made unnecessary"),
    (Kind::Counter, "gleaner_keepa_errors_total", "Calls of Keepa that failed, by kind of error"),
    (Kind::Counter, "gleaner_chores_total", "Runs of upkeep, by chore and outcome"),
    (Kind::Histogram, "gleaner_keepa_call_seconds", "How long calls of Keepa took"),
];

/// The kinds of questions, as the history names them.
const QUESTIONS: [&str; 3] = ["discovery", "scoring", "autosourcing"];

/// The meters that every answer moves, found once.
#[derive(Clone)]
pub(crate) struct Meters(Arc<[Question; QUESTIONS.len()]>);

struct Question {
    answers: Counter,
    hits: Counter,
    misses: Counter,
    saved: Counter,
}

impl Meters {
    /// Finds them, in the recorder that was installed before.
    pub(crate) fn find() -> Self {
        for (kind, name, about) in DESCRIPTIONS {
            match kind {
                Kind::Counter => describe_counter!(name, about),
                Kind::Gauge => describe_gauge!(name, about),
                Kind::Histogram => describe_histogram!(name, about),
            }
        }
        Self(Arc::new(QUESTIONS.map(|kind| Question {
            answers: counter!("gleaner_answers_total", "kind" => kind),
            hits: counter!("gleaner_hits_total", "kind" => kind),
            misses: counter!("gleaner_misses_total", "kind" => kind),
            saved: counter!("gleaner_tokens_saved_total"),
        })))
    }

    /// Counts answers that were committed.
    pub(crate) fn count(&self, tallies: &[Tally]) {
        for tally in tallies {
            let question = &self.0[tally.question];
            question.answers.increment(1);
            question.hits.increment(tally.hits);
            question.misses.increment(tally.misses);
            question.saved.increment(tally.saved);
        }
    }
}

/// What one answer adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    question: usize,
    hits: u64,
    misses: u64,
    saved: u64,
}

impl Tally {
    /// The answers among these writes: a row of the history, and its outcome after it.
    pub(crate) fn of(writes: &[Write]) -> Vec<Self> {
        let mut question = None;
        let mut tallies = Vec::new();
        for write in writes {
            match write {
                Write::History(row) => {
                    question = QUESTIONS.iter().position(|kind| *kind == row.search_type);
                }
                Write::Outcome(outcome) if outcome.error.is_none() => {
                    let whole = |number: i64| u64::try_from(number).unwrap_or_default();
                    tallies.extend(question.map(|question| Self {
                        question,
                        hits: whole(outcome.hits),
                        misses: whole(outcome.misses),
                        saved: whole(outcome.tokens_saved),
                    }));
                }
                _ => {}
            }
        }
        tallies
    }
}

/// Makes a call of Keepa, and measures it.
pub(crate) async fn keepa<T>(
    call: &'static str,
    work: impl Future<Output = Result<T, keepa::Error>>,
) -> Result<T, keepa::Error> {
    let started = Instant::now();
    let answer = work.await;
    histogram!("gleaner_keepa_call_seconds", "call" => call).record(started.elapsed());
    if let Err(error) = &answer {
        counter!("gleaner_keepa_errors_total", "kind" => error.kind()).increment(1);
    }
    answer
}

/// Somebody waited for work that somebody else had begun.
pub(crate) fn coalesced() {
    counter!("gleaner_coalesced_total").increment(1);
}

/// Tokens that were charged.
pub(crate) fn spent(purpose: &'static str, tokens: Option<i64>) {
    let tokens = tokens.and_then(|tokens| u64::try_from(tokens).ok());
    counter!("gleaner_tokens_spent_total", "purpose" => purpose).increment(tokens.unwrap_or_default());
}

/// A chore was done, or failed.
pub(crate) fn chore(name: &'static str, outcome: &'static str) {
    counter!("gleaner_chores_total", "chore" => name, "outcome" => outcome).increment(1);
}

impl Engine {
    /// Sets the meters that show a state, for whoever is about to read them.
    pub fn show_state_in_meters(&self) {
        let queue = u32::try_from(self.waiting_to_commit()).unwrap_or(u32::MAX);
        gauge!("gleaner_recorder_queue").set(queue);
        if let Some(left) = self.ledger.last_seen(self.now()) {
            // Exact up to 2^53 tokens.
            #[expect(clippy::cast_precision_loss, reason = "an account holds some thousand tokens")]
            gauge!("gleaner_tokens_left").set(left as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use gleaner_store::{HistoryPut, OutcomePut};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn answer(search_type: &str, hits: i64, error: Option<&str>) -> [Write; 2] {
        let id = Uuid::nil();
        let history = HistoryPut {
            id,
            user_id: None,
            search_type: search_type.to_owned(),
            filters: json!({}),
            results_count: 1,
            source: None,
            created_at: chrono::NaiveDateTime::default(),
        };
        let outcome = OutcomePut {
            history_id: id,
            hits,
            misses: 2,
            tokens_estimated: 0,
            tokens_charged: 0,
            tokens_saved: 11,
            verdicts: json!({}),
            milliseconds: 1,
            error: error.map(str::to_owned),
        };
        [Write::History(history), Write::Outcome(outcome)]
    }

    #[test]
    fn each_answer_is_counted_once_under_its_kind_and_failures_are_not_answers() {
        let mut writes = Vec::new();
        writes.extend(answer("discovery", 1, None));
        writes.extend(answer("scoring", 50, None));
        writes.extend(answer("scoring", 7, Some("tokens_short")));
        let tallies = Tally::of(&writes);
        assert_eq!(
            tallies,
            [
                Tally { question: 0, hits: 1, misses: 2, saved: 11 },
                Tally { question: 1, hits: 50, misses: 2, saved: 11 },
            ]
        );
        Meters::find().count(&tallies);
    }
}
