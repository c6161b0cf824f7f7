//! Buying product facts: each product once, in batches, kept as soon as they arrive.
//!
//! Questions that arrive together share a call of up to a hundred products; a product that is being
//! bought already is waited for, not bought twice. The call runs in a task of its own, so what was
//! paid for is stored even when everybody who asked has left.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use gleaner_core::Marketplace;
use gleaner_store::{ProductPut, Write};
use keepa::{Asin, CsvType, Product, ProductRequest, RawProduct};
use tokio::sync::oneshot;

use crate::recorder::Recorder;
use crate::tokens::{Call, Meter, Purpose};
use crate::{Clock, EngineError, stored};

/// Products in one call: Keepa's limit.
const BATCH: usize = 100;
/// How long the first product of a batch waits for company.
const LINGER: Duration = Duration::from_millis(3);
/// The statistics window that is asked for; it costs nothing.
const STATS_DAYS: u32 = 90;

/// Facts of one product with the moment they were bought.
#[derive(Debug)]
pub(crate) struct Bought {
    pub(crate) product: Product,
    pub(crate) fetched_at: DateTime<Utc>,
}

/// `None`: Keepa does not know the product.
type Delivery = Result<Option<Arc<Bought>>, EngineError>;
type Pending = Shared<BoxFuture<'static, Delivery>>;
type Order = (Asin, oneshot::Sender<Delivery>);

#[derive(Default)]
struct Orders {
    /// What is ordered or being bought.
    under_way: HashMap<(Marketplace, Asin), Pending>,
    /// What waits for the next call.
    waiting: HashMap<Marketplace, Vec<Order>>,
}

/// Buys products from Keepa.
#[derive(Clone)]
pub(crate) struct Buyer {
    keepa: keepa::Client,
    clock: Arc<dyn Clock>,
    recorder: Recorder,
    meter: Arc<Meter>,
    orders: Arc<Mutex<Orders>>,
}

/// What a purchase brought, and how many products this caller was the first to ask for.
pub(crate) struct Purchase {
    pub(crate) products: HashMap<Asin, Delivery>,
    /// Products charged to this caller: ordered by it and known to Keepa.
    pub(crate) charged: i64,
}

impl Buyer {
    pub(crate) fn new(
        keepa: keepa::Client,
        clock: Arc<dyn Clock>,
        recorder: Recorder,
        meter: Arc<Meter>,
    ) -> Self {
        Self { keepa, clock, recorder, meter, orders: Arc::default() }
    }

    /// Buys products, sharing calls with everybody who asks at the same time.
    pub(crate) async fn buy(&self, marketplace: Marketplace, asins: &[Asin]) -> Purchase {
        let (pending, mine): (Vec<Pending>, Vec<bool>) =
            asins.iter().map(|asin| self.order(marketplace, *asin)).unzip();
        let deliveries = futures::future::join_all(pending).await;
        let charged = deliveries.iter().zip(&mine).filter(|(d, mine)| **mine && matches!(d, Ok(Some(_)))).count();
        Purchase {
            products: asins.iter().copied().zip(deliveries).collect(),
            charged: i64::try_from(charged).unwrap_or(i64::MAX),
        }
    }

    /// Orders one product, or joins the order for it; the second value says whether it is new.
    fn order(&self, marketplace: Marketplace, asin: Asin) -> (Pending, bool) {
        let mut orders = self.lock();
        if let Some(pending) = orders.under_way.get(&(marketplace, asin)) {
            return (pending.clone(), false);
        }
        let (deliver, delivered) = oneshot::channel();
        let pending = delivered.map(|end| end.unwrap_or(Err(EngineError::Stopping))).boxed().shared();
        orders.under_way.insert((marketplace, asin), pending.clone());
        let waiting = orders.waiting.entry(marketplace).or_default();
        waiting.push((asin, deliver));
        if waiting.len() >= BATCH {
            let full = std::mem::take(waiting);
            tokio::spawn(self.clone().call(marketplace, full));
        } else if waiting.len() == 1 {
            let buyer = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(LINGER).await;
                let batch = buyer.lock().waiting.remove(&marketplace).unwrap_or_default();
                if !batch.is_empty() {
                    buyer.call(marketplace, batch).await;
                }
            });
        }
        (pending, true)
    }

    /// One call to Keepa: pays, keeps, delivers.
    async fn call(self, marketplace: Marketplace, batch: Vec<Order>) {
        let asins: Vec<Asin> = batch.iter().map(|(asin, _)| *asin).collect();
        let request = ProductRequest::asins(marketplace, asins.iter().copied()).stats_days(STATS_DAYS).history(true);
        let call = Call {
            purpose: Purpose::Scoring,
            request: format!("product {marketplace} x{}", asins.len()),
            estimated: i64::from(request.cost().upper),
        };
        let answer = self.keepa.products(&request).await;
        let now = self.clock.now();
        let mut products: HashMap<Asin, Arc<Bought>> = HashMap::new();
        let mut writes = Vec::new();
        let failure = match answer {
            Ok(answer) => {
                self.meter.read(&answer.tokens, now);
                let bought = answer.value.len();
                for RawProduct { product, json } in answer.value {
                    let Some(asin) = product.asin else { continue };
                    writes.push(Write::PutProduct(put(marketplace, asin, &product, &json, now)));
                    products.insert(asin, Arc::new(Bought { product, fetched_at: now }));
                }
                writes.push(Write::Ledger(call.settled(Some(&answer.tokens), now, bought)));
                None
            }
            Err(error) => {
                if let Some(tokens) = error.tokens() {
                    self.meter.read(tokens, now);
                }
                if error.may_have_been_charged() {
                    writes.push(Write::Ledger(call.settled(error.tokens(), now, 0)));
                }
                Some(EngineError::from(error))
            }
        };
        if !writes.is_empty()
            && let Err(error) = self.recorder.record(writes).await
        {
            // The answers still go out from memory; only the next question will have to pay again.
            tracing::error!(code = error.code(), error = %error, "paid facts could not be kept");
        }
        let mut orders = self.lock();
        for (asin, deliver) in batch {
            orders.under_way.remove(&(marketplace, asin));
            let delivery = match &failure {
                Some(error) => Err(error.clone()),
                None => Ok(products.get(&asin).cloned()),
            };
            // Nobody may be waiting any more; the facts are kept all the same.
            let _ = deliver.send(delivery);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(
    marketplace: Marketplace,
    asin: Asin,
    product: &Product,
    json: &str,
    now: DateTime<Utc>,
) -> ProductPut {
    ProductPut {
        domain: i64::from(marketplace.id()),
        asin: asin.to_string(),
        fetched_at: stored(now),
        json: json.as_bytes().to_vec(),
        title: product.title.clone(),
        root_category: product.root_category.map(|c| c.0),
        bsr: product.series(CsvType::Sales).and_then(keepa::Series::last).and_then(|p| p.value),
    }
}
