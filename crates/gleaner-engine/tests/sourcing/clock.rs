//! A job's due times when the machine's clock jumps.

use chrono::TimeDelta;
use gleaner_testkit::TestDatabase;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{World, at, job};

on_each_database!(
    a_job_does_not_sleep_until_a_clock_that_was_ahead_is_right_again,
    a_clock_that_is_put_back_makes_no_run_happen_twice,
);

async fn begun(database: &TestDatabase) -> World {
    let world = World::begin(database, at("2026-06-01T04:00:00Z"), 1_000).await;
    let daily = json!({"schedule": {"cron": "0 5 * * *"}});
    world.engine.create_sourcing_job(job(&daily)).await.unwrap();
    world
}

/// When the job is due next, once the upkeep of a server has looked at it.
async fn due_after_upkeep(world: &World, expected: &str) {
    let stop = CancellationToken::new();
    let house = tokio::spawn(world.engine.clone().keep_house(stop.clone()));
    let begun = tokio::time::Instant::now();
    loop {
        let jobs = world.engine.sourcing_jobs().await.unwrap();
        if jobs[0].next_run_at == Some(at(expected)) {
            break;
        }
        assert!(begun.elapsed().as_secs() < 60, "due at {:?}, not at {expected}", jobs[0].next_run_at);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.cancel();
    house.await.unwrap();
}

/// The moments for which the job ran.
async fn ran_for(world: &World) -> Vec<String> {
    let runs = world.runs("Books").await;
    runs.iter().map(|run| run.scheduled_for.unwrap().format("%m-%d %H:%M").to_string()).collect()
}

async fn a_job_does_not_sleep_until_a_clock_that_was_ahead_is_right_again(database: TestDatabase) {
    let world = begun(&database).await;
    world.advance(TimeDelta::days(40));
    world.tick().await;
    assert_eq!(ran_for(&world).await, ["06-01 05:00"], "one for all that were missed");
    due_after_upkeep(&world, "2026-07-11T05:00:00Z").await;
    world.set_clock(-TimeDelta::days(40) + TimeDelta::hours(4));
    due_after_upkeep(&world, "2026-06-02T05:00:00Z").await;
    world.set_clock(TimeDelta::hours(21));
    world.tick().await;
    assert_eq!(ran_for(&world).await, ["06-01 05:00", "06-02 05:00"]);
}

async fn a_clock_that_is_put_back_makes_no_run_happen_twice(database: TestDatabase) {
    let world = begun(&database).await;
    world.live_until(at("2026-06-03T06:00:00Z")).await;
    let three = ["06-01 05:00", "06-02 05:00", "06-03 05:00"];
    assert_eq!(ran_for(&world).await, three);
    // By an hour and a half, as when somebody sets a wall clock by hand; then by days.
    for back in [TimeDelta::minutes(90), TimeDelta::days(2)] {
        world.set_clock(-back);
        due_after_upkeep(&world, "2026-06-04T05:00:00Z").await;
        world.tick().await;
        assert_eq!(ran_for(&world).await, three, "{back}");
        world.set_clock(back);
    }
    world.live_until(at("2026-06-04T06:00:00Z")).await;
    assert_eq!(ran_for(&world).await.len(), 4);
}
