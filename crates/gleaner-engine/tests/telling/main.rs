//! What people are told, when, and that nothing is lost: a real database of either engine, a real receiver, and a clock
//! that the test moves.
//!
//! To add a promise: an `async fn its_name(house: House)` in the file it belongs to, and its name in that file's list.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of every named function for every engine.
macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::house::House::new(gleaner_testkit::sqlite_database()).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = gleaner_testkit::postgres_database() {
                    super::$name(crate::house::House::new(database).await).await;
                }
            })+
        }
    };
}

mod alerts;
mod delivering;
mod house;
