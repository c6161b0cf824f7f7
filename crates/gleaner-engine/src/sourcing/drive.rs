//! Working on a run: one step after the other, each written with what it brought.
//!
//! A run belongs to whoever holds the lease of its job. A step is written with the revision that was read before it:
//! a process that lost its lease without noticing writes nothing. What a step pays for is kept by discovery and
//! scoring themselves before the step is written, so a step that is done again after a crash finds it there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::Marketplace;
use gleaner_core::filters::Filters;
use gleaner_core::rules::Strategy;
use gleaner_store::{RunPut, RunRow, SightingPut, Write};
use keepa::{Asin, KeepaTime};
use uuid::Uuid;

use super::figures::Figures;
use super::judge::Judgement;
use super::progress::{Candidate, PartFound, Phase, Progress, candidate_key};
use super::runs::{Outcome, RunError, RunState, state_word};
use super::spec::JobSpec;
use super::{read, written};
use crate::answer::{Budget, BudgetMode};
use crate::discovery::DiscoveryQuestion;
use crate::purchase::Bought;
use crate::scoring::{Scored, ScoringQuestion, count};
use crate::{Caller, Engine, EngineError, Errand, Source, stored};

/// Products judged in one step.
const BATCH: usize = 100;
/// Steps in a row that may fail for a reason that may pass.
const MAX_FAILURES: u32 = 3;
/// How long a run waits in all before it has failed: tokens that do not come in half a day do not come.
const MAX_WAIT: TimeDelta = TimeDelta::hours(12);
/// How long a run waits when Keepa does not answer, the first time.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// How far working on a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driven {
    /// It has ended.
    Ended,
    /// It waits until then.
    Parked(DateTime<Utc>),
    /// Somebody else works on it.
    Busy,
}

/// What a step came to.
enum Step {
    /// There is more to do.
    More,
    /// Everything was looked at.
    Complete,
    /// It ends early.
    Stop(Outcome),
    /// Somebody else took the run over.
    Lost,
}

/// A run at work.
pub(super) struct Work {
    pub(super) row: RunRow,
    pub(super) spec: JobSpec,
    pub(super) progress: Progress,
    pub(super) caller: Caller,
    /// Candidates that have been judged.
    judged: HashSet<String>,
    /// After a crash: the last step that was written. What was bought since, the lost step bought.
    lost_since: Option<DateTime<Utc>>,
}

impl Engine {
    /// Works on a run in the background until it has ended or waits.
    pub(super) fn spawn_run(&self, id: String) {
        let engine = self.clone();
        tokio::spawn(async move {
            if let Err(error) = engine.drive(&id).await {
                tracing::warn!(run = id, code = error.code(), %error, "a run was interrupted; it goes on later");
            }
        });
    }

    /// Works on a run until it has ended or waits, unless somebody else does.
    pub(super) async fn drive(&self, id: &str) -> Result<Driven, EngineError> {
        let row = self.run_row(id).await?;
        if row.ended_at.is_some() {
            return Ok(Driven::Ended);
        }
        let Some(_working) = self.sourcing.begin(&row.job_id) else { return Ok(Driven::Busy) };
        let held = self.leases.take(&[format!("sourcing:{}", row.job_id)]).await?;
        if held.keys().is_empty() {
            return Ok(Driven::Busy);
        }
        let driven = Box::pin(self.drive_held(id)).await;
        held.release().await;
        driven
    }

    async fn drive_held(&self, id: &str) -> Result<Driven, EngineError> {
        let mut work = self.pick_up(id).await?;
        if work.row.ended_at.is_some() {
            return Ok(Driven::Ended);
        }
        let parked = work.row.resume_at.map(|at| at.and_utc()).filter(|at| *at > self.now());
        if let Some(until) = parked.filter(|_| work.row.cancel_requested == 0) {
            return Ok(Driven::Parked(until));
        }
        loop {
            let step = match self.step(&mut work).await {
                Ok(step) => step,
                Err(error) => match self.after(&error, &work.progress) {
                    After::Wait(until) => {
                        work.progress.failures += u32::from(!is_short(&error));
                        work.progress.waiting_since.get_or_insert(self.now());
                        work.progress.waiting_for = Some(error.to_string());
                        let parked = self.advance(&mut work, RunState::Waiting, Some(until), &[]).await?;
                        return Ok(if parked { Driven::Parked(until) } else { Driven::Busy });
                    }
                    After::Budget => Step::Stop(Outcome::Budget),
                    After::Fail => {
                        let told = RunError { code: error.code().to_owned(), message: error.to_string() };
                        return self.end(work, Outcome::Failed, Some(told)).await;
                    }
                    After::Later => return Err(error),
                },
            };
            match step {
                Step::More => {}
                Step::Complete => return self.end(work, Outcome::Done, None).await,
                Step::Stop(outcome) => return self.end(work, outcome, None).await,
                Step::Lost => return Ok(Driven::Busy),
            }
        }
    }

    async fn end(
        &self,
        mut work: Work,
        outcome: Outcome,
        error: Option<RunError>,
    ) -> Result<Driven, EngineError> {
        let ended = Box::pin(self.finish(&mut work, outcome, error)).await?;
        Ok(if ended { Driven::Ended } else { Driven::Busy })
    }

    /// Reads all that is known of a run.
    async fn pick_up(&self, id: &str) -> Result<Work, EngineError> {
        let row = self.run_row(id).await?;
        let progress: Progress = read("progress", &row.progress)?;
        let judged = self.store.sourcing_sightings(id).await?;
        let judged = judged.iter().map(|s| candidate_key(&s.asin, &s.item_condition)).collect();
        let source = match row.source.as_str() {
            "frontend" => Source::Frontend,
            "manual" => Source::Manual,
            _ => Source::Api,
        };
        let user_id = row.user_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        let caller = Caller { user_id, ..Caller::new(source) };
        // A run that needs tokens waits as a whole, and its row says until when.
        let caller = caller.on(Errand::Job).waiting(Some(Duration::ZERO));
        let crashed = row.state == state_word(RunState::Running);
        Ok(Work {
            spec: read("job of a run", &row.document)?,
            lost_since: progress.advanced_at.filter(|_| crashed),
            row,
            progress,
            caller,
            judged,
        })
    }

    /// Writes a step; `false` when somebody else took the run over.
    pub(super) async fn advance(
        &self,
        work: &mut Work,
        state: RunState,
        resume_at: Option<DateTime<Utc>>,
        writes: &[Write],
    ) -> Result<bool, EngineError> {
        let now = self.now();
        work.progress.advanced_at = Some(now);
        let put = RunPut {
            state: state_word(state),
            resume_at: resume_at.map(stored),
            started_at: work.row.started_at.or(Some(stored(now))),
            progress: written(&work.progress)?,
            ..unchanged(&work.row)
        };
        let advanced = self.store.advance_sourcing_run(&put, work.row.revision, writes).await?;
        if advanced {
            work.row = self.run_row(&work.row.id).await?;
        }
        Ok(advanced)
    }

    /// One step: the next thing to do, done and written.
    async fn step(&self, work: &mut Work) -> Result<Step, EngineError> {
        if work.row.cancel_requested != 0 {
            return Ok(Step::Stop(Outcome::Cancelled));
        }
        let writes = match work.progress.phase {
            Phase::Estimate => self.begin(work).await?,
            Phase::Discover => self.ask(work).await?,
            Phase::Score => match self.judge(work).await? {
                Some(writes) => writes,
                None if work.open().is_empty() => return Ok(Step::Complete),
                None => return Ok(Step::Stop(Outcome::Budget)),
            },
            Phase::Done => return Ok(Step::Complete),
        };
        work.lost_since = None;
        work.progress.failures = 0;
        work.progress.waiting_since = None;
        work.progress.waiting_for = None;
        let advanced = self.advance(work, RunState::Running, None, &writes).await?;
        Ok(if advanced { Step::More } else { Step::Lost })
    }

    /// Plans the run and reckons its cost.
    async fn begin(&self, work: &mut Work) -> Result<Vec<Write>, EngineError> {
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
    async fn ask(&self, work: &mut Work) -> Result<Vec<Write>, EngineError> {
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
    async fn judge(&self, work: &mut Work) -> Result<Option<Vec<Write>>, EngineError> {
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
        let figures = Figures::new(scored, &judgement);
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

    /// What an error means for a run.
    fn after(&self, error: &EngineError, progress: &Progress) -> After {
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

/// Products to judge in one step.
struct Batch {
    search: usize,
    asins: Vec<String>,
}

/// What to do about an error.
enum After {
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
fn is_short(error: &EngineError) -> bool {
    match error {
        EngineError::TokensShort { .. } => true,
        EngineError::Keepa(keepa) => matches!(keepa.as_ref(), keepa::Error::NoTokens { .. }),
        _ => false,
    }
}

fn unchanged(row: &RunRow) -> RunPut {
    RunPut {
        id: row.id.clone(),
        state: row.state.clone(),
        outcome: row.outcome.clone(),
        resume_at: row.resume_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        progress: row.progress.clone(),
        report: row.report.clone(),
    }
}

impl Work {
    /// What is left of the budget.
    fn left(&self) -> Budget {
        let Budget { tokens, mode } = self.spec.budget;
        Budget { tokens: (tokens - self.progress.tokens.charged).max(0), mode }
    }

    /// The candidates that have not been judged, in the order they were found.
    fn open(&self) -> Vec<Candidate> {
        let (mut candidates, _) = self.progress.candidates();
        candidates.retain(|candidate| {
            let key = candidate.key();
            !self.judged.contains(&key) && !self.progress.unusable.contains_key(&key)
        });
        candidates
    }
}
