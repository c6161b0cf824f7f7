//! Writing: a list of [`Write`]s becomes a list of statements (see [`Draft`]), and these one transaction.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use crate::account::{self, AccountRow};
use crate::compose::chained;
use crate::direct::{Direct, Wait};
use crate::discovery::DiscoveryPut;
use crate::draft::Draft;
use crate::generation::{self, Hold};
use crate::history::{HistoryPut, OutcomePut};
use crate::ledger::{LedgerPut, SavedPut};
use crate::notice::NoticePut;
use crate::product::ProductPut;
use crate::scoring::ScorePut;
use crate::session::Session;
use crate::sourcing::{PickPut, SightingPut};
use crate::sqlite::Writers;
use crate::statement::Statement;
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

    /// [`Store::commit_groups`] without a copy of what is written, for a caller who waits for the end: when the caller
    /// goes, what it was doing may be undone.
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
            (result, *draft) = written
                .await
                .map_err(|error| StoreError::Other { reason: format!("writing: {error}"), source: None })?;
        }
        self.wrote(result.is_ok());
        result
    }
}

/// What [`write`] does, on the short way. The draft is made anew when the generation is another.
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
    /// is what a hit needs, else each by itself (as in a SQLite database in memory). The transaction begins with a
    /// journey of its own: on a connection that turns out to be dead then, nothing was done.
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
        let as_one =
            if self.engine() == Engine::Sqlite || draft.bumps > 0 || draft.statements.iter().any(reserved) {
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
