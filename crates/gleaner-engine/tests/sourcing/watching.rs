//! Watching what was found in a search: by hand, at no token, on the one list of picks.

use chrono::TimeDelta;
use gleaner_core::Marketplace;
use gleaner_core::rules::Strategy;
use gleaner_engine::scoring::ScoringQuestion;
use gleaner_engine::sourcing::{
    BuyListQuestion, Pick, PickQuestion, TriageAction, TriageRequest, TriageState, WatchOutcome,
    WatchQuestion,
};
use gleaner_engine::{Caller, EngineError, Source};
use gleaner_testkit::TestDatabase;
use serde_json::json;

use crate::world::{World, at, job};

on_each_database!(
    what_is_watched_by_hand_is_on_the_list_once_and_costs_nothing,
    undone_it_leaves_the_list_and_can_be_watched_again,
    what_was_decided_before_holds_and_what_is_not_known_is_told,
    a_pick_that_a_job_has_open_is_watched_there,
    what_is_watched_by_hand_is_verified_by_its_own_terms,
    two_who_watch_the_same_at_once_watch_it_once,
);

fn question(asins: &[String]) -> WatchQuestion {
    WatchQuestion {
        marketplace: Marketplace::Us,
        asins: asins.to_vec(),
        condition: None,
        cost: None,
        strategy: Strategy::default(),
        note: None,
        author: Some("ann".to_owned()),
    }
}

fn decide(action: TriageAction) -> TriageRequest {
    TriageRequest { action, quantity: None, unit_cost: None, reason: None, note: None }
}

/// A world in which some products are scored, none of which a job chose.
async fn begin(database: &TestDatabase) -> (World, Vec<String>) {
    let world = World::begin(database, at("2026-06-01T05:00:00Z"), 1_000).await;
    world.engine.create_sourcing_job(job(&json!({}))).await.unwrap();
    let run = world.run("Books").await;
    let seen = world.engine.sourcing_sightings(&run.id).await.unwrap();
    let asins: Vec<String> = seen.iter().filter(|s| !s.passed).map(|s| s.asin.clone()).take(3).collect();
    assert_eq!(asins.len(), 3);
    (world, asins)
}

async fn watching(world: &World) -> Vec<Pick> {
    let states = vec![TriageState::Watching];
    let question = PickQuestion { states, limit: 100, ..PickQuestion::default() };
    world.engine.sourcing_picks(&question).await.unwrap()
}

async fn what_is_watched_by_hand_is_on_the_list_once_and_costs_nothing(database: TestDatabase) {
    let (world, asins) = begin(&database).await;
    let before = world.balance();
    let note = Some("for autumn".to_owned());
    let result = world.engine.watch_products(WatchQuestion { note, ..question(&asins) }).await.unwrap();
    assert_eq!((result.watched, result.rejected.len()), (3, 0));
    let told: Vec<&str> = result.products.iter().map(|product| product.asin.as_str()).collect();
    assert_eq!(told, asins);
    assert!(result.products.iter().all(|product| product.outcome == WatchOutcome::Watched));
    let again = world.engine.watch_products(question(&asins)).await.unwrap();
    assert_eq!(again.watched, 0);
    for (first, second) in result.products.iter().zip(&again.products) {
        assert_eq!((second.outcome, &second.pick_id), (WatchOutcome::AlreadyWatched, &first.pick_id));
    }
    assert_eq!(world.balance(), before);

    let picks = watching(&world).await;
    assert_eq!(picks.len(), 3);
    for pick in &picks {
        assert_eq!((&pick.job, &pick.job_id, &pick.run_id), (&None, &None, &None));
        assert_eq!(pick.note.as_deref(), Some("for autumn"));
        assert_eq!(Some(pick.last_seen_at), pick.figures.facts_fetched_at);
        let detail = world.engine.sourcing_pick(&pick.id).await.unwrap();
        assert_eq!((detail.steps.len(), detail.sightings.len()), (1, 0));
        assert_eq!(detail.steps[0].author.as_deref(), Some("ann"));
    }
    // Its figures are those that a score has.
    let caller = Caller::new(Source::Api);
    let scored = ScoringQuestion::new(Marketplace::Us, asins.clone(), caller);
    let scored = world.engine.score(scored).await.unwrap();
    for product in &scored.scores {
        let pick = picks.iter().find(|pick| pick.asin == product.score.asin).unwrap();
        assert_eq!(pick.figures.sell_price, product.score.sell_price);
        assert_eq!(pick.figures.profit, product.score.profit);
        assert_eq!(pick.figures.recommendation, product.score.recommendation);
    }
    // None of them is good enough to buy: only whoever decides so has it on the buy list.
    let list = BuyListQuestion { limit: 100, ..BuyListQuestion::default() };
    let by_hand = |asin: &str| picks.iter().any(|pick| pick.asin == asin);
    let items = world.engine.buy_list(&list).await.unwrap().items;
    assert!(items.iter().all(|item| !by_hand(&item.asin)));
    world.engine.triage(&picks[0].id, decide(TriageAction::Buy), None).await.unwrap();
    let items = world.engine.buy_list(&list).await.unwrap().items;
    let bought: Vec<_> = items.iter().filter(|item| by_hand(&item.asin)).collect();
    assert_eq!(bought.len(), 1);
    assert_eq!((&bought[0].job, bought[0].evidence[0].as_str()), (&None, "chosen by hand"));
}

async fn undone_it_leaves_the_list_and_can_be_watched_again(database: TestDatabase) {
    let (world, asins) = begin(&database).await;
    let engine = &world.engine;
    let id = engine.watch_products(question(&asins[..1])).await.unwrap().products[0].pick_id.clone();
    let detail = engine.undo_triage(&id).await.unwrap();
    assert_eq!((detail.pick.state, detail.pick.active), (TriageState::Open, false));
    let all = PickQuestion { asin: Some(asins[0].clone()), limit: 10, ..PickQuestion::default() };
    assert_eq!(engine.sourcing_picks(&all).await.unwrap(), []);
    assert_eq!(engine.sourcing_picks(&PickQuestion { all: true, ..all }).await.unwrap().len(), 1);
    let again = engine.watch_products(question(&asins[..1])).await.unwrap();
    assert_eq!((again.watched, again.products[0].pick_id.as_str()), (1, id.as_str()));
    assert_eq!(watching(&world).await.len(), 1);
    assert_eq!(engine.sourcing_pick(&id).await.unwrap().steps.len(), 2);
}

async fn what_was_decided_before_holds_and_what_is_not_known_is_told(database: TestDatabase) {
    let (world, asins) = begin(&database).await;
    let engine = &world.engine;
    let first = engine.watch_products(question(&asins[..2])).await.unwrap();
    let reason = Some("too heavy".to_owned());
    let dismiss = TriageRequest { reason, ..decide(TriageAction::Dismiss) };
    engine.triage(&first.products[0].pick_id, dismiss, None).await.unwrap();
    let bought = TriageRequest { quantity: Some(1), unit_cost: Some(400), ..decide(TriageAction::Bought) };
    engine.triage(&first.products[1].pick_id, bought, None).await.unwrap();
    let mut asked = asins[..2].to_vec();
    asked.extend(["0000000000".to_owned(), "nonsense".to_owned()]);
    let before = world.balance();
    let result = engine.watch_products(question(&asked)).await.unwrap();
    assert_eq!((result.watched, world.balance()), (0, before));
    let states: Vec<_> = result.products.iter().map(|product| (product.outcome, product.state)).collect();
    let decided = WatchOutcome::Decided;
    assert_eq!(states, [(decided, TriageState::Dismissed), (decided, TriageState::Bought)]);
    let codes: Vec<&str> = result.rejected.iter().map(|rejected| rejected.code.as_str()).collect();
    assert_eq!(codes, ["invalid_asin", "not_known"]);
    assert_eq!(watching(&world).await, []);
    for wrong in [
        WatchQuestion { asins: Vec::new(), ..question(&asins) },
        WatchQuestion { cost: Some(-1), ..question(&asins) },
        WatchQuestion { note: Some("n".repeat(1_001)), ..question(&asins) },
    ] {
        let error = engine.watch_products(wrong).await.unwrap_err();
        assert!(matches!(error, EngineError::Invalid(_)), "{error}");
    }
}

async fn a_pick_that_a_job_has_open_is_watched_there(database: TestDatabase) {
    let (world, _) = begin(&database).await;
    let open = PickQuestion { limit: 1, ..PickQuestion::default() };
    let pick = world.engine.sourcing_picks(&open).await.unwrap().remove(0);
    let result = world.engine.watch_products(question(std::slice::from_ref(&pick.asin))).await.unwrap();
    let product = &result.products[0];
    assert_eq!((product.outcome, &product.pick_id), (WatchOutcome::Watched, &pick.id));
    assert_eq!(product.job.as_deref(), Some("Books"));
    let watched = watching(&world).await;
    assert_eq!(watched.len(), 1);
    assert_eq!((&watched[0].id, &watched[0].figures), (&pick.id, &pick.figures));
}

async fn what_is_watched_by_hand_is_verified_by_its_own_terms(database: TestDatabase) {
    let (world, asins) = begin(&database).await;
    let terms = WatchQuestion { cost: Some(100), strategy: Strategy::Velocity, ..question(&asins[..1]) };
    let result = world.engine.watch_products(terms).await.unwrap();
    world.advance(TimeDelta::hours(2));
    let before = world.balance();
    let caller = Caller::new(Source::Manual);
    let found = world.engine.verify_pick(&result.products[0].pick_id, caller, None).await.unwrap();
    let now = found.now.unwrap();
    assert_eq!((now.cost, now.strategy), (Some(100), Strategy::Velocity));
    assert!(found.before.cost == Some(100) && before >= world.balance());
    assert_eq!(found.tokens.charged, 1);
}

async fn two_who_watch_the_same_at_once_watch_it_once(database: TestDatabase) {
    let (world, asins) = begin(&database).await;
    let other = world.another().await;
    let (one, two) =
        tokio::join!(world.engine.watch_products(question(&asins)), other.watch_products(question(&asins)));
    assert_eq!(one.unwrap().watched + two.unwrap().watched, 3);
    let picks = watching(&world).await;
    assert_eq!(picks.len(), 3);
    for pick in picks {
        assert_eq!(world.engine.sourcing_pick(&pick.id).await.unwrap().steps.len(), 1);
    }
}
