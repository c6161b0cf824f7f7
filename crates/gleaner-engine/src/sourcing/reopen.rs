//! When a dismissed pick comes back: its price has moved, its ROI has risen, or Amazon has left, by the rules of its
//! job.

use std::collections::HashMap;

use gleaner_store::{PickRow, SightingRow};

use super::figures::Figures;
use super::progress::candidate_key;
use super::spec::PickRules;
use super::triage::{StepDocument, TriageAction, TriageState};
use super::{float, read, word};
use crate::{Engine, EngineError};

/// A dismissed pick that comes back, and why.
pub(super) struct Reopening {
    pick: PickRow,
    why: String,
    figures: Figures,
}

impl Engine {
    /// The dismissed picks that passed again and have changed enough, by id.
    pub(super) async fn changed_since_dismissed(
        &self,
        job_id: &str,
        sightings: &[SightingRow],
        picks: &HashMap<String, PickRow>,
        rules: &PickRules,
    ) -> Result<HashMap<String, Reopening>, EngineError> {
        let (dismissed, dismiss) = (word(&TriageState::Dismissed), word(&TriageAction::Dismiss));
        let mut then: HashMap<String, Figures> = HashMap::new();
        if picks.values().any(|pick| pick.state == dismissed) {
            for step in self.store.sourcing_triage_of_job(job_id).await? {
                if step.action == dismiss {
                    let document: StepDocument = read("triage", &step.document)?;
                    then.extend(document.figures.map(|figures| (step.pick_id, figures)));
                }
            }
        }
        let mut reopened = HashMap::new();
        for sighting in sightings.iter().filter(|sighting| sighting.passed != 0) {
            let key = candidate_key(&sighting.asin, &sighting.item_condition);
            let Some(pick) = picks.get(&key).filter(|pick| pick.state == dismissed) else { continue };
            let Some(then) = then.get(&pick.id) else { continue };
            let figures: Figures = read("figures", &sighting.figures)?;
            if let Some(why) = why(then, &figures, rules) {
                reopened.insert(pick.id.clone(), Reopening { pick: pick.clone(), why, figures });
            }
        }
        Ok(reopened)
    }

    /// Puts them back among the undecided.
    pub(super) async fn reopen(&self, reopened: &HashMap<String, Reopening>) -> Result<(), EngineError> {
        for Reopening { pick, why, figures } in reopened.values() {
            let document = StepDocument {
                reason: Some(why.clone()),
                figures: Some(figures.clone()),
                ..StepDocument::default()
            };
            // Somebody may have decided anew meanwhile: that holds.
            self.put_step(pick, TriageAction::Reopened, TriageState::Open, None, &document).await?;
        }
        Ok(())
    }
}

/// What has changed enough since a pick was dismissed, as a stable word; `None`: nothing.
fn why(then: &Figures, now: &Figures, rules: &PickRules) -> Option<String> {
    if then.amazon_in_stock == Some(true) && now.amazon_in_stock == Some(false) {
        return Some("amazon_left".to_owned());
    }
    if let (Some(then), Some(now)) = (then.roi_percent, now.roi_percent)
        && now - then >= rules.reopen_roi_points
    {
        return Some("roi_risen".to_owned());
    }
    if let (Some(then), Some(now)) = (then.sell_price, now.sell_price)
        && moved_percent(then, now) >= rules.reopen_price_percent
    {
        return Some("price_changed".to_owned());
    }
    None
}

/// By how many percent an amount has moved, up or down.
pub(super) fn moved_percent(then: i64, now: i64) -> f64 {
    100.0 * float((now - then).abs()) / float(then.abs().max(1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(sell_price: i64, roi_percent: f64, amazon: Option<bool>) -> Figures {
        serde_json::from_value(json!({
            "title": null, "currency": "USD", "condition": "new", "strategy": "balanced", "rules_version": 1,
            "sell_price": sell_price, "cost": null, "max_cost": null, "profit": null, "roi_percent": roi_percent,
            "verdict_basis": "assumed", "recommendation": "BUY", "confidence": "medium", "velocity_score": 80.0,
            "bsr": null, "sales30": null, "days_to_sell": null, "amazon_in_stock": amazon, "amazon_share90": null,
            "offers_new": null, "offers_fba": null, "reasons": [], "caps": [], "assumptions": [], "warnings": [],
            "nearest_change": null, "missed": null, "shortfall": null, "facts_fetched_at": null,
            "evaluated_at": "2026-06-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_dismissed_pick_comes_back_when_something_changed_by_the_rules_of_its_job() {
        let rules = PickRules::default();
        let then = figures(2_000, 40.0, Some(true));
        let why = |now: Figures| why(&then, &now, &rules);
        assert_eq!(why(figures(2_000, 40.0, Some(true))), None);
        // Fifteen percent, fifteen points: at the bound it comes back, below it does not.
        assert_eq!(why(figures(2_299, 54.9, Some(true))), None);
        assert_eq!(why(figures(2_300, 40.0, Some(true))).as_deref(), Some("price_changed"));
        assert_eq!(why(figures(1_700, 30.0, Some(true))).as_deref(), Some("price_changed"));
        assert_eq!(why(figures(2_000, 55.0, Some(true))).as_deref(), Some("roi_risen"));
        assert_eq!(why(figures(2_000, 40.0, Some(false))).as_deref(), Some("amazon_left"));
        // What is not known is no change, and a lower ROI is no reason to look again.
        assert_eq!(why(figures(2_000, 40.0, None)), None);
        assert_eq!(why(figures(2_000, 16.0, Some(true))), None);
    }
}
