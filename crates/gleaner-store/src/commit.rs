//! Writing: a list of [`Write`]s becomes a list of statements, and these one transaction.
//!
//! The list is first put in an order of its own (caches, facts, history, ledger; keys sorted), so that two processes
//! that write at once wait for each other in the same order and do not deadlock. The result is what applying the list
//! from front to back would give.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::discovery::{self, DiscoveryPut};
use crate::history::{self, HistoryPut, OutcomePut};
use crate::ledger::{self, LedgerPut};
use crate::product::{self, ProductPut};
use crate::scoring::{self, ScorePut};
use crate::statement::{Statement, add_hits, exact, with_keys};
use crate::{Engine, Store, StoreError};

/// How often a transaction is run that the server undid because of others.
const ATTEMPTS: u32 = 6;

/// One thing to write. What an answer writes is a list of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A cached discovery was used `by` times. A key that is not there (any more) is passed over.
    DiscoveryHit {
        /// Its cache key.
        key: String,
        /// How many times.
        by: i64,
    },
    /// A cached score was used once.
    ScoreHit {
        /// Its cache key.
        key: String,
    },
    /// Keep a discovery.
    PutDiscovery(DiscoveryPut),
    /// Keep a score.
    PutScore(ScorePut),
    /// Keep paid facts.
    PutProduct(ProductPut),
    /// Record a question.
    History(HistoryPut),
    /// Record how it was answered.
    Outcome(OutcomePut),
    /// Record tokens.
    Ledger(LedgerPut),
}

impl Store {
    /// Writes everything in one transaction, or nothing. When this returns `Ok`, all of it survives the death of the
    /// process. A list with a value that cannot be stored is refused before anything is sent. Once begun it runs to
    /// its end, also when the caller stops waiting.
    pub async fn commit(&self, writes: &[Write]) -> Result<(), StoreError> {
        let statements = Plan::new(writes)?.statements(self.engine())?;
        if statements.is_empty() {
            return Ok(());
        }
        let store = self.clone();
        let run = tokio::spawn(async move { store.run(&statements).await });
        run.await.map_err(|error| StoreError::Other { reason: format!("writing: {error}"), source: None })?
    }

    async fn run(&self, statements: &[Statement]) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            match self.run_once(statements).await {
                Err(error) if error.lost_a_race() && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
                Ok(()) => {
                    self.committed();
                    return Ok(());
                }
            }
        }
    }

    async fn run_once(&self, statements: &[Statement]) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        let mut result = Ok(());
        for statement in statements {
            result = session.execute(statement).await.map(drop);
            if result.is_err() {
                break;
            }
        }
        session.end(result).await
    }
}

/// A list of writes, sorted by table and key. Later writes of a key replace earlier ones.
#[derive(Default)]
struct Plan<'a> {
    discoveries: BTreeMap<&'a str, &'a DiscoveryPut>,
    discovery_hits: BTreeMap<&'a str, i64>,
    scores: BTreeMap<&'a str, &'a ScorePut>,
    score_hits: BTreeMap<&'a str, i64>,
    products: BTreeMap<(i64, &'a str), &'a ProductPut>,
    history: BTreeMap<uuid::Uuid, &'a HistoryPut>,
    outcomes: BTreeMap<uuid::Uuid, &'a OutcomePut>,
    ledger: BTreeMap<uuid::Uuid, &'a LedgerPut>,
}

impl<'a> Plan<'a> {
    fn new(writes: &'a [Write]) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        for write in writes {
            match write {
                Write::DiscoveryHit { key, by } => hit(&mut plan.discovery_hits, key, *by)?,
                Write::ScoreHit { key } => hit(&mut plan.score_hits, key, 1)?,
                // The hits so far were hits of the row that is replaced.
                Write::PutDiscovery(put) => {
                    plan.discovery_hits.remove(put.cache_key.as_str());
                    plan.discoveries.insert(&put.cache_key, put);
                }
                Write::PutScore(put) => {
                    plan.score_hits.remove(put.cache_key.as_str());
                    plan.scores.insert(&put.cache_key, put);
                }
                Write::PutProduct(put) => {
                    let kept = plan.products.entry((put.domain, &put.asin)).or_insert(put);
                    if put.fetched_at >= kept.fetched_at {
                        *kept = put;
                    }
                }
                Write::History(put) => {
                    plan.history.entry(put.id).or_insert(put);
                }
                Write::Outcome(put) => {
                    plan.outcomes.entry(put.history_id).or_insert(put);
                }
                Write::Ledger(put) => {
                    plan.ledger.insert(put.id, put);
                }
            }
        }
        Ok(plan)
    }

    fn statements(self, engine: Engine) -> Result<Vec<Statement>, StoreError> {
        let mut statements = Vec::new();
        let mut add = |more: Vec<Statement>| statements.extend(more);

        let keys = self.discoveries.keys().chain(self.discovery_hits.keys());
        add(lock(engine, discovery::TABLE, keys));
        let puts: Vec<_> = self.discoveries.into_values().collect();
        add(discovery::INSERT.statements(engine, rows(&puts, DiscoveryPut::row)?));
        let details: Vec<_> = puts.iter().filter_map(|put| put.detail_row()).collect();
        add(discovery::INSERT_DETAIL.statements(engine, details));
        let bare = puts.iter().filter(|put| put.detail.is_none()).map(|put| put.cache_key.clone());
        add(forget(discovery::DETAIL_TABLE, bare.collect()));
        add(add_hits(discovery::TABLE, owned(self.discovery_hits)).collect());

        let keys = self.scores.keys().chain(self.score_hits.keys());
        add(lock(engine, scoring::TABLE, keys));
        let puts: Vec<_> = self.scores.into_values().collect();
        add(scoring::INSERT.statements(engine, rows(&puts, ScorePut::row)?));
        let details: Vec<_> = rows(&puts, ScorePut::detail_row)?.into_iter().flatten().collect();
        add(scoring::INSERT_DETAIL.statements(engine, details));
        let bare = puts.iter().filter(|put| put.detail.is_none()).map(|put| put.cache_key.clone());
        add(forget(scoring::DETAIL_TABLE, bare.collect()));
        add(add_hits(scoring::TABLE, owned(self.score_hits)).collect());

        let puts: Vec<_> = self.products.into_values().collect();
        add(product::INSERT.statements(engine, rows(&puts, ProductPut::row)?));
        let puts: Vec<_> = self.history.into_values().collect();
        add(history::INSERT.statements(engine, rows(&puts, HistoryPut::row)?));
        add(history::INSERT_OUTCOME.statements(engine, self.outcomes.values().map(|put| put.row()).collect()));
        let puts: Vec<_> = self.ledger.into_values().collect();
        add(ledger::INSERT.statements(engine, rows(&puts, LedgerPut::row)?));
        Ok(statements)
    }
}

fn rows<P, R>(puts: &[&P], row: impl Fn(&P) -> Result<R, StoreError>) -> Result<Vec<R>, StoreError> {
    puts.iter().map(|put| row(put)).collect()
}

fn owned(hits: BTreeMap<&str, i64>) -> Vec<(String, i64)> {
    hits.into_iter().map(|(key, by)| (key.to_owned(), by)).collect()
}

fn hit<'a>(hits: &mut BTreeMap<&'a str, i64>, key: &'a str, by: i64) -> Result<(), StoreError> {
    exact("cache_key", key, 255)?;
    let sum = hits.entry(key).or_default();
    *sum = sum.saturating_add(by);
    Ok(())
}

/// Deletes the details of rows that are replaced by some without.
fn forget(table: &str, keys: Vec<String>) -> Vec<Statement> {
    with_keys(&format!("DELETE FROM {table} WHERE cache_key IN"), "", keys)
}

/// Takes the locks of all rows of a table that will change, in the order of their keys. An `UPDATE` of several rows
/// takes them in the order in which it finds them, which differs from one process to the next: that is how they
/// would deadlock. SQLite has one writer at a time.
fn lock<'a>(engine: Engine, table: &str, keys: impl Iterator<Item = &'a &'a str>) -> Vec<Statement> {
    let mut keys: Vec<String> = keys.map(|key| (*key).to_owned()).collect();
    keys.sort_unstable();
    keys.dedup();
    if engine == Engine::Sqlite || keys.len() < 2 {
        return Vec::new();
    }
    let front = format!("SELECT 1 FROM {table} WHERE cache_key IN");
    with_keys(&front, "ORDER BY cache_key FOR UPDATE", keys)
}
