//! The `keepa` crate against the emulator: what one sends the other understands.

use std::sync::Arc;

use keepa::{Client, CsvType, Domain, ProductRequest, Selection};
use keepa_emulator::{Emulator, EmulatorConfig, SystemClock};

#[tokio::test]
async fn the_keepa_crate_reads_every_synthetic_product() {
    let config =
        EmulatorConfig { products: 1_500, keys: vec!["own-key".to_owned()], ..EmulatorConfig::default() };
    let emulator = Emulator::start(config, Arc::new(SystemClock)).await.unwrap();
    let client = Client::builder("own-key".to_owned().into()).base_url(emulator.base_url()).build().unwrap();
    let selection =
        Selection::new().with(keepa::finder::current(CsvType::Sales).between(1, 2_000_000)).per_page(100);
    let found = client.finder(Domain::Us, &selection).await.unwrap();
    assert_eq!(found.value.asins.len(), 100);
    assert_eq!(found.tokens.tokens_consumed, Some(11));
    let request = ProductRequest::asins(Domain::Us, found.value.asins.clone()).stats_days(90);
    let answer = client.products(&request).await.unwrap();
    assert_eq!(answer.value.len(), 100);
    for raw in &answer.value {
        let product = &raw.product;
        let asin = product.asin.unwrap();
        assert!(found.value.asins.contains(&asin));
        assert!(product.title.is_some() && product.root_category.is_some() && product.last_update.is_some());
        let ranks = product.series(CsvType::Sales).unwrap();
        let stats = product.stats.as_ref().unwrap();
        assert_eq!(stats.current(CsvType::Sales), ranks.last().and_then(|point| point.value), "{asin}");
        assert!(stats.sales_rank_drops90.is_some());
    }
    assert_eq!(emulator.tokens_left(), 1_200 - 11 - 100);
    emulator.shutdown().await;
}
