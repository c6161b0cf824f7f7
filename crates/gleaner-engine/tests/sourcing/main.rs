//! A reseller's days with AutoSourcing, in virtual time: the engine on a real SQLite and a real PostgreSQL, and a Keepa
//! over real HTTP whose prices move with the clock.
//!
//! To add a promise: an `async fn` named after it in the theme it belongs to, and its name in that file's
//! `on_each_database!` list.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of every named function for every database engine.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(gleaner_testkit::sqlite_database()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = gleaner_testkit::postgres_database() {
                    super::$name(database).await;
                }
            })+
        }
    };
}

mod clock;
mod crash;
mod desk;
mod story;
mod watching;
mod world;
