//! Walking through every product that was ever paid for, in bounded memory, a page on each core.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_store::PackedProduct;
use keepa::{Product, RawProduct};

use crate::scoring::off_the_runtime;
use crate::{Engine, EngineError};

/// Products that are read at a time: with some ten KB of compressed facts each, a page is about a megabyte.
const PAGE: u32 = 128;

/// What was made of a page of products.
pub(crate) struct Page<T> {
    /// One for each product whose facts can be read, in the order of their ASINs.
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
            let page = self.store.products_page_packed(domain, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.asin().to_owned());
            let (engine, make) = (self.clone(), make.clone());
            // Started now, and waited for when as many are under way as there are cores.
            under_way.push_back(tokio::spawn(off_the_runtime(move || engine.make_page(page, &make))));
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

    fn make_page<T>(&self, packed: Vec<PackedProduct>, make: &Make<T>) -> Page<T> {
        let products = packed.len();
        let finished: Vec<T> = packed
            .into_iter()
            .filter_map(|packed| {
                let row = packed.unpack().ok()?;
                let product = RawProduct::decode(std::str::from_utf8(&row.json).ok()?).ok()?.product;
                Some(make(&product, self.evaluation_time(&product)))
            })
            .collect();
        Page { unreadable: products - finished.len(), made: finished }
    }
}
