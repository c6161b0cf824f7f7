//! Writing: a list of [`Write`]s becomes a list of statements, and these one transaction.
//!
//! The list is first put in an order of its own (generation, caches, facts, history, ledger, account; keys sorted), so
//! that two processes that write at once wait for each other in the same order and do not deadlock. The result is what
//! applying the list from front to back would give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDateTime;
use tokio::sync::OwnedMutexGuard;

use crate::account::{self, AccountRow};
use crate::compose::chained;
use crate::direct::{Direct, Wait};
use crate::discovery::{self, DiscoveryPut};
use crate::generation::{self, Hold};
use crate::history::{self, HistoryPut, OutcomePut};
use crate::ledger::{self, LedgerPut, SavedPut};
use crate::notice::{self, NoticePut};
use crate::product::{self, ProductPut};
use crate::scoring::{self, ScorePut};
use crate::session::Session;
use crate::sqlite::Writers;
use crate::sourcing::{PickPut, SightingPut, pick, sighting};
use crate::statement::{Statement, Value, add_hits, exact, with_keys};
use crate::{Engine, Store, StoreError, race};

/// Facts of so many bytes are compressed on a thread of their own: at some 200 MB/s it would keep others waiting.
const BYTES_PACKED_AT_ONCE: usize = 64 * 1024;

/// More is written to SQLite on a thread of its own, or those who have nothing to write would wait for it. The hits of
/// ten answers are less, and take a quarter of a millisecond.
const BYTES_WRITTEN_AT_ONCE: usize = 16 * 1024;

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
    /// Something to tell people, in the transaction of what it tells about.
    Notice(NoticePut),
    /// Record tokens that the cache made unnecessary.
    Saved(SavedPut),
    /// What a run judged of a product. The same product of the same run again changes nothing.
    PutSighting(SightingPut),
    /// Keep a pick as the last run left it. What the reseller decided on it stays.
    PutPick(PickPut),
    /// What Keepa told of the balance. Of two, the one that was read later is kept.
    Account(AccountRow),
    /// Gives the tokens of a reservation back. One that is not there (any more) is passed over.
    Release {
        /// Its id.
        reservation: uuid::Uuid,
    },
    /// What was computed before must not be kept any more: rules changed, caches were cleared, a row was replaced on
    /// purpose.
    BumpGeneration,
}

/// What one answer writes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// The generation that was read before the answer was computed. `None`: right whatever it is now (paid facts, the
    /// ledger).
    pub generation: Option<i64>,
    /// What to write, all or nothing.
    pub writes: Vec<Write>,
}

impl Store {
    /// Writes everything in one transaction, or nothing. When this returns `Ok`, all of it survives the death of the
    /// process. A list with a value that cannot be stored is refused before anything is sent. Once begun it runs to
    /// its end, also when the caller stops waiting.
    pub async fn commit(&self, writes: &[Write]) -> Result<(), StoreError> {
        let groups = vec![Group { generation: None, writes: writes.to_vec() }];
        self.to_the_end(groups).await.map(drop)
    }

    /// [`Store::commit`] for the answers of many, in one transaction. A group with another generation than the present
    /// one is left out, and its place in the result is `false`; all others are written. A bump inside a group counts
    /// for the groups after it. No bump of another process comes between the check and the commit.
    pub async fn commit_groups(&self, groups: &[Group]) -> Result<Vec<bool>, StoreError> {
        self.to_the_end(groups.to_vec()).await
    }

    async fn to_the_end(&self, groups: Vec<Group>) -> Result<Vec<bool>, StoreError> {
        let store = self.clone();
        let run = tokio::spawn(async move { store.commit_shared(Arc::new(groups)).await });
        run.await.map_err(|error| StoreError::Other { reason: format!("writing: {error}"), source: None })?
    }

    /// [`Store::commit_groups`] without a copy of what is written, for a caller who waits for the end: what it was
    /// doing when the caller goes is undone.
    pub async fn commit_shared(&self, groups: Arc<Vec<Group>>) -> Result<Vec<bool>, StoreError> {
        self.run(pack(groups).await?).await
    }

    async fn run(&self, groups: Arc<Vec<Group>>) -> Result<Vec<bool>, StoreError> {
        // Put together before the transaction begins, for the generation that is most likely.
        let likely = groups.iter().filter_map(|group| group.generation).max();
        let mut draft = Draft::new(self.engine(), &groups, likely.unwrap_or_default())?;
        let hold = match (draft.bumps > 0 || groups.iter().any(Group::bumps), likely) {
            (true, _) => Some(Hold::Alone),
            (false, Some(_)) => Some(Hold::Shared),
            (false, None) => None,
        };
        if hold.is_none() && draft.statements.is_empty() {
            return Ok(draft.written);
        }
        let mut attempt = 1;
        loop {
            let result = match self.direct().await? {
                Some(writers) => self.write_directly(&groups, hold, &mut draft, writers).await,
                None => self.write_in_turns(&groups, hold, &mut draft).await,
            };
            if let Err(error) = &result
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            result?;
            self.committed();
            return Ok(draft.written);
        }
    }
}

impl Store {
    /// The same on SQLite: on this thread, as long as it is a matter of microseconds, else on one of its own.
    async fn write_directly(
        &self,
        groups: &Arc<Vec<Group>>,
        hold: Option<Hold>,
        draft: &mut Draft,
        mut writers: OwnedMutexGuard<Writers>,
    ) -> Result<(), StoreError> {
        let mut result = Err(StoreError::Busy { source: None });
        if let Some(direct) = &mut writers.direct
            && draft.bytes() <= BYTES_WRITTEN_AT_ONCE
        {
            result = transact(direct, Wait::Never, groups, hold, draft);
        }
        if matches!(result, Err(StoreError::Busy { .. })) {
            let (groups, mut taken) = (Arc::clone(groups), std::mem::take(draft));
            let written = tokio::task::spawn_blocking(move || {
                let result = match &mut writers.direct {
                    Some(direct) => transact(direct, Wait::Patiently, &groups, hold, &mut taken),
                    None => Err(StoreError::Busy { source: None }),
                };
                (result, taken)
            });
            (result, *draft) = written.await.map_err(|error| StoreError::Other {
                reason: format!("writing: {error}"),
                source: None,
            })?;
        }
        self.wrote(result.is_ok());
        result
    }
}

fn transact(
    direct: &mut Direct,
    wait: Wait,
    groups: &[Group],
    hold: Option<Hold>,
    draft: &mut Draft,
) -> Result<(), StoreError> {
    direct.transaction(wait, |transaction| {
        if hold.is_some() {
            let generation = generation::read_directly(transaction)?;
            if generation != draft.generation {
                *draft = Draft::new(Engine::Sqlite, groups, generation)?;
            }
            if draft.bumps > 0 {
                generation::raise_directly(transaction, generation.saturating_add(draft.bumps))?;
            }
        }
        draft.statements.iter().try_for_each(|statement| transaction.execute(statement))
    })
}

impl Store {
    /// The same on PostgreSQL, where every statement is a journey to the server and back: as one if that can be, which
    /// is what a hit needs, else each by itself (as in a SQLite database in memory). The transaction begins with a journey of its own: on a connection
    /// that turns out to be dead then, nothing was done.
    async fn write_in_turns(
        &self,
        groups: &[Group],
        hold: Option<Hold>,
        draft: &mut Draft,
    ) -> Result<(), StoreError> {
        let expected = draft.generation.into();
        let mut values = vec![&expected];
        // Reservations are locked after the account is changed.
        let reserved = |statement: &Statement| statement.sql.contains(account::RESERVATIONS);
        let as_one = if self.engine() == Engine::Sqlite || draft.bumps > 0 || draft.statements.iter().any(reserved) {
            None
        } else {
            let first = if hold.is_some() { generation::FIRST_AT } else { generation::FIRST };
            chained(first, &draft.statements, &mut values)
        };
        let mut session = self.writing().await?;
        if let Some(sql) = as_one {
            match session.execute_with(sql, values).await {
                Err(error) if generation::is_another(&error) => {
                    session.end(Err::<(), _>(error)).await.unwrap_or_default();
                    session = self.writing().await?;
                }
                result => return session.end(result.map(drop)).await,
            }
        }
        let result = write(&mut session, groups, hold, draft).await;
        session.end(result).await
    }
}

async fn write(
    session: &mut Session,
    groups: &[Group],
    hold: Option<Hold>,
    draft: &mut Draft,
) -> Result<(), StoreError> {
    if let Some(hold) = hold {
        let generation = generation::hold(session, hold).await?;
        if generation != draft.generation {
            *draft = Draft::new(session.engine(), groups, generation)?;
        }
        if draft.bumps > 0 {
            generation::raise(session, generation.saturating_add(draft.bumps)).await?;
        }
    }
    for statement in &draft.statements {
        session.execute(statement).await?;
    }
    Ok(())
}

/// Compresses the facts among the writes.
async fn pack(groups: Arc<Vec<Group>>) -> Result<Arc<Vec<Group>>, StoreError> {
    fn pack(groups: &mut [Group]) -> Result<(), StoreError> {
        groups.iter_mut().flat_map(|group| &mut group.writes).try_for_each(|write| match write {
            Write::PutProduct(put) => put.pack(),
            _ => Ok(()),
        })
    }
    let bytes: usize = groups
        .iter()
        .flat_map(|group| &group.writes)
        .map(|write| if let Write::PutProduct(put) = write { put.json.len() } else { 0 })
        .sum();
    if bytes == 0 {
        return Ok(groups);
    }
    let mut groups = Arc::unwrap_or_clone(groups);
    if bytes <= BYTES_PACKED_AT_ONCE {
        pack(&mut groups)?;
        return Ok(Arc::new(groups));
    }
    let packed = tokio::task::spawn_blocking(move || pack(&mut groups).map(|()| Arc::new(groups))).await;
    packed
        .map_err(|error| StoreError::Other { reason: format!("compressing facts: {error}"), source: None })?
}

impl Group {
    fn bumps(&self) -> bool {
        self.writes.contains(&Write::BumpGeneration)
    }
}

/// The statements of a list of writes that hold under any generation, for a transaction of another kind.
pub(crate) fn statements(engine: Engine, writes: &[Write]) -> Result<Vec<Statement>, StoreError> {
    let mut plan = Plan::default();
    writes.iter().try_for_each(|write| plan.add(write))?;
    plan.statements(engine)
}

/// What groups come to under a generation.
#[derive(Default)]
struct Draft {
    generation: i64,
    /// For each group, whether it is among the statements.
    written: Vec<bool>,
    /// How often the generation is raised.
    bumps: i64,
    statements: Vec<Statement>,
}

impl Draft {
    fn new(engine: Engine, groups: &[Group], generation: i64) -> Result<Self, StoreError> {
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
    fn bytes(&self) -> usize {
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
