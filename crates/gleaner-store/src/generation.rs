//! `gleaner_generation`: one number that makes the in-process caches of several processes agree.
//!
//! Whoever computes an answer reads the number first and hands it in with what the answer writes
//! ([`crate::Group`]). Whoever makes older answers wrong (new rules, cleared caches) raises it
//! ([`crate::Write::BumpGeneration`]). The number is compared inside the writing transaction, under a lock for which
//! a bump waits, so nothing computed before a bump is written after it. The notice that PostgreSQL sends on a bump
//! only spares others the wait until they look by themselves.

use sqlx::postgres::{PgListener, PgPool};

use crate::direct::Open;
use crate::session::Session;
use crate::statement::Statement;
use crate::{Engine, Store, StoreError, postgres};

const READ: &str = "SELECT generation FROM gleaner_generation WHERE id = 1";
/// The row comes with its table; should somebody have emptied it, counting begins again.
const SEED: &str =
    "INSERT INTO gleaner_generation (id, generation) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
const RAISE: &str = "UPDATE gleaner_generation SET generation = $1 WHERE id = 1";

/// How long a transaction holds the number: to its end, so that
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// nobody raises it meanwhile.
    Shared,
    /// nobody relies on it meanwhile: it will be raised.
    Alone,
}

/// Reads the number and holds it. It must be the first lock of its transaction.
pub(crate) async fn hold(session: &mut Session, hold: Hold) -> Result<i64, StoreError> {
    let words = match (session.engine(), hold) {
        // SQLite has one writer at a time.
        (Engine::Sqlite, _) => "",
        (Engine::Postgres, Hold::Shared) => postgres::FOR_SHARE,
        (Engine::Postgres, Hold::Alone) => {
            session.attempt(postgres::QUEUE_FOR_GENERATION).await?;
            postgres::FOR_UPDATE
        }
    };
    for _ in 0..2 {
        if let Some((generation,)) = session.row(format!("{READ} {words}"), &[]).await? {
            return Ok(generation);
        }
        session.execute(&Statement { sql: SEED.into(), values: Vec::new() }).await?;
    }
    Err(lost())
}

fn lost() -> StoreError {
    StoreError::corrupt("the generation cannot be kept")
}

/// Reads the number on the short way, inside a transaction: SQLite has one writer at a time.
pub(crate) fn read_directly(transaction: &Open<'_>) -> Result<i64, StoreError> {
    for _ in 0..2 {
        if let Some(generation) = transaction.number(READ)? {
            return Ok(generation);
        }
        transaction.execute(&Statement { sql: SEED.into(), values: Vec::new() })?;
    }
    Err(lost())
}

/// Raises the number on the short way.
pub(crate) fn raise_directly(transaction: &Open<'_>, to: i64) -> Result<(), StoreError> {
    transaction.execute(&Statement { sql: RAISE.into(), values: vec![to.into()] })
}

/// For [`crate::compose::chained`]: reads and holds the number like [`hold`], and fails when it is not the expected
/// one, which is the parameter `$1`.
pub(crate) const FIRST_AT: (&str, &str) = (
    "SELECT generation FROM gleaner_generation WHERE id = 1 FOR SHARE",
    // PostgreSQL raises an error of one's own only in functions; this is one that nothing else here can cause. It
    // would divide while it plans if it knew the zero.
    "CASE WHEN (SELECT generation FROM first) = $1 THEN LOCKS \
     ELSE 1 / (COALESCE((SELECT generation FROM first), 0) - COALESCE((SELECT generation FROM first), 0)) END",
);
/// The same for what holds under any number: nothing is read, and `$1` says nothing.
pub(crate) const FIRST: (&str, &str) =
    ("SELECT 1", "CASE WHEN CAST($1 AS BIGINT) IS NULL THEN 0 ELSE LOCKS END");

/// Whether a transaction that began with [`FIRST_AT`] failed because the number is another.
pub(crate) fn is_another(error: &StoreError) -> bool {
    matches!(error, StoreError::Other { reason, .. } if reason.contains("division by zero"))
}

/// The number, inside a transaction.
pub(crate) async fn current(session: &mut Session) -> Result<i64, StoreError> {
    Ok(session.row::<(i64,)>(READ, &[]).await?.map_or(0, |(generation,)| generation))
}

/// Raises the number, which the caller holds alone, and tells the other processes when the transaction commits.
pub(crate) async fn raise(session: &mut Session, to: i64) -> Result<(), StoreError> {
    session.execute(&Statement { sql: RAISE.into(), values: vec![to.into()] }).await?;
    match session.engine() {
        Engine::Sqlite => Ok(()),
        Engine::Postgres => session.attempt(postgres::NOTIFY_GENERATION).await,
    }
}

impl Store {
    /// Adds a version of a document and raises the number in one transaction, so that no answer computed under the
    /// version before is kept after it; `false` when the version is there already: somebody was faster.
    pub(crate) async fn add_version(&self, insert: &Statement) -> Result<bool, StoreError> {
        let mut session = self.writing().await?;
        let added = async {
            let current = hold(&mut session, Hold::Alone).await?;
            let added = session.execute(insert).await? == 1;
            if added {
                raise(&mut session, current + 1).await?;
            }
            Ok(added)
        };
        let added = added.await;
        session.end(added).await
    }
}

/// Hears of bumps; see [`Store::listen_generation`].
#[derive(Debug)]
pub struct GenerationListener {
    store: Store,
    /// A connection of its own.
    pool: PgPool,
    /// `None` after it failed, until the next call.
    listener: Option<PgListener>,
}

impl GenerationListener {
    /// Waits until the generation was raised, or may have been (the connection was lost for a moment). When this
    /// fails, the next call connects again: wait a little before it.
    pub async fn changed(&mut self) -> Result<(), StoreError> {
        loop {
            let Some(listener) = &mut self.listener else {
                self.listener = Some(self.connect().await?);
                return Ok(());
            };
            match listener.try_recv().await {
                // A greeting is only for the one who sent it.
                Ok(Some(notice)) if !notice.payload().is_empty() => {}
                Ok(_) => {
                    while listener.next_buffered().is_some() {}
                    return Ok(());
                }
                Err(error) => {
                    self.listener = None;
                    return Err(self.store.fail(error));
                }
            }
        }
    }

    async fn connect(&self) -> Result<PgListener, StoreError> {
        postgres::listen(&self.pool).await.map_err(|error| self.store.fail(error))
    }
}

impl Store {
    /// The generation: 0 in a new database, one more for every bump.
    pub async fn generation(&self) -> Result<i64, StoreError> {
        let mut session = self.reading().await?;
        let generation = session.row::<(i64,)>(READ, &[]).await;
        Ok(session.end(generation).await?.map_or(0, |(generation,)| generation))
    }

    /// Hears of bumps by all processes, sooner than by asking. `None` on SQLite, and where a notice does not arrive
    /// (behind a transaction pooler, on servers without `LISTEN`): it is only a speed-up. Takes a connection of its
    /// own beside the pool.
    pub async fn listen_generation(&self) -> Result<Option<GenerationListener>, StoreError> {
        let Some(pool) = self.listening_pool() else { return Ok(None) };
        let mut new = GenerationListener { store: self.clone(), pool, listener: None };
        let mut listener = match new.connect().await {
            Ok(listener) => listener,
            Err(StoreError::Other { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // A transaction pooler accepts LISTEN and never delivers: greet, and see whether it comes back.
        let greeting = uuid::Uuid::now_v7().to_string();
        let mut session = self.writing().await?;
        let sql = postgres::GREET_GENERATION.into();
        let greeted = session.execute(&Statement { sql, values: vec![greeting.as_str().into()] }).await;
        match session.end(greeted).await {
            Ok(_) => {}
            Err(StoreError::Other { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        if !postgres::hears(&mut listener, &greeting).await {
            return Ok(None);
        }
        new.listener = Some(listener);
        Ok(Some(new))
    }
}
