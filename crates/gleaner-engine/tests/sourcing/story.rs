//! Three days of a job: its times, its tokens, its classes, its differences; and runs that end otherwise.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use gleaner_engine::sourcing::{
    BuyListQuestion, DiffAgainst, Outcome, PickClass, PickQuestion, RunState, StepName,
};
use gleaner_engine::{Caller, Engine, Source};
use gleaner_testkit::TestDatabase;
use serde_json::json;

use crate::world::{World, at, job};

on_each_database!(
    three_days_of_a_job_on_schedule,
    an_empty_run_explains_itself,
    a_budget_stops_a_run_to_the_token_and_says_so,
    a_run_waits_for_tokens_and_goes_on,
    a_cancelled_run_ends_as_cancelled_and_keeps_what_it_saw,
    runs_that_were_missed_are_made_up_once_or_skipped,
    a_due_time_is_one_run_however_many_processes_look,
);

/// What a run saw of each product: whether it passed.
type Seen = BTreeMap<String, bool>;

async fn seen(world: &World, run: &str) -> Seen {
    let sightings = world.engine.sourcing_sightings(run).await.unwrap();
    sightings.into_iter().map(|sighting| (sighting.asin, sighting.passed)).collect()
}

async fn three_days_of_a_job_on_schedule(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T04:00:00Z"), 1_000).await;
    world
        .engine
        .create_sourcing_job(job(&json!({
            "budget": {"tokens": 150, "mode": "stop"},
            "schedule": {"cron": "0 7 * * *", "time_zone": "Europe/Paris"},
        })))
        .await
        .unwrap();
    world.live_until(at("2026-06-03T12:00:00Z")).await;

    // Seven in Paris is five in UTC, in summer.
    let runs = world.runs("Books").await;
    let times: Vec<_> = runs.iter().map(|run| run.created_at).collect();
    assert_eq!(times, [at("2026-06-01T05:00:00Z"), at("2026-06-02T05:00:00Z"), at("2026-06-03T05:00:00Z")]);
    for run in &runs {
        assert_eq!((run.state, run.outcome), (RunState::Ended, Some(Outcome::Done)), "{run:?}");
        assert_eq!(run.scheduled_for, Some(run.created_at));
        assert!(run.tokens.charged <= 150 && run.tokens.charged <= run.tokens.estimated, "{:?}", run.tokens);
        // Three pages at eleven tokens, and the products found.
        assert_eq!(run.tokens.charged, 33 + run.progress.found);
    }

    // The ledger knows no other spending, and books it on jobs.
    let spent = world.engine.store().ledger_summary(at("2026-05-01T00:00:00Z").naive_utc()).await.unwrap();
    assert!(spent.iter().all(|day| day.purpose == "job"), "{spent:?}");
    let told: i64 = runs.iter().map(|run| run.tokens.charged).sum();
    assert_eq!(spent.iter().map(|day| day.spent).sum::<i64>(), told);

    // Each pick's class is what the three runs saw of it, by the rules as the guide tells them.
    let (first, second, third) =
        (seen(&world, &runs[0].id).await, seen(&world, &runs[1].id).await, seen(&world, &runs[2].id).await);
    let third_missed: BTreeMap<String, Option<String>> = world
        .engine
        .sourcing_sightings(&runs[2].id)
        .await
        .unwrap()
        .into_iter()
        .map(|sighting| (sighting.asin, sighting.missed))
        .collect();
    // Keepa matches more books than the job takes: what is absent may be as good as ever.
    let funnel = runs[2].funnel.as_ref().unwrap();
    let absence = if funnel.matched_total > Some(funnel.returned) { "not_listed" } else { "not_found" };
    assert_eq!(absence, "not_listed");
    let passed = |seen: &Seen, asin: &str| seen.get(asin).copied().unwrap_or(false);
    let question = PickQuestion { all: true, limit: 1_000, ..PickQuestion::default() };
    let picks = world.engine.sourcing_picks(&question).await.unwrap();
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for pick in &picks {
        let sequence = [passed(&first, &pick.asin), passed(&second, &pick.asin), passed(&third, &pick.asin)];
        assert!(sequence.contains(&true), "{pick:?} was never good enough");
        let expected = match sequence {
            [_, _, true] if pick.figures.roi_percent > Some(100.0) => PickClass::Jackpot,
            [false, false, true] => PickClass::New,
            [_, false, true] => PickClass::Returning,
            [_, true, true] => PickClass::Stable,
            [_, _, false] => PickClass::Fading,
        };
        assert_eq!(pick.class, expected, "{} {sequence:?}", pick.asin);
        assert!(pick.active);
        // Why it fades: what it falls short of, or that the run did not come across it.
        let missed = third_missed.get(&pick.asin).map_or(Some(absence), Option::as_deref);
        assert_eq!(pick.evidence.missed.as_deref(), missed.filter(|_| !sequence[2]), "{}", pick.asin);
        *classes.entry(format!("{expected:?}")).or_default() += 1;
    }
    let ever = first.iter().chain(&second).chain(&third).filter(|(_, passed)| **passed);
    assert_eq!(ever.map(|(asin, _)| asin).collect::<std::collections::BTreeSet<_>>().len(), picks.len());
    assert!(classes.len() >= 3, "the market moves enough for several classes: {classes:?}");

    // The difference to the day before.
    let diff = world.engine.sourcing_diff(&runs[2].id, DiffAgainst::Day).await.unwrap();
    assert_eq!(diff.against_number, Some(2));
    let new: Vec<&str> = diff.new.iter().map(|sighting| sighting.asin.as_str()).collect();
    assert!(new.iter().all(|asin| passed(&third, asin) && !passed(&second, asin)), "{new:?}");
    let gone: Vec<&str> = diff.gone.iter().map(|gone| gone.before.asin.as_str()).collect();
    assert!(gone.iter().all(|asin| !passed(&third, asin) && passed(&second, asin)), "{gone:?}");
    for gone in &diff.gone {
        let why = gone.now.as_ref().map_or(Some(absence), |now| now.missed.as_deref());
        assert_eq!(Some(gone.why.as_str()), why);
    }
    let count = |seen: &Seen| seen.values().filter(|passed| **passed).count();
    let same = diff.changed.len() + usize::try_from(diff.unchanged).unwrap();
    assert_eq!((diff.new.len() + same, diff.gone.len() + same), (count(&third), count(&second)));
    for changed in &diff.changed {
        let (before, now) = (&changed.before.figures, &changed.now.figures);
        assert!(
            before.sell_price != now.sell_price
                || before.recommendation != now.recommendation
                || before.bsr != now.bsr
        );
    }

    // The buy list is what the newest run chose, with all that one needs to go shopping.
    let list =
        world.engine.buy_list(&BuyListQuestion { limit: 100, ..BuyListQuestion::default() }).await.unwrap();
    assert_eq!(list.items.len(), count(&third));
    for item in &list.items {
        assert!(passed(&third, &item.asin) && item.price.is_some() && item.max_cost.is_some(), "{item:?}");
        assert!(item.profit.is_some() && item.offers_new.is_some(), "{item:?}");
        assert!(!item.reasons.is_empty(), "{item:?}");
        assert_eq!(item.evidence, item.reasons.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    // The history has a row for each run, and the outbox a notice.
    let history = world.engine.store().history_recent(1_000).await.unwrap();
    let rows: Vec<_> = history.iter().filter(|row| row.search_type == "autosourcing").collect();
    let picked: Vec<i64> = rows.iter().rev().map(|row| row.results_count).collect();
    assert_eq!(picked, runs.iter().map(|run| run.funnel.as_ref().unwrap().picks).collect::<Vec<_>>());
    let charged: Vec<i64> =
        rows.iter().rev().map(|row| row.outcome.as_ref().unwrap().tokens_charged).collect();
    assert_eq!(charged, runs.iter().map(|run| run.tokens.charged).collect::<Vec<_>>());
    let notices = world.engine.store().notices_recent(100).await.unwrap();
    assert_eq!(notices.iter().filter(|notice| notice.kind == "run.done").count(), 3);
}

async fn an_empty_run_explains_itself(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T05:00:00Z"), 1_000).await;
    let strict = job(&json!({"name": "Strict", "picks": {"min_roi_percent": 9_000}}));
    world.engine.create_sourcing_job(strict).await.unwrap();
    let run = world.run("Strict").await;
    assert_eq!(run.outcome, Some(Outcome::Empty));
    let funnel = run.funnel.unwrap();
    let removed: i64 = funnel.steps.iter().map(|step| step.removed).sum();
    assert_eq!((funnel.picks, removed), (0, funnel.returned));
    for step in &funnel.steps {
        assert_eq!(step.by.values().sum::<i64>(), step.removed, "{step:?}");
    }
    let thresholds = funnel.steps.iter().find(|step| step.step == StepName::Thresholds).unwrap();
    assert!(thresholds.by["min_roi_percent"] > 0, "{thresholds:?}");
    assert!(funnel.explanation.unwrap().contains("fall short of the job's thresholds"));
    assert_eq!(funnel.nearest_misses.len(), 5);

    // Nothing to be found at all is another reason, and says so too.
    let nowhere = job(&json!({"name": "Nowhere", "sub_ranges": 1, "searches": [{"filters": {
        "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 400_000, "price_min": 90_000_000}}]}));
    world.engine.create_sourcing_job(nowhere).await.unwrap();
    let run = world.run("Nowhere").await;
    assert_eq!((run.outcome, run.tokens.charged), (Some(Outcome::Empty), 10));
    assert!(run.funnel.unwrap().explanation.unwrap().contains("matches nothing"));
}

async fn a_budget_stops_a_run_to_the_token_and_says_so(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T05:00:00Z"), 1_000).await;
    let capped = job(&json!({"budget": {"tokens": 60, "mode": "stop"}}));
    world.engine.create_sourcing_job(capped).await.unwrap();
    let run = world.run("Books").await;
    assert_eq!((run.outcome, run.error), (Some(Outcome::Budget), None));
    assert_eq!((run.tokens.charged, world.full() - world.balance()), (60, 60));
    // What was judged is kept, what was not is counted.
    assert_eq!((run.progress.found, run.progress.judged), (60, 27));
    let facts = run.funnel.unwrap().steps.into_iter().find(|step| step.step == StepName::Facts).unwrap();
    assert_eq!(facts.by, BTreeMap::from([("budget".to_owned(), 33)]));

    // The next run finds the pages and what was judged for nothing, and pays for the rest.
    let run = world.run("Books").await;
    assert_eq!((run.outcome, run.tokens.charged), (Some(Outcome::Done), 33));
}

async fn a_run_waits_for_tokens_and_goes_on(database: TestDatabase) {
    // A full account of 60 tokens; the run needs 93.
    let world = World::begin(&database, at("2026-06-01T05:00:00Z"), 1).await;
    world.engine.create_sourcing_job(job(&json!({}))).await.unwrap();
    let run = world.run("Books").await;
    assert_eq!((run.state, run.outcome), (RunState::Waiting, None), "{run:?}");
    assert!(run.resume_at.unwrap() > world.now() && run.waiting_for.unwrap().contains("not enough tokens"));
    assert_eq!(run.tokens.charged, 33);
    world.live_until(world.now() + TimeDelta::hours(2)).await;
    let run = world.settled(&run.id).await;
    assert_eq!((run.outcome, run.tokens.charged), (Some(Outcome::Done), 93));
    assert_eq!(world.runs("Books").await.len(), 1);
}

async fn a_cancelled_run_ends_as_cancelled_and_keeps_what_it_saw(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T05:00:00Z"), 1).await;
    world.engine.create_sourcing_job(job(&json!({}))).await.unwrap();
    let waiting = world.run("Books").await;
    // Asking again while it waits is the same run.
    assert_eq!(world.run("Books").await.id, waiting.id);
    let run = world.engine.cancel_sourcing_run(&waiting.id).await.unwrap();
    assert_eq!((run.state, run.outcome, run.error), (RunState::Ended, Some(Outcome::Cancelled), None));
    assert_eq!(run.progress.found, 60);
    // It stays so.
    let again = world.engine.cancel_sourcing_run(&waiting.id).await.unwrap();
    assert_eq!((again.outcome, again.revision), (Some(Outcome::Cancelled), run.revision));
}

async fn runs_that_were_missed_are_made_up_once_or_skipped(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T04:00:00Z"), 1_000).await;
    for missed in ["run_once", "skip"] {
        let schedule = json!({"cron": "0 5 * * *", "missed": missed});
        world.engine.create_sourcing_job(job(&json!({"name": missed, "schedule": schedule}))).await.unwrap();
    }
    let paused = job(&json!({"name": "paused", "schedule": {"cron": "0 5 * * *"}}));
    world.engine.create_sourcing_job(paused).await.unwrap();
    world.engine.pause_sourcing_job("paused").await.unwrap();
    // Nobody looked for three days.
    world.advance(TimeDelta::days(3) + TimeDelta::hours(4));
    world.tick().await;
    let made_up = world.runs("run_once").await;
    assert_eq!(made_up.len(), 1);
    assert_eq!(made_up[0].scheduled_for, Some(at("2026-06-01T05:00:00Z")));
    assert!(world.runs("skip").await.is_empty() && world.runs("paused").await.is_empty());
    // From then on all is on time; a paused job begins when it is resumed.
    world.engine.resume_sourcing_job("paused").await.unwrap();
    world.live_until(at("2026-06-05T06:00:00Z")).await;
    for name in ["run_once", "skip", "paused"] {
        let last = world.runs(name).await.pop().unwrap();
        assert_eq!(last.scheduled_for, Some(at("2026-06-05T05:00:00Z")), "{name}");
    }
}

async fn a_due_time_is_one_run_however_many_processes_look(database: TestDatabase) {
    let world = World::begin(&database, at("2026-06-01T04:00:00Z"), 1_000).await;
    let spec = job(&json!({"schedule": {"cron": "0 5 * * *"}}));
    world.engine.create_sourcing_job(spec).await.unwrap();
    let others = [world.another().await, world.another().await];
    world.advance(TimeDelta::hours(1));
    let looks = [&world.engine, &others[0], &others[1]].map(Engine::sourcing_tick);
    let started: usize =
        futures::future::join_all(looks).await.into_iter().map(|ticked| ticked.unwrap().started.len()).sum();
    assert_eq!(started, 1);
    let runs = world.runs("Books").await;
    assert_eq!(runs.len(), 1);
    let run = world.settled(&runs[0].id).await;
    assert_eq!((run.outcome, run.tokens.charged), (Some(Outcome::Done), 93));
    assert_eq!(world.full() - world.balance(), 93);
    // Two that ask for a run at once get the same one.
    let caller = Caller::new(Source::Api);
    let (a, b) = tokio::join!(
        world.engine.start_sourcing_run("Books", caller),
        others[0].start_sourcing_run("Books", caller)
    );
    assert_eq!(a.unwrap().id, b.unwrap().id);
}
