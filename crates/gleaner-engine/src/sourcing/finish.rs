//! The end of a run: its picks, its funnel, its place in the history, all in one transaction.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use gleaner_store::{HistoryPut, OutcomePut, PickPut, PickRow, RunPut, SightingRow, Write};
use serde_json::json;
use uuid::Uuid;

use super::classes::{Evidence, Look, PickClass, classify};
use super::drive::Work;
use super::figures::Figures;
use super::funnel::{Judged, RunFunnel};
use super::progress::{Phase, candidate_key};
use super::runs::{Outcome, Report, RunError, RunState, state_word};
use super::triage::TriageState;
use super::{from_word, notices, read, word, written};
use crate::{Engine, EngineError, stored};

/// How many runs back a class may look, beside what the job's rules ask for.
const LOOKBACK: u32 = 20;

/// Looks of earlier runs, oldest first: the run's number, whether it was complete.
struct Earlier {
    runs: Vec<(i64, bool)>,
    seen: HashMap<(String, i64), Look>,
}

impl Earlier {
    /// A pick's looks.
    fn of(&self, key: &str) -> Vec<Look> {
        let look = |(number, complete): &(i64, bool)| match self.seen.get(&(key.to_owned(), *number)) {
            Some(look) => Some(*look),
            // What a complete run did not find is not there; a run that was cut short tells nothing.
            None => complete.then_some(Look { passed: false, facts_at: None }),
        };
        self.runs.iter().filter_map(look).collect()
    }
}

impl Engine {
    /// Ends a run. `Done` becomes `Empty` when nothing is left to pick. `false` when somebody else took it over.
    pub(super) async fn finish(
        &self,
        work: &mut Work,
        outcome: Outcome,
        error: Option<RunError>,
    ) -> Result<bool, EngineError> {
        let now = self.now();
        let job_id = work.row.job_id.clone();
        let sightings = self.store.sourcing_sightings(&work.row.id).await?;
        let before: HashMap<String, PickRow> = self
            .store
            .sourcing_picks_of(&job_id)
            .await?
            .into_iter()
            .map(|pick| (candidate_key(&pick.asin, &pick.item_condition), pick))
            .collect();
        let reopened = self.changed_since_dismissed(&job_id, &sightings, &before, &work.spec.picks).await?;
        let mut judged = Vec::with_capacity(sightings.len());
        for sighting in &sightings {
            let key = candidate_key(&sighting.asin, &sighting.item_condition);
            let stays_dismissed = before.get(&key).is_some_and(|pick| {
                pick.state == word(&TriageState::Dismissed) && !reopened.contains_key(&pick.id)
            });
            judged.push(Judged {
                asin: sighting.asin.clone(),
                missed: sighting.missed.clone(),
                dismissed: sighting.passed != 0 && stays_dismissed,
                figures: read("figures", &sighting.figures)?,
            });
        }
        let open = error.as_ref().map_or_else(|| outcome.as_str(), |error| error.code.as_str());
        let funnel = RunFunnel::new(&work.progress, &judged, open);
        let outcome = match outcome {
            Outcome::Done if funnel.picks == 0 => Outcome::Empty,
            other => other,
        };
        let earlier = self.earlier(work).await?;
        let picks = picks(work, outcome, &sightings, &judged, &before, &earlier)?;
        let mut classes: BTreeMap<String, i64> = BTreeMap::new();
        for pick in picks.iter().filter(|pick| pick.active) {
            *classes.entry(pick.class.clone()).or_default() += 1;
        }
        let history_id = Uuid::now_v7();
        let report =
            Report { verdicts: verdicts(&judged), classes, error, history_id: Some(history_id), funnel };
        let mut writes = notices::of_run(work, outcome, &report, &picks, &before, now)?;
        writes.extend(picks.into_iter().map(Write::PutPick));
        writes.extend(history_of(work, outcome, &report, history_id, now));
        work.progress.phase = Phase::Done;
        work.progress.waiting_for = None;
        let put = RunPut {
            id: work.row.id.clone(),
            state: state_word(RunState::Ended),
            outcome: Some(outcome.as_str().to_owned()),
            resume_at: None,
            started_at: work.row.started_at.or(Some(stored(now))),
            ended_at: Some(stored(now)),
            progress: written(&work.progress)?,
            report: Some(written(&report)?),
        };
        let ended = self.store.advance_sourcing_run(&put, work.row.revision, &writes).await?;
        if ended {
            self.reopen(&reopened).await?;
            tracing::info!(
                job = work.spec.name,
                run = work.row.number,
                outcome = outcome.as_str(),
                picks = report.funnel.picks,
                tokens = work.progress.tokens.charged,
                "a sourcing run has ended"
            );
        }
        Ok(ended)
    }

    /// What earlier runs of the job tell of its picks.
    async fn earlier(&self, work: &Work) -> Result<Earlier, EngineError> {
        let limit = LOOKBACK.max(work.spec.picks.stable_of.saturating_mul(2));
        let mut rows = self.store.sourcing_runs_of(&work.row.job_id, work.row.number, limit).await?;
        rows.reverse();
        let mut runs = Vec::with_capacity(rows.len());
        for row in &rows {
            let outcome: Option<Outcome> =
                row.outcome.as_deref().map(|word| from_word("outcome", word)).transpose()?;
            runs.push((row.number, outcome.is_some_and(Outcome::is_complete)));
        }
        let numbers: Vec<i64> = runs.iter().map(|(number, _)| *number).collect();
        let seen = self.store.sourcing_looks(&work.row.job_id, &numbers).await?;
        let seen = seen
            .into_iter()
            .map(|s| {
                let look = Look { passed: s.passed != 0, facts_at: s.facts_at.map(|at| at.and_utc()) };
                ((candidate_key(&s.asin, &s.item_condition), s.run_number), look)
            })
            .collect();
        Ok(Earlier { runs, seen })
    }
}

/// The run's row in the history.
fn history_of(
    work: &Work,
    outcome: Outcome,
    report: &Report,
    history_id: Uuid,
    now: DateTime<Utc>,
) -> [Write; 2] {
    let tokens = work.progress.tokens;
    let started = work.row.started_at.unwrap_or(work.row.created_at).and_utc();
    let code = report.error.as_ref().map(|error| error.code.clone());
    let unfinished = (!outcome.is_complete()).then(|| outcome.as_str().to_owned());
    [
        Write::History(HistoryPut {
            id: history_id,
            user_id: work.caller.user_column(),
            search_type: "autosourcing".to_owned(),
            filters: json!({
                "job_id": work.row.job_id,
                "job": work.spec.name,
                "run_id": work.row.id,
                "run": work.row.number,
                "started_by": work.row.started_by,
                "strategy": work.spec.strategy.as_str(),
                "searches": work.progress.searches,
                "outcome": outcome.as_str(),
            }),
            results_count: report.funnel.picks,
            source: Some(work.caller.source_column()),
            created_at: stored(now),
        }),
        Write::Outcome(OutcomePut {
            history_id,
            hits: work.progress.hits,
            misses: work.progress.misses,
            tokens_estimated: tokens.estimated,
            tokens_charged: tokens.charged,
            tokens_saved: tokens.saved,
            verdicts: json!(report.verdicts),
            milliseconds: (now - started).num_milliseconds(),
            error: code.or(unfinished),
        }),
    ]
}

/// How many products got which verdict.
fn verdicts(judged: &[Judged]) -> BTreeMap<String, i64> {
    let mut verdicts = crate::scoring::verdicts(&[]);
    for product in judged {
        *verdicts.entry(product.figures.recommendation.as_str().to_owned()).or_default() += 1;
    }
    verdicts
}

/// The job's picks as this run leaves them; those that it tells nothing of are not among them.
fn picks(
    work: &Work,
    outcome: Outcome,
    sightings: &[SightingRow],
    judged: &[Judged],
    before: &HashMap<String, PickRow>,
    earlier: &Earlier,
) -> Result<Vec<PickPut>, EngineError> {
    let mut picks = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (sighting, judged) in sightings.iter().zip(judged) {
        let key = candidate_key(&sighting.asin, &sighting.item_condition);
        let known = before.get(&key);
        let look = Look { passed: sighting.passed != 0, facts_at: sighting.facts_at.map(|at| at.and_utc()) };
        if look.passed {
            let class = class_of(earlier, &key, look, known, judged.figures.roi_percent, work);
            if let Some(class) = class {
                picks.push(seen_pick(work, sighting, &judged.figures, known, class)?);
            }
        } else if let Some(known) = known {
            let class = class_of(earlier, &key, look, Some(known), None, work);
            picks.extend(unseen_pick(known, class, sighting.missed.clone())?);
        }
        seen.insert(key);
    }
    if outcome.is_complete() {
        let absent = Look { passed: false, facts_at: None };
        for (key, known) in before.iter().filter(|(key, _)| !seen.contains(*key)) {
            let class = class_of(earlier, key, absent, Some(known), None, work);
            picks.extend(unseen_pick(known, class, Some(work.progress.absence().to_owned()))?);
        }
    }
    Ok(picks)
}

fn class_of(
    earlier: &Earlier,
    key: &str,
    now: Look,
    known: Option<&PickRow>,
    roi_percent: Option<f64>,
    work: &Work,
) -> Option<(PickClass, Evidence)> {
    let mut looks = earlier.of(key);
    looks.push(now);
    classify(&looks, known.is_some(), roi_percent, &work.spec.picks)
}

fn seen_pick(
    work: &Work,
    sighting: &SightingRow,
    figures: &Figures,
    known: Option<&PickRow>,
    (class, evidence): (PickClass, Evidence),
) -> Result<PickPut, EngineError> {
    Ok(PickPut {
        id: known.map_or_else(|| Uuid::now_v7().to_string(), |pick| pick.id.clone()),
        job_id: Some(work.row.job_id.clone()),
        domain: i64::from(work.progress.marketplace().id()),
        asin: sighting.asin.clone(),
        condition: sighting.item_condition.clone(),
        class: word(&class),
        active: true,
        state: word(&TriageState::Open),
        roi_percent: figures.roi_percent,
        profit: figures.profit,
        first_seen_at: sighting.seen_at,
        last_seen_at: sighting.seen_at,
        run_id: Some(sighting.run_id.clone()),
        figures: sighting.figures.clone(),
        evidence: written(&evidence)?,
    })
}

/// A pick that the newest run did not see: fading, or none any more. One that was gone already stays as it is.
fn unseen_pick(
    known: &PickRow,
    class: Option<(PickClass, Evidence)>,
    missed: Option<String>,
) -> Result<Option<PickPut>, EngineError> {
    if class.is_none() && known.active == 0 {
        return Ok(None);
    }
    let figures: Figures = read("figures", &known.figures)?;
    let active = class.is_some();
    let evidence = class.map_or_else(|| read("evidence", &known.evidence), |(_, evidence)| Ok(evidence))?;
    let evidence = written(&Evidence { missed, ..evidence })?;
    Ok(Some(PickPut {
        id: known.id.clone(),
        job_id: known.job_id.clone(),
        domain: known.domain,
        asin: known.asin.clone(),
        condition: known.item_condition.clone(),
        class: word(&PickClass::Fading),
        active,
        state: known.state.clone(),
        roi_percent: figures.roi_percent,
        profit: figures.profit,
        first_seen_at: known.first_seen_at,
        last_seen_at: known.last_seen_at,
        run_id: known.run_id.clone(),
        figures: known.figures.clone(),
        evidence,
    }))
}
