//! The reseller's desk: deciding on picks, undoing, dismissing, verifying.

use chrono::TimeDelta;
use gleaner_engine::sourcing::{
    BuyListQuestion, Pick, PickQuestion, StepName, TriageAction, TriageRequest, TriageState,
    VerificationResult,
};
use gleaner_engine::{Caller, EngineError, Source};
use gleaner_testkit::TestDatabase;
use serde_json::json;

use crate::world::{World, at, job};

on_each_database!(
    decisions_are_kept_and_can_be_undone_one_by_one,
    what_is_dismissed_stays_so_while_nothing_changes,
    a_verification_costs_one_token_and_says_what_changed,
);

async fn begin(database: &TestDatabase) -> (World, Vec<Pick>) {
    let world = World::begin(database, at("2026-06-01T05:00:00Z"), 1_000).await;
    world.engine.create_sourcing_job(job(&json!({}))).await.unwrap();
    world.run("Books").await;
    let question = PickQuestion { limit: 100, ..PickQuestion::default() };
    let picks = world.engine.sourcing_picks(&question).await.unwrap();
    assert!(picks.len() >= 2, "{picks:?}");
    (world, picks)
}

fn decide(action: TriageAction) -> TriageRequest {
    TriageRequest { action, quantity: None, unit_cost: None, reason: None, note: None }
}

async fn decisions_are_kept_and_can_be_undone_one_by_one(database: TestDatabase) {
    let (world, picks) = begin(&database).await;
    let (engine, pick) = (&world.engine, picks[0].id.as_str());
    engine.triage(pick, decide(TriageAction::Buy), Some("ann".to_owned())).await.unwrap();
    for (quantity, unit_cost) in [(2, 450), (1, 500)] {
        let bought = TriageRequest {
            quantity: Some(quantity),
            unit_cost: Some(unit_cost),
            ..decide(TriageAction::Bought)
        };
        engine.triage(pick, bought, None).await.unwrap();
    }
    let note = TriageRequest { note: Some("from the fair".to_owned()), ..decide(TriageAction::Note) };
    let detail = engine.triage(pick, note, None).await.unwrap();
    assert_eq!(detail.pick.state, TriageState::Bought);
    let bought = detail.pick.purchases.unwrap();
    assert_eq!((bought.quantity, bought.spent), (3, 1_400));
    assert_eq!(detail.pick.note.as_deref(), Some("from the fair"));
    assert_eq!(detail.steps[0].author.as_deref(), Some("ann"));
    // What was bought is not on the list any more.
    let list = engine.buy_list(&BuyListQuestion { limit: 100, ..BuyListQuestion::default() }).await.unwrap();
    assert!(list.items.iter().all(|item| item.pick_id != pick));

    let mut states = Vec::new();
    for _ in 0..4 {
        let detail = engine.undo_triage(pick).await.unwrap();
        states.push((detail.pick.state, detail.pick.purchases.map(|bought| bought.quantity)));
    }
    assert_eq!(
        states,
        [
            (TriageState::Bought, Some(3)),
            (TriageState::Bought, Some(2)),
            (TriageState::ToBuy, None),
            (TriageState::Open, None),
        ]
    );
    let error = engine.undo_triage(pick).await.unwrap_err();
    assert_eq!(error.code(), "nothing_to_undo");
    // All of it is still told.
    let detail = engine.sourcing_pick(pick).await.unwrap();
    assert_eq!(detail.steps.len(), 4);
    assert!(detail.steps.iter().all(|step| step.undone_at.is_some()));

    // A purchase without its figures, a dismissal without a reason: refused, and nothing changed.
    for (action, fields) in [
        (TriageAction::Bought, vec!["quantity", "unit_cost"]),
        (TriageAction::Dismiss, vec!["reason"]),
        (TriageAction::Note, vec!["note"]),
        (TriageAction::Verified, vec!["action"]),
    ] {
        let EngineError::Invalid(errors) = engine.triage(pick, decide(action), None).await.unwrap_err()
        else {
            panic!("{action:?} is the user's mistake");
        };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), fields);
    }
    assert_eq!(engine.sourcing_pick(pick).await.unwrap().steps.len(), 4);
}

async fn what_is_dismissed_stays_so_while_nothing_changes(database: TestDatabase) {
    let (world, picks) = begin(&database).await;
    for pick in &picks {
        let dismiss = TriageRequest { reason: Some("too heavy".to_owned()), ..decide(TriageAction::Dismiss) };
        world.engine.triage(&pick.id, dismiss, None).await.unwrap();
    }
    // The same facts an hour later: nothing has changed, and there is nothing else to pick.
    world.advance(TimeDelta::hours(1));
    let run = world.run("Books").await;
    let funnel = run.funnel.unwrap();
    let dismissed = funnel.steps.iter().find(|step| step.step == StepName::Dismissed).unwrap();
    assert_eq!(usize::try_from(dismissed.removed).unwrap(), picks.len());
    assert_eq!(run.outcome.unwrap().as_str(), "empty");
    assert!(funnel.explanation.is_some());
    for pick in &picks {
        let detail = world.engine.sourcing_pick(&pick.id).await.unwrap();
        assert_eq!(detail.pick.state, TriageState::Dismissed);
    }
    let list =
        world.engine.buy_list(&BuyListQuestion { limit: 100, ..BuyListQuestion::default() }).await.unwrap();
    assert_eq!(list.items, []);
}

async fn a_verification_costs_one_token_and_says_what_changed(database: TestDatabase) {
    let (world, picks) = begin(&database).await;
    let before = world.balance();
    let caller = Caller::new(Source::Manual);
    let verification = world.engine.verify_pick(&picks[0].asin, caller, None).await.unwrap();
    assert_eq!((before - world.balance(), verification.tokens.charged), (1, 1));
    // Nothing moves while time stands still.
    assert_eq!((verification.result, verification.findings.as_slice()), (VerificationResult::Ok, &[][..]));
    assert_eq!(verification.now.as_ref().unwrap().sell_price, picks[0].figures.sell_price);
    let detail = world.engine.sourcing_pick(&picks[0].id).await.unwrap();
    assert_eq!(detail.pick.state, TriageState::Open);
    assert_eq!(detail.pick.verification.unwrap().result, VerificationResult::Ok);

    // Weeks later the market has moved: what is said fits what is found.
    world.advance(TimeDelta::days(60));
    for pick in &picks {
        let found = world.engine.verify_pick(&pick.id, caller, None).await.unwrap();
        let now = found.now.as_ref().unwrap();
        let amazon = now.amazon_in_stock == Some(true) && found.before.amazon_in_stock != Some(true);
        let avoid = now.missed.is_some() || amazon;
        assert_eq!(found.result == VerificationResult::Avoid, avoid, "{found:?}");
        if found.result == VerificationResult::Ok {
            let moved = (now.sell_price.unwrap() - found.before.sell_price.unwrap()).abs() * 100;
            assert!(moved < found.before.sell_price.unwrap() * 3, "{found:?}");
        }
    }
}
