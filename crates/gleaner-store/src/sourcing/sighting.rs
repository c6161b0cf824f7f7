//! `gleaner_sourcing_sighting`: what each run judged of each product. Rows are added, never changed.

use chrono::NaiveDateTime;

use crate::statement::{Insert, Value, exact, exact_option, parameters};
use crate::{Store, StoreError};

/// A product as a run judged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingPut {
    /// The run.
    pub run_id: String,
    /// The product.
    pub asin: String,
    /// `new` or `used`.
    pub condition: String,
    /// The run's job.
    pub job_id: String,
    /// The run's number.
    pub run_number: i64,
    /// When (UTC).
    pub seen_at: NaiveDateTime,
    /// When its facts were bought (UTC).
    pub facts_at: Option<NaiveDateTime>,
    /// Whether it was good enough to be picked.
    pub passed: bool,
    /// What it fell short of first, in a word of at most 30 characters.
    pub missed: Option<String>,
    /// Its figures, as JSON.
    pub figures: String,
}

/// A sighting that is kept; the fields are those of [`SightingPut`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at SightingPut")]
pub struct SightingRow {
    pub run_id: String,
    pub asin: String,
    pub item_condition: String,
    pub run_number: i64,
    pub seen_at: NaiveDateTime,
    pub facts_at: Option<NaiveDateTime>,
    /// 1 when it was good enough to be picked.
    pub passed: i64,
    pub missed: Option<String>,
    pub figures: String,
}

pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_sourcing_sighting",
    columns: &[
        "run_id",
        "asin",
        "item_condition",
        "job_id",
        "run_number",
        "seen_at",
        "facts_at",
        "passed",
        "missed",
        "figures",
    ],
    json: &[],
    conflict: "ON CONFLICT (run_id, asin, item_condition) DO NOTHING",
};

impl SightingPut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("run_id", &self.run_id, 36)?,
            exact("asin", &self.asin, 20)?,
            exact("item_condition", &self.condition, 10)?,
            exact("job_id", &self.job_id, 36)?,
            self.run_number.into(),
            self.seen_at.into(),
            self.facts_at.into(),
            i64::from(self.passed).into(),
            exact_option("missed", self.missed.as_deref(), 30)?,
            self.figures.as_str().into(),
        ])
    }
}

const COLUMNS: &str = "SELECT run_id, asin, item_condition, run_number, seen_at, facts_at, passed, missed, figures \
                       FROM gleaner_sourcing_sighting";

impl Store {
    /// What a run saw, in the order of products.
    pub async fn sourcing_sightings(&self, run_id: &str) -> Result<Vec<SightingRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE run_id = $1 ORDER BY asin, item_condition");
        self.sightings_where(sql, vec![run_id.into()]).await
    }

    /// What runs of a job saw, by run number, without the figures: only products that at least one of these runs
    /// found good enough.
    pub async fn sourcing_looks(
        &self,
        job_id: &str,
        run_numbers: &[i64],
    ) -> Result<Vec<SightingRow>, StoreError> {
        if run_numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = parameters(2, run_numbers.len());
        let sql = format!(
            "SELECT run_id, asin, item_condition, run_number, seen_at, facts_at, passed, missed, '' AS figures \
             FROM gleaner_sourcing_sighting AS s WHERE job_id = $1 AND run_number IN ({numbers}) AND EXISTS \
             (SELECT 1 FROM gleaner_sourcing_pick AS p WHERE p.job_id = s.job_id AND p.asin = s.asin \
             AND p.item_condition = s.item_condition) ORDER BY run_number"
        );
        let mut values: Vec<Value> = vec![job_id.into()];
        values.extend(run_numbers.iter().map(|&number| number.into()));
        self.sightings_where(sql, values).await
    }

    /// The sightings of a product by a job, newest first.
    pub async fn sourcing_sightings_of(
        &self,
        job_id: &str,
        asin: &str,
        condition: &str,
        limit: u32,
    ) -> Result<Vec<SightingRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE job_id = $1 AND asin = $2 AND item_condition = $3 ORDER BY run_number DESC LIMIT $4"
        );
        let values = vec![job_id.into(), asin.into(), condition.into(), i64::from(limit).into()];
        self.sightings_where(sql, values).await
    }

    async fn sightings_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<SightingRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<SightingRow>(sql, &values).await;
        session.end(rows).await
    }
}
