//! One call that discovers and scores, with progress.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use chrono::TimeDelta;
use gleaner_core::Condition;
use gleaner_core::rules::Strategy;
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::answer::Rejected;
use crate::discovery::{DiscoveryQuestion, ProductDiscoveryResult};
use crate::scoring::{MAX_ASINS, ProductScoringResult, Scored, ScoringQuestion};
use crate::waiting::{Progress, Waiting};
use crate::{Engine, EngineError};

/// A question to discover and score.
#[derive(Debug, Clone)]
pub struct SearchQuestion {
    /// What to look for; budget, refresh and source hold for both steps.
    pub discovery: DiscoveryQuestion,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
}

/// Both answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductSearchResult {
    /// What was found.
    pub discovery: ProductDiscoveryResult,
    /// What it would earn.
    #[serde(flatten)]
    pub scoring: ProductScoringResult,
}

/// What is told while a search runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SearchEvent {
    /// The products are found; scoring begins.
    Discovery(Box<ProductDiscoveryResult>),
    /// More products are scored.
    Scores {
        /// The scores that are new.
        #[schema(value_type = Vec<crate::scoring::ScoredProduct>)]
        scores: Vec<Scored>,
        /// Products scored so far.
        done: usize,
        /// Products to score.
        total: usize,
    },
    /// There are too few tokens; the search goes on when there are enough.
    Waiting(Waiting),
}

impl Engine {
    /// Discovers and scores. Whoever listens is told what is known as it becomes known. A search that is dropped buys
    /// nothing further; what it was buying is kept.
    pub async fn search(
        &self,
        question: SearchQuestion,
        events: Option<mpsc::Sender<SearchEvent>>,
    ) -> Result<ProductSearchResult, EngineError> {
        self.search_counted(question, events, &AtomicI64::new(0)).await
    }

    /// The same, adding what Keepa charged to `charged` as it becomes known: a search that fails, or is dropped, has no
    /// answer that tells.
    pub(crate) async fn search_counted(
        &self,
        mut question: SearchQuestion,
        events: Option<mpsc::Sender<SearchEvent>>,
        charged: &AtomicI64,
    ) -> Result<ProductSearchResult, EngineError> {
        if question.discovery.filters.limit as usize > MAX_ASINS {
            return Err(EngineError::field(
                "limit",
                format!("at most {MAX_ASINS} products can be scored at once"),
            ));
        }
        let marketplace = question.discovery.filters.marketplace;
        let rules = self.rules_for(question.strategy, marketplace, self.memory.generation()).await?;
        question.discovery.max_age = rules.freshness.discovery_minutes.and_then(TimeDelta::try_minutes);
        question.discovery.budget = question.discovery.budget.or(rules.budget);
        let condition: Condition = question.discovery.filters.condition;
        let mut scoring = ScoringQuestion {
            condition: Some(condition),
            cost: question.cost,
            strategy: question.strategy,
            force_refresh: question.discovery.force_refresh,
            stale_if_error: question.discovery.stale_if_error,
            budget: question.discovery.budget,
            ..ScoringQuestion::new(
                question.discovery.filters.marketplace,
                Vec::new(),
                question.discovery.caller,
            )
        };
        let waits = |progress| {
            if let (Some(events), Progress::Waiting(waiting)) = (&events, progress) {
                let _ = events.try_send(SearchEvent::Waiting(waiting));
            }
        };
        let discovery = self.discover_listened(question.discovery, &waits).await?;
        charged.fetch_add(discovery.tokens.charged, Ordering::Relaxed);
        if let Some(events) = &events {
            // A full queue means a slow listener; it gets the rest in the final answer.
            let _ = events.try_send(SearchEvent::Discovery(Box::new(discovery.clone())));
        }
        if discovery.asins.is_empty() {
            return Ok(ProductSearchResult { discovery, scoring: self.nothing_scored(Vec::new()) });
        }
        scoring.asins = discovery.asins.to_vec();
        // The run's budget covers both steps.
        scoring.budget.tokens = (scoring.budget.tokens - discovery.tokens.charged).max(0);
        let total = scoring.asins.len();
        let done = AtomicUsize::new(0);
        let listener = |progress| match progress {
            Progress::Scores(scores) => {
                let n = scores.len();
                let done = done.fetch_add(n, Ordering::SeqCst) + n;
                if let Some(events) = &events {
                    let _ = events.try_send(SearchEvent::Scores { scores, done, total });
                }
            }
            Progress::Charged(tokens) => {
                charged.fetch_add(tokens, Ordering::Relaxed);
            }
            other => waits(other),
        };
        let asins = scoring.asins.clone();
        match self.score_listened(scoring, &listener).await {
            Ok(scoring) => Ok(ProductSearchResult { discovery, scoring }),
            // What was found is paid for and shown; that it was not scored is told product by product.
            Err(error @ EngineError::OverBudget { .. }) => {
                let rejected = asins.iter().map(|asin| Rejected::new(asin, error.code(), error.to_string()));
                let scoring = self.nothing_scored(rejected.collect());
                Ok(ProductSearchResult { discovery, scoring })
            }
            Err(error) => Err(error),
        }
    }
}
