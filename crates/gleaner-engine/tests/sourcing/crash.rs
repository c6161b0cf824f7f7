//! A run that is cut off goes on where it was, also much later, and pays for nothing twice.

use std::time::Duration;

use chrono::TimeDelta;
use gleaner_engine::sourcing::{Outcome, Run, RunState};
use gleaner_engine::{Caller, Source};
use gleaner_testkit::TestDatabase;
use serde_json::json;

use crate::world::{World, at, job};

on_each_database!(
    a_run_that_is_cut_off_while_it_asks_goes_on_without_paying_twice,
    a_run_that_is_cut_off_while_it_judges_goes_on_without_paying_twice,
    a_run_goes_on_days_later_with_what_it_had_paid_for,
);

/// Products of the run: several steps of judging.
const PRODUCTS: i64 = 250;
/// Three pages of up to a hundred results, and each product once.
const COST: i64 = 33 + PRODUCTS;

async fn begin(database: &TestDatabase) -> World {
    let world = World::begin(database, at("2026-06-01T05:00:00Z"), 1_000).await;
    let spec = job(&json!({"searches": [{"filters": {
        "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 400_000, "limit": PRODUCTS}}]}));
    world.engine.create_sourcing_job(spec).await.unwrap();
    world
}

/// Runs the job and cuts it off as soon as it is so far.
async fn cut_off(world: &World, so_far: impl Fn(&Run) -> bool) -> Run {
    let engine = world.engine.clone();
    let caller = Caller::new(Source::Api);
    let work = tokio::spawn(async move { engine.run_sourcing_job("Books", caller, |_| {}).await });
    let run = loop {
        assert!(!work.is_finished(), "the run ended before it could be cut off");
        if let Some(run) = world.runs("Books").await.into_iter().find(&so_far) {
            break run;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    work.abort();
    assert!(work.await.unwrap_err().is_cancelled());
    let left = world.engine.sourcing_run(&run.id).await.unwrap();
    assert_eq!((left.state, left.outcome), (RunState::Running, None));
    left
}

/// Another process finds the run and ends it.
async fn go_on(world: &World, run: &Run) -> Run {
    let other = world.another().await;
    let begun = tokio::time::Instant::now();
    loop {
        other.sourcing_tick().await.unwrap();
        let now = other.sourcing_run(&run.id).await.unwrap();
        if now.state == RunState::Ended {
            return now;
        }
        // The lease of the process that is gone runs out by itself.
        assert!(begun.elapsed() < Duration::from_mins(2), "nobody goes on: {now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn whole(world: &World, run: &Run) {
    assert_eq!(run.outcome, Some(Outcome::Done), "{run:?}");
    assert_eq!((run.progress.found, run.progress.judged), (PRODUCTS, PRODUCTS));
    assert_eq!(run.tokens.charged, COST, "what the lost step paid for is counted");
    assert_eq!(world.emulator.request_counts()["query"], 3, "each page was asked for once");
}

async fn a_run_that_is_cut_off_while_it_asks_goes_on_without_paying_twice(database: TestDatabase) {
    let world = begin(&database).await;
    let run = cut_off(&world, |run| run.progress.pages_done >= 1).await;
    let run = go_on(&world, &run).await;
    whole(&world, &run);
    assert_eq!(world.full() - world.balance(), COST);
}

async fn a_run_that_is_cut_off_while_it_judges_goes_on_without_paying_twice(database: TestDatabase) {
    let world = begin(&database).await;
    let run = cut_off(&world, |run| run.progress.judged >= 100).await;
    assert!(run.progress.judged < PRODUCTS);
    let run = go_on(&world, &run).await;
    whole(&world, &run);
    assert_eq!(world.full() - world.balance(), COST);
}

async fn a_run_goes_on_days_later_with_what_it_had_paid_for(database: TestDatabase) {
    let world = begin(&database).await;
    let run = cut_off(&world, |run| run.progress.judged >= 100).await;
    // What was under way is kept by whoever bought it, then days pass: no cache remembers anything.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let spent = world.full() - world.balance();
    world.advance(TimeDelta::days(2));
    let run = go_on(&world, &run).await;
    whole(&world, &run);
    // The account is full again after two days, so what is missing is what the second half cost.
    assert_eq!(spent + world.full() - world.balance(), COST);
}
