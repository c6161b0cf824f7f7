//! The steps of a run: plan it, ask for a page, judge some products. Each changes the run's progress and answers what is
//! to be written with it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::Marketplace;
use gleaner_core::filters::Filters;
use gleaner_core::rules::Strategy;
use gleaner_store::{SightingPut, Write};
use keepa::{Asin, KeepaTime};

use super::drive::Work;
use super::figures::Figures;
use super::judge::Judgement;
use super::progress::{Candidate, PartFound, Phase, Progress, candidate_key};
use super::written;
use crate::answer::{Budget, BudgetMode};
use crate::discovery::DiscoveryQuestion;
use crate::purchase::Bought;
use crate::scoring::{Scored, ScoringQuestion, count};
use crate::{Engine, EngineError, stored};

/// Products judged in one step.
const BATCH: usize = 100;

/// Products to judge in one step.
struct Batch {
    search: usize,
    asins: Vec<String>,
}

impl Engine {
    /// Plans the run and reckons its cost.
    pub(super) async fn begin(&self, work: &mut Work) -> Result<Vec<Write>, EngineError> {
        let searches = self.resolve_searches(&work.spec).await?;
        work.progress = Progress::planned(searches, work.spec.sub_ranges);
        let estimate = self.estimate(work.spec.strategy, &work.progress).await?;
        work.progress.tokens.estimated = estimate.total;
        work.progress.tokens.over_budget =
            work.spec.budget.mode == BudgetMode::Warn && estimate.total > work.spec.budget.tokens;
        work.progress.phase = Phase::Discover;
        Ok(Vec::new())
    }

    /// Asks for the next page.
    pub(super) async fn ask(&self, work: &mut Work) -> Result<Vec<Write>, EngineError> {
        let Some(part) = work.progress.parts.iter().position(|part| part.found.is_none()) else {
            work.progress.phase = Phase::Score;
            return Ok(Vec::new());
        };
        let filters = &work.progress.parts[part].filters;
        let generation = self.memory.generation();
        let rules = self.rules_for(work.spec.strategy, filters.marketplace, generation).await?;
        let question = DiscoveryQuestion {
            budget: work.left(),
            max_age: rules.freshness.discovery_minutes.and_then(TimeDelta::try_minutes),
            ..DiscoveryQuestion::new(filters.raw(filters.condition.unwrap_or_default()), work.caller)
        };
        let result = Box::pin(self.discover(question)).await?;
        let lost = result.cache_hit && work.lost_since.is_some_and(|since| result.created_at >= since);
        let (charged, saved) = if lost {
            // The step that was lost paid for this page.
            (result.tokens.saved, 0)
        } else {
            (result.tokens.charged, result.tokens.saved)
        };
        let progress = &mut work.progress;
        progress.tokens.charged += charged;
        progress.tokens.saved += saved;
        progress.tokens.over_budget |= result.tokens.over_budget;
        progress.hits += i64::from(result.cache_hit && !lost);
        progress.misses += i64::from(!result.cache_hit || lost);
        progress.parts[part].found = Some(PartFound {
            asins: result.asins.to_vec(),
            matched_total: result.funnel.matched_total,
            returned: result.funnel.returned,
            removed: result.funnel.removed.clone(),
        });
        if progress.parts.iter().all(|part| part.found.is_some()) {
            progress.phase = Phase::Score;
        }
        Ok(Vec::new())
    }

    /// Judges the next products; `None` when none is left that may be judged.
    pub(super) async fn judge(&self, work: &mut Work) -> Result<Option<Vec<Write>>, EngineError> {
        let open = work.open();
        let Some(batch) = self.affordable(work, &open).await? else { return Ok(None) };
        let search = &work.progress.searches[batch.search];
        let filters = search.checked()?;
        let since = work.row.started_at.map(|at| at.and_utc());
        let question = ScoringQuestion {
            condition: Some(filters.condition()),
            cost: search.cost,
            strategy: work.spec.strategy,
            facts_since: since,
            ..ScoringQuestion::new(filters.marketplace(), batch.asins.clone(), work.caller)
        };
        let result = Box::pin(self.score(question)).await?;
        let facts = self.facts_of(work.spec.strategy, filters.marketplace(), &batch.asins, since).await?;
        let now = self.now();
        let mut writes = Vec::new();
        for scored in &result.scores {
            let writing = self.sighting(work, scored, &filters, &facts, now)?;
            work.progress.scored += 1;
            work.progress.passed += i64::from(writing.passed);
            work.judged.insert(candidate_key(&writing.asin, &writing.condition));
            writes.push(Write::PutSighting(writing));
        }
        for rejected in &result.rejected {
            if matches!(rejected.code.as_str(), "unknown_asin" | "invalid_asin") {
                let key = candidate_key(&rejected.input, filters.condition().as_str());
                work.progress.unusable.insert(key, rejected.code.clone());
            }
        }
        // What was bought since the last step that was written, and not by this call, the lost step paid for.
        let bought = facts.values().filter(|b| work.lost_since.is_some_and(|since| b.fetched_at >= since));
        let lost = (count(bought.count()) - result.tokens.charged).max(0);
        let over = work.spec.budget.mode == BudgetMode::Warn;
        let tokens = &mut work.progress.tokens;
        tokens.charged += result.tokens.charged + lost;
        tokens.saved += (result.tokens.saved - lost).max(0);
        tokens.over_budget |= over && tokens.charged > work.spec.budget.tokens;
        work.progress.hits += result.hits;
        work.progress.misses += result.misses;
        Ok(Some(writes))
    }

    /// The next products that may be judged: those whose facts are known cost nothing, of the others as many as the
    /// budget pays for.
    async fn affordable(&self, work: &Work, open: &[Candidate]) -> Result<Option<Batch>, EngineError> {
        let since = work.row.started_at.map(|at| at.and_utc());
        let left = match work.left() {
            Budget { mode: BudgetMode::Stop, tokens } => usize::try_from(tokens).unwrap_or(0),
            _ => usize::MAX,
        };
        let mut rest = open;
        while let Some(first) = rest.first() {
            let size = rest.iter().take(BATCH).take_while(|c| c.search == first.search).count();
            let (window, after) = rest.split_at(size);
            rest = after;
            let marketplace = work.progress.searches[first.search].filters.marketplace;
            let names: Vec<String> = window.iter().map(|candidate| candidate.asin.clone()).collect();
            let known = self.facts_of(work.spec.strategy, marketplace, &names, since).await?;
            let is_known = |name: &String| name.parse::<Asin>().is_ok_and(|asin| known.contains_key(&asin));
            let (mut asins, unknown): (Vec<String>, Vec<String>) = names.into_iter().partition(is_known);
            asins.extend(unknown.into_iter().take(left));
            if !asins.is_empty() {
                return Ok(Some(Batch { search: first.search, asins }));
            }
        }
        Ok(None)
    }

    /// The facts that are fresh, or that were bought since the run began.
    async fn facts_of(
        &self,
        strategy: Strategy,
        marketplace: Marketplace,
        names: &[String],
        since: Option<DateTime<Utc>>,
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        let asins: Vec<Asin> = names.iter().filter_map(|name| name.parse().ok()).collect();
        let rules = self.rules_for(strategy, marketplace, self.memory.generation()).await?;
        let age = self.buyer.age(rules.freshness.score_minutes);
        self.buyer.known_since(marketplace, &asins, age, since).await
    }

    fn sighting(
        &self,
        work: &Work,
        scored: &Scored,
        filters: &Filters,
        facts: &HashMap<Asin, Arc<Bought>>,
        now: DateTime<Utc>,
    ) -> Result<SightingPut, EngineError> {
        let bought = scored.score.asin.parse::<Asin>().ok().and_then(|asin| facts.get(&asin));
        let filter = bought.and_then(|bought| {
            let at = KeepaTime::from_datetime(self.evaluation_time(&bought.product));
            filters.recheck(&bought.product, at)
        });
        let judgement = Judgement::of(&scored.score, filter, &work.spec.picks);
        let figures = Figures::new(&scored.score, scored.facts_fetched_at, &judgement);
        Ok(SightingPut {
            run_id: work.row.id.clone(),
            asin: scored.score.asin.clone(),
            condition: scored.score.condition.as_str().to_owned(),
            job_id: work.row.job_id.clone(),
            run_number: work.row.number,
            seen_at: stored(now),
            facts_at: scored.facts_fetched_at.map(stored),
            passed: judgement.passed(),
            missed: judgement.missed,
            figures: written(&figures)?,
        })
    }
}
