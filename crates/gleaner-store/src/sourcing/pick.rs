//! `gleaner_sourcing_pick`: the products that jobs chose, each once per job and condition, and those that people chose by
//! hand, each once per marketplace and condition.

use std::fmt::Write as _;

use chrono::NaiveDateTime;

use crate::statement::{Insert, Value, exact, finite};
use crate::{Store, StoreError};

/// What stands in `job_id` and `run_id` before the marketplace's number for a pick that was chosen by hand: it has neither.
/// No job or run has such an id.
const BY_HAND: &str = "hand:";

/// A pick as the last run left it, or as somebody chose it by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct PickPut {
    /// Made by the caller; kept from the first time on.
    pub id: String,
    /// The job; `None`: somebody chose it by hand.
    pub job_id: Option<String>,
    /// Keepa's number of the marketplace.
    pub domain: i64,
    /// The product.
    pub asin: String,
    /// `new` or `used`.
    pub condition: String,
    /// What its sightings make of it, in a word of at most 20 characters.
    pub class: String,
    /// Whether it is still among the job's picks.
    pub active: bool,
    /// The state of a pick that is new; one that was there keeps its own.
    pub state: String,
    /// Its ROI, for sorting.
    pub roi_percent: Option<f64>,
    /// Its profit in minor units, for sorting.
    pub profit: Option<i64>,
    /// The first sighting (UTC); kept from the first time on.
    pub first_seen_at: NaiveDateTime,
    /// The last sighting (UTC).
    pub last_seen_at: NaiveDateTime,
    /// The run of the last sighting; `None` for a pick that was chosen by hand.
    pub run_id: Option<String>,
    /// The figures of the last sighting, as JSON.
    pub figures: String,
    /// Why it has its class, as JSON.
    pub evidence: String,
}

/// A pick that is kept; the fields are those of [`PickPut`].
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at PickPut")]
pub struct PickRow {
    pub id: String,
    pub job_id: Option<String>,
    pub domain: i64,
    pub asin: String,
    pub item_condition: String,
    pub class: String,
    /// 1 while it is among the job's picks.
    pub active: i64,
    /// What the reseller decided last.
    pub state: String,
    pub first_seen_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub run_id: Option<String>,
    pub figures: String,
    pub evidence: String,
}

/// Which picks. What is `None` or empty is not asked for.
#[derive(Debug, Clone, Default)]
pub struct PickFilter {
    /// Of this job.
    pub job_id: Option<String>,
    /// In this marketplace, by Keepa's number.
    pub domain: Option<i64>,
    /// These products.
    pub asins: Vec<String>,
    /// Of these classes.
    pub classes: Vec<String>,
    /// In these states.
    pub states: Vec<String>,
    /// Only those that are still among their job's picks.
    pub active: bool,
    /// Without those that were chosen by hand and are in this state.
    pub not_by_hand_in: Option<String>,
    /// Seen at this moment (UTC) or later.
    pub seen_since: Option<NaiveDateTime>,
    /// How many at most.
    pub limit: u32,
}

pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_sourcing_pick",
    columns: &[
        "id",
        "job_id",
        "domain",
        "asin",
        "item_condition",
        "class",
        "active",
        "state",
        "roi_percent",
        "profit",
        "first_seen_at",
        "last_seen_at",
        "run_id",
        "figures",
        "evidence",
    ],
    json: &[],
    conflict: "ON CONFLICT (job_id, asin, item_condition) DO UPDATE SET class = excluded.class, \
               active = excluded.active, roi_percent = excluded.roi_percent, profit = excluded.profit, \
               last_seen_at = excluded.last_seen_at, run_id = excluded.run_id, figures = excluded.figures, \
               evidence = excluded.evidence",
};

impl PickPut {
    /// What its `job_id` holds: what makes it one of its kind together with product and condition.
    pub(crate) fn owner(&self) -> String {
        self.job_id.clone().unwrap_or_else(|| format!("{BY_HAND}{}", self.domain))
    }

    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        let owner = self.owner();
        let roi_percent =
            self.roi_percent.map_or(Ok(Value::Double(None)), |roi| finite("roi_percent", roi))?;
        Ok(vec![
            exact("id", &self.id, 36)?,
            exact("job_id", &owner, 36)?,
            self.domain.into(),
            exact("asin", &self.asin, 20)?,
            exact("item_condition", &self.condition, 10)?,
            exact("class", &self.class, 20)?,
            i64::from(self.active).into(),
            exact("state", &self.state, 20)?,
            roi_percent,
            Value::Int(self.profit),
            self.first_seen_at.into(),
            self.last_seen_at.into(),
            exact("run_id", self.run_id.as_deref().unwrap_or(&owner), 36)?,
            self.figures.as_str().into(),
            self.evidence.as_str().into(),
        ])
    }
}

const COLUMNS: &str = "SELECT id, CASE WHEN job_id LIKE 'hand:%' THEN NULL ELSE job_id END AS job_id, domain, asin, \
                       item_condition, class, active, state, first_seen_at, last_seen_at, \
                       CASE WHEN run_id LIKE 'hand:%' THEN NULL ELSE run_id END AS run_id, figures, evidence \
                       FROM gleaner_sourcing_pick";

impl Store {
    /// A pick.
    pub async fn sourcing_pick(&self, id: &str) -> Result<Option<PickRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        Ok(self.picks_where(sql, vec![id.into()]).await?.into_iter().next())
    }

    /// All picks of a job.
    pub async fn sourcing_picks_of(&self, job_id: &str) -> Result<Vec<PickRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE job_id = $1 ORDER BY asin, item_condition");
        self.picks_where(sql, vec![job_id.into()]).await
    }

    /// Picks of jobs that are not deleted and those that were chosen by hand, best ROI first.
    pub async fn sourcing_picks(&self, filter: &PickFilter) -> Result<Vec<PickRow>, StoreError> {
        let mut sql = format!(
            "{COLUMNS} AS p WHERE (p.job_id LIKE 'hand:%' OR EXISTS (SELECT 1 FROM gleaner_sourcing_job AS j \
             WHERE j.id = p.job_id AND j.deleted_at IS NULL))"
        );
        let mut values: Vec<Value> = Vec::new();
        let mut ask = |sql: &mut String, words: &str, value: Value| {
            values.push(value);
            // Writing to a string cannot fail.
            let _ = write!(sql, " AND {words} ${}", values.len());
        };
        if let Some(job_id) = &filter.job_id {
            ask(&mut sql, "p.job_id =", job_id.as_str().into());
        }
        if let Some(domain) = filter.domain {
            ask(&mut sql, "p.domain =", domain.into());
        }
        if filter.active {
            ask(&mut sql, "p.active =", 1_i64.into());
        }
        if let Some(since) = filter.seen_since {
            ask(&mut sql, "p.last_seen_at >=", since.into());
        }
        if let Some(state) = &filter.not_by_hand_in {
            ask(&mut sql, "(p.job_id NOT LIKE 'hand:%' OR p.state <>", state.as_str().into());
            sql.push(')');
        }
        for (column, words) in
            [("asin", &filter.asins), ("class", &filter.classes), ("state", &filter.states)]
        {
            if !words.is_empty() {
                let list = crate::statement::parameters(values.len() + 1, words.len());
                let _ = write!(sql, " AND p.{column} IN ({list})");
                values.extend(words.iter().map(|word| Value::from(word.as_str())));
            }
        }
        values.push(i64::from(filter.limit).into());
        let _ = write!(
            sql,
            " ORDER BY CASE WHEN p.roi_percent IS NULL THEN 1 ELSE 0 END, p.roi_percent DESC, p.id LIMIT ${}",
            values.len()
        );
        self.picks_where(sql, values).await
    }

    async fn picks_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<PickRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<PickRow>(sql, &values).await;
        session.end(rows).await
    }
}
