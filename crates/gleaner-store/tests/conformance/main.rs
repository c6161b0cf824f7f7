//! What users and the other rooms rely on, written once and run on each engine, each test on a database of its own.
//!
//! With `GLEANER_TEST_POOLER` set, the stores under test behave as behind a transaction pooler: point
//! `GLEANER_TEST_DATABASE_URL` at one to try it.
//!
//! To add a promise: an `async fn its_name(db: Db)` in the file it belongs to, and its name in that file's
//! `conformance!` list.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of every named function for every engine.
macro_rules! conformance {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Db::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(db) = crate::support::Db::postgres() {
                    super::$name(db).await;
                }
            })+
        }
    };
}

mod accounts;
mod caches;
mod commits;
mod connecting;
mod flights;
mod generations;
mod measure;
mod migrating;
mod niches;
mod notices;
mod outages;
mod people;
mod schema;
mod support;
mod telling;
mod tokens_and_history;
mod upkeep;
