//! Looking up which products carry a code.
//!
//! One code may belong to many products, and each is charged: so a look-up always says how many it wants
//! at most. What a code leads to is kept like a discovery, for as long, and the products like any others,
//! so that the same list costs nothing the second time.

use std::collections::{HashMap, HashSet};

use gleaner_core::Marketplace;
use gleaner_exchange::codes::Gtin;
use gleaner_store::{DiscoveryPut, DiscoveryRow, Write};
use keepa::{Asin, Product, ProductRequest, RawProduct};
use serde_json::json;

use super::FilesQuestion;
use crate::clock::can_have_been;
use crate::ledger::Purpose;
use crate::purchase::{STATS_DAYS, put};
use crate::waiting::{Patience, Short};
use crate::{Engine, EngineError, meters, span, stored};

/// The most products for one code unless the caller says otherwise: enough to see that it is not the only
/// one, and what the others are.
pub const DEFAULT_CODE_LIMIT: u32 = 3;

/// Codes in one call: with three products each it reserves fewer than a hundred tokens.
const BATCH: usize = 30;

/// What look-ups brought.
#[derive(Default)]
pub(super) struct Found {
    /// The products of each code, in Keepa's order; empty when it knows none.
    pub(super) products: HashMap<Gtin, Vec<Asin>>,
    /// Tokens charged.
    pub(super) charged: i64,
    /// Why the rest could not be looked up.
    pub(super) failure: Option<EngineError>,
}

/// The key under which a look-up is kept: everything that changes its answer.
fn key(marketplace: Marketplace, code: Gtin, limit: u32) -> String {
    format!("code:{}:{code}:{limit}", marketplace.id())
}

impl Engine {
    /// What earlier look-ups of these codes brought.
    pub(super) async fn known_codes(
        &self,
        marketplace: Marketplace,
        codes: &[Gtin],
        limit: u32,
    ) -> Result<HashMap<Gtin, Vec<Asin>>, EngineError> {
        let now = self.now();
        let young =
            |row: &DiscoveryRow| row.expires_at > stored(now) && can_have_been(row.created_at.and_utc(), now);
        let mut known = HashMap::new();
        for code in codes {
            let row = self.store.discovery(&key(marketplace, *code, limit)).await?;
            if let Some(row) = row.filter(young) {
                known.insert(*code, row.asins.iter().filter_map(|asin| asin.parse().ok()).collect());
            }
        }
        Ok(known)
    }

    /// Looks codes up, each once across all processes on the database.
    pub(super) async fn look_up(
        &self,
        question: &FilesQuestion,
        codes: &[Gtin],
        patience: Patience<'_>,
    ) -> Found {
        let mut found = Found::default();
        for batch in codes.chunks(BATCH) {
            if let Err(error) = self.look_up_batch(question, batch, &mut found, patience).await {
                found.failure = Some(error);
                break;
            }
        }
        found
    }

    async fn look_up_batch(
        &self,
        question: &FilesQuestion,
        batch: &[Gtin],
        found: &mut Found,
        patience: Patience<'_>,
    ) -> Result<(), EngineError> {
        let (marketplace, limit) = (question.marketplace, question.code_limit);
        let mut open: Vec<Gtin> = batch.to_vec();
        while !open.is_empty() {
            let keys: Vec<String> = open.iter().map(|code| key(marketplace, *code, limit)).collect();
            let held = self.leases.take(&keys).await?;
            let ours: HashSet<&String> = held.keys().iter().collect();
            let mine: Vec<Gtin> =
                open.iter().copied().filter(|code| ours.contains(&key(marketplace, *code, limit))).collect();
            // Somebody may have looked it up between our look and our lease.
            found.products.extend(self.known_codes(marketplace, &mine, limit).await?);
            let wanted: Vec<Gtin> =
                mine.iter().copied().filter(|code| !found.products.contains_key(code)).collect();
            let called = if wanted.is_empty() { Ok(()) } else { self.call(question, &wanted, found).await };
            held.release().await;
            if let Err(error) = called {
                let short = Short::new(error, self.now())?;
                patience.bear(&short)?;
                short.sleep(&self.ending).await?;
            }
            let theirs: Vec<String> = keys
                .iter()
                .filter(|key| !mine.iter().any(|code| **key == self::key(marketplace, *code, limit)))
                .cloned()
                .collect();
            if !theirs.is_empty() {
                self.leases.freed(&theirs).await?;
            }
            open.retain(|code| !found.products.contains_key(code));
        }
        Ok(())
    }

    /// One call to Keepa: reserves, pays, keeps.
    async fn call(
        &self,
        question: &FilesQuestion,
        codes: &[Gtin],
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let (marketplace, limit) = (question.marketplace, question.code_limit);
        let request = ProductRequest::codes(marketplace, codes.iter().map(|code| code.code()), limit)
            .stats_days(STATS_DAYS)
            .history(true);
        let words = format!("product {marketplace} code x{} limit {limit}", codes.len());
        let estimated = i64::from(request.cost().upper);
        let promise = self.ledger.reserve(Purpose::Scoring, question.caller.errand, words, estimated).await?;
        let answer = Box::pin(meters::keepa("codes", self.keepa.products(&request))).await;
        let now = self.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let writes = self.ledger.settle(promise, error.tokens(), error.may_have_been_charged(), 0);
                self.recorder.keep(writes).await?;
                return Err(error.into());
            }
        };
        found.charged += answer.tokens.tokens_consumed.unwrap_or(0);
        let products: Vec<(Asin, &RawProduct)> = answer
            .value
            .iter()
            .filter(|raw| !raw.product.is_unknown())
            .filter_map(|raw| Some((raw.product.asin?, raw)))
            .collect();
        let mut writes = self.ledger.settle(promise, Some(&answer.tokens), true, products.len());
        for (asin, raw) in &products {
            writes.push(Write::PutProduct(put(marketplace, *asin, &raw.product, &raw.json, now)));
        }
        for code in codes {
            let mut seen = HashSet::new();
            let asins: Vec<Asin> = products
                .iter()
                // Keepa does not say which code it found a product by; the product's own codes do.
                .filter(|(asin, raw)| codes.len() == 1 || carries(&raw.product, *asin, *code))
                .map(|(asin, _)| *asin)
                // A product that matched twice is one product.
                .filter(|asin| seen.insert(*asin))
                .collect();
            writes.push(Write::PutDiscovery(DiscoveryPut {
                cache_key: key(marketplace, *code, limit),
                asins: asins.iter().map(ToString::to_string).collect(),
                filters_applied: json!({
                    "marketplace": marketplace.code(),
                    "code": code.code(),
                    "code_limit": limit,
                }),
                detail: None,
                created_at: stored(now),
                expires_at: stored(now + span(self.settings.discovery_ttl)),
            }));
            found.products.insert(*code, asins);
        }
        self.recorder.keep(writes).await?;
        self.memory.learn();
        Ok(())
    }
}

/// Whether a product carries a code.
fn carries(product: &Product, asin: Asin, code: Gtin) -> bool {
    let own = product.ean_list.iter().chain(&product.upc_list);
    own.filter_map(|text| Gtin::parse(text)).any(|own| own == code) || Gtin::from_isbn10(asin) == Some(code)
}
