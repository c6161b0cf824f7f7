//! The history, a page at a time.

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_store::{HistoryPlace, HistoryQuery, HistoryRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Engine, EngineError};

/// Rows of a page when nothing else is said, and at most.
const PAGE: u32 = 50;
const MOST: u32 = 1_000;
/// Rows of a file when nothing else is said, and at most.
const MOST_IN_A_FILE: usize = 100_000;

/// What is looked for in the history; everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuestion {
    /// A day or a moment (UTC): not before.
    pub from: Option<String>,
    /// A day, which is included, or a moment, which is not.
    pub to: Option<String>,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: Option<String>,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// Who asked.
    pub user: Option<String>,
    /// Stands somewhere in what was asked, or in the error.
    pub text: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows at most: 50 when not said, at most 1000; in a file 100,000.
    pub limit: Option<u32>,
}

/// A question that was answered, or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    /// Its id.
    pub id: String,
    /// When it was answered.
    pub created_at: Option<DateTime<Utc>>,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: String,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// Who asked; null where there are no accounts.
    pub user_id: Option<String>,
    /// What was asked.
    #[schema(value_type = Object)]
    pub filters: serde_json::Value,
    /// How many results the answer had.
    #[schema(value_type = i64)]
    pub results_count: i64,
    /// How it was answered; null for a row that another program wrote.
    pub outcome: Option<Outcome>,
}

/// How a question was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// Parts of the answer that came from the cache.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Parts that did not.
    #[schema(value_type = i64)]
    pub misses: i64,
    /// Tokens it was expected to cost.
    #[schema(value_type = i64)]
    pub tokens_estimated: i64,
    /// Tokens that Keepa charged.
    #[schema(value_type = i64)]
    pub tokens_charged: i64,
    /// Tokens that the cache saved.
    #[schema(value_type = i64)]
    pub tokens_saved: i64,
    /// How many results got which verdict.
    #[schema(value_type = Object)]
    pub verdicts: serde_json::Value,
    /// How long it took.
    #[schema(value_type = i64)]
    pub milliseconds: i64,
    /// The code of the error, when there was no answer.
    pub error: Option<String>,
}

/// A page of the history, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryList {
    /// Its rows.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins; null at the end. With filters a page may be short, or empty, and go on.
    pub next_cursor: Option<String>,
}

impl From<HistoryRow> for HistoryEntry {
    fn from(row: HistoryRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at.map(|at| at.and_utc()),
            search_type: row.search_type,
            source: row.source,
            user_id: row.user_id,
            filters: row.filters,
            results_count: row.results_count,
            outcome: row.outcome.map(|outcome| Outcome {
                hits: outcome.hits,
                misses: outcome.misses,
                tokens_estimated: outcome.tokens_estimated,
                tokens_charged: outcome.tokens_charged,
                tokens_saved: outcome.tokens_saved,
                verdicts: outcome.verdicts,
                milliseconds: outcome.milliseconds,
                error: outcome.error,
            }),
        }
    }
}

impl Engine {
    /// A page of the history.
    pub async fn history(&self, question: HistoryQuestion) -> Result<HistoryList, EngineError> {
        let limit = question.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(EngineError::field("limit", format!("must be 1 to {MOST}")));
        }
        let query = HistoryQuery {
            from: question.from.as_deref().map(|text| moment("from", text, false)).transpose()?,
            before: question.to.as_deref().map(|text| moment("to", text, true)).transpose()?,
            search_type: word("type", question.search_type)?,
            source: word("source", question.source)?,
            user_id: word("user", question.user)?,
            text: word("text", question.text)?,
            behind: question.cursor.as_deref().map(place).transpose()?,
        };
        if let (Some(from), Some(before)) = (query.from, query.before)
            && from >= before
        {
            return Err(EngineError::field("from", "must be before `to`"));
        }
        let page = self.store.history_page(&query, limit).await?;
        Ok(HistoryList {
            entries: page.rows.into_iter().map(HistoryEntry::from).collect(),
            next_cursor: page
                .next
                .map(|place| format!("{}_{}", place.written_at.replace(' ', "T"), place.id)),
        })
    }

    /// The rows of a file: as many pages as it takes, from the cursor on. There is a `next_cursor` when more are left.
    pub async fn history_for_file(&self, question: HistoryQuestion) -> Result<HistoryList, EngineError> {
        let most = question.limit.map_or(Some(MOST_IN_A_FILE), |limit| usize::try_from(limit).ok());
        let Some(most) = most.filter(|most| (1..=MOST_IN_A_FILE).contains(most)) else {
            return Err(EngineError::field("limit", format!("must be 1 to {MOST_IN_A_FILE} for a file")));
        };
        let mut file = HistoryList { entries: Vec::new(), next_cursor: question.cursor.clone() };
        loop {
            let rest = most - file.entries.len();
            let limit = u32::try_from(rest).map_or(MOST, |rest| rest.min(MOST));
            let cursor = file.next_cursor.take();
            let page =
                self.history(HistoryQuestion { cursor, limit: Some(limit), ..question.clone() }).await?;
            file.entries.extend(page.entries);
            file.next_cursor = page.next_cursor;
            if file.next_cursor.is_none() || file.entries.len() >= most {
                return Ok(file);
            }
        }
    }

    /// One row of the history; `None` when there is no such id.
    pub async fn history_entry(&self, id: &str) -> Result<Option<HistoryEntry>, EngineError> {
        if id.len() > 36 || id.contains('\0') {
            return Ok(None);
        }
        Ok(self.store.history_one(id).await?.map(HistoryEntry::from))
    }
}

/// A day or a moment. The end of a stretch that is a day is the day's end.
pub(super) fn moment(field: &'static str, text: &str, end: bool) -> Result<NaiveDateTime, EngineError> {
    let text = text.trim();
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        let day = if end { day.succ_opt() } else { Some(day) };
        return day.map(NaiveDateTime::from).ok_or_else(|| EngineError::field(field, "is too late"));
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.naive_utc());
    }
    text.parse::<NaiveDateTime>().map_err(|_| {
        EngineError::field(
            field,
            format!("'{text}' is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T18:00:00Z"),
        )
    })
}

fn word(field: &'static str, text: Option<String>) -> Result<Option<String>, EngineError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > 200 || text.contains('\0') {
        return Err(EngineError::field(field, "must be a text of at most 200 characters"));
    }
    Ok(Some(text))
}

/// A place, as `next_cursor` says it.
fn place(cursor: &str) -> Result<HistoryPlace, EngineError> {
    let wrong = || EngineError::field("cursor", "must be the `next_cursor` of an earlier page");
    let (time, id) = cursor.split_once('_').ok_or_else(wrong)?;
    if id.is_empty() || id.len() > 36 || time.parse::<NaiveDateTime>().is_err() {
        return Err(wrong());
    }
    Ok(HistoryPlace { written_at: time.replace('T', " "), id: id.to_owned() })
}
