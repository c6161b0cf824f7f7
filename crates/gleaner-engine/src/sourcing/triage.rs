//! What the reseller decides on a pick. Every decision is a step that is kept; undoing one goes back to the state
//! before it.

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_core::money::MAX_AMOUNT;
use gleaner_store::{PickRow, TriagePut, TriageRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::figures::Figures;
use super::picks::PickDetail;
use super::verify::Verification;
use super::{from_word, read, word, written};
use crate::{Engine, EngineError, stored};

/// The longest note or reason, in characters.
const MAX_TEXT: usize = 1_000;
/// The most copies of one purchase.
const MAX_QUANTITY: i64 = 100_000;

/// What was decided on a pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriageState {
    /// Nothing yet.
    Open,
    /// To be bought.
    ToBuy,
    /// Bought.
    Bought,
    /// To be watched.
    Watching,
    /// Dismissed, until something changes.
    Dismissed,
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriageAction {
    /// To be bought.
    Buy,
    /// Bought: how many, and what one copy really cost.
    Bought,
    /// To be watched.
    Watch,
    /// Not wanted, with a reason; it comes back when something changes.
    Dismiss,
    /// A note; the state stays.
    Note,
    /// Back to undecided.
    Reopen,
    /// Came back by itself: something changed since it was dismissed. Nobody asks for this.
    Reopened,
    /// Verified. Nobody asks for this here: see the verification.
    Verified,
}

/// A decision to record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriageRequest {
    /// What is decided.
    pub action: TriageAction,
    /// How many copies were bought.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub quantity: Option<i64>,
    /// What one copy cost, before tax, in minor units.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub unit_cost: Option<i64>,
    /// Why it is dismissed.
    #[serde(default)]
    pub reason: Option<String>,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
}

/// What a step keeps beside its columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct StepDocument {
    pub(super) quantity: Option<i64>,
    pub(super) unit_cost: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
    /// The pick's figures at that moment.
    pub(super) figures: Option<Figures>,
    pub(super) verification: Option<Verification>,
}

/// A decision that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriageStep {
    /// Its id.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was decided.
    pub action: TriageAction,
    /// The pick's state from then on.
    pub state: TriageState,
    /// By whom.
    pub author: Option<String>,
    /// How many copies were bought.
    #[schema(value_type = Option<i64>)]
    pub quantity: Option<i64>,
    /// What one copy cost, in minor units.
    #[schema(value_type = Option<i64>)]
    pub unit_cost: Option<i64>,
    /// Why it was dismissed, or why it came back.
    pub reason: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// The pick's figures at that moment.
    pub figures: Option<Figures>,
    /// What a verification found.
    pub verification: Option<Verification>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

/// What was bought of a pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Purchases {
    /// Copies.
    #[schema(value_type = i64)]
    pub quantity: i64,
    /// What they cost together, before tax, in minor units.
    #[schema(value_type = i64)]
    pub spent: i64,
}

impl TriageStep {
    pub(super) fn new(row: &TriageRow) -> Result<Self, EngineError> {
        let document: StepDocument = read("triage", &row.document)?;
        Ok(Self {
            id: row.id.clone(),
            at: row.at.and_utc(),
            action: from_word("action", &row.action)?,
            state: from_word("state", &row.state)?,
            author: row.author.clone(),
            quantity: document.quantity,
            unit_cost: document.unit_cost,
            reason: document.reason,
            note: document.note,
            figures: document.figures,
            verification: document.verification,
            undone_at: row.undone_at.map(|at| at.and_utc()),
        })
    }

    fn holds(&self) -> bool {
        self.undone_at.is_none()
    }
}

/// What was bought by these steps; `None`: nothing.
pub(super) fn purchases(steps: &[TriageStep]) -> Option<Purchases> {
    let bought = steps.iter().filter(|step| step.holds() && step.action == TriageAction::Bought);
    let sum = bought.fold(Purchases { quantity: 0, spent: 0 }, |sum, step| {
        let quantity = step.quantity.unwrap_or_default();
        let spent = quantity.saturating_mul(step.unit_cost.unwrap_or_default());
        Purchases { quantity: sum.quantity.saturating_add(quantity), spent: sum.spent.saturating_add(spent) }
    });
    (sum.quantity > 0).then_some(sum)
}

fn too_long(field: &str, text: Option<&str>) -> Option<FieldError> {
    let long = text.is_some_and(|text| text.chars().count() > MAX_TEXT);
    long.then(|| FieldError::new(field, format!("must be at most {MAX_TEXT} characters")))
}

/// A note or a reason is not too long.
pub(super) fn check_text(field: &str, text: Option<&str>) -> Result<(), EngineError> {
    too_long(field, text).map_or(Ok(()), |error| Err(EngineError::Invalid(vec![error])))
}

impl TriageRequest {
    fn check(&self) -> Result<(), EngineError> {
        use TriageAction::{Bought, Dismiss, Note, Reopened, Verified};
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        let text = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match self.action {
            Bought => {
                if self.quantity.is_none() {
                    wrong("quantity", "say how many copies were bought".to_owned());
                }
                if self.unit_cost.is_none() {
                    wrong("unit_cost", "say what one copy cost".to_owned());
                }
            }
            Dismiss if !text(&self.reason) => wrong("reason", "say why: a few words are enough".to_owned()),
            Note if !text(&self.note) => wrong("note", "the note is empty".to_owned()),
            Reopened | Verified => {
                wrong("action", "use buy, bought, watch, dismiss, note or reopen".to_owned());
            }
            _ => {}
        }
        if self.action != Bought {
            for (field, given) in [("quantity", self.quantity), ("unit_cost", self.unit_cost)] {
                if given.is_some() {
                    wrong(field, "goes with the action bought only".to_owned());
                }
            }
        }
        if self.quantity.is_some_and(|quantity| !(1..=MAX_QUANTITY).contains(&quantity)) {
            wrong("quantity", format!("must be 1 to {MAX_QUANTITY}"));
        }
        if self.unit_cost.is_some_and(|cost| !(0..=MAX_AMOUNT).contains(&cost)) {
            wrong("unit_cost", format!("must be 0 to {MAX_AMOUNT} in the minor unit"));
        }
        for (field, text) in [("reason", &self.reason), ("note", &self.note)] {
            errors.extend(too_long(field, text.as_deref()));
        }
        if errors.is_empty() { Ok(()) } else { Err(EngineError::Invalid(errors)) }
    }

    fn state(&self, now: TriageState) -> TriageState {
        match self.action {
            TriageAction::Buy => TriageState::ToBuy,
            TriageAction::Bought => TriageState::Bought,
            TriageAction::Watch => TriageState::Watching,
            TriageAction::Dismiss => TriageState::Dismissed,
            TriageAction::Reopen | TriageAction::Reopened => TriageState::Open,
            TriageAction::Note | TriageAction::Verified => now,
        }
    }
}

impl Engine {
    /// Records a decision on a pick.
    pub async fn triage(
        &self,
        pick: &str,
        request: TriageRequest,
        author: Option<String>,
    ) -> Result<PickDetail, EngineError> {
        request.check()?;
        let row = self.pick_row(pick).await?;
        let state = request.state(from_word("state", &row.state)?);
        let document = StepDocument {
            quantity: request.quantity,
            unit_cost: request.unit_cost,
            reason: request.reason,
            note: request.note,
            figures: Some(read("figures", &row.figures)?),
            verification: None,
        };
        if !self.put_step(&row, request.action, state, author, &document).await? {
            return Err(EngineError::refused(
                "pick_conflict",
                "somebody decided on this pick at the same moment: look at it again",
            ));
        }
        self.sourcing_pick(&row.id).await
    }

    /// Undoes the last decision on a pick that was not undone; notes too, verifications not.
    pub async fn undo_triage(&self, pick: &str) -> Result<PickDetail, EngineError> {
        let row = self.pick_row(pick).await?;
        let steps = self.store.sourcing_triage(&row.id).await?;
        let holds: Vec<&TriageRow> = steps.iter().filter(|step| step.undone_at.is_none()).collect();
        let verified = word(&TriageAction::Verified);
        let Some(last) = holds.iter().rposition(|step| step.action != verified) else {
            return Err(EngineError::refused("nothing_to_undo", "nothing was decided on this pick yet"));
        };
        let open = word(&TriageState::Open);
        let back = last.checked_sub(1).map_or(open.as_str(), |before| holds[before].state.as_str());
        self.store.undo_sourcing_triage(holds[last], back, stored(self.now())).await?;
        self.sourcing_pick(&row.id).await
    }

    /// Writes a step; `false` when the pick's state changed meanwhile.
    pub(super) async fn put_step(
        &self,
        pick: &PickRow,
        action: TriageAction,
        state: TriageState,
        author: Option<String>,
        document: &StepDocument,
    ) -> Result<bool, EngineError> {
        let step = TriagePut {
            id: Uuid::now_v7().to_string(),
            pick_id: pick.id.clone(),
            at: stored(self.now()),
            action: word(&action),
            state: word(&state),
            author,
            document: written(document)?,
        };
        Ok(self.store.put_sourcing_triage(&step, &pick.state).await?)
    }
}
