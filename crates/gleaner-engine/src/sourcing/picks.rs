//! Picks as people see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gleaner_core::{Condition, Marketplace};
use gleaner_store::{PickFilter, PickRow, SightingRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::classes::{Evidence, PickClass};
use super::figures::Figures;
use super::progress::Progress;
use super::triage::{Purchases, TriageState, TriageStep, purchases};
use super::verify::Verification;
use super::{from_word, read, word};
use crate::{Engine, EngineError, stored};

/// How many sightings are shown with a pick.
const SIGHTINGS: u32 = 50;

/// A product that a job chose, or somebody by hand.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingPick)]
pub struct Pick {
    /// Its id.
    pub id: String,
    /// Its job; null: somebody chose it by hand.
    pub job_id: Option<String>,
    /// The job's name.
    pub job: Option<String>,
    /// The marketplace.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// The product.
    pub asin: String,
    /// Condition to buy and sell in.
    pub condition: Condition,
    /// What several runs make of it.
    pub class: PickClass,
    /// Whether it is still among its job's picks; by hand, whether anything is decided on it.
    pub active: bool,
    /// Whether its figures are to be verified by hand before buying.
    pub verify_first: bool,
    /// What was decided on it.
    pub state: TriageState,
    /// The first run that chose it; by hand, when the facts were bought that it was chosen by.
    pub first_seen_at: DateTime<Utc>,
    /// The last run that chose it; by hand, when its facts were bought.
    pub last_seen_at: DateTime<Utc>,
    /// That run; null for what was chosen by hand.
    pub run_id: Option<String>,
    /// What its class rests on.
    pub evidence: Evidence,
    /// Its figures at that run, or when it was chosen by hand.
    pub figures: Figures,
    /// What was bought of it; null: nothing.
    pub purchases: Option<Purchases>,
    /// The last note on it.
    pub note: Option<String>,
    /// The last verification.
    pub verification: Option<Verification>,
}

/// What one run saw of a product.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingSighting)]
pub struct Sighting {
    /// The run.
    pub run_id: String,
    /// Its number.
    #[schema(value_type = i64)]
    pub run_number: i64,
    /// The marketplace.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// The product.
    pub asin: String,
    /// When.
    pub seen_at: DateTime<Utc>,
    /// Whether it was good enough to be picked.
    pub passed: bool,
    /// What it fell short of first.
    pub missed: Option<String>,
    /// Its figures then.
    pub figures: Figures,
}

/// A pick with all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SourcingPickDetail)]
pub struct PickDetail {
    /// The pick.
    #[serde(flatten)]
    pub pick: Pick,
    /// What was decided on it, oldest first, with what was undone.
    pub steps: Vec<TriageStep>,
    /// What the job's runs saw of it, newest first.
    pub sightings: Vec<Sighting>,
}

/// Which picks. What is absent or empty is not asked for.
#[derive(Debug, Clone, Default)]
pub struct PickQuestion {
    /// Of this job, by id or name.
    pub job: Option<String>,
    /// This product.
    pub asin: Option<String>,
    /// Of these classes.
    pub classes: Vec<PickClass>,
    /// In these states.
    pub states: Vec<TriageState>,
    /// Also those that are no picks any more.
    pub all: bool,
    /// Seen at this moment or later.
    pub seen_since: Option<DateTime<Utc>>,
    /// How many at most.
    pub limit: u32,
}

impl Sighting {
    pub(super) fn new(row: &SightingRow, marketplace: Marketplace) -> Result<Self, EngineError> {
        Ok(Self {
            marketplace,
            run_id: row.run_id.clone(),
            run_number: row.run_number,
            asin: row.asin.clone(),
            seen_at: row.seen_at.and_utc(),
            passed: row.passed != 0,
            missed: row.missed.clone(),
            figures: read("figures", &row.figures)?,
        })
    }
}

/// Whether a pick is on the list: still among its job's picks or, chosen by hand, with something decided on it.
pub(super) fn is_listed(row: &PickRow) -> bool {
    row.active != 0 && (row.job_id.is_some() || row.state != word(&TriageState::Open))
}

impl Pick {
    fn new(row: PickRow, job: Option<String>, steps: &[TriageStep]) -> Result<Self, EngineError> {
        let class = from_word("class", &row.class)?;
        let domain = Marketplace::from_id(row.domain);
        let hold = || steps.iter().rev().filter(|step| step.undone_at.is_none());
        Ok(Self {
            marketplace: domain.ok_or(EngineError::Internal)?,
            condition: from_word("condition", &row.item_condition)?,
            class,
            active: is_listed(&row),
            verify_first: class == PickClass::Jackpot,
            state: from_word("state", &row.state)?,
            first_seen_at: row.first_seen_at.and_utc(),
            last_seen_at: row.last_seen_at.and_utc(),
            evidence: read("evidence", &row.evidence)?,
            figures: read("figures", &row.figures)?,
            purchases: purchases(steps),
            note: hold().find_map(|step| step.note.clone()),
            verification: hold().find_map(|step| step.verification.clone()),
            id: row.id,
            job_id: row.job_id,
            job,
            asin: row.asin,
            run_id: row.run_id,
        })
    }
}

/// A job's name, and what was decided on its picks, by the picks' ids.
type AboutJob = (Option<String>, HashMap<String, Vec<TriageStep>>);

impl Engine {
    /// Picks, best ROI first.
    pub async fn sourcing_picks(&self, question: &PickQuestion) -> Result<Vec<Pick>, EngineError> {
        let job_id = match &question.job {
            Some(job) => Some(self.job_row(job).await?.id),
            None => None,
        };
        let filter = PickFilter {
            job_id,
            domain: None,
            asins: question.asin.iter().map(|asin| asin.trim().to_ascii_uppercase()).collect(),
            classes: question.classes.iter().map(word).collect(),
            states: question.states.iter().map(word).collect(),
            active: !question.all,
            not_by_hand_in: (!question.all).then(|| word(&TriageState::Open)),
            seen_since: question.seen_since.map(stored),
            limit: question.limit,
        };
        let rows = self.store.sourcing_picks(&filter).await?;
        let mut jobs: HashMap<Option<String>, AboutJob> = HashMap::new();
        let mut picks = Vec::with_capacity(rows.len());
        for row in rows {
            if !jobs.contains_key(&row.job_id) {
                let about = self.about_job(row.job_id.as_deref()).await?;
                jobs.insert(row.job_id.clone(), about);
            }
            let (name, steps) = &jobs[&row.job_id];
            let steps = steps.get(&row.id).map_or(&[][..], Vec::as_slice);
            picks.push(Pick::new(row, name.clone(), steps)?);
        }
        Ok(picks)
    }

    /// A job's name, and what was decided on its picks; without a job, on those that were chosen by hand.
    async fn about_job(&self, job_id: Option<&str>) -> Result<AboutJob, EngineError> {
        let rows = match job_id {
            Some(job_id) => self.store.sourcing_triage_of_job(job_id).await?,
            None => self.store.sourcing_triage_by_hand().await?,
        };
        let name = self.job_name(job_id).await?;
        let mut steps: HashMap<String, Vec<TriageStep>> = HashMap::new();
        for row in rows {
            steps.entry(row.pick_id.clone()).or_default().push(TriageStep::new(&row)?);
        }
        Ok((name, steps))
    }

    /// The name of a job, also of a deleted one.
    pub(super) async fn job_name(&self, job_id: Option<&str>) -> Result<Option<String>, EngineError> {
        let Some(job_id) = job_id else { return Ok(None) };
        Ok(self.store.sourcing_job(job_id).await?.map(|job| job.name))
    }

    /// A pick with its steps and sightings, by its id or, where it is one pick only, its ASIN.
    pub async fn sourcing_pick(&self, pick: &str) -> Result<PickDetail, EngineError> {
        let row = self.pick_row(pick).await?;
        let steps = self.store.sourcing_triage(&row.id).await?;
        let steps = steps.iter().map(TriageStep::new).collect::<Result<Vec<_>, _>>()?;
        let sightings = match &row.job_id {
            Some(job) => {
                self.store.sourcing_sightings_of(job, &row.asin, &row.item_condition, SIGHTINGS).await?
            }
            None => Vec::new(),
        };
        let marketplace = Marketplace::from_id(row.domain).ok_or(EngineError::Internal)?;
        let sightings = sightings.iter().map(|seen| Sighting::new(seen, marketplace));
        let sightings = sightings.collect::<Result<Vec<_>, _>>()?;
        let job = self.job_name(row.job_id.as_deref()).await?;
        Ok(PickDetail { pick: Pick::new(row, job, &steps)?, steps, sightings })
    }

    /// A pick's row by its id or, where only one job has it, its ASIN.
    pub(super) async fn pick_row(&self, pick: &str) -> Result<PickRow, EngineError> {
        if let Some(row) = self.store.sourcing_pick(pick).await? {
            return Ok(row);
        }
        let asin = pick.trim().to_ascii_uppercase();
        let filter = PickFilter { asins: vec![asin], limit: 100, ..PickFilter::default() };
        let mut rows = self.store.sourcing_picks(&filter).await?;
        if rows.iter().any(is_listed) {
            rows.retain(is_listed);
        }
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) => Err(EngineError::not_found("pick", pick)),
            (Some(_), false) => Err(EngineError::field(
                "pick",
                format!("{} picks are {pick}: give the id of one of them", rows.len() + 1),
            )),
        }
    }

    /// What a run saw, those that passed first.
    pub async fn sourcing_sightings(&self, run: &str) -> Result<Vec<Sighting>, EngineError> {
        let run = self.run_row(run).await?;
        let marketplace = read::<Progress>("progress", &run.progress)?.marketplace();
        let rows = self.store.sourcing_sightings(&run.id).await?;
        let sightings = rows.iter().map(|row| Sighting::new(row, marketplace));
        let mut sightings = sightings.collect::<Result<Vec<_>, _>>()?;
        sightings.sort_by_key(|sighting| !sighting.passed);
        Ok(sightings)
    }
}
