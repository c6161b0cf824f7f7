//! What is put into the caches and the paid facts comes back as it was.

use chrono::TimeDelta;
use gleaner_store::{Excerpt, ProductPut, Usable, Write};
use serde_json::json;

use crate::support::{Db, HOUR, at, discovery, discovery_hit, product, score, score_hit};

conformance!(
    a_discovery_comes_back_as_it_was,
    an_empty_discovery_is_an_answer_too,
    a_score_comes_back_bit_by_bit,
    a_hundred_scores_are_found_at_once_and_missing_ones_are_left_out,
    a_refreshed_row_counts_its_hits_from_zero,
    a_detail_never_outlives_its_row,
    a_title_of_600_characters_is_cut_to_500,
    a_key_or_asin_that_does_not_fit_is_refused_before_anything_is_written,
    facts_come_back_byte_by_byte,
    older_facts_never_replace_newer_ones,
    all_facts_can_be_walked_through_in_pages,
    an_excerpt_stands_for_its_own_facts_only_and_only_for_who_knows_its_form,
    times_keep_their_microseconds,
);

async fn a_discovery_comes_back_as_it_was(db: Db) {
    let store = db.open().await;
    let put = discovery("discovery:1:0:10000-50000", 0);
    store.commit(&[Write::PutDiscovery(put.clone())]).await.unwrap();
    assert_eq!(store.discovery("discovery:1:0:1-2").await.unwrap(), None);
    let row = store.discovery(&put.cache_key).await.unwrap().unwrap();
    assert_eq!(row.asins, put.asins);
    assert_eq!(row.filters_applied, put.filters_applied);
    assert_eq!(row.detail, put.detail);
    assert_eq!((row.created_at, row.expires_at, row.hit_count), (at(0), at(24 * HOUR), 0));
    // Expired or not is not the store's business; other programs read the same JSON.
    let asins = db.column("SELECT CAST(asins AS TEXT) FROM product_discovery_cache").await;
    assert_eq!(asins, [r#"["B000000001","B000000002"]"#]);
}

async fn an_empty_discovery_is_an_answer_too(db: Db) {
    let store = db.open().await;
    let mut put = discovery("k", 0);
    put.asins.clear();
    put.filters_applied = serde_json::Value::Null;
    put.detail = Some(json!({"matched": 0, "reason": "nothing in this range"}));
    store.commit(&[Write::PutDiscovery(put.clone())]).await.unwrap();
    let row = store.discovery("k").await.unwrap().unwrap();
    assert_eq!((row.asins.len(), row.filters_applied, row.detail), (0, serde_json::Value::Null, put.detail));
}

async fn a_score_comes_back_bit_by_bit(db: Db) {
    let store = db.open().await;
    let mut put = score("scoring:B000000001:1", 0);
    // Neither is a short decimal: 700/17 %, and the neighbour of 0.1 + 0.2.
    put.roi_percent = 700.0 / 17.0;
    put.velocity_score = f64::from_bits((0.1_f64 + 0.2).to_bits() + 1);
    let mut bare = score("scoring:B000000002:1", 0);
    (bare.title, bare.price, bare.bsr, bare.detail) = (None, None, None, None);
    store.commit(&[Write::PutScore(put.clone()), Write::PutScore(bare)]).await.unwrap();
    let row = &store.scores(&["scoring:B000000001:1".to_owned()]).await.unwrap()[0];
    assert_eq!(row.roi_percent.to_bits(), put.roi_percent.to_bits());
    assert_eq!(row.velocity_score.to_bits(), put.velocity_score.to_bits());
    assert_eq!((row.price, row.bsr, row.title.as_deref()), (Some(14.0), Some(31_250), Some("A book")));
    assert_eq!((row.asin.as_str(), row.recommendation.as_str()), ("B000000001", "BUY"));
    assert_eq!((row.created_at, row.expires_at, row.hit_count), (at(0), at(6 * HOUR), 0));
    assert_eq!(row.detail, put.detail);
    let row = &store.scores(&["scoring:B000000002:1".to_owned()]).await.unwrap()[0];
    assert_eq!((&row.title, row.price, row.bsr, &row.detail), (&None, None, None, &None));
}

async fn a_hundred_scores_are_found_at_once_and_missing_ones_are_left_out(db: Db) {
    let store = db.open().await;
    let keys: Vec<String> = (0..230).map(|n| format!("scoring:B{n:09}:1")).collect();
    let writes: Vec<Write> = keys.iter().map(|key| Write::PutScore(score(key, 0))).collect();
    store.commit(&writes).await.unwrap();
    for count in [0, 1, 2, 11, 99, 100, 101, 230] {
        let mut asked = keys[..count].to_vec();
        asked.push("scoring:B999999999:1".to_owned());
        asked.extend(keys.first().filter(|_| count > 0).cloned());
        let mut found: Vec<String> =
            store.scores(&asked).await.unwrap().into_iter().map(|row| row.cache_key).collect();
        found.sort();
        assert_eq!(found, keys[..count], "{count}");
    }
    assert!(store.scores(&[]).await.unwrap().is_empty());
}

async fn a_refreshed_row_counts_its_hits_from_zero(db: Db) {
    let store = db.open().await;
    let put = |created| [Write::PutDiscovery(discovery("d", created)), Write::PutScore(score("s", created))];
    let hits = async || {
        let scored = store.scores(&["s".to_owned()]).await.unwrap()[0].hit_count;
        (store.discovery("d").await.unwrap().unwrap().hit_count, scored)
    };
    store.commit(&put(0)).await.unwrap();
    for n in 1..=5 {
        store.commit(&[discovery_hit("d"), score_hit("s")]).await.unwrap();
        assert_eq!(hits().await, (n, n));
    }
    store.commit(&put(10)).await.unwrap();
    assert_eq!(hits().await, (0, 0));
    // In one commit the order of the list holds: what hit the old row is gone with it.
    let [put_discovery, put_score] = put(20);
    let list = [
        discovery_hit("d"),
        score_hit("s"),
        put_discovery,
        put_score,
        discovery_hit("d"),
        discovery_hit("d"),
        score_hit("s"),
    ];
    store.commit(&list).await.unwrap();
    assert_eq!(hits().await, (2, 1));
}

async fn a_detail_never_outlives_its_row(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("d", 0)), Write::PutScore(score("s", 0))]).await.unwrap();
    let (mut found, mut scored) = (discovery("d", 0), score("s", 0));
    (found.detail, scored.detail) = (None, None);
    store.commit(&[Write::PutDiscovery(found), Write::PutScore(scored)]).await.unwrap();
    assert_eq!(store.discovery("d").await.unwrap().unwrap().detail, None);
    assert_eq!(store.scores(&["s".to_owned()]).await.unwrap()[0].detail, None);

    // Another program replaces a row without knowing of our detail.
    store.commit(&[Write::PutScore(score("s", 10))]).await.unwrap();
    db.by_hand("UPDATE product_scoring_cache SET created_at = '2026-01-05 09:00:00', roi_percent = 1").await;
    assert_eq!(store.scores(&["s".to_owned()]).await.unwrap()[0].detail, None);
}

async fn a_title_of_600_characters_is_cut_to_500(db: Db) {
    let store = db.open().await;
    let title = "é€".repeat(300);
    let mut put = score("s", 0);
    put.title = Some(title.clone());
    let mut facts = product("B000000001", 0);
    facts.title = Some(format!("nul\0{title}"));
    store.commit(&[Write::PutScore(put), Write::PutProduct(facts)]).await.unwrap();
    let kept: String = title.chars().take(500).collect();
    assert_eq!(store.scores(&["s".to_owned()]).await.unwrap()[0].title.as_deref(), Some(kept.as_str()));
    let product = &store.products(1, &["B000000001".to_owned()]).await.unwrap()[0];
    assert_eq!(product.title.as_ref().unwrap().chars().count(), 500);
    assert!(product.title.as_ref().unwrap().starts_with("nulé€"));
}

async fn a_key_or_asin_that_does_not_fit_is_refused_before_anything_is_written(db: Db) {
    let store = db.open().await;
    let good = Write::PutDiscovery(discovery("good", 0));
    let with = |change: fn(&mut gleaner_store::ScorePut)| {
        let mut put = score("s", 0);
        change(&mut put);
        Write::PutScore(put)
    };
    for bad in [
        with(|put| put.cache_key = "k".repeat(256)),
        with(|put| put.cache_key.clear()),
        with(|put| put.asin = "B".repeat(21)),
        with(|put| put.recommendation = "R".repeat(51)),
        with(|put| put.roi_percent = f64::NAN),
        with(|put| put.price = Some(f64::INFINITY)),
        with(|put| put.bsr = Some(1 << 31)),
        with(|put| put.cache_key.push('\0')),
        discovery_hit(&"k".repeat(256)),
    ] {
        let error = store.commit(&[good.clone(), bad.clone()]).await.unwrap_err();
        assert_eq!(error.code(), "database_value_invalid", "{bad:?}");
    }
    assert_eq!(db.count("product_discovery_cache").await, 0);
    // The longest that fits, in characters of more than a byte.
    let key = "é".repeat(255);
    store.commit(&[Write::PutDiscovery(discovery(&key, 0))]).await.unwrap();
    assert!(store.discovery(&key).await.unwrap().is_some());
}

async fn facts_come_back_byte_by_byte(db: Db) {
    let store = db.open().await;
    let mut big = product("B000000001", 0);
    big.json = format!("{{\"csv\":[{}0]}}", "7654321,1999,".repeat(20_000)).into_bytes();
    let mut bare = product("B000000002", 1);
    (bare.title, bare.root_category, bare.bsr) = (None, None, None);
    let other = ProductPut { domain: 3, ..product("B000000001", 2) };
    let puts = [big.clone(), bare.clone(), other];
    store.commit(&puts.clone().map(Write::PutProduct)).await.unwrap();
    let asked = ["B000000001", "B000000002", "B000000003"].map(str::to_owned);
    let mut found = store.products(1, &asked).await.unwrap();
    found.sort_by(|a, b| a.asin.cmp(&b.asin));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].json, big.json);
    assert_eq!(
        (found[0].fetched_at, found[0].root_category, found[0].bsr),
        (at(0), Some(283_155), Some(12_345))
    );
    assert_eq!((&found[1].json, &found[1].title, found[1].bsr), (&bare.json, &None, None));
    assert_eq!(store.products(3, &asked).await.unwrap().len(), 1);
    let packed = db.column("SELECT CAST(length(facts) AS TEXT) FROM gleaner_product WHERE asin = 'B000000001' AND domain = 1").await;
    assert!(packed[0].parse::<usize>().unwrap() < big.json.len() / 10);
}

async fn older_facts_never_replace_newer_ones(db: Db) {
    let store = db.open().await;
    let fetched = async || store.products(1, &["B000000001".to_owned()]).await.unwrap()[0].fetched_at;
    store.commit(&[Write::PutProduct(product("B000000001", 60))]).await.unwrap();
    for earlier in [59, 30] {
        store.commit(&[Write::PutProduct(product("B000000001", earlier))]).await.unwrap();
        assert_eq!(fetched().await, at(60));
    }
    store
        .commit(&[90, 120, 100].map(|minute| Write::PutProduct(product("B000000001", minute))))
        .await
        .unwrap();
    assert_eq!(fetched().await, at(120));
    // A clock that was wrong by so much is no reason to pay for the same facts again and again.
    for put_back in [at(80), at(80) - TimeDelta::days(1)] {
        let put = ProductPut { fetched_at: put_back, ..product("B000000001", 0) };
        store.commit(&[Write::PutProduct(put)]).await.unwrap();
        assert_eq!(fetched().await, put_back);
    }
}

async fn all_facts_can_be_walked_through_in_pages(db: Db) {
    let store = db.open().await;
    let asins: Vec<String> = (0..25).map(|n| format!("B{n:09}")).collect();
    let writes: Vec<Write> = asins.iter().map(|asin| Write::PutProduct(product(asin, 0))).collect();
    store.commit(&writes).await.unwrap();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let usable = Usable { form: 7, at: at(0) };
        let page = store.products_page(1, seen.last().map(String::as_str), 10, usable).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|product| product.asin().to_owned()));
    }
    assert_eq!(seen, asins);
}

async fn an_excerpt_stands_for_its_own_facts_only_and_only_for_who_knows_its_form(db: Db) {
    let store = db.open().await;
    let excerpt = |text: &str| Some(Excerpt { form: 7, json: text.as_bytes().to_vec() });
    let with =
        |minute: i64, text: &str| ProductPut { excerpt: excerpt(text), ..product("B000000001", minute) };
    let whole = |minute: i64| String::from_utf8(product("B000000001", minute).json).unwrap();
    let read = async |form: i64, minute: i64| {
        let page = store.products_page(1, None, 10, Usable { form, at: at(minute) }).await.unwrap();
        String::from_utf8(page[0].unpack().unwrap()).unwrap()
    };
    store.commit(&[Write::PutProduct(with(60, "short"))]).await.unwrap();
    assert_eq!(read(7, 60).await, "short");
    assert_eq!(read(7, 90).await, "short");
    assert_eq!(read(8, 90).await, whole(60), "another form");
    assert_eq!(read(7, 59).await, whole(60), "for a moment before it was bought");
    // Older facts change neither, newer ones replace both, also when they come without.
    store.commit(&[Write::PutProduct(with(50, "older"))]).await.unwrap();
    assert_eq!(read(7, 90).await, "short");
    store.commit(&[Write::PutProduct(product("B000000001", 70))]).await.unwrap();
    assert_eq!(read(7, 90).await, whole(70));
    store.commit(&[Write::PutProduct(with(80, "newer"))]).await.unwrap();
    assert_eq!(read(7, 90).await, "newer");
    // Facts that are bought again after the clock was put back take their excerpt with them.
    store.commit(&[Write::PutProduct(with(10, "put back"))]).await.unwrap();
    assert_eq!(read(7, 90).await, "put back");
}

async fn times_keep_their_microseconds(db: Db) {
    let store = db.open().await;
    let mut put = discovery("k", 0);
    put.created_at = at(0) + chrono::Duration::nanoseconds(123_456_789);
    store.commit(&[Write::PutDiscovery(put)]).await.unwrap();
    let row = store.discovery("k").await.unwrap().unwrap();
    assert_eq!(row.created_at, at(0) + chrono::Duration::microseconds(123_456));
    // Its detail is found by the same time.
    assert!(row.detail.is_some());
}
