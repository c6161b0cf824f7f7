//! Looking through `search_history`, a page at a time, however long it is.
//!
//! Everything but the time is looked for in the order of time, over so many rows at once: an index on a kind of search
//! would find millions of rows and sort them all for the sake of fifty.

use chrono::NaiveDateTime;
use std::fmt::Write as _;

use crate::history::{COLUMNS, Record};
use crate::statement::Value;
use crate::{HistoryRow, Store, StoreError};

/// Rows that are looked at in one statement.
const STRETCH: u32 = 100_000;

/// Statements for one page, when hardly a row is what was asked for: the page then ends, and says where to go on.
const STRETCHES: u32 = 20;

/// The same when a text is looked for, which takes ten times as long.
const STRETCHES_OF_TEXT: u32 = 3;

/// A place in the history, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPlace {
    /// The time of a row as the database writes it.
    pub written_at: String,
    /// Its id.
    pub id: String,
}

/// What is looked for. Rows without a time are not found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryQuery {
    /// Not before (UTC).
    pub from: Option<NaiveDateTime>,
    /// Before (UTC).
    pub before: Option<NaiveDateTime>,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: Option<String>,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// Who asked.
    pub user_id: Option<String>,
    /// Stands somewhere in the filters or in the error, in whatever case.
    pub text: Option<String>,
    /// Behind this place, where an earlier page ended.
    pub behind: Option<HistoryPlace>,
}

/// A page, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPage {
    /// Its rows.
    pub rows: Vec<HistoryRow>,
    /// Where to go on; `None` at the end of the history.
    pub next: Option<HistoryPlace>,
}

impl HistoryQuery {
    /// Whether more than the time is asked for.
    fn is_picky(&self) -> bool {
        self.search_type.is_some() || self.source.is_some() || self.user_id.is_some() || self.text.is_some()
    }
}

impl Store {
    /// A page of at most `limit` rows.
    pub async fn history_page(&self, query: &HistoryQuery, limit: u32) -> Result<HistoryPage, StoreError> {
        let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        let mut behind = query.behind.clone();
        let mut rows: Vec<(HistoryRow, HistoryPlace)> = Vec::new();
        for _ in 0..if query.text.is_some() { STRETCHES_OF_TEXT } else { STRETCHES } {
            let left = wanted - rows.len();
            // One more tells whether there are more.
            let found = self.stretch(query, behind.as_ref(), left + 1).await?;
            let more = found.len() > left;
            rows.extend(found.into_iter().take(left));
            if more {
                behind = rows.last().map(|(_, place)| place.clone());
                break;
            }
            behind = if query.is_picky() { self.end_of_stretch(query, behind.as_ref()).await? } else { None };
            if behind.is_none() {
                break;
            }
        }
        Ok(HistoryPage { rows: rows.into_iter().map(|(row, _)| row).collect(), next: behind })
    }

    /// One question and how it was answered.
    pub async fn history_one(&self, id: &str) -> Result<Option<HistoryRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
             WHERE h.id = $1"
        );
        let mut session = self.reading().await?;
        let record = session.row::<Record>(sql, &[id.into()]).await;
        session.end(record).await?.map(Record::read).transpose()
    }

    async fn stretch(
        &self,
        query: &HistoryQuery,
        behind: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<(HistoryRow, HistoryPlace)>, StoreError> {
        let (inner, mut values) = self.in_time(query, behind);
        let stretch =
            if query.is_picky() { i64::from(STRETCH) } else { i64::try_from(limit).unwrap_or(i64::MAX) };
        values.push(stretch.into());
        let inner = format!("SELECT * FROM search_history WHERE {inner} LIMIT ${}", values.len());
        let mut outer = String::from("1 = 1");
        let mut and = |text: &str, value: String| {
            values.push(Value::Text(Some(value)));
            outer.push_str(&text.replace('?', &format!("${}", values.len())));
        };
        for (column, wanted) in
            [("search_type", &query.search_type), ("source", &query.source), ("user_id", &query.user_id)]
        {
            if let Some(wanted) = wanted {
                and(&format!(" AND h.{column} = ?"), wanted.clone());
            }
        }
        if let Some(text) = &query.text {
            let text = format!("%{}%", escaped(&text.to_lowercase()));
            let like = r" AND (LOWER(CAST(h.filters AS TEXT)) LIKE ? ESCAPE '\' OR LOWER(COALESCE(o.error, '')) LIKE ? ESCAPE '\')";
            and(like, text);
        }
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let sql = format!(
            "SELECT CAST(h.created_at AS TEXT) AS written_at, {COLUMNS} FROM ({inner}) h \
             LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id WHERE {outer} \
             ORDER BY h.created_at DESC, h.id DESC LIMIT ${}",
            values.len()
        );
        let mut session = self.reading().await?;
        let records = session.rows::<Placed>(sql, &values).await;
        let rows = session.end(records).await?.into_iter().map(|placed| {
            let place = HistoryPlace { written_at: placed.written_at, id: placed.record.id().to_owned() };
            Ok((placed.record.read()?, place))
        });
        rows.collect()
    }

    /// The last row that [`Store::stretch`] looked at; `None` when that was the last of all.
    async fn end_of_stretch(
        &self,
        query: &HistoryQuery,
        behind: Option<&HistoryPlace>,
    ) -> Result<Option<HistoryPlace>, StoreError> {
        let (bounds, mut values) = self.in_time(query, behind);
        values.push(i64::from(STRETCH - 1).into());
        let sql = format!(
            "SELECT CAST(created_at AS TEXT), id FROM search_history WHERE {bounds} LIMIT 1 OFFSET ${}",
            values.len()
        );
        let mut session = self.reading().await?;
        let place = session.row::<(String, String)>(sql, &values).await;
        Ok(session.end(place).await?.map(|(written_at, id)| HistoryPlace { written_at, id }))
    }

    fn in_time(&self, query: &HistoryQuery, behind: Option<&HistoryPlace>) -> (String, Vec<Value>) {
        let mut sql = String::from("created_at IS NOT NULL");
        let mut values: Vec<Value> = Vec::new();
        for (bound, moment) in [(">=", query.from), ("<", query.before)] {
            if let Some(moment) = moment {
                values.push(moment.into());
                let _ = write!(sql, " AND created_at {bound} ${}", values.len());
            }
        }
        if let Some(place) = behind {
            let time = self.engine().time_parameter(values.len() + 1);
            let id = values.len() + 2;
            let _ = write!(sql, " AND created_at <= {time} AND (created_at < {time} OR id < ${id})");
            values.extend([Value::from(place.written_at.as_str()), Value::from(place.id.as_str())]);
        }
        sql.push_str(" ORDER BY created_at DESC, id DESC");
        (sql, values)
    }
}

#[derive(sqlx::FromRow)]
struct Placed {
    written_at: String,
    #[sqlx(flatten)]
    record: Record,
}

/// A text that `LIKE` takes as it is.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}
