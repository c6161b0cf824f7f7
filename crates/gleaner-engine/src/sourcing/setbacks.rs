//! What goes wrong in a run, and what is done about it: wait, end, or leave it to somebody else.

use chrono::{DateTime, TimeDelta, Utc};

use super::progress::Progress;
use crate::{Engine, EngineError};

/// Steps in a row that may fail for a reason that may pass.
const MAX_FAILURES: u32 = 3;
/// How long a run waits in all before it has failed: tokens that do not come in half a day do not come.
const MAX_WAIT: TimeDelta = TimeDelta::hours(12);
/// How long a run waits when Keepa does not answer, the first time.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What to do about an error.
pub(super) enum After {
    /// Wait until then and try again.
    Wait(DateTime<Utc>),
    /// The budget is used up.
    Budget,
    /// The run has failed.
    Fail,
    /// Nothing is wrong with the run: somebody goes on with it.
    Later,
}

/// Whether an error says that tokens are short.
pub(super) fn is_short(error: &EngineError) -> bool {
    match error {
        EngineError::TokensShort { .. } => true,
        EngineError::Keepa(keepa) => matches!(keepa.as_ref(), keepa::Error::NoTokens { .. }),
        _ => false,
    }
}

impl Engine {
    /// What an error means for a run.
    pub(super) fn after(&self, error: &EngineError, progress: &Progress) -> After {
        let now = self.now();
        let waited = progress.waiting_since.map_or(TimeDelta::zero(), |since| now - since);
        let pause = match error {
            EngineError::OverBudget { .. } => return After::Budget,
            EngineError::Store(_) | EngineError::Stopping => return After::Later,
            error if is_short(error) => error.retry_after().and_then(|wait| TimeDelta::from_std(wait).ok()),
            EngineError::Unsettled => Some(PAUSE),
            EngineError::Keepa(keepa) => match keepa.as_ref() {
                keepa::Error::Server { .. }
                | keepa::Error::Malformed { .. }
                | keepa::Error::Timeout { .. }
                | keepa::Error::Connect { .. } => {
                    let again = progress.failures + 1 < MAX_FAILURES;
                    again.then(|| PAUSE * i32::try_from(progress.failures + 1).unwrap_or(1))
                }
                _ => None,
            },
            _ => None,
        };
        match pause {
            Some(pause) if waited + pause <= MAX_WAIT => After::Wait(now + pause + TimeDelta::seconds(1)),
            _ => After::Fail,
        }
    }
}
