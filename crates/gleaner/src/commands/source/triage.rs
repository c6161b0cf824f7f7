//! `gleaner source triage buy|bought|watch|dismiss|note|reopen|undo`

use gleaner_engine::Engine;
use gleaner_engine::sourcing::{PickDetail, TriageAction, TriageRequest};

/// A decision on a pick.
#[derive(Debug, clap::Subcommand)]
pub enum Decision {
    /// It is to be bought.
    Buy {
        /// The pick's ASIN or id.
        pick: String,
        /// A note.
        #[arg(long)]
        note: Option<String>,
    },
    /// It was bought.
    Bought {
        /// The pick's ASIN or id.
        pick: String,
        /// How many copies.
        #[arg(long, allow_negative_numbers = true)]
        quantity: i64,
        /// What one copy really cost, before tax, for example 4.50.
        #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
        cost: String,
        /// A note.
        #[arg(long)]
        note: Option<String>,
    },
    /// It is to be watched.
    Watch {
        /// The pick's ASIN or id.
        pick: String,
        /// A note.
        #[arg(long)]
        note: Option<String>,
    },
    /// It is not wanted; it comes back when its price, its ROI or Amazon's offer changes.
    Dismiss {
        /// The pick's ASIN or id.
        pick: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Keep a note.
    Note {
        /// The pick's ASIN or id.
        pick: String,
        /// The note.
        note: String,
    },
    /// It is undecided again.
    Reopen {
        /// The pick's ASIN or id.
        pick: String,
    },
    /// Undo the last decision.
    Undo {
        /// The pick's ASIN or id.
        pick: String,
    },
}

impl Decision {
    /// Records it.
    pub async fn carry_out(self, engine: &Engine) -> anyhow::Result<PickDetail> {
        let plain =
            |action, note| TriageRequest { action, quantity: None, unit_cost: None, reason: None, note };
        let (pick, request) = match self {
            Self::Undo { pick } => return Ok(engine.undo_triage(&pick).await?),
            Self::Buy { pick, note } => (pick, plain(TriageAction::Buy, note)),
            Self::Watch { pick, note } => (pick, plain(TriageAction::Watch, note)),
            Self::Note { pick, note } => (pick, plain(TriageAction::Note, Some(note))),
            Self::Reopen { pick } => (pick, plain(TriageAction::Reopen, None)),
            Self::Dismiss { pick, reason } => {
                (pick, TriageRequest { reason: Some(reason), ..plain(TriageAction::Dismiss, None) })
            }
            Self::Bought { pick, quantity, cost, note } => {
                // The amount is in the currency of the pick's marketplace.
                let found = engine.sourcing_pick(&pick).await?.pick;
                let unit_cost = Some(super::super::score::cost(&cost, found.marketplace)?);
                let quantity = Some(quantity);
                (found.id, TriageRequest { quantity, unit_cost, ..plain(TriageAction::Bought, note) })
            }
        };
        Ok(engine.triage(&pick, request, Some(crate::commands::user())).await?)
    }
}
