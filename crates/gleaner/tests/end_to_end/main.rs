//! What a user of the program relies on, tried from the outside: the built program, real HTTP on a real socket, a
//! real SQLite file and a real PostgreSQL.
//!
//! One module per theme; `support` starts programs, servers, marketplaces and databases and asks them. To add a
//! promise: an `async fn` named after it in the theme it belongs to, and its name in that file's `on_each_database!`
//! list; or a plain `#[tokio::test]` when no database, or only the default one, plays a part.
//!
//! No test sleeps for a fixed time or asserts an absolute one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of every named function for every database engine.
macro_rules! on_each_database {
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

mod access;
mod archive;
mod audit;
mod backups;
mod bad_databases;
mod bad_days;
mod bad_input;
mod caches;
mod clocks;
mod command_line;
mod configuration;
mod databases;
mod documentation;
mod files;
mod history;
mod kill;
mod many_at_once;
mod niches;
mod oidc;
mod operating;
mod power_cut;
mod processes;
mod real_products;
mod remembering;
mod rules;
mod saved_answers;
mod serving;
mod sourcing;
mod steady;
mod support;
mod tokens;
