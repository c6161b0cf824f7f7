//! `/seller`.

use crate::app::Call;
use crate::json::Json;
use crate::reply::{Failure, Reply};
use crate::rng::{Draw, mix2};
use crate::world::offers::{AMAZON, SELLERS, seller_id, seller_number, seller_of};
use crate::world::traits::{FIRST_DAY, Traits};
use crate::world::{DOMAIN, World};

/// Most sellers of one request.
const MOST: usize = 100;

/// Lifetime ratings of a seller.
pub(crate) fn rating_count(seed: u64, number: u32) -> i32 {
    let mut draw = Draw::new(mix2(seed ^ 0x5E11, u64::from(number)));
    let size = draw.unit();
    crate::rng::whole(20.0 + 180_000.0 * size * size * size * size)
}

pub(crate) fn seller(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let ids = call.params.list("seller");
    let storefront = call.flag("storefront", false)?;
    let malformed =
        |id: &String| !(12..=16).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if ids.is_empty() || ids.iter().any(malformed) || (storefront && ids.len() > 1) {
        return Err(Failure::parameter("seller"));
    }
    if ids.len() > MOST {
        return Err(Failure::range("seller"));
    }
    call.admit()?;
    let world = &call.app.world;
    let now = call.minute();
    let mut cost = 0;
    let mut json = Json::default();
    json.begin();
    for id in ids.iter().filter(|_| domain == DOMAIN) {
        let number = if id == AMAZON { None } else { seller_number(world.seed, id) };
        if number.is_none() && id != AMAZON {
            continue;
        }
        cost += 1;
        let listed = if storefront { listings(world, number.unwrap_or(SELLERS), now) } else { Vec::new() };
        if listed.len() >= 2 {
            cost += 9;
        }
        json.key(id);
        write(&mut json, world.seed, number, now, storefront.then_some(&listed));
    }
    json.end();
    Ok(Reply::one("sellers", json, cost))
}

/// ASINs a seller lists, with the time they were last seen.
fn listings(world: &World, seller: u32, now: i32) -> Vec<(String, i32)> {
    let sells = |traits: &Traits| {
        let places =
            |from: i32, count: i32| (from..from + count).map(|place| u64::from(place.cast_unsigned()));
        places(0, traits.fba_offers)
            .chain(places(3, traits.fbm_offers))
            .chain(places(40, traits.used_offers))
            .any(|place| seller_of(traits, place) == seller)
    };
    (0..world.products)
        .map(|number| world.traits(number))
        .filter(|traits| World::exists(traits, now) && sells(traits))
        .map(|traits| (world.codec.asin(traits.index), World::last_look(&traits, now)))
        .collect()
}

fn write(json: &mut Json, seed: u64, number: Option<u32>, now: i32, storefront: Option<&Vec<(String, i32)>>) {
    const FIRST: [&str; 12] = [
        "Maple",
        "Harbor",
        "Second",
        "Blue Door",
        "Prairie",
        "Corner",
        "Lantern",
        "Granite",
        "Willow",
        "Union",
        "Paper",
        "Summit",
    ];
    const LAST: [&str; 8] = ["Books", "Trading", "Goods", "Outlet", "Media", "Supply Co", "Resale", "Direct"];
    let mut draw = Draw::new(mix2(seed ^ 0x5E12, u64::from(number.unwrap_or(SELLERS))));
    let name = match number {
        Some(number) => format!("{} {} {number}", draw.pick(&FIRST), draw.pick(&LAST)),
        None => "Amazon.com".to_owned(),
    };
    let rating = draw.between(82, 100);
    let count = number.map_or(1_000_000, |number| rating_count(seed, number));
    let tracked = FIRST_DAY * 1440;
    let looked = now - draw.between(10, 600);
    json.begin();
    json.key("address").texts(&["1 Example Street", "Springfield", "US"]);
    if let Some(listed) = storefront {
        let asins: Vec<&String> = listed.iter().map(|(asin, _)| asin).collect();
        let times: Vec<i32> = listed.iter().map(|(_, time)| *time).collect();
        json.key("asinList").texts(&asins).key("asinListLastSeen").ints(&times);
    }
    json.key("avgBuyBoxCompetitors").hundredths(i64::from(draw.between(100, 900)));
    json.key("businessName").text(&name);
    json.key("buyBoxNewOwnershipRate")
        .int(draw.between(5, 90))
        .key("buyBoxUsedOwnershipRate")
        .int(draw.between(5, 90));
    json.key("csv").begin_list();
    json.ints(&[tracked, rating - 2, now - 90 * 1440, rating]);
    json.ints(&[tracked, count / 2, now - 90 * 1440, count - count / 20, looked, count]).end_list();
    json.key("currentRating").int(rating).key("currentRatingCount").int(count).key("domainId").int(DOMAIN);
    json.key("hasFBA").boolean(true).key("lastRatingUpdate").int(looked).key("lastUpdate").int(looked);
    let shares = |share: i32| [share, share, share, count / 100 * share];
    json.key("negativeRating").ints(&shares((100 - rating) / 2));
    json.key("neutralRating").ints(&shares(100 - rating - (100 - rating) / 2));
    json.key("positiveRating").ints(&shares(rating));
    json.key("ratingCount").ints(&[count / 90, count / 30, count / 7, count]);
    json.key("ratingsLast30Days").int(count / 90).key("recentFeedback").null();
    json.key("sellerId").text(&number.map_or_else(|| AMAZON.to_owned(), |number| seller_id(seed, number)));
    json.key("sellerName").text(&name).key("shipsFromChina").boolean(false);
    json.key("totalStorefrontAsins");
    match storefront {
        Some(listed) => json.ints(&[looked, i32::try_from(listed.len()).unwrap_or(i32::MAX)]),
        None => json.null(),
    };
    json.key("trackedSince").int(tracked).end();
}
