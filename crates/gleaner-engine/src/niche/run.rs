//! Running a niche, and what its runs came to over time.

use std::sync::atomic::{AtomicI64, Ordering};

use gleaner_core::verdict::Recommendation;
use gleaner_store::NicheFindRow;
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;
use uuid::Uuid;

use super::compare::{NicheComparison, compare};
use super::types::{BUYS, NicheFind, NicheOutcome, NicheRun, NicheYield, finds, ratio};
use super::{Niche, unknown};
use crate::answer::Budget;
use crate::discovery::DiscoveryQuestion;
use crate::scoring::count;
use crate::search::{ProductSearchResult, SearchEvent, SearchQuestion};
use crate::{Caller, Engine, EngineError};

/// The most runs that are looked back on.
pub(super) const MAX_RUNS: u32 = 1_000;

/// A niche to run.
#[derive(Debug, Clone)]
pub struct NicheRunQuestion {
    /// Which niche.
    pub niche: Uuid,
    /// Pay again and replace what is kept.
    pub force_refresh: bool,
    /// When Keepa does not answer, older answers are better than none.
    pub stale_if_error: bool,
    /// What this run may spend.
    pub budget: Budget,
    /// Who asks.
    pub caller: Caller,
}

/// A run with its answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NicheRunResult {
    /// The niche that was run.
    pub niche: Niche,
    /// What it came to.
    pub run: NicheRun,
    /// What changed since the run before that has an answer; null for the first.
    pub comparison: Option<NicheComparison>,
    /// What was found and what it would earn.
    #[serde(flatten)]
    pub search: ProductSearchResult,
}

impl Engine {
    /// The search a niche stands for, under the rules of this moment.
    pub async fn niche_search(
        &self,
        niche: &Niche,
        question: &NicheRunQuestion,
    ) -> Result<SearchQuestion, EngineError> {
        let condition = self.default_condition(niche.strategy).await?;
        let discovery = DiscoveryQuestion {
            force_refresh: question.force_refresh,
            stale_if_error: question.stale_if_error,
            budget: question.budget,
            ..DiscoveryQuestion::new(niche.filters.raw(condition), question.caller.running(question.niche))
        };
        Ok(SearchQuestion { discovery, cost: niche.cost, strategy: niche.strategy })
    }

    /// Runs a niche: discovers, scores, keeps what it saw. A run that fails is kept too. An archived niche is
    /// refused.
    pub async fn run_niche(
        &self,
        question: NicheRunQuestion,
        events: Option<mpsc::Sender<SearchEvent>>,
    ) -> Result<NicheRunResult, EngineError> {
        let (niche, search) = self.runnable_niche(&question).await?;
        let (started, charged) = (self.now(), AtomicI64::new(0));
        let (mut run, search) = match self.search_until_left(search, events, &charged).await {
            Ok(result) => (NicheRun::of(&niche, question.caller, started, &result), Ok(result)),
            Err(error) => {
                let charged = charged.load(Ordering::Relaxed);
                (NicheRun::failed(&niche, question.caller, started, &error, charged), Err(error))
            }
        };
        run.milliseconds = (self.now() - started).num_milliseconds();
        let seen = search.as_ref().map(finds).unwrap_or_default();
        let before = match &search {
            Ok(_) => self.answered_runs(niche.id, 1).await?.pop(),
            Err(_) => None,
        };
        let rows: Vec<NicheFindRow> = seen.iter().map(NicheFind::row).collect();
        let kept = self.store.add_niche_run(&run.row()?, &rows).await?;
        let search = search?;
        if !kept {
            return Err(unknown(niche.id.to_string()));
        }
        let comparison = match before {
            Some(before) => {
                let old = self.run_finds(before.id).await?;
                Some(compare((before, old), (run.clone(), seen)))
            }
            None => None,
        };
        Ok(NicheRunResult { niche, run, comparison, search })
    }

    /// A search that ends when nobody hears its events any more: nothing further is bought.
    async fn search_until_left(
        &self,
        search: SearchQuestion,
        events: Option<mpsc::Sender<SearchEvent>>,
        charged: &AtomicI64,
    ) -> Result<ProductSearchResult, EngineError> {
        let listener = events.clone();
        let left = async {
            match &listener {
                Some(listener) => listener.closed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            result = self.search_counted(search, events, charged) => result,
            () = left => Err(EngineError::GivenUp),
        }
    }

    /// The niche and its search, if it may be run at all: told before anything is spent.
    pub async fn runnable_niche(
        &self,
        question: &NicheRunQuestion,
    ) -> Result<(Niche, SearchQuestion), EngineError> {
        let niche = self.niche(question.niche).await?;
        if niche.archived {
            return Err(EngineError::Archived { name: niche.name });
        }
        let search = self.niche_search(&niche, question).await?;
        question.budget.check()?;
        search.discovery.filters.clone().check().map_err(EngineError::Invalid)?;
        Ok((niche, search))
    }

    /// The last runs of a niche, newest first.
    pub async fn niche_runs(&self, id: Uuid, limit: u32) -> Result<Vec<NicheRun>, EngineError> {
        if !(1..=MAX_RUNS).contains(&limit) {
            return Err(EngineError::field("limit", format!("must be 1 to {MAX_RUNS}")));
        }
        self.niche(id).await?;
        let rows = self.store.niche_runs(&id.to_string(), None, limit).await?;
        rows.into_iter().map(NicheRun::read).collect()
    }

    /// What a niche brought in its last runs.
    pub async fn niche_yield(&self, id: Uuid, limit: u32) -> Result<NicheYield, EngineError> {
        let runs = self.niche_runs(id, limit).await?;
        let worth = BUYS.map(Recommendation::as_str);
        let (buys, tokens_charged) =
            runs.iter().fold((0, 0), |(buys, tokens), run| (buys + run.buys, tokens + run.tokens_charged));
        Ok(NicheYield {
            failed_runs: count(runs.iter().filter(|run| run.outcome == NicheOutcome::Failed).count()),
            products_worth_buying: self.store.niche_products_with(&id.to_string(), worth).await?,
            tokens_charged,
            tokens_per_buy: ratio(tokens_charged, buys),
            runs,
        })
    }

    /// The newest runs that have an answer, newest first.
    pub(super) async fn answered_runs(&self, id: Uuid, limit: u32) -> Result<Vec<NicheRun>, EngineError> {
        let failed = NicheOutcome::Failed.as_str();
        let rows = self.store.niche_runs(&id.to_string(), Some(failed), limit).await?;
        rows.into_iter().map(NicheRun::read).collect()
    }

    /// What a run saw.
    pub(super) async fn run_finds(&self, run: Uuid) -> Result<Vec<NicheFind>, EngineError> {
        let rows = self.store.niche_finds(&run.to_string()).await?;
        Ok(rows.into_iter().map(NicheFind::read).collect())
    }
}
