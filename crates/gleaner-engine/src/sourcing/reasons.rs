//! Why a product is on the buy list: as words with values for programs, and as English sentences.

use std::fmt;

use chrono::{DateTime, Utc};
use gleaner_core::economics::VerdictBasis;
use serde::Serialize;
use utoipa::ToSchema;

use super::classes::PickClass;
use super::picks::Pick;
use super::verify::VerificationResult;

/// One reason why a product is on the buy list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = BuyListReason)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Its ROI is above the job's limit: verify before buying.
    RoiAboveLimit,
    /// Somebody chose it by hand.
    ChosenByHand,
    /// Seen for the first time.
    SeenFirst,
    /// Seen on several runs, but on the same facts or not often enough yet.
    SeenTooLittle {
        /// On how many runs.
        #[schema(value_type = i64)]
        runs: i64,
    },
    /// Seen on so many of the last runs.
    Seen {
        /// On so many …
        #[schema(value_type = i64)]
        seen: i64,
        /// … of so many.
        #[schema(value_type = i64)]
        of: i64,
    },
    /// When it was seen first.
    SeenSince {
        /// The moment.
        at: DateTime<Utc>,
    },
    /// What the listing sells.
    Sells {
        /// Copies in 30 days, about.
        sales30: f64,
    },
    /// The cost is assumed: the most to pay is what decides.
    CostAssumed,
    /// Somebody verified it.
    Verified {
        /// When.
        at: DateTime<Utc>,
        /// What came of it.
        result: VerificationResult,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoiAboveLimit => f.write_str("ROI above the job's limit: verify before buying"),
            Self::ChosenByHand => f.write_str("chosen by hand"),
            Self::SeenFirst => f.write_str("seen for the first time"),
            Self::SeenTooLittle { runs } => {
                write!(f, "seen on {runs} runs, but on the same facts or not often enough yet")
            }
            Self::Seen { seen, of } => write!(f, "seen on {seen} of the last {of} runs"),
            Self::SeenSince { at } => write!(f, "first seen {}", at.format("%Y-%m-%d")),
            Self::Sells { sales30 } => write!(f, "the listing sells about {sales30:.0} in 30 days"),
            Self::CostAssumed => f.write_str("the cost is assumed: the most to pay is what decides"),
            Self::Verified { at, result } => {
                write!(f, "verified {}: {result}", at.format("%Y-%m-%d %H:%M"))
            }
        }
    }
}

/// Why a pick is on the list, what weighs most first.
pub(super) fn reasons(pick: &Pick) -> Vec<Reason> {
    let (figures, seen) = (&pick.figures, &pick.evidence);
    let mut told = vec![match pick.class {
        PickClass::Jackpot => Reason::RoiAboveLimit,
        _ if pick.job_id.is_none() => Reason::ChosenByHand,
        PickClass::New if seen.runs > 1 => Reason::SeenTooLittle { runs: seen.runs },
        PickClass::New => Reason::SeenFirst,
        _ => Reason::Seen { seen: seen.seen, of: seen.of },
    }];
    if pick.class != PickClass::New && pick.job_id.is_some() {
        told.push(Reason::SeenSince { at: pick.first_seen_at });
    }
    told.extend(figures.sales30.map(|sales30| Reason::Sells { sales30 }));
    if figures.verdict_basis == VerdictBasis::Assumed {
        told.push(Reason::CostAssumed);
    }
    if let Some(found) = &pick.verification {
        told.push(Reason::Verified { at: found.at, result: found.result });
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_is_a_word_with_its_values_and_a_sentence() {
        let at = "2026-01-05T07:30:00Z".parse().unwrap();
        let (seen, verified) =
            (Reason::Seen { seen: 2, of: 3 }, Reason::Verified { at, result: VerificationResult::Ok });
        assert_eq!(json!(seen), json!({"code": "seen", "seen": 2, "of": 3}));
        assert_eq!(json!(Reason::CostAssumed), json!({"code": "cost_assumed"}));
        assert_eq!(
            json!(verified),
            json!({"code": "verified", "at": "2026-01-05T07:30:00Z", "result": "ok"})
        );
        assert_eq!(seen.to_string(), "seen on 2 of the last 3 runs");
        assert_eq!(verified.to_string(), "verified 2026-01-05 07:30: ok");
        assert_eq!(Reason::Sells { sales30: 11.6 }.to_string(), "the listing sells about 12 in 30 days");
    }
}
