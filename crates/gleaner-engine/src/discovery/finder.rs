//! Asking Keepa's Product Finder, and what that costs.

use std::sync::Mutex;

use gleaner_core::filters::Filters;
use gleaner_store::{DiscoveryPut, Write};
use keepa::finder::{current, fields};
use keepa::{CsvType, Selection};
use serde_json::json;

use super::Found;
use crate::answer::Written;
use crate::ledger::Purpose;
use crate::{Engine, EngineError, Errand, meters, span, stored};

/// Keepa's smallest finder page; a smaller wish is cut here.
const SMALLEST_PAGE: u32 = 50;

impl Engine {
    /// Asks, pays and keeps what it brings.
    pub(super) async fn ask_finder(
        &self,
        filters: &Filters,
        key: String,
        anew: bool,
        errand: Errand,
    ) -> Result<Found, EngineError> {
        let estimated = discovery_cost(filters.limit());
        let words = format!("query {key}");
        let promise = self.ledger.reserve(Purpose::Discovery, errand, words, estimated).await?;
        let answer = match Box::pin(meters::keepa(
            "finder",
            self.keepa.finder(filters.marketplace(), &selection(filters)),
        ))
        .await
        {
            Ok(answer) => answer,
            Err(error) => {
                let writes = self.ledger.settle(promise, error.tokens(), error.may_have_been_charged(), 0);
                self.recorder.keep(writes).await?;
                return Err(error.into());
            }
        };
        let now = self.now();
        let wanted = usize::try_from(filters.limit()).unwrap_or(usize::MAX);
        let found = Found {
            asins: answer.value.asins.iter().take(wanted).map(ToString::to_string).collect(),
            filters: Written::new(filters.to_json())?,
            total: answer.value.total_results,
            created_at: now,
            expires_at: now + span(self.settings.discovery_ttl),
            charged: answer.tokens.tokens_consumed.unwrap_or_else(|| finder_price(answer.value.asins.len())),
            checked: Mutex::default(),
        };
        let mut writes = self.ledger.settle(promise, Some(&answer.tokens), true, 0);
        writes.push(Write::PutDiscovery(DiscoveryPut {
            cache_key: key,
            asins: found.asins.clone(),
            filters_applied: filters.to_json(),
            detail: Some(json!({ "total_results": found.total })),
            created_at: stored(found.created_at),
            expires_at: stored(found.expires_at),
        }));
        if anew {
            // Other processes may hold what this replaces.
            writes.push(Write::BumpGeneration);
        }
        self.recorder.keep(writes).await?;
        if anew {
            self.memory.renew(&self.store).await?;
        }
        Ok(found)
    }
}

/// Tokens for a finder page of `n` ASINs: 10 and one for each started hundred.
pub(super) fn finder_price(n: usize) -> i64 {
    10 + i64::try_from(n.div_ceil(100)).unwrap_or(i64::MAX - 10)
}

pub(super) fn discovery_cost(limit: u32) -> i64 {
    finder_price(usize::try_from(limit.max(SMALLEST_PAGE)).unwrap_or(usize::MAX))
}

fn selection(filters: &Filters) -> Selection {
    let (bsr_min, bsr_max) = filters.bsr();
    let mut selection = Selection::new()
        .with(current(CsvType::Sales).between(bsr_min, bsr_max))
        .page(0)
        .per_page(filters.limit().max(SMALLEST_PAGE));
    if let Some(category) = filters.category() {
        selection = selection.root_category([category.root]);
        if !category.is_root() {
            selection = selection.categories_include([category.id]);
        }
    }
    let price = filters.price_type();
    selection = match filters.price() {
        (Some(min), Some(max)) => selection.with(current(price).between(min, max)),
        (Some(min), None) => selection.with(current(price).at_least(min)),
        (None, Some(max)) => selection.with(current(price).at_most(max)),
        (None, None) => selection,
    };
    if filters.exclude_amazon() {
        selection = selection.with(fields::AVAILABILITY_AMAZON.any_of([-1]));
    }
    selection
}
