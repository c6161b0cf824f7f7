//! From the outbox to the receiver.

use chrono::TimeDelta;
use gleaner_engine::notices::{ChannelDraft, ChannelKind};
use serde_json::json;

use crate::house::{House, Receiver, webhook};

promises!(
    news_arrives_once_and_only_where_it_is_wanted,
    a_receiver_that_was_down_gets_the_same_message_when_it_is_back,
    a_message_that_never_arrives_is_given_up_and_says_so,
    a_kill_between_happening_and_telling_loses_nothing,
    news_of_a_quiet_night_comes_as_one_message_in_the_morning_also_when_the_clocks_change,
    a_digest_holds_the_news_of_the_day_with_the_empty_and_failed_runs,
    beyond_the_daily_limit_news_waits_for_one_message_the_next_day,
    a_secret_is_shown_once_and_can_be_renewed,
    a_test_goes_out_at_once_and_is_on_record,
    a_receiver_that_is_gone_is_left_in_peace,
    wrong_channels_are_refused_with_every_mistake,
);

async fn news_arrives_once_and_only_where_it_is_wanted(house: House) {
    let (all, runs) = (Receiver::start().await, Receiver::start().await);
    house.engine.add_channel(webhook(&all)).await.unwrap();
    let picky = ChannelDraft {
        name: "runs".to_owned(),
        events: vec!["run".to_owned(), "pick.jackpot".to_owned()],
        ..webhook(&runs)
    };
    house.engine.add_channel(picky).await.unwrap();
    let off = ChannelDraft { name: "off".to_owned(), enabled: false, ..webhook(&all) };
    house.engine.add_channel(off).await.unwrap();

    house.happens_to("run.empty", "Law: nothing found", json!({"picks": 0})).await;
    house.happens("alert.raised", "too large").await;
    assert_eq!(house.tell().await, 3);
    assert_eq!(house.tell().await, 0);
    let got = all.got();
    assert_eq!(got.len(), 2);
    assert_eq!(
        got.iter().flat_map(super::house::Got::subjects).collect::<Vec<_>>(),
        ["Law: nothing found", "too large"]
    );
    assert_eq!(got[0].body["type"], "run.empty");
    assert_eq!(got[0].body["data"]["details"]["picks"], 0);
    assert_eq!(runs.got().len(), 1);
}

async fn a_receiver_that_was_down_gets_the_same_message_when_it_is_back(house: House) {
    let receiver = Receiver::start().await;
    let channel = house.engine.add_channel(webhook(&receiver)).await.unwrap();
    receiver.answers(503);
    house.happens("run.failed", "Toys: failed").await;
    assert_eq!(house.tell().await, 0);
    assert_eq!(house.tell().await, 0);
    assert_eq!(receiver.got().len(), 1, "not before its time");
    house.pass(TimeDelta::seconds(6));
    house.tell().await;
    let second = receiver.got().remove(0);
    receiver.answers(200);
    house.pass(TimeDelta::minutes(6));
    assert_eq!(house.tell().await, 1);
    let third = receiver.got().remove(0);
    assert_eq!((&third.id, &third.body), (&second.id, &second.body));
    house.pass(TimeDelta::days(9));
    assert_eq!(house.tell().await, 0);

    let log = house.engine.deliveries(channel.id, 9).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].state.as_str(), log[0].due_at), ("delivered", None));
    let statuses: Vec<_> =
        log[0].attempts.iter().map(|one| (one.status, one.error_code.as_deref())).collect();
    assert_eq!(statuses, [(Some(503), Some("refused")), (Some(503), Some("refused")), (Some(200), None)]);
    assert!(third.id.ends_with(&log[0].id.replace('-', "")));
}

async fn a_message_that_never_arrives_is_given_up_and_says_so(house: House) {
    let receiver = Receiver::start().await;
    let channel = house.engine.add_channel(webhook(&receiver)).await.unwrap();
    receiver.answers(500);
    house.happens("run.done", "Books: 3 picks").await;
    for _ in 0..40 {
        house.tell().await;
        house.pass(TimeDelta::hours(6));
    }
    assert_eq!(receiver.got().len(), 10);
    let log = house.engine.deliveries(channel.id, 9).await.unwrap();
    assert_eq!((log[0].state.as_str(), log[0].attempts.len()), ("failed", 10));
}

async fn a_kill_between_happening_and_telling_loses_nothing(house: House) {
    let receiver = Receiver::start().await;
    house.engine.add_channel(webhook(&receiver)).await.unwrap();
    house.happens("run.done", "one").await;
    let house = house.killed_and_started_again().await;
    house.engine.hand_out_notices().await.unwrap();
    let house = house.killed_and_started_again().await;
    assert_eq!(house.tell().await, 1);
    assert_eq!(receiver.got()[0].subjects(), ["one"]);
}

async fn news_of_a_quiet_night_comes_as_one_message_in_the_morning_also_when_the_clocks_change(house: House) {
    let receiver = Receiver::start().await;
    let quiet = ChannelDraft {
        quiet_from: Some("22:00".to_owned()),
        quiet_until: Some("07:00".to_owned()),
        ..webhook(&receiver)
    };
    house.engine.add_channel(quiet).await.unwrap();
    // The night in which summer begins: 07:00 is at 05:00 UTC, not at 06:00.
    house.until("2026-03-28T21:30:00Z");
    house.happens("run.done", "late").await;
    assert_eq!(house.tell().await, 0);
    house.until("2026-03-29T02:00:00Z");
    house.happens("run.empty", "early").await;
    assert_eq!(house.tell().await, 0);
    house.until("2026-03-29T04:59:59Z");
    assert_eq!(house.tell().await, 0);
    house.until("2026-03-29T05:00:00Z");
    assert_eq!(house.tell().await, 1);
    let got = receiver.got();
    assert_eq!((got.len(), got[0].subjects()), (1, vec!["late".to_owned(), "early".to_owned()]));
    house.happens("run.done", "day").await;
    assert_eq!(house.tell().await, 1);
}

async fn a_digest_holds_the_news_of_the_day_with_the_empty_and_failed_runs(house: House) {
    let receiver = Receiver::start().await;
    let digest = ChannelDraft { digest_at: Some("20:00".to_owned()), ..webhook(&receiver) };
    house.engine.add_channel(digest).await.unwrap();
    for (hours, kind, subject) in [
        (1, "run.done", "Books: 3 picks"),
        (2, "run.empty", "Law: nothing found"),
        (3, "run.failed", "Toys: failed"),
    ] {
        house.pass(TimeDelta::hours(hours));
        house.happens(kind, subject).await;
        assert_eq!(house.tell().await, 0);
    }
    house.until("2026-01-05T19:00:00Z");
    assert_eq!(house.tell().await, 1);
    let got = receiver.got();
    assert_eq!(got[0].body["type"], "digest");
    assert_eq!(got[0].subjects(), ["Books: 3 picks", "Law: nothing found", "Toys: failed"]);
    house.until("2026-01-06T19:00:00Z");
    assert_eq!(house.tell().await, 0, "no news, no digest");
}

async fn beyond_the_daily_limit_news_waits_for_one_message_the_next_day(house: House) {
    let receiver = Receiver::start().await;
    let limited = ChannelDraft { daily_limit: Some(2), ..webhook(&receiver) };
    house.engine.add_channel(limited).await.unwrap();
    let mut arrived = Vec::new();
    for n in 1..=5 {
        house.happens("pick.jackpot", &format!("pick {n}")).await;
        arrived.push(house.tell().await);
        house.pass(TimeDelta::minutes(10));
    }
    assert_eq!(arrived, [1, 1, 0, 0, 0]);
    assert_eq!(receiver.got().len(), 2);
    house.until("2026-01-05T22:59:00Z");
    assert_eq!(house.tell().await, 0);
    house.until("2026-01-05T23:00:00Z");
    assert_eq!(house.tell().await, 1);
    assert_eq!(receiver.got()[0].subjects(), ["pick 3", "pick 4", "pick 5"]);
}

async fn a_secret_is_shown_once_and_can_be_renewed(house: House) {
    let receiver = Receiver::start().await;
    let channel = house.engine.add_channel(webhook(&receiver)).await.unwrap();
    let secret = channel.secret.clone().unwrap();
    assert!(secret.starts_with("whsec_"));
    let shown = serde_json::to_string(&house.engine.channels().await.unwrap()).unwrap();
    assert!(!shown.contains("whsec_") && !shown.contains("secret"), "{shown}");
    let changed = house.engine.change_channel(channel.id, channel.draft.clone()).await.unwrap();
    assert_eq!(changed.secret, None);

    house.engine.test_channel(channel.id).await.unwrap();
    assert_eq!(receiver.got()[0].signature.split(' ').count(), 1);
    let renewed = house.engine.renew_channel_secret(channel.id).await.unwrap();
    assert_ne!(renewed.secret.unwrap(), secret);
    house.engine.test_channel(channel.id).await.unwrap();
    assert_eq!(receiver.got()[0].signature.split(' ').count(), 2);
    house.pass(TimeDelta::hours(25));
    house.engine.test_channel(channel.id).await.unwrap();
    assert_eq!(receiver.got()[0].signature.split(' ').count(), 1);
}

async fn a_test_goes_out_at_once_and_is_on_record(house: House) {
    let receiver = Receiver::start().await;
    let asleep = ChannelDraft {
        quiet_from: Some("00:00".to_owned()),
        quiet_until: Some("23:59".to_owned()),
        daily_limit: Some(1),
        ..webhook(&receiver)
    };
    let channel = house.engine.add_channel(asleep).await.unwrap();
    for (status, state) in [(204, "delivered"), (500, "failed")] {
        receiver.answers(status);
        let test = house.engine.test_channel(channel.id).await.unwrap();
        assert_eq!((test.state.as_str(), test.trial, test.attempts.len()), (state, true, 1));
        assert_eq!(test.attempts[0].status, Some(i64::from(status)));
    }
    assert_eq!(receiver.got()[0].body["type"], "test");
    house.pass(TimeDelta::days(3));
    assert_eq!(house.tell().await, 0, "a test is not repeated");
    assert_eq!(house.engine.deliveries(channel.id, 9).await.unwrap().len(), 2);
}

async fn a_receiver_that_is_gone_is_left_in_peace(house: House) {
    let receiver = Receiver::start().await;
    let channel = house.engine.add_channel(webhook(&receiver)).await.unwrap();
    receiver.answers(410);
    house.happens("run.done", "one").await;
    house.tell().await;
    assert!(!house.engine.channel(channel.id).await.unwrap().draft.enabled);
    house.happens("run.done", "two").await;
    house.pass(TimeDelta::days(1));
    house.tell().await;
    assert_eq!(receiver.got().len(), 1);
}

async fn wrong_channels_are_refused_with_every_mistake(house: House) {
    let receiver = Receiver::start().await;
    let wrong = ChannelDraft {
        name: " ".to_owned(),
        target: "ftp://example.com".to_owned(),
        events: vec!["everything".to_owned()],
        digest_at: Some("25:00".to_owned()),
        quiet_from: Some("22:00".to_owned()),
        time_zone: "Paris".to_owned(),
        daily_limit: Some(0),
        token: Some("tk".to_owned()),
        ..webhook(&receiver)
    };
    let error = house.engine.add_channel(wrong).await.unwrap_err();
    let gleaner_engine::EngineError::Invalid(errors) = &error else { panic!("{error}") };
    let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["daily_limit", "digest_at", "events", "name", "quiet_until", "target", "time_zone", "token"]
    );
    let mail =
        ChannelDraft { kind: ChannelKind::Email, target: "you@example.com".to_owned(), ..webhook(&receiver) };
    assert!(house.engine.add_channel(mail).await.unwrap_err().to_string().contains("smtp_url"));
    house.engine.add_channel(webhook(&receiver)).await.unwrap();
    let twice = house.engine.add_channel(webhook(&receiver)).await.unwrap_err();
    assert!(twice.to_string().contains("already"), "{twice}");
}
