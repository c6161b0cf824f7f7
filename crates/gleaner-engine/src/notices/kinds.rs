//! What there is to tell.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A kind of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum NoticeKind {
    /// A sourcing run found picks.
    #[serde(rename = "run.done")]
    RunDone,
    /// A sourcing run ended without a pick, and says why.
    #[serde(rename = "run.empty")]
    RunEmpty,
    /// A sourcing run stopped at its budget.
    #[serde(rename = "run.budget")]
    RunBudget,
    /// A sourcing run failed.
    #[serde(rename = "run.failed")]
    RunFailed,
    /// Somebody cancelled a sourcing run.
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    /// A pick that is too good not to be verified first.
    #[serde(rename = "pick.jackpot")]
    PickJackpot,
    /// A strong pick that was seen again and again.
    #[serde(rename = "pick.stable")]
    PickStable,
    /// Fewer tokens than are to be kept.
    #[serde(rename = "tokens.low")]
    TokensLow,
    /// Something is wrong.
    #[serde(rename = "alert.raised")]
    AlertRaised,
    /// Something is well again.
    #[serde(rename = "alert.cleared")]
    AlertCleared,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::RunDone,
        Self::RunEmpty,
        Self::RunBudget,
        Self::RunFailed,
        Self::RunCancelled,
        Self::PickJackpot,
        Self::PickStable,
        Self::TokensLow,
        Self::AlertRaised,
        Self::AlertCleared,
    ];

    /// Its word: a family and a member.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RunDone => "run.done",
            Self::RunEmpty => "run.empty",
            Self::RunBudget => "run.budget",
            Self::RunFailed => "run.failed",
            Self::RunCancelled => "run.cancelled",
            Self::PickJackpot => "pick.jackpot",
            Self::PickStable => "pick.stable",
            Self::TokensLow => "tokens.low",
            Self::AlertRaised => "alert.raised",
            Self::AlertCleared => "alert.cleared",
        }
    }
}

/// Whether an entry of a channel's list, a kind or a family (`run`), takes in a kind.
pub(super) fn covers(entry: &str, kind: &str) -> bool {
    entry == kind || kind.split_once('.').is_some_and(|(family, _)| family == entry)
}

/// Whether an entry is a kind or a family.
pub(super) fn known(entry: &str) -> bool {
    NoticeKind::ALL.iter().any(|kind| covers(entry, kind.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_takes_in_its_members_and_nothing_else() {
        assert!(covers("run", "run.done") && covers("run.done", "run.done"));
        assert!(!covers("run.done", "run.empty") && !covers("ru", "run.done") && !covers("", "run.done"));
        assert!(known("alert") && known("tokens.low") && !known("everything") && !known("run."));
    }

    #[test]
    fn a_kind_is_written_as_it_is_called() {
        for kind in NoticeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
