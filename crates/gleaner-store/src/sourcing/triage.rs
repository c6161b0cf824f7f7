//! `gleaner_sourcing_triage`: what was decided on picks. Steps are added; undoing marks a step and changes no other.

use chrono::NaiveDateTime;

use super::pick::{self, PickPut};
use crate::statement::{Statement, Value, cut, exact};
use crate::{Store, StoreError, race};

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriagePut {
    /// Made by the caller; later ones sort after earlier ones.
    pub id: String,
    /// The pick.
    pub pick_id: String,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// What was done, in a word of at most 20 characters.
    pub action: String,
    /// The pick's state from now on.
    pub state: String,
    /// By whom; cut to 100 characters.
    pub author: Option<String>,
    /// Quantity, cost, reason …, as JSON.
    pub document: String,
}

/// A decision that is kept; the fields are those of [`TriagePut`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at TriagePut")]
pub struct TriageRow {
    pub id: String,
    pub pick_id: String,
    pub at: NaiveDateTime,
    pub action: String,
    pub state: String,
    pub author: Option<String>,
    pub document: String,
    /// When it was undone (UTC).
    pub undone_at: Option<NaiveDateTime>,
}

const COLUMNS: &str =
    "SELECT id, pick_id, at, action, state, author, document, undone_at FROM gleaner_sourcing_triage";

impl TriagePut {
    /// Moves the pick on from the state `from`, and records the step: the second is for when the first found it.
    fn statements(&self, from: &str) -> Result<[Statement; 2], StoreError> {
        const MOVE: &str = "UPDATE gleaner_sourcing_pick SET state = $3 WHERE id = $1 AND state = $2";
        const INSERT: &str = "INSERT INTO gleaner_sourcing_triage (id, pick_id, at, action, state, author, document) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (pick, state) = (exact("pick_id", &self.pick_id, 36)?, exact("state", &self.state, 20)?);
        let values = vec![
            exact("id", &self.id, 36)?,
            pick.clone(),
            self.at.into(),
            exact("action", &self.action, 20)?,
            state.clone(),
            cut(self.author.as_deref(), 100),
            self.document.as_str().into(),
        ];
        Ok([
            Statement { sql: MOVE.into(), values: vec![pick, from.into(), state] },
            Statement { sql: INSERT.into(), values },
        ])
    }
}

impl Store {
    /// The steps of a pick, oldest first, those that were undone too.
    pub async fn sourcing_triage(&self, pick_id: &str) -> Result<Vec<TriageRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE pick_id = $1 ORDER BY at, id");
        self.triage_where(sql, vec![pick_id.into()]).await
    }

    /// The steps of all picks of a job, oldest first, without those that were undone.
    pub async fn sourcing_triage_of_job(&self, job_id: &str) -> Result<Vec<TriageRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE undone_at IS NULL AND pick_id IN (SELECT id FROM gleaner_sourcing_pick \
             WHERE job_id = $1) ORDER BY at, id"
        );
        self.triage_where(sql, vec![job_id.into()]).await
    }

    /// The steps of all picks that were chosen by hand, oldest first, without those that were undone.
    pub async fn sourcing_triage_by_hand(&self) -> Result<Vec<TriageRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE undone_at IS NULL AND pick_id IN (SELECT id FROM gleaner_sourcing_pick \
             WHERE job_id LIKE 'hand:%') ORDER BY at, id"
        );
        self.triage_where(sql, Vec::new()).await
    }

    async fn triage_where(&self, sql: String, values: Vec<Value>) -> Result<Vec<TriageRow>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.rows::<TriageRow>(sql, &values).await;
        session.end(rows).await
    }

    /// Records a step and puts the pick in its state; `false`, and nothing written, when the pick is not in the state
    /// `from` any more.
    pub async fn put_sourcing_triage(&self, step: &TriagePut, from: &str) -> Result<bool, StoreError> {
        self.change_both(step.statements(from)?).await
    }

    /// Puts picks there, or renews those that are there, and records steps on these or others as
    /// [`Store::put_sourcing_triage`] does, all in one transaction. Answers which steps were recorded.
    pub async fn put_sourcing_picks_with_steps(
        &self,
        picks: &[PickPut],
        steps: &[TriagePut],
        from: &str,
    ) -> Result<Vec<bool>, StoreError> {
        // In one order, whoever asks: rows are locked as they are written.
        let mut picks: Vec<&PickPut> = picks.iter().collect();
        picks.sort_by(|a, b| (&a.asin, &a.condition).cmp(&(&b.asin, &b.condition)));
        let rows = picks.iter().map(|pick| pick.row()).collect::<Result<_, _>>()?;
        let puts = pick::INSERT.statements(self.engine(), rows);
        let steps = steps.iter().map(|step| step.statements(from)).collect::<Result<Vec<_>, _>>()?;
        let mut attempt = 1;
        loop {
            let mut session = self.writing().await?;
            let recorded = async {
                for put in &puts {
                    session.execute(put).await?;
                }
                let mut recorded = Vec::with_capacity(steps.len());
                for [moves, insert] in &steps {
                    let moved = session.execute(moves).await? == 1;
                    if moved {
                        session.execute(insert).await?;
                    }
                    recorded.push(moved);
                }
                Ok(recorded)
            };
            let recorded = recorded.await;
            let recorded = session.end(recorded).await;
            if let Err(error) = &recorded
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            self.committed();
            return recorded;
        }
    }

    /// Undoes a step and puts its pick in the state `back`; `false`, and nothing written, when it was undone before.
    pub async fn undo_sourcing_triage(
        &self,
        step: &TriageRow,
        back: &str,
        at: NaiveDateTime,
    ) -> Result<bool, StoreError> {
        const UNDO: &str =
            "UPDATE gleaner_sourcing_triage SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL";
        const MOVE: &str = "UPDATE gleaner_sourcing_pick SET state = $2 WHERE id = $1";
        let (step, pick) = (step.id.as_str(), step.pick_id.as_str());
        self.change_both([
            Statement { sql: UNDO.into(), values: vec![step.into(), at.into()] },
            Statement { sql: MOVE.into(), values: vec![pick.into(), exact("state", back, 20)?] },
        ])
        .await
    }

    /// Runs the second statement if the first one changed a row.
    async fn change_both(&self, [first, second]: [Statement; 2]) -> Result<bool, StoreError> {
        let mut session = self.writing().await?;
        let changed = async {
            if session.execute(&first).await? == 0 {
                return Ok(false);
            }
            session.execute(&second).await?;
            Ok(true)
        };
        let changed = changed.await;
        let changed = session.end(changed).await?;
        self.committed();
        Ok(changed)
    }
}
