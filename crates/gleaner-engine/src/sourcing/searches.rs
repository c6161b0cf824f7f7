//! What a job's searches are at the moment of a run, and what running them would cost.

use gleaner_core::rules::Strategy;

use super::plan::saved;
use super::progress::{Estimate, Progress, RunSearch};
use super::spec::JobSpec;
use crate::discovery::DiscoveryQuestion;
use crate::search::SearchQuestion;
use crate::{Caller, Engine, EngineError};

impl Engine {
    /// The searches of a job with all that stands in for "by default" filled in.
    pub(super) async fn resolve_searches(&self, spec: &JobSpec) -> Result<Vec<RunSearch>, EngineError> {
        let condition = self.default_condition(spec.strategy).await?;
        let mut searches: Vec<RunSearch> = Vec::with_capacity(spec.searches.len());
        for (index, search) in spec.searches.iter().enumerate() {
            let (filters, cost) = match (&search.filters, search.niche_id) {
                (Some(filters), _) => (filters.raw(condition), search.cost),
                (None, Some(id)) => {
                    let niche = self.niche(id).await.map_err(|error| match error {
                        EngineError::NotFound { .. } => {
                            let field = format!("searches[{index}].niche_id");
                            EngineError::field(field, format!("there is no niche {id}"))
                        }
                        other => other,
                    })?;
                    if niche.archived {
                        return Err(EngineError::Archived { name: niche.name });
                    }
                    (niche.filters.raw(condition), search.cost.or(niche.cost))
                }
                // Refused when the job was written.
                (None, None) => continue,
            };
            if searches.first().is_some_and(|first| first.filters.marketplace != filters.marketplace) {
                let field = format!("searches[{index}]");
                let message = "a job stays in one marketplace: make another job for this one";
                return Err(EngineError::field(field, message));
            }
            searches.push(RunSearch { filters: saved(&filters), cost });
        }
        Ok(searches)
    }

    /// What a planned run will cost at most.
    pub(super) async fn estimate(
        &self,
        strategy: Strategy,
        progress: &Progress,
    ) -> Result<Estimate, EngineError> {
        let mut estimate = Estimate::default();
        for part in &progress.parts {
            let raw = part.filters.raw(part.filters.condition.unwrap_or_default());
            let discovery = DiscoveryQuestion::new(raw, Caller::default());
            let question = SearchQuestion { discovery, cost: None, strategy };
            let part = Box::pin(self.search_estimate(&question)).await?;
            estimate.discovery += part.discovery_tokens;
            estimate.products += part.scoring_tokens_max;
        }
        estimate.total = estimate.discovery + estimate.products;
        Ok(estimate)
    }
}
