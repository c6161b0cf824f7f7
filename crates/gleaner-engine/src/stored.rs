//! Walking through every product that was ever paid for, in bounded memory, a page on each core. What is read of each is
//! its excerpt, where there is one.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_core::excerpt::EXCERPT_FORM;
use gleaner_store::{PackedProduct, StoreError, Usable};
use keepa::{Product, RawProduct};

use crate::scoring::off_the_runtime;
use crate::{Engine, EngineError};

/// Products that are read at a time: a page without any excerpt is about a megabyte of compressed facts.
const PAGE: u32 = 128;

/// What was made of a page of products.
pub(crate) struct Page<T> {
    /// One for each product whose facts can be read.
    pub(crate) made: Vec<T>,
    /// Products whose stored facts cannot be read any more; they can be bought again.
    pub(crate) unreadable: usize,
}

/// What is made of a product; it is given the moment to judge it at.
pub(crate) type Make<T> = Arc<dyn Fn(&Product, DateTime<Utc>) -> T + Send + Sync>;

impl Engine {
    /// Makes something of every stored product of a marketplace. `each` is told page after page, in order.
    pub(crate) async fn over_stored<T: Send + 'static>(
        &self,
        marketplace: Marketplace,
        make: Make<T>,
        mut each: impl FnMut(Page<T>) + Send,
    ) -> Result<(), EngineError> {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let domain = i64::from(marketplace.id());
        let mut under_way = VecDeque::new();
        let mut after: Option<String> = None;
        loop {
            let usable = Usable { form: EXCERPT_FORM, at: self.now().naive_utc() };
            let page = self.store.products_page(domain, after.as_deref(), PAGE, usable).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.asin().to_owned());
            // Started now, and waited for when as many are under way as there are cores.
            under_way.push_back(tokio::spawn(self.clone().make_page(domain, page, make.clone())));
            if under_way.len() > workers
                && let Some(first) = under_way.pop_front()
            {
                each(first.await.map_err(|_| EngineError::Internal)??);
            }
        }
        for rest in under_way {
            each(rest.await.map_err(|_| EngineError::Internal)??);
        }
        Ok(())
    }

    async fn make_page<T: Send + 'static>(
        self,
        domain: i64,
        packed: Vec<PackedProduct>,
        make: Make<T>,
    ) -> Result<Page<T>, EngineError> {
        let (engine, again) = (self.clone(), make.clone());
        let (mut results, unreadable) = off_the_runtime(move || {
            let (mut results, mut unreadable) = (Vec::with_capacity(packed.len()), Vec::new());
            for product in packed {
                match product.unpack().ok().and_then(|json| engine.make_one(&json, &make)) {
                    Some(one) => results.push(one),
                    None => unreadable.push(product.asin().to_owned()),
                }
            }
            (results, unreadable)
        })
        .await?;
        // Perhaps only the excerpt is damaged.
        let mut lost = unreadable.len();
        for asin in unreadable {
            let row = match self.store.products(domain, &[asin]).await {
                Ok(mut rows) => rows.pop(),
                Err(StoreError::Corrupt { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            if let Some(one) = row.and_then(|row| self.make_one(&row.json, &again)) {
                results.push(one);
                lost -= 1;
            }
        }
        Ok(Page { made: results, unreadable: lost })
    }

    fn make_one<T>(&self, json: &[u8], make: &Make<T>) -> Option<T> {
        let product = RawProduct::decode(std::str::from_utf8(json).ok()?).ok()?.product;
        Some(make(&product, self.evaluation_time(&product)))
    }
}
