//! What several runs make of a product: the one place where classes are defined.
//!
//! A *look* is what one run tells of a product: it passed the job's thresholds, or it did not (it was judged and fell
//! short, or a complete run did not list it). A run that was cut short tells nothing of what it did not get to. Two
//! looks in a row with the same result on the same facts, or on facts bought within an hour, count once: running a job
//! twice in a minute proves nothing.
//!
//! The class is the first of these that holds, with the newest look last:
//!
//! | newest look | class | when |
//! |---|---|---|
//! | passed | jackpot | its ROI is above the job's `jackpot_roi_percent`: verify before buying |
//! | passed | new | it was never picked before |
//! | passed | returning | it was picked before, and the look before did not pass |
//! | passed | stable | it passed on at least `stable_seen` of the last `stable_of` looks |
//! | passed | new | otherwise: not enough looks yet |
//! | not passed | fading | it passed on one of the last `stable_of` looks |
//! | not passed | (gone) | otherwise: it is no pick any more |

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::spec::PickRules;

/// Facts bought within this time of each other are the same: Keepa's own are seldom renewed faster.
const SAME_FACTS: TimeDelta = TimeDelta::hours(1);

/// What several runs make of a pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PickClass {
    /// Seen for the first time, or not often enough to say more.
    New,
    /// Seen on several of the last runs.
    Stable,
    /// Back after a run that did not see it.
    Returning,
    /// Too good to be believed: verify before buying.
    Jackpot,
    /// Seen by a recent run, but not by the newest.
    Fading,
}

/// What the class rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = PickEvidence)]
pub struct Evidence {
    /// On how many of the last runs it passed …
    #[schema(value_type = i64)]
    pub seen: i64,
    /// … of so many. Runs on the same facts count once.
    #[schema(value_type = i64)]
    pub of: i64,
    /// On how many runs it passed in all.
    #[schema(value_type = i64)]
    pub runs: i64,
    /// Why the newest look did not pass: what it fell short of, `not_found` (it matches no search of the job any more),
    /// or `not_listed` (more products match than the job takes, and others came first: it was not looked at). Null when
    /// it passed.
    #[serde(default)]
    pub missed: Option<String>,
}

/// What one run tells of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether it passed the job's thresholds.
    pub(super) passed: bool,
    /// When the facts it was judged on were bought; `None` for a product that was not found.
    pub(super) facts_at: Option<DateTime<Utc>>,
}

impl Look {
    /// Whether the next look tells nothing that this one did not.
    fn repeats(&self, next: &Self) -> bool {
        let (Some(then), Some(now)) = (self.facts_at, next.facts_at) else { return false };
        self.passed == next.passed && (now - then).abs() < SAME_FACTS
    }
}

impl PickClass {
    /// The class of a product that no run saw.
    pub(super) fn of_one_look(roi_percent: Option<f64>, rules: &PickRules) -> Self {
        if too_good(roi_percent, rules) { Self::Jackpot } else { Self::New }
    }
}

fn too_good(roi_percent: Option<f64>, rules: &PickRules) -> bool {
    roi_percent.is_some_and(|roi| roi > rules.jackpot_roi_percent)
}

/// A product's class by its looks, oldest first, the newest run's last. `None`: it is no pick (any more).
pub(super) fn classify(
    looks: &[Look],
    picked_before: bool,
    roi_percent: Option<f64>,
    rules: &PickRules,
) -> Option<(PickClass, Evidence)> {
    let mut told: Vec<Look> = Vec::with_capacity(looks.len());
    for look in looks {
        if !told.last().is_some_and(|last| last.repeats(look)) {
            told.push(*look);
        }
    }
    let newest = told.last()?;
    let window = &told[told.len().saturating_sub(rules.stable_of as usize)..];
    let seen = window.iter().filter(|look| look.passed).count();
    let evidence = Evidence {
        seen: i64::try_from(seen).unwrap_or(i64::MAX),
        of: i64::try_from(window.len()).unwrap_or(i64::MAX),
        runs: i64::try_from(looks.iter().filter(|look| look.passed).count()).unwrap_or(i64::MAX),
        missed: None,
    };
    let before = told.len().checked_sub(2).map(|index| told[index].passed);
    let class = if !newest.passed {
        if seen == 0 {
            return None;
        }
        PickClass::Fading
    } else if too_good(roi_percent, rules) {
        PickClass::Jackpot
    } else if !picked_before {
        PickClass::New
    } else if before == Some(false) {
        PickClass::Returning
    } else if seen >= rules.stable_seen as usize {
        PickClass::Stable
    } else {
        PickClass::New
    };
    Some((class, evidence))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Looks on facts that are new each time: `x` passed, `.` did not, `-` was not found.
    fn looks(text: &str) -> Vec<Look> {
        let day = |n: usize| DateTime::from_timestamp(86_400 * i64::try_from(n).unwrap(), 0);
        text.chars()
            .enumerate()
            .map(|(n, sign)| Look { passed: sign == 'x', facts_at: if sign == '-' { None } else { day(n) } })
            .collect()
    }

    fn class(text: &str) -> Option<PickClass> {
        let looks = looks(text);
        let before = looks[..looks.len() - 1].iter().any(|look| look.passed);
        classify(&looks, before, Some(40.0), &PickRules::default()).map(|(class, _)| class)
    }

    #[test]
    fn the_classes_of_typical_sequences() {
        use PickClass::{Fading, New, Returning, Stable};
        for (sequence, expected) in [
            ("x", Some(New)),
            ("-x", Some(New)),
            ("..x", Some(New)),
            ("xx", Some(Stable)),
            ("xxx", Some(Stable)),
            ("x.x", Some(Returning)),
            ("x-x", Some(Returning)),
            ("x----x", Some(Returning)),
            ("x-xx", Some(Stable)),
            ("x.", Some(Fading)),
            ("xxx-", Some(Fading)),
            ("xx--", Some(Fading)),
            ("xx---", None),
            ("---", None),
            ("x.-.", None),
        ] {
            assert_eq!(class(sequence), expected, "{sequence}");
        }
    }

    #[test]
    fn a_high_roi_is_a_jackpot_however_often_it_was_seen() {
        let rules = PickRules::default();
        for sequence in ["x", "xx", "x.x"] {
            let looks = looks(sequence);
            let class = |roi| classify(&looks, looks.len() > 1, roi, &rules).unwrap().0;
            assert_eq!(class(Some(100.1)), PickClass::Jackpot);
            assert_ne!(class(Some(100.0)), PickClass::Jackpot);
            assert_ne!(class(None), PickClass::Jackpot);
        }
        // What is not seen any more is fading, whatever it promised.
        assert_eq!(classify(&looks("x."), true, Some(500.0), &rules).unwrap().0, PickClass::Fading);
    }

    #[test]
    fn a_run_on_the_same_facts_proves_nothing() {
        let same = Look { passed: true, facts_at: DateTime::from_timestamp(0, 0) };
        let (class, evidence) = classify(&[same, same], true, None, &PickRules::default()).unwrap();
        assert_eq!(class, PickClass::New);
        assert_eq!((evidence.seen, evidence.of, evidence.runs), (1, 1, 2));
        // Facts that were bought again a moment later, for a verification perhaps, are no second proof; later ones are.
        let after = |seconds| Look { facts_at: DateTime::from_timestamp(seconds, 0), ..same };
        let class = |second| classify(&[same, second], true, None, &PickRules::default()).unwrap().0;
        assert_eq!((class(after(3_599)), class(after(3_600))), (PickClass::New, PickClass::Stable));
        // The same facts under other thresholds are another result.
        let short = Look { passed: false, ..same };
        let (class, _) = classify(&[same, short], true, None, &PickRules::default()).unwrap();
        assert_eq!(class, PickClass::Fading);
    }

    #[test]
    fn how_often_is_often_enough_is_the_jobs_choice() {
        let strict = PickRules { stable_seen: 4, stable_of: 5, ..PickRules::default() };
        let class = |text| classify(&looks(text), true, None, &strict).unwrap();
        assert_eq!(class("xxx").0, PickClass::New);
        assert_eq!(class("xxxx").0, PickClass::Stable);
        assert_eq!(class("xx.xx").0, PickClass::Stable);
        assert_eq!((class("xxx.xx").1.seen, class("xxx.xx").1.of), (4, 5));
    }

    proptest! {
        #[test]
        fn a_class_fits_its_newest_look(sequence in "[x.-]{1,20}", roi in 0.0_f64..300.0) {
            let looks = looks(&sequence);
            let before = looks[..looks.len() - 1].iter().any(|look| look.passed);
            let rules = PickRules::default();
            match classify(&looks, before, Some(roi), &rules) {
                None => prop_assert!(!looks.iter().rev().take(3).any(|look| look.passed)),
                Some((class, evidence)) => {
                    prop_assert_eq!(class == PickClass::Fading, !sequence.ends_with('x'));
                    prop_assert!(evidence.seen >= 1 && evidence.seen <= evidence.of && evidence.of <= 3);
                    prop_assert!(evidence.seen <= evidence.runs);
                }
            }
        }
    }
}
