//! `/lightningdeal`.

use crate::app::Call;
use crate::json::Json;
use crate::reply::{Failure, Reply};
use crate::rng::{below, mix_day};
use crate::stats::DAY;
use crate::world::asin::Known;
use crate::world::extras::{LightningDeal, lightning_deals};
use crate::world::texts::Texts;
use crate::world::traits::Traits;
use crate::world::{DOMAIN, World};

const STATES: [&str; 7] =
    ["AVAILABLE", "WAITLIST", "SOLDOUT", "WAITLISTFULL", "EXPIRED", "SUPPRESSED", "UPCOMING"];

pub(crate) fn lightning_deal(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let asin = call.params.text("asin");
    if asin.is_none() && call.params.present("asin") {
        return Err(Failure::parameter("asin"));
    }
    let state = call.params.text("state");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(Failure::parameter("state"));
    }
    call.admit()?;
    let world = &call.app.world;
    let now = call.minute();
    let mut json = Json::default();
    json.begin_list();
    let mut add = |number: u32| {
        let traits = world.traits(number);
        for deal in lightning_deals(&traits, now - 4 * DAY, now + DAY) {
            if state.is_none_or(|state| state == state_of(&deal, now)) {
                write(&mut json, world, &traits, &deal, now);
            }
        }
    };
    let cost = if let Some(asin) = asin {
        if let (DOMAIN, Some(Known::Product(number))) = (domain, world.codec.lookup(asin)) {
            add(number);
        }
        1
    } else {
        if domain == DOMAIN {
            (0..world.products).for_each(add);
        }
        500
    };
    json.end_list();
    Ok(Reply::one("lightningDeals", json, cost))
}

fn claimed(deal: &LightningDeal, now: i32) -> i32 {
    let share = (now - deal.start) * 100 / (deal.end - deal.start).max(1);
    (share.clamp(0, 100) * deal.demand / 100).min(100)
}

fn state_of(deal: &LightningDeal, now: i32) -> &'static str {
    if now < deal.start {
        "UPCOMING"
    } else if now >= deal.end {
        "EXPIRED"
    } else if claimed(deal, now) >= 100 {
        "SOLDOUT"
    } else {
        "AVAILABLE"
    }
}

fn write(json: &mut Json, world: &World, traits: &Traits, deal: &LightningDeal, now: i32) {
    let live = now >= deal.start;
    let price = i64::from(deal.price);
    json.begin();
    json.key("asin").text(&world.codec.asin(traits.index));
    json.key("currentPrice").int(crate::rng::whole(traits.price));
    json.key("dealId").text(&format!("{:08x}", mix_day(traits.key, deal.start) >> 32));
    json.key("dealPrice").int(if live { price } else { -1 });
    json.key("dealState").text(state_of(deal, now)).key("domainId").int(DOMAIN).key("endTime").int(deal.end);
    json.key("image").text(&crate::product::details::image(traits));
    json.key("isFulfilledByAmazon")
        .boolean(true)
        .key("isMAP")
        .boolean(false)
        .key("isPrimeEligible")
        .boolean(true);
    json.key("lastUpdate").int(World::last_look(traits, now));
    json.key("percentClaimed").int(if live { claimed(deal, now) } else { 0 }).key("percentOff").int(22);
    json.key("rating").int(traits.rating);
    json.key("sellerId").text(crate::world::offers::AMAZON).key("sellerName").text("Amazon.com");
    json.key("startTime").int(deal.start).key("title").text(&Texts::of(traits).title);
    json.key("totalReviews").int(below(traits.key, 4_000)).key("variation").null().end();
}
