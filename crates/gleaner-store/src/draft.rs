//! What is written, as statements: a list of [`Write`]s is put in an order of its own (generation, caches, facts, history,
//! ledger, account; keys sorted), so that two processes that write at once wait for each other in the same order and do
//! not deadlock. The result is what applying the list from front to back would give.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::account::{self, AccountRow};
use crate::commit::{Group, Write};
use crate::discovery::{self, DiscoveryPut};
use crate::history::{self, HistoryPut, OutcomePut};
use crate::ledger::{self, LedgerPut, SavedPut};
use crate::notice::{self, NoticePut};
use crate::product::{self, ProductPut};
use crate::scoring::{self, ScorePut};
use crate::sourcing::{PickPut, SightingPut, pick, sighting};
use crate::statement::{Statement, Value, add_hits, exact, with_keys};
use crate::{Engine, StoreError};

/// The statements of a list of writes that hold under any generation, for a transaction of another kind.
pub(crate) fn statements(engine: Engine, writes: &[Write]) -> Result<Vec<Statement>, StoreError> {
    let mut plan = Plan::default();
    writes.iter().try_for_each(|write| plan.add(write))?;
    plan.statements(engine)
}

/// What groups come to under a generation.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) generation: i64,
    /// For each group, whether it is among the statements.
    pub(crate) written: Vec<bool>,
    /// How often the generation is raised.
    pub(crate) bumps: i64,
    pub(crate) statements: Vec<Statement>,
}

impl Draft {
    pub(crate) fn new(engine: Engine, groups: &[Group], generation: i64) -> Result<Self, StoreError> {
        let mut plan = Plan::default();
        let mut written = Vec::with_capacity(groups.len());
        let mut bumps = 0;
        for group in groups {
            let fresh = group.generation.is_none_or(|read| read == generation.saturating_add(bumps));
            written.push(fresh);
            for write in group.writes.iter().filter(|_| fresh) {
                match write {
                    Write::BumpGeneration => bumps += 1,
                    write => plan.add(write)?,
                }
            }
        }
        Ok(Self { generation, written, bumps, statements: plan.statements(engine)? })
    }

    /// About how much there is to write.
    pub(crate) fn bytes(&self) -> usize {
        self.statements.iter().map(|statement| statement.sql.len()).sum::<usize>()
            + self.statements.iter().flat_map(|statement| &statement.values).map(Value::bytes).sum::<usize>()
    }
}

/// A list of writes, sorted by table and key. Later writes of a key replace earlier ones.
#[derive(Default)]
struct Plan<'a> {
    discoveries: BTreeMap<&'a str, &'a DiscoveryPut>,
    discovery_hits: BTreeMap<&'a str, i64>,
    scores: BTreeMap<&'a str, &'a ScorePut>,
    /// Hits before the first new row of a key.
    earlier_score_hits: BTreeMap<&'a str, i64>,
    /// Hits of the scores that were there before.
    early_score_hits: BTreeMap<&'a str, i64>,
    score_hits: BTreeMap<&'a str, i64>,
    products: BTreeMap<(i64, &'a str), &'a ProductPut>,
    history: BTreeMap<uuid::Uuid, &'a HistoryPut>,
    outcomes: BTreeMap<uuid::Uuid, &'a OutcomePut>,
    ledger: BTreeMap<uuid::Uuid, &'a LedgerPut>,
    notices: BTreeMap<uuid::Uuid, &'a NoticePut>,
    /// Tokens by hour and purpose.
    saved: BTreeMap<(NaiveDateTime, &'a str), i64>,
    sightings: BTreeMap<(&'a str, &'a str, &'a str), &'a SightingPut>,
    picks: BTreeMap<(String, &'a str, &'a str), &'a PickPut>,
    account: Option<&'a AccountRow>,
    releases: BTreeSet<uuid::Uuid>,
}

impl<'a> Plan<'a> {
    fn add(&mut self, write: &'a Write) -> Result<(), StoreError> {
        match write {
            Write::DiscoveryHit { key, by } => hit(&mut self.discovery_hits, key, *by)?,
            Write::ScoreHit { key } => hit(&mut self.score_hits, key, 1)?,
            // The hits so far were hits of the row that is replaced.
            Write::PutDiscovery(put) => {
                self.discovery_hits.remove(put.cache_key.as_str());
                self.discoveries.insert(&put.cache_key, put);
            }
            Write::PutScore(put) => {
                let key = put.cache_key.as_str();
                let lives_on = |earlier: &ScorePut| earlier.expires_at == put.expires_at;
                match self.scores.insert(key, put) {
                    Some(earlier) if lives_on(earlier) => {}
                    Some(_) => drop(self.score_hits.remove(key)),
                    // Whether they count further depends on the row that is there.
                    None => self.early_score_hits.extend(self.score_hits.remove_entry(key)),
                }
            }
            Write::PutProduct(put) => {
                let kept = self.products.entry((put.domain, &put.asin)).or_insert(put);
                if put.fetched_at >= kept.fetched_at {
                    *kept = put;
                }
            }
            Write::History(put) => {
                self.history.entry(put.id).or_insert(put);
            }
            Write::Outcome(put) => {
                self.outcomes.entry(put.history_id).or_insert(put);
            }
            Write::Ledger(put) => {
                self.ledger.insert(put.id, put);
            }
            Write::Notice(put) => {
                self.notices.entry(put.id).or_insert(put);
            }
            Write::Saved(put) => {
                let sum = self.saved.entry((put.hour(), put.purpose)).or_default();
                *sum = sum.saturating_add(put.tokens);
            }
            Write::PutSighting(put) => {
                self.sightings.entry((&put.run_id, &put.asin, &put.condition)).or_insert(put);
            }
            Write::PutPick(put) => {
                self.picks.insert((put.owner(), &put.asin, &put.condition), put);
            }
            Write::Account(row) => {
                if self.account.is_none_or(|kept| row.read_at >= kept.read_at) {
                    self.account = Some(row);
                }
            }
            Write::Release { reservation } => {
                self.releases.insert(*reservation);
            }
            // Counted by the draft.
            Write::BumpGeneration => {}
        }
        Ok(())
    }

    fn statements(self, engine: Engine) -> Result<Vec<Statement>, StoreError> {
        let mut statements = Vec::new();
        let mut add = |more: Vec<Statement>| statements.extend(more);

        let keys = self.discoveries.keys().chain(self.discovery_hits.keys());
        add(lock(engine, discovery::TABLE, "cache_key", keys));
        let puts: Vec<_> = self.discoveries.into_values().collect();
        add(discovery::INSERT.statements(engine, rows(&puts, DiscoveryPut::row)?));
        let details: Vec<_> = puts.iter().filter_map(|put| put.detail_row()).collect();
        add(discovery::INSERT_DETAIL.statements(engine, details));
        let bare = puts.iter().filter(|put| put.detail.is_none()).map(|put| put.cache_key.clone());
        add(forget(discovery::DETAIL_TABLE, bare.collect()));
        add(add_hits(engine, discovery::TABLE, owned(self.discovery_hits)));

        let keys = self.scores.keys().chain(self.score_hits.keys());
        add(lock(engine, scoring::TABLE, "cache_key", keys));
        add(add_hits(engine, scoring::TABLE, owned(self.earlier_score_hits)));
        add(add_hits(engine, scoring::TABLE, owned(self.early_score_hits)));
        let puts: Vec<_> = self.scores.into_values().collect();
        add(scoring::INSERT.statements(engine, rows(&puts, ScorePut::row)?));
        let details: Vec<_> = rows(&puts, ScorePut::detail_row)?.into_iter().flatten().collect();
        add(scoring::INSERT_DETAIL.statements(engine, details));
        let bare = puts.iter().filter(|put| put.detail.is_none()).map(|put| put.cache_key.clone());
        add(forget(scoring::DETAIL_TABLE, bare.collect()));
        add(add_hits(engine, scoring::TABLE, owned(self.score_hits)));

        let puts: Vec<_> = self.products.into_values().collect();
        add(product::INSERT.statements(engine, rows(&puts, ProductPut::row)?));
        let excerpts: Vec<_> = rows(&puts, ProductPut::excerpt_row)?.into_iter().flatten().collect();
        add(product::INSERT_EXCERPT.statements(engine, excerpts));
        let puts: Vec<_> = self.history.into_values().collect();
        add(history::INSERT.statements(engine, rows(&puts, HistoryPut::row)?));
        add(history::INSERT_OUTCOME.statements(engine, self.outcomes.values().map(|put| put.row()).collect()));
        let puts: Vec<_> = self.ledger.into_values().collect();
        add(ledger::INSERT.statements(engine, rows(&puts, LedgerPut::row)?));
        let sums = self.saved.into_iter();
        let sums = sums.map(|((hour, purpose), tokens)| SavedPut::row(hour, purpose, tokens));
        add(ledger::INSERT_SAVED.statements(engine, sums.collect::<Result<_, _>>()?));
        let puts: Vec<_> = self.notices.into_values().collect();
        add(notice::INSERT.statements(engine, rows(&puts, NoticePut::row)?));
        let puts: Vec<_> = self.sightings.into_values().collect();
        add(sighting::INSERT.statements(engine, rows(&puts, SightingPut::row)?));
        let puts: Vec<_> = self.picks.into_values().collect();
        add(pick::INSERT.statements(engine, rows(&puts, PickPut::row)?));
        // In the order in which a reservation takes its locks: the account first.
        add(account::INSERT.statements(engine, self.account.map(AccountRow::row).into_iter().collect()));
        let ids: Vec<String> = self.releases.iter().map(ToString::to_string).collect();
        add(lock(engine, account::RESERVATIONS, "id", ids.iter()));
        add(with_keys("DELETE FROM gleaner_token_reservation WHERE id IN", "", ids));
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
fn lock(
    engine: Engine,
    table: &str,
    column: &str,
    keys: impl Iterator<Item = impl ToString>,
) -> Vec<Statement> {
    let mut keys: Vec<String> = keys.map(|key| key.to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    if engine == Engine::Sqlite || keys.len() < 2 {
        return Vec::new();
    }
    let front = format!("SELECT 1 FROM {table} WHERE {column} IN");
    with_keys(&front, &format!("ORDER BY {column} FOR UPDATE"), keys)
}
