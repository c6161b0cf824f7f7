//! Whatever arrives: nothing panics, and one wrong value costs one field.

use keepa::{
    CsvType, KeepaTime, RawProduct, Series, Statistics, decode_products, keepa_monthly_sold_delta,
    keepa_rank_drops,
};
use proptest::prelude::*;

/// A made-up product with something of every kind in it.
const PRODUCT: &str = r#"{"asin":"B000000001","domainId":1,"title":"A \"book\" \u00e9\ud83d\ude00","productType":0,
"rootCategory":283155,"categories":[1,2],"categoryTree":[{"catId":283155,"name":"Books"}],"lastUpdate":7776156,
"trackingSince":6494748,"monthlySold":100,"monthlySoldHistory":[7038046,50000,7082368,-1],"availabilityAmazon":-1,
"availabilityAmazonDelay":[0,24],"fbaFees":{"lastUpdate":7775032,"pickAndPackFee":537},"referralFeePercentage":15.01,
"variableClosingFee":180,"packageLength":244,"coupon":[-30,0],"couponHistory":[7262800,111,0,7265400,0,0],
"hazardousMaterials":[{"aspect":"x","value":"y"}],"languages":[["English","Published"]],"contributors":[["A","author"]],
"variations":[{"asin":"B000000002","attributes":[{"dimension":"Size","value":"L"}],"image":null}],
"images":[{"l":"a.jpg","lH":5,"lW":6}],"buyBoxSellerIdHistory":["7396204","AN1VRQENFRJN5","7535838","-2"],
"buyBoxUsedHistory":["7574792","ANNLLU4HTZVX9","2","1","7578340","","",""],"salesRanks":{"28":[7122488,2,7122896,3]},
"salesRankReferenceHistory":[6538414,283155,7194336,-1],"parentAsinHistory":["7435334","-1"],
"offers":[{"offerId":1,"sellerId":"A1","condition":4,"isFBA":true,"lastSeen":7405272,
"offerCSV":[7403780,5047,0,7404300,4996,399,7404840,-2,-2],"stockCSV":[3514230,30]}],"liveOffersOrder":[0,0,9],
"csv":[[6538414,-1],[6538414,3200,6621704,2700],null,[7122488,2000,7122896,1500],null,null,null,[7000000,1000,399]],
"stats":{"current":[-1,2700],"avg90":[-1,2690],"min":[null,[6621704,2700]],"max":[null,[-1,-1]],"isLowest":[false,true],
"salesRankDrops30":5,"buyBoxStats":{"A1":{"percentageWon":24.3,"avgPrice":5}},"buyBoxPrice":-2}}"#;

/// Everything that can be computed from what arrived.
fn compute(bytes: &[u8]) {
    let Ok((_, products)) = decode_products(bytes) else { return };
    for raw in products {
        let product = raw.product;
        let now = product.last_update.unwrap_or(KeepaTime::MAX);
        let _ = Statistics::compute(&product.csv, product.tracking_since, 90, now);
        let _ = product.live_offers().count();
        for (_, series) in product.csv.iter() {
            let from = now.minus_days(90);
            let _ = (series.mean(from, now), series.median(from, now), series.in_stock_share(from, now));
            let _ = (series.drops(from, now), series.days(from, now).count(), series.to_flat());
            let _ = (keepa_monthly_sold_delta(series, now), keepa_rank_drops(series, 30, now));
        }
    }
}

fn answer(product: &str) -> Vec<u8> {
    format!(r#"{{"tokensLeft":1,"products":[{product}]}}"#).into_bytes()
}

#[test]
fn the_product_to_be_mangled_is_read_in_full() {
    let product = RawProduct::decode(PRODUCT).expect("it is well-formed").product;
    assert_eq!(product.title.as_deref(), Some("A \"book\" é\u{1f600}"));
    assert_eq!(product.buy_box_seller_id_history.len(), 2);
    assert_eq!(product.buy_box_used_history.len(), 2);
    assert_eq!(product.live_offers().count(), 1);
    let offer = product.offers.first().and_then(|offer| offer.history.as_ref());
    let prices: Vec<_> = offer.into_iter().flat_map(Series::points).map(|point| point.value).collect();
    assert_eq!(prices, [Some(5047), Some(5395), None]);
    let landing = product.series(CsvType::NewFbmShipping).and_then(Series::last);
    assert_eq!(landing.and_then(|point| point.value), Some(1399));
    let stats = product.stats.expect("it has statistics");
    assert_eq!((stats.current(CsvType::Amazon), stats.current(CsvType::New)), (None, Some(2700)));
    assert_eq!((stats.max(CsvType::New), stats.buy_box_price), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_product_with_changed_bytes_never_panics(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = answer(PRODUCT);
        for (place, byte) in changes {
            let length = bytes.len();
            bytes[place.index(length)] = byte;
        }
        compute(&bytes);
    }

    #[test]
    fn a_product_with_changed_numbers_never_panics_and_is_never_lost(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            Just("null".to_owned()),
            Just("1e308".to_owned()),
            Just("-2".to_owned()),
            Just("99999999999999999999999".to_owned()),
            Just("\"text\"".to_owned()),
            Just("[{}]".to_owned()),
            Just("true".to_owned()),
        ]), 1..8),
    ) {
        let mut text = PRODUCT.to_owned();
        for (which, value) in changes {
            // The numbers that stand between signs, so that what comes out is JSON again.
            let places: Vec<(usize, usize)> = numbers(&text);
            let (from, to) = places[which.index(places.len())];
            text.replace_range(from..to, &value);
        }
        let bytes = answer(&text);
        let (_, products) = decode_products(&bytes).expect("it is JSON, so the product is there");
        prop_assert_eq!(&*products[0].json, text.as_str());
        prop_assert_eq!(products[0].product.asin.map(|asin| asin.to_string()), Some("B000000001".to_owned()));
        compute(&bytes);
    }
}

/// Where numbers stand in a JSON text: after `[`, `,` or `:` and before `]`, `,` or `}`.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 1;
    while at < bytes.len() {
        let digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if matches!(bytes[at - 1], b'[' | b',' | b':') && digit(&bytes[at]) {
            let length = bytes[at..].iter().take_while(|byte| digit(byte)).count();
            if matches!(bytes.get(at + length), Some(b']' | b',' | b'}')) {
                found.push((at, at + length));
            }
            at += length;
        }
        at += 1;
    }
    found
}
