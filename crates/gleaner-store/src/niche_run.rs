//! `gleaner_niche_run` and `gleaner_niche_find`: what each run of a niche came to, and what it saw.

use chrono::NaiveDateTime;

use crate::statement::{Insert, Statement, Value, cut, exact, exact_option, finite};
use crate::{Store, StoreError};

/// A run of a niche. Its id is a version 7 UUID: later runs have greater ids.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct NicheRunRow {
    /// A UUID.
    pub id: String,
    /// Of which niche.
    pub niche_id: String,
    /// In which version.
    pub niche_version: i64,
    /// When it began (UTC).
    pub at: NaiveDateTime,
    /// How long it took.
    pub milliseconds: i64,
    /// Through which door it was asked for.
    pub source: String,
    /// How it ended, in a word.
    pub outcome: String,
    /// The code of what went wrong.
    pub error: Option<String>,
    /// Products found.
    pub found: i64,
    /// Products scored.
    pub scored: i64,
    /// How many got which verdict, as JSON.
    pub verdicts: String,
    /// Products worth buying.
    pub buys: i64,
    /// The median ROI of those, in percent.
    pub median_roi: Option<f64>,
    /// Tokens that Keepa charged.
    pub tokens_charged: i64,
    /// Tokens that the cache made unnecessary.
    pub tokens_saved: i64,
}

/// What a run saw of a product. Amounts are in the minor unit.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct NicheFindRow {
    /// The product.
    pub asin: String,
    /// Its title; cut to 500 characters.
    pub title: Option<String>,
    /// Its price.
    pub price: Option<i64>,
    /// Its sales rank.
    pub bsr: Option<i64>,
    /// The verdict; `None` when it was not scored.
    pub verdict: Option<String>,
    /// Its ROI in percent.
    pub roi_percent: Option<f64>,
    /// The most one may pay for it.
    pub max_cost: Option<i64>,
}

const RUNS: &str = "SELECT id, niche_id, niche_version, at, milliseconds, source, outcome, error, found, scored, \
                    verdicts, buys, median_roi, tokens_charged, tokens_saved FROM gleaner_niche_run AS r";

const RUN: Insert = Insert {
    table: "gleaner_niche_run",
    columns: &[
        "id",
        "niche_id",
        "niche_version",
        "at",
        "milliseconds",
        "source",
        "outcome",
        "error",
        "found",
        "scored",
        "verdicts",
        "buys",
        "median_roi",
        "tokens_charged",
        "tokens_saved",
    ],
    json: &[],
    conflict: "",
};

const FIND: Insert = Insert {
    table: "gleaner_niche_find",
    columns: &["run_id", "asin", "title", "price", "bsr", "verdict", "roi_percent", "max_cost"],
    json: &[],
    conflict: "",
};

fn number(field: &'static str, value: Option<f64>) -> Result<Value, StoreError> {
    value.map_or(Ok(Value::Double(None)), |value| finite(field, value))
}

impl NicheRunRow {
    fn values(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("id", &self.id, 36)?,
            exact("niche_id", &self.niche_id, 36)?,
            self.niche_version.into(),
            self.at.into(),
            self.milliseconds.into(),
            exact("source", &self.source, 50)?,
            exact("outcome", &self.outcome, 50)?,
            exact_option("error", self.error.as_deref(), 100)?,
            self.found.into(),
            self.scored.into(),
            self.verdicts.as_str().into(),
            self.buys.into(),
            number("median_roi", self.median_roi)?,
            self.tokens_charged.into(),
            self.tokens_saved.into(),
        ])
    }
}

impl NicheFindRow {
    fn values(&self, run_id: &str) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            run_id.into(),
            exact("asin", &self.asin, 20)?,
            cut(self.title.as_deref(), 500),
            Value::Int(self.price),
            Value::Int(self.bsr),
            exact_option("verdict", self.verdict.as_deref(), 50)?,
            number("roi_percent", self.roi_percent)?,
            Value::Int(self.max_cost),
        ])
    }
}

impl Store {
    /// Keeps a run and what it saw, each product once. `false` when the niche is gone: nothing is kept then.
    pub async fn add_niche_run(&self, run: &NicheRunRow, finds: &[NicheFindRow]) -> Result<bool, StoreError> {
        const THERE: &str = "SELECT id FROM gleaner_niche WHERE id = $1";
        let mut statements: Vec<Statement> = RUN.statements(self.engine(), vec![run.values()?]);
        let rows = finds.iter().map(|find| find.values(&run.id)).collect::<Result<_, _>>()?;
        statements.extend(FIND.statements(self.engine(), rows));
        let mut session = self.writing().await?;
        let added = async {
            if session.row::<(String,)>(THERE, &[run.niche_id.as_str().into()]).await?.is_none() {
                return Ok(false);
            }
            for statement in &statements {
                session.execute(statement).await?;
            }
            Ok(true)
        };
        let added = added.await;
        session.end(added).await
    }

    /// The last runs of a niche, newest first, without those of one outcome.
    pub async fn niche_runs(
        &self,
        niche_id: &str,
        without: Option<&str>,
        limit: u32,
    ) -> Result<Vec<NicheRunRow>, StoreError> {
        let sql = format!("{RUNS} WHERE niche_id = $1 AND outcome <> $2 ORDER BY id DESC LIMIT $3");
        let values = vec![niche_id.into(), without.unwrap_or_default().into(), i64::from(limit).into()];
        self.niche_runs_where(sql, values).await
    }

    /// One run of a niche.
    pub async fn niche_run(&self, niche_id: &str, id: &str) -> Result<Option<NicheRunRow>, StoreError> {
        let sql = format!("{RUNS} WHERE niche_id = $1 AND id = $2");
        Ok(self.niche_runs_where(sql, vec![niche_id.into(), id.into()]).await?.pop())
    }

    /// The newest run of every niche that has one.
    pub async fn niche_last_runs(&self) -> Result<Vec<NicheRunRow>, StoreError> {
        let sql =
            format!("{RUNS} WHERE id = (SELECT MAX(id) FROM gleaner_niche_run WHERE niche_id = r.niche_id)");
        self.niche_runs_where(sql, Vec::new()).await
    }

    async fn niche_runs_where(
        &self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<NicheRunRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    /// What a run saw, by ASIN.
    pub async fn niche_finds(&self, run_id: &str) -> Result<Vec<NicheFindRow>, StoreError> {
        const FINDS: &str = "SELECT asin, title, price, bsr, verdict, roi_percent, max_cost \
                             FROM gleaner_niche_find WHERE run_id = $1 ORDER BY asin";
        let mut session = self.reading().await?;
        let rows = session.rows(FINDS, &[run_id.into()]).await;
        session.end(rows).await
    }

    /// How many different products any run of a niche gave one of these two verdicts.
    pub async fn niche_products_with(&self, niche_id: &str, verdicts: [&str; 2]) -> Result<i64, StoreError> {
        const COUNT: &str = "SELECT CAST(COUNT(DISTINCT f.asin) AS BIGINT) FROM gleaner_niche_find f \
                             JOIN gleaner_niche_run r ON r.id = f.run_id \
                             WHERE r.niche_id = $1 AND f.verdict IN ($2, $3)";
        let mut session = self.reading().await?;
        let values = [niche_id.into(), verdicts[0].into(), verdicts[1].into()];
        let count = session.row::<(i64,)>(COUNT, &values).await;
        Ok(session.end(count).await?.map_or(0, |(count,)| count))
    }
}
