//! Buying product facts: each product once, in batches, kept as soon as they arrive.
//!
//! Questions that arrive together share a call of up to a hundred products; a product that is being
//! bought already, by this process or another on the same database, is waited for, not bought twice.
//! The call runs in a task of its own, so what was paid for is stored even when everybody who asked
//! has left. While it still waits for tokens, an order ends with the last who waits for it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use futures::stream::FuturesUnordered;
use gleaner_core::Marketplace;
use gleaner_core::excerpt::{EXCERPT_FORM, excerpt};
use gleaner_store::{Excerpt, ProductPut, ProductRow, Store, Write};
use keepa::{Asin, CsvType, KeepaTime, Product, ProductRequest, RawProduct};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::can_have_been;
use crate::flight::Desk;
use crate::leases::Leases;
use crate::ledger::{Ledger, Purpose};
use crate::memory::Memory;
use crate::recorder::Recorder;
use crate::scoring::off_the_runtime;
use crate::waiting::{News, Patience, Short};
use crate::{Clock, EngineError, Errand, meters, stored};

/// Products in one call: Keepa's limit.
const BATCH: usize = 100;
/// How long the first product of a batch waits for company.
const LINGER: Duration = Duration::from_millis(3);
/// The statistics window that is asked for; it costs nothing.
pub(crate) const STATS_DAYS: u32 = 90;

/// Facts of one product with the moment they were bought.
#[derive(Debug)]
pub(crate) struct Bought {
    pub(crate) product: Product,
    pub(crate) fetched_at: DateTime<Utc>,
    /// Whether this purchase paid for them; else somebody else did just before.
    paid: bool,
}

/// Whether facts are not older than `age`.
fn young(fetched_at: DateTime<Utc>, age: TimeDelta, now: DateTime<Utc>) -> bool {
    fetched_at > now - age && can_have_been(fetched_at, now)
}

/// `None`: Keepa does not know the product.
type Delivery = Result<Option<Arc<Bought>>, EngineError>;
type Pending = Shared<BoxFuture<'static, Delivery>>;

/// One product to buy, and who waits for it.
struct Order {
    asin: Asin,
    /// How old facts that somebody has may be; zero pays anew in any case.
    age: TimeDelta,
    desk: Desk,
    deliver: oneshot::Sender<Delivery>,
}

/// Orders that may share a call.
type Counter = (Marketplace, Errand);

#[derive(Default)]
struct Orders {
    /// What is ordered or being bought.
    under_way: HashMap<(Marketplace, Asin), (Pending, Desk)>,
    /// What waits for the next call.
    waiting: HashMap<Counter, Vec<Order>>,
}

/// What a buyer works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) keepa: keepa::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Recorder,
    pub(crate) memory: Memory,
    pub(crate) ledger: Ledger,
    pub(crate) leases: Leases,
    /// How long facts are fresh.
    pub(crate) freshness: TimeDelta,
    /// Where purchases run, so that the program can wait for them when it ends.
    pub(crate) tasks: TaskTracker,
    /// Whether the program ends: then nobody waits for tokens any more.
    pub(crate) ending: CancellationToken,
}

/// Buys products from Keepa.
#[derive(Clone)]
pub(crate) struct Buyer {
    parts: Arc<Parts>,
    orders: Arc<Mutex<Orders>>,
}

/// What a purchase brought for one product, and whether it cost this caller anything.
pub(crate) struct Purchase {
    pub(crate) asin: Asin,
    pub(crate) delivery: Delivery,
    /// This caller ordered it first and it was paid for; else it came with somebody else's purchase.
    pub(crate) charged: bool,
}

impl Buyer {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), orders: Arc::default() }
    }

    /// How old facts may be by the program's settings, or by rules that are stricter.
    pub(crate) fn age(&self, minutes: Option<i64>) -> TimeDelta {
        let stricter = minutes.and_then(TimeDelta::try_minutes);
        stricter.map_or(self.parts.freshness, |stricter| stricter.min(self.parts.freshness))
    }

    /// Buys products, sharing calls with everybody who asks at the same time. Facts that somebody bought within `age`
    /// will do; zero pays anew in any case.
    /// What does not come within the caller's patience is an error.
    pub(crate) async fn buy(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
        errand: Errand,
        age: TimeDelta,
        patience: Patience<'_>,
    ) -> Vec<Purchase> {
        let mut ends: Vec<Option<(Delivery, bool)>> = asins.iter().map(|_| None).collect();
        loop {
            let open: Vec<usize> = (0..asins.len()).filter(|at| ends[*at].is_none()).collect();
            if open.is_empty() {
                break;
            }
            let (mut work, mut news) = (FuturesUnordered::new(), Vec::new());
            for at in open {
                let (pending, queue, mine) = self.order((marketplace, errand), asins[at], age);
                work.push(pending.map(move |delivery| (at, delivery, mine)));
                news.push(queue);
            }
            let take = |(at, delivery, mine): (usize, Delivery, bool)| {
                // An order that was given up as this caller came is made again.
                if !matches!(delivery, Err(EngineError::GivenUp)) {
                    ends[at] = Some((delivery, mine));
                }
            };
            if let Err(error) = patience.for_all(&mut work, news, take).await {
                for end in ends.iter_mut().filter(|end| end.is_none()) {
                    *end = Some((Err(error.clone()), false));
                }
            }
        }
        let purchase = |(asin, end): (&Asin, Option<(Delivery, bool)>)| {
            let (delivery, mine) = end?;
            let charged = mine && matches!(&delivery, Ok(Some(bought)) if bought.paid);
            Some(Purchase { asin: *asin, delivery, charged })
        };
        asins.iter().zip(ends).filter_map(purchase).collect()
    }

    /// Orders one product, or joins the order for it; the last value says whether it is new.
    fn order(&self, counter: Counter, asin: Asin, age: TimeDelta) -> (Pending, News, bool) {
        let mut orders = self.lock();
        if let Some((pending, desk)) = orders.under_way.get(&(counter.0, asin)) {
            return (pending.clone(), desk.queue(), false);
        }
        let (deliver, delivered) = oneshot::channel();
        let pending = delivered.map(|end| end.unwrap_or(Err(EngineError::Stopping))).boxed().shared();
        let desk = Desk::default();
        let queue = desk.queue();
        orders.under_way.insert((counter.0, asin), (pending.clone(), desk.clone()));
        let waiting = orders.waiting.entry(counter).or_default();
        waiting.push(Order { asin, age, desk, deliver });
        if waiting.len() >= BATCH {
            let full = std::mem::take(waiting);
            self.parts.tasks.spawn(self.clone().serve(counter, full));
        } else if waiting.len() == 1 {
            let buyer = self.clone();
            self.parts.tasks.spawn(async move {
                tokio::time::sleep(LINGER).await;
                let batch = buyer.lock().waiting.remove(&counter).unwrap_or_default();
                if !batch.is_empty() {
                    buyer.serve(counter, batch).await;
                }
            });
        }
        (pending, queue, true)
    }

    /// Serves a batch: buys what nobody else is buying, waits for the rest.
    async fn serve(self, counter: Counter, batch: Vec<Order>) {
        let mut open = batch;
        while !open.is_empty() {
            match self.round(counter, &open).await {
                Ok(answers) => open = self.deliver(counter.0, open, answers),
                Err(error) => match Short::new(error, self.parts.clock.now()) {
                    Ok(short) => open = self.wait(counter.0, open, &short).await,
                    Err(error) => {
                        let failed = open.iter().map(|order| (order.asin, Err(error.clone()))).collect();
                        self.deliver(counter.0, std::mem::take(&mut open), failed);
                    }
                },
            }
        }
    }

    /// Waits for tokens; what nobody waits for any more is given up.
    async fn wait(&self, marketplace: Marketplace, open: Vec<Order>, short: &Short) -> Vec<Order> {
        let desks: Vec<&Desk> = open.iter().map(|order| &order.desk).collect();
        for desk in &desks {
            desk.tell(short);
        }
        let ended = match short.sleep_for(&desks, &self.parts.ending).await {
            Ok(true) => return open,
            Ok(false) => {
                let gone = open.iter().filter(|order| order.desk.is_deserted());
                gone.map(|order| (order.asin, Err(EngineError::GivenUp))).collect()
            }
            Err(error) => open.iter().map(|order| (order.asin, Err(error.clone()))).collect(),
        };
        self.deliver(marketplace, open, ended)
    }

    /// One round over open orders: what it could settle. What it could not was being bought by another
    /// process, which has ended meanwhile. An error is everybody's; too few tokens are one.
    async fn round(&self, counter: Counter, open: &[Order]) -> Result<HashMap<Asin, Delivery>, EngineError> {
        let marketplace = counter.0;
        let key = |asin: &Asin| format!("product:{}:{asin}", marketplace.id());
        let keys: Vec<String> = open.iter().map(|order| key(&order.asin)).collect();
        let held = self.parts.leases.take(&keys).await?;
        let ours: HashSet<&String> = held.keys().iter().collect();
        let (mine, theirs): (Vec<&Order>, Vec<&Order>) =
            open.iter().partition(|order| ours.contains(&key(&order.asin)));
        let answers = self.settle_mine(counter, &mine).await;
        held.release().await;
        let mut answers = answers?;
        if !theirs.is_empty() {
            let asins: Vec<Asin> = theirs.iter().map(|order| order.asin).collect();
            let keys: Vec<String> = asins.iter().map(key).collect();
            self.parts.leases.freed(&keys).await?;
            for (asin, bought) in self.known(marketplace, &asins, self.parts.freshness).await? {
                answers.insert(asin, Ok(Some(bought)));
            }
        }
        Ok(answers)
    }

    /// Settles orders whose leases are held: with what somebody bought just before, or with a call.
    async fn settle_mine(
        &self,
        (marketplace, errand): Counter,
        mine: &[&Order],
    ) -> Result<HashMap<Asin, Delivery>, EngineError> {
        // Somebody may have bought it between our look at the facts and our lease.
        let ages: HashMap<Asin, TimeDelta> =
            mine.iter().filter(|order| !order.age.is_zero()).map(|order| (order.asin, order.age)).collect();
        let (look, now): (Vec<Asin>, _) = (ages.keys().copied().collect(), self.parts.clock.now());
        let mut answers: HashMap<Asin, Delivery> = HashMap::new();
        for (asin, bought) in self.known(marketplace, &look, self.parts.freshness).await? {
            if ages.get(&asin).is_some_and(|age| young(bought.fetched_at, *age, now)) {
                answers.insert(asin, Ok(Some(bought)));
            }
        }
        let wanted: Vec<Asin> =
            mine.iter().map(|order| order.asin).filter(|asin| !answers.contains_key(asin)).collect();
        if !wanted.is_empty() {
            match self.call(marketplace, errand, &wanted).await {
                Ok(bought) => answers.extend(bought),
                // Too few tokens: what was found all the same goes out, the rest is tried again.
                Err(error) if error.retry_after().is_some() && answers.is_empty() => return Err(error),
                Err(error) if error.retry_after().is_some() => {}
                Err(error) => answers.extend(wanted.iter().map(|asin| (*asin, Err(error.clone())))),
            }
        }
        Ok(answers)
    }

    /// One call to Keepa: reserves, pays, keeps.
    async fn call(
        &self,
        marketplace: Marketplace,
        errand: Errand,
        asins: &[Asin],
    ) -> Result<HashMap<Asin, Delivery>, EngineError> {
        let Parts { keepa, clock, recorder, ledger, memory, .. } = self.parts.as_ref();
        let request =
            ProductRequest::asins(marketplace, asins.iter().copied()).stats_days(STATS_DAYS).history(true);
        let words = format!("product {marketplace} x{}", asins.len());
        let estimated = i64::from(request.cost().upper);
        let promise = ledger.reserve(Purpose::Scoring, errand, words, estimated).await?;
        let answer = Box::pin(meters::keepa("product", keepa.products(&request))).await;
        let now = clock.now();
        let mut products: HashMap<Asin, Arc<Bought>> = HashMap::new();
        let mut writes = Vec::new();
        let failure = match answer {
            Ok(answer) => {
                for RawProduct { product, json } in answer.value {
                    let Some(asin) = product.asin else { continue };
                    writes.push(Write::PutProduct(put(marketplace, asin, &product, &json, now)));
                    products.insert(asin, Arc::new(Bought { product, fetched_at: now, paid: true }));
                }
                writes.extend(ledger.settle(promise, Some(&answer.tokens), true, products.len()));
                None
            }
            Err(error) => {
                writes.extend(ledger.settle(promise, error.tokens(), error.may_have_been_charged(), 0));
                Some(EngineError::from(error))
            }
        };
        // When that fails the answers still go out from memory, and it is tried again.
        let _ = recorder.keep(writes).await;
        memory.learn();
        match failure {
            Some(error) => Err(error),
            None => Ok(asins.iter().map(|asin| (*asin, Ok(products.get(asin).cloned()))).collect()),
        }
    }

    /// The facts that are already paid for and not older than `age`.
    pub(crate) async fn known(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
        age: TimeDelta,
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        let now = self.parts.clock.now();
        self.read(marketplace, asins, move |row| young(row.fetched_at.and_utc(), age, now)).await
    }

    /// The facts that are not older than `age`, or were bought at `since` or later.
    pub(crate) async fn known_since(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
        age: TimeDelta,
        since: Option<DateTime<Utc>>,
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        let now = self.parts.clock.now();
        let wanted = move |row: &ProductRow| {
            let fetched_at = row.fetched_at.and_utc();
            young(fetched_at, age, now)
                || since.is_some_and(|since| fetched_at >= since && can_have_been(fetched_at, now))
        };
        self.read(marketplace, asins, wanted).await
    }

    /// The facts that are already paid for, however old.
    pub(crate) async fn known_at_any_age(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        self.read(marketplace, asins, |_| true).await
    }

    async fn read(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
        wanted: impl Fn(&ProductRow) -> bool + Send + 'static,
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        if asins.is_empty() {
            return Ok(HashMap::new());
        }
        let names: Vec<String> = asins.iter().map(ToString::to_string).collect();
        let rows = self.parts.store.products(i64::from(marketplace.id()), &names).await?;
        off_the_runtime(move || {
            rows.into_iter()
                .filter(wanted)
                .filter_map(|row| {
                    let asin: Asin = row.asin.parse().ok()?;
                    let text = std::str::from_utf8(&row.json).ok()?;
                    // What cannot be read any more is bought again.
                    let product = RawProduct::decode(text).ok()?.product;
                    let fetched_at = row.fetched_at.and_utc();
                    Some((asin, Arc::new(Bought { product, fetched_at, paid: false })))
                })
                .collect()
        })
        .await
    }

    /// Hands over what is settled; what is not stays open.
    fn deliver(
        &self,
        marketplace: Marketplace,
        open: Vec<Order>,
        mut answers: HashMap<Asin, Delivery>,
    ) -> Vec<Order> {
        let mut orders = self.lock();
        let mut still_open = Vec::new();
        for order in open {
            match answers.remove(&order.asin) {
                Some(delivery) => {
                    orders.under_way.remove(&(marketplace, order.asin));
                    // Nobody may be waiting any more; the facts are kept all the same.
                    let _ = order.deliver.send(delivery);
                }
                None => still_open.push(order),
            }
        }
        still_open
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The row that keeps a product.
pub(crate) fn put(
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
        excerpt: Some(Excerpt {
            form: EXCERPT_FORM,
            json: excerpt(product, KeepaTime::from_datetime(now)).into_bytes(),
        }),
    }
}
