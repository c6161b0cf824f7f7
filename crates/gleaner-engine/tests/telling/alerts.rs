//! Every alert fires and clears by the clock, tells people once each time, and does not flap.

use chrono::{NaiveDateTime, TimeDelta};
use gleaner_engine::alerts::Alert;
use gleaner_store::{AccountRow, DiscoveryPut, ScorePut, Write};
use serde_json::json;

use crate::house::House;

promises!(
    a_cache_that_grows_too_large_is_told_and_cleared_by_a_purge,
    a_cache_of_little_use_is_told_once_its_entries_are_old_enough,
    a_cache_full_of_expired_entries_is_told_as_time_passes,
    few_tokens_are_told_until_the_account_has_filled_up,
    a_job_that_misses_three_times_is_told_until_it_finds_something,
    an_acknowledged_alert_stays_and_a_silenced_one_is_not_told,
);

impl House {
    fn stamp(&self) -> NaiveDateTime {
        self.now().naive_utc()
    }

    async fn discoveries(&self, from: u32, count: u32) {
        let put = |n: u32| {
            Write::PutDiscovery(DiscoveryPut {
                cache_key: format!("discovery:1:0:{n}"),
                asins: vec!["0593655036".to_owned()],
                filters_applied: json!({}),
                detail: None,
                created_at: self.stamp(),
                expires_at: self.stamp() + TimeDelta::hours(24),
            })
        };
        self.store.commit(&(from..from + count).map(put).collect::<Vec<_>>()).await.unwrap();
    }

    async fn scores(&self, from: u32, count: u32) {
        let put = |n: u32| {
            Write::PutScore(ScorePut {
                cache_key: format!("scoring:{n}:1"),
                asin: "0593655036".to_owned(),
                roi_percent: 41.0,
                velocity_score: 70.0,
                recommendation: "BUY".to_owned(),
                title: None,
                price: Some(14.0),
                bsr: Some(31_250),
                created_at: self.stamp(),
                expires_at: self.stamp() + TimeDelta::hours(6),
                detail: None,
            })
        };
        self.store.commit(&(from..from + count).map(put).collect::<Vec<_>>()).await.unwrap();
    }

    async fn tokens(&self, balance: i64) {
        let account =
            AccountRow { balance, read_at: self.stamp(), refill_rate: Some(20), refill_in_ms: Some(60_000) };
        self.store.commit(&[Write::Account(account)]).await.unwrap();
    }

    async fn wrong(&self) -> Vec<String> {
        let mut kinds: Vec<String> =
            self.engine.evaluate_alerts().await.unwrap().into_iter().map(|alert| alert.kind).collect();
        kinds.sort_unstable();
        kinds
    }

    /// The kinds of news about alerts so far, oldest first.
    async fn told(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .engine
            .notices(200)
            .await
            .unwrap()
            .into_iter()
            .filter(|notice| !notice.kind.starts_with("run."))
            .map(|notice| format!("{} {}", notice.kind, notice.details["alert"].as_str().unwrap()))
            .collect();
        all.reverse();
        all
    }

    async fn alert(&self) -> Alert {
        self.engine.alerts(true).await.unwrap().remove(0)
    }
}

async fn a_cache_that_grows_too_large_is_told_and_cleared_by_a_purge(house: House) {
    house.tokens(900).await;
    house.discoveries(0, 10).await;
    assert_eq!(house.wrong().await, [""; 0]);
    house.pass(TimeDelta::hours(20));
    house.discoveries(10, 1).await;
    assert_eq!(house.wrong().await, ["discovery_cache_size"]);
    assert_eq!(house.wrong().await, ["discovery_cache_size"]);
    let alert = house.alert().await;
    assert_eq!((alert.measured.to_bits(), alert.threshold.to_bits()), (11_f64.to_bits(), 10_f64.to_bits()));
    assert_eq!(alert.message, "the discovery cache has 11 entries, more than 10");
    // Four hours later the first ten have expired, and the hourly purge removes them.
    house.pass(TimeDelta::hours(4));
    house.engine.purge().await.unwrap();
    assert_eq!(house.wrong().await, [""; 0]);
    assert_eq!(house.alert().await.state, "cleared");
    assert_eq!(
        house.told().await,
        ["alert.raised discovery_cache_size", "alert.cleared discovery_cache_size"]
    );
}

async fn a_cache_of_little_use_is_told_once_its_entries_are_old_enough(house: House) {
    house.tokens(900).await;
    house.scores(0, 1).await;
    house.pass(TimeDelta::hours(5));
    house.scores(1, 9).await;
    assert_eq!(house.wrong().await, [""; 0], "nothing is older than its time to live");
    house.pass(TimeDelta::hours(1));
    assert_eq!(house.wrong().await, ["scoring_cache_reuse"]);
    // Exactly two hits each: no longer under two, and not yet back by the margin.
    let hits = |count: u32| -> Vec<Write> {
        (0..count).map(|n| Write::ScoreHit { key: format!("scoring:{}:1", 1 + n % 9) }).collect()
    };
    house.store.commit(&hits(20)).await.unwrap();
    assert_eq!(house.wrong().await, ["scoring_cache_reuse"]);
    house.store.commit(&hits(2)).await.unwrap();
    assert_eq!(house.wrong().await, [""; 0]);
    assert_eq!(house.told().await, ["alert.raised scoring_cache_reuse", "alert.cleared scoring_cache_reuse"]);
}

async fn a_cache_full_of_expired_entries_is_told_as_time_passes(house: House) {
    house.tokens(900).await;
    house.discoveries(0, 3).await;
    let hits: Vec<Write> =
        (0..3).map(|n| Write::DiscoveryHit { key: format!("discovery:1:0:{n}"), by: 30 }).collect();
    house.store.commit(&hits).await.unwrap();
    house.pass(TimeDelta::hours(12));
    house.discoveries(3, 7).await;
    assert_eq!(house.wrong().await, [""; 0]);
    house.pass(TimeDelta::hours(12) - TimeDelta::seconds(1));
    assert_eq!(house.wrong().await, [""; 0]);
    house.pass(TimeDelta::seconds(1));
    assert_eq!(house.wrong().await, ["discovery_cache_expired"]);
    assert_eq!(house.alert().await.message, "30 % of the discovery cache have expired, more than 20 %");
    house.engine.purge().await.unwrap();
    assert_eq!(house.wrong().await, [""; 0]);
    assert_eq!(
        house.told().await,
        ["alert.raised discovery_cache_expired", "alert.cleared discovery_cache_expired"]
    );
}

async fn few_tokens_are_told_until_the_account_has_filled_up(house: House) {
    house.tokens(50).await;
    assert_eq!(house.wrong().await, [""; 0]);
    house.tokens(12).await;
    assert_eq!(house.wrong().await, ["tokens_low"]);
    assert_eq!(house.alert().await.message, "12 tokens are left, fewer than 50");
    // Twenty a minute: 32, 52 – within the margin of 55 –, 72.
    house.pass(TimeDelta::minutes(2));
    assert_eq!(house.wrong().await, ["tokens_low"]);
    house.pass(TimeDelta::minutes(1));
    assert_eq!(house.wrong().await, [""; 0]);
    assert_eq!(house.told().await, ["tokens.low tokens_low", "alert.cleared tokens_low"]);
}

async fn a_job_that_misses_three_times_is_told_until_it_finds_something(house: House) {
    house.tokens(900).await;
    let run = async |kind: &str, job: &str| {
        house.pass(TimeDelta::hours(1));
        house.happens_to(kind, &format!("{job} {kind}"), json!({"job_id": job, "job": job})).await;
    };
    run("run.empty", "law").await;
    run("run.done", "books").await;
    run("run.failed", "law").await;
    assert_eq!(house.wrong().await, [""; 0]);
    run("run.cancelled", "law").await;
    run("run.empty", "law").await;
    assert_eq!(house.wrong().await, ["job_missing"]);
    let alert = house.alert().await;
    assert_eq!(alert.subject.as_deref(), Some("law"));
    assert_eq!(alert.message, "“law” failed or found nothing 3 times in a row: law run.empty");
    run("run.done", "law").await;
    assert_eq!(house.wrong().await, [""; 0]);
    assert_eq!(house.told().await, ["alert.raised job_missing", "alert.cleared job_missing"]);
}

async fn an_acknowledged_alert_stays_and_a_silenced_one_is_not_told(house: House) {
    house.tokens(12).await;
    house.wrong().await;
    let alert = house.engine.acknowledge_alert(house.alert().await.id, Some("ann".to_owned())).await.unwrap();
    assert_eq!((alert.state.as_str(), alert.acknowledged_by.as_deref()), ("acknowledged", Some("ann")));
    assert_eq!(house.wrong().await, ["tokens_low"]);

    let past = house.engine.silence_alert(alert.id, Some(house.now())).await.unwrap_err();
    assert!(past.to_string().contains("until"), "{past}");
    let until = house.now() + TimeDelta::hours(8);
    let alert = house.engine.silence_alert(alert.id, Some(until)).await.unwrap();
    assert_eq!((alert.state.as_str(), alert.silenced_until), ("silenced", Some(until)));
    // It clears and comes back within the silence: nobody is told.
    house.tokens(900).await;
    assert_eq!(house.wrong().await, [""; 0]);
    house.tokens(3).await;
    assert_eq!(house.wrong().await, ["tokens_low"]);
    assert_eq!(house.alert().await.state, "silenced");
    assert_eq!(house.told().await, ["tokens.low tokens_low"]);
    house.tokens(900).await;
    house.pass(TimeDelta::hours(8));
    house.wrong().await;
    house.tokens(3).await;
    house.wrong().await;
    assert_eq!(house.alert().await.state, "raised");
    let nobody = house.engine.acknowledge_alert(uuid::Uuid::now_v7(), None).await.unwrap_err();
    assert_eq!(nobody.code(), "not_found");
}
