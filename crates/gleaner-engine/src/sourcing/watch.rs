//! Watching products that no job chose: found in a search or looked up, and put on the watch list by hand.
//!
//! They become picks without a job and without a run, with figures from the facts that are paid for already; from then on
//! they are decided on, undone and verified like any other. One that a job has on the list is decided on there: a product
//! is watched once. Undecided again, a pick without a job is on no list: nothing but the decision kept it there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_store::{PickFilter, PickPut, PickRow, TriagePut};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::classes::{Evidence, PickClass};
use super::figures::Figures;
use super::judge::Judgement;
use super::picks::is_listed;
use super::spec::PickRules;
use super::triage::{StepDocument, TriageAction, TriageState, check_text};
use super::{from_word, read, word, written};
use crate::answer::Rejected;
use crate::export::{ExportQuestion, KnownScore};
use crate::scoring::{MAX_ASINS, count};
use crate::{Engine, EngineError, stored};

/// Products to watch, and the terms that they are judged under.
#[derive(Debug, Clone)]
pub struct WatchQuestion {
    /// The marketplace.
    pub marketplace: Marketplace,
    /// ASINs as they were given; what cannot be watched is told one by one.
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
    /// A note on each.
    pub note: Option<String>,
    /// Who decides.
    pub author: Option<String>,
}

/// What came of watching a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WatchOutcome {
    /// It is watched from now on.
    Watched,
    /// It was watched before.
    AlreadyWatched,
    /// Something else was decided on it before (its state says what), and that holds.
    Decided,
}

/// A product that is watched, or on which something else was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WatchedProduct {
    /// The product.
    pub asin: String,
    /// Its title as Keepa has it.
    pub title: Option<String>,
    /// What came of it.
    pub outcome: WatchOutcome,
    /// What is decided on it now.
    pub state: TriageState,
    /// The pick that it is: decided on and undone like any other.
    pub pick_id: String,
    /// The name of the job that chose it; null: it was chosen by hand.
    pub job: Option<String>,
}

/// What came of watching products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WatchResult {
    /// How many are watched from now on.
    #[schema(value_type = i64)]
    pub watched: i64,
    /// Those that are watched or were decided on, in the order asked for.
    pub products: Vec<WatchedProduct>,
    /// What cannot be watched, and why.
    pub rejected: Vec<Rejected>,
    /// Whether the data is synthetic.
    pub demo: bool,
}

/// What is to be done about a product.
struct Plan {
    outcome: WatchOutcome,
    /// The pick that it is or becomes.
    pick_id: String,
    /// Its row when it has one.
    known: Option<PickRow>,
    /// Written when it is chosen by hand, or was so before.
    put: Option<PickPut>,
}

impl Engine {
    /// Puts products on the watch list, by what is known of them, spending nothing. What was decided on a product before
    /// holds, and the answer says so.
    pub async fn watch_products(&self, question: WatchQuestion) -> Result<WatchResult, EngineError> {
        let asked = question.asins.len();
        if !(1..=MAX_ASINS).contains(&asked) {
            return Err(EngineError::field(
                "asins",
                format!("must be 1 to {MAX_ASINS} products, not {asked}"),
            ));
        }
        check_text("note", question.note.as_deref())?;
        let terms = ExportQuestion {
            marketplace: question.marketplace,
            asins: question.asins,
            condition: question.condition,
            cost: question.cost,
            strategy: question.strategy,
        };
        let known = self.known_scores(terms).await?;
        let domain = i64::from(question.marketplace.id());
        let before = self.picks_of(domain, &known.scores).await?;
        let mut plans = Vec::with_capacity(known.scores.len());
        for product in &known.scores {
            let rows = before.get(&product.score.asin).map_or(&[][..], Vec::as_slice);
            plans.push(plan(product, domain, rows, self.now())?);
        }
        let mut steps = Vec::new();
        for (plan, product) in plans.iter().zip(&known.scores) {
            if plan.outcome == WatchOutcome::Watched {
                let figures = match &plan.known {
                    Some(row) if plan.put.is_none() => read("figures", &row.figures)?,
                    _ => figures(product),
                };
                let document = StepDocument {
                    note: question.note.clone(),
                    figures: Some(figures),
                    ..StepDocument::default()
                };
                steps.push(TriagePut {
                    id: Uuid::now_v7().to_string(),
                    pick_id: plan.pick_id.clone(),
                    at: stored(self.now()),
                    action: word(&TriageAction::Watch),
                    state: word(&TriageState::Watching),
                    author: question.author.clone(),
                    document: written(&document)?,
                });
            }
        }
        let puts: Vec<PickPut> = plans.iter().filter_map(|plan| plan.put.clone()).collect();
        let open = word(&TriageState::Open);
        let recorded = self.store.put_sourcing_picks_with_steps(&puts, &steps, &open).await?;
        let done: HashMap<String, bool> = steps.into_iter().map(|step| step.pick_id).zip(recorded).collect();
        self.watched(&plans, known.scores, known.rejected, &done, domain).await
    }

    /// The picks of products in one marketplace, by ASIN, also those that are none any more.
    async fn picks_of(
        &self,
        domain: i64,
        products: &[KnownScore],
    ) -> Result<HashMap<String, Vec<PickRow>>, EngineError> {
        let asins: Vec<String> = products.iter().map(|product| product.score.asin.clone()).collect();
        let mut picks: HashMap<String, Vec<PickRow>> = HashMap::new();
        if !asins.is_empty() {
            let filter = PickFilter { domain: Some(domain), asins, limit: u32::MAX, ..PickFilter::default() };
            for row in self.store.sourcing_picks(&filter).await? {
                picks.entry(row.asin.clone()).or_default().push(row);
            }
        }
        Ok(picks)
    }

    /// The answer: what was planned, and where somebody else was faster, what they decided.
    async fn watched(
        &self,
        plans: &[Plan],
        scores: Vec<KnownScore>,
        rejected: Vec<Rejected>,
        done: &HashMap<String, bool>,
        domain: i64,
    ) -> Result<WatchResult, EngineError> {
        let now = self.picks_of(domain, &scores).await?;
        let mut jobs: HashMap<String, Option<String>> = HashMap::new();
        let mut products = Vec::with_capacity(plans.len());
        for (plan, product) in plans.iter().zip(scores) {
            let rows = now.get(&product.score.asin).map_or(&[][..], Vec::as_slice);
            let by_hand = |row: &&PickRow| {
                row.job_id.is_none() && row.item_condition == product.score.condition.as_str()
            };
            // When two chose a new one at the same moment, it has the id of the first.
            let row = rows.iter().find(|row| row.id == plan.pick_id).or_else(|| rows.iter().find(by_hand));
            let row = row.ok_or(EngineError::Unsettled)?;
            let state = from_word("state", &row.state)?;
            let outcome = match (plan.outcome, done.get(&plan.pick_id)) {
                (WatchOutcome::Watched, Some(false)) if state == TriageState::Watching => {
                    WatchOutcome::AlreadyWatched
                }
                (WatchOutcome::Watched, Some(false)) => WatchOutcome::Decided,
                (outcome, _) => outcome,
            };
            let job = match &row.job_id {
                None => None,
                Some(id) => {
                    if !jobs.contains_key(id) {
                        jobs.insert(id.clone(), self.job_name(Some(id)).await?);
                    }
                    jobs[id].clone()
                }
            };
            products.push(WatchedProduct {
                asin: product.score.asin,
                title: product.score.title,
                outcome,
                state,
                pick_id: row.id.clone(),
                job,
            });
        }
        let watched = products.iter().filter(|product| product.outcome == WatchOutcome::Watched).count();
        Ok(WatchResult { watched: count(watched), products, rejected, demo: self.settings.demo })
    }
}

/// What is to be done about a product that has these picks.
fn plan(
    product: &KnownScore,
    domain: i64,
    rows: &[PickRow],
    now: DateTime<Utc>,
) -> Result<Plan, EngineError> {
    let condition = product.score.condition.as_str();
    let rows = || rows.iter().filter(|row| row.item_condition == condition);
    let is = |row: &PickRow, state: TriageState| row.state == word(&state);
    let undecided = |row: &PickRow| is(row, TriageState::Open) || is(row, TriageState::Watching);
    let by_hand = rows().find(|row| row.job_id.is_none());
    let plan = |outcome, row: &PickRow| Plan {
        outcome,
        pick_id: row.id.clone(),
        known: Some(row.clone()),
        put: None,
    };
    if let Some(row) = rows().find(|row| is_listed(row) && is(row, TriageState::Watching)) {
        let mut plan = plan(WatchOutcome::AlreadyWatched, row);
        if row.job_id.is_none() {
            // What was chosen by hand is renewed by hand.
            plan.put = Some(put(product, domain, Some(row), now)?);
        }
        return Ok(plan);
    }
    let decided = rows().find(|row| is_listed(row) && !undecided(row));
    if let Some(row) = decided.or_else(|| rows().find(|row| !undecided(row))) {
        return Ok(plan(WatchOutcome::Decided, row));
    }
    if let Some(row) = rows().find(|row| is_listed(row)) {
        return Ok(plan(WatchOutcome::Watched, row));
    }
    let put = put(product, domain, by_hand, now)?;
    Ok(Plan {
        outcome: WatchOutcome::Watched,
        pick_id: put.id.clone(),
        known: by_hand.cloned(),
        put: Some(put),
    })
}

/// The pick that a product becomes when it is chosen by hand.
fn put(
    product: &KnownScore,
    domain: i64,
    known: Option<&PickRow>,
    now: DateTime<Utc>,
) -> Result<PickPut, EngineError> {
    let figures = figures(product);
    // Seen when its facts were: an old price is not made young by choosing it today.
    let seen_at = stored(product.facts_fetched_at.min(now));
    let class = PickClass::of_one_look(figures.roi_percent, &PickRules::default());
    let evidence = Evidence { missed: figures.missed.clone(), ..Evidence::default() };
    Ok(PickPut {
        id: known.map_or_else(|| Uuid::now_v7().to_string(), |row| row.id.clone()),
        job_id: None,
        domain,
        asin: product.score.asin.clone(),
        condition: product.score.condition.as_str().to_owned(),
        class: word(&class),
        active: true,
        state: word(&TriageState::Open),
        roi_percent: figures.roi_percent,
        profit: figures.profit,
        first_seen_at: seen_at,
        last_seen_at: seen_at,
        run_id: None,
        figures: written(&figures)?,
        evidence: written(&evidence)?,
    })
}

/// The figures of a product by the usual rules of picks: no job says otherwise.
fn figures(product: &KnownScore) -> Figures {
    let judgement = Judgement::of(&product.score, None, &PickRules::default());
    Figures::new(&product.score, Some(product.facts_fetched_at), &judgement)
}
