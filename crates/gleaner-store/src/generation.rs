//! `gleaner_generation`: one number that makes the in-process caches of several processes agree.
//!
//! Whoever computes an answer reads the number first and hands it in with what the answer writes
//! ([`crate::Group`]). Whoever makes older answers wrong (new rules, cleared caches) raises it
//! ([`crate::Write::BumpGeneration`]). The number is compared inside the writing transaction, under a lock for which
//! a bump waits, so nothing computed before a bump is written after it. The notice that PostgreSQL sends on a bump
//! only spares others the wait until they look by themselves.

use sqlx::postgres::{PgListener, PgPool};

use crate::session::Session;
use crate::statement::Statement;
use crate::{Engine, Store, StoreError, postgres, sqlite};

const READ: &str = "SELECT generation FROM gleaner_generation WHERE id = 1";

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
    const SEED: &str =
        "INSERT INTO gleaner_generation (id, generation) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
    let words = match (session.engine(), hold) {
        // SQLite has one writer at a time.
        (Engine::Sqlite, _) => "",
        (Engine::Postgres, Hold::Shared) => postgres::FOR_SHARE,
        (Engine::Postgres, Hold::Alone) => {
            session.attempt(postgres::QUEUE_FOR_GENERATION).await?;
            postgres::FOR_UPDATE
        }
    };
    // The row comes with its table; should somebody have emptied it, counting begins again.
    for _ in 0..2 {
        if let Some((generation,)) = session.row(format!("{READ} {words}"), &[]).await? {
            return Ok(generation);
        }
        session.execute(&Statement { sql: SEED.into(), values: Vec::new() }).await?;
    }
    Err(StoreError::corrupt("the generation cannot be kept"))
}

/// Begins a transaction of SQLite's, which has one writer at a time, and reads the number, in one call.
pub(crate) async fn begin(session: &mut Session) -> Result<i64, StoreError> {
    let begin = format!("{}; {READ}", sqlite::BEGIN);
    match session.begin_and_read::<(i64,)>(begin).await? {
        Some((generation,)) => Ok(generation),
        None => hold(session, Hold::Alone).await,
    }
}

/// The words that begin a transaction of SQLite's and fail when the number is not the expected one.
pub(crate) fn begin_at(expected: Option<i64>) -> String {
    let begin = sqlite::BEGIN;
    match expected {
        None => format!("{begin}; "),
        // SQLite raises an error of one's own only in triggers; this is one that nothing else here can cause.
        Some(expected) => format!(
            "{begin}; SELECT CASE WHEN ({READ}) = {expected} THEN 1 ELSE json('{ANOTHER_GENERATION}') END; "
        ),
    }
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

/// Not JSON.
const ANOTHER_GENERATION: &str = "another generation";

/// Whether a transaction that began with [`begin_at`] or [`FIRST_AT`] failed because the number is another.
pub(crate) fn is_another(error: &StoreError) -> bool {
    matches!(error, StoreError::Other { reason, .. }
        if reason.contains("malformed JSON") || reason.contains("division by zero"))
}

/// The number, inside a transaction.
pub(crate) async fn current(session: &mut Session) -> Result<i64, StoreError> {
    Ok(session.row::<(i64,)>(READ, &[]).await?.map_or(0, |(generation,)| generation))
}

/// Raises the number, which the caller holds alone, and tells the other processes when the transaction commits.
pub(crate) async fn raise(session: &mut Session, to: i64) -> Result<(), StoreError> {
    const RAISE: &str = "UPDATE gleaner_generation SET generation = $1 WHERE id = 1";
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
