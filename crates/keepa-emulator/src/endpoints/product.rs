//! `/product`.

use crate::app::Call;
use crate::json::Json;
use crate::product::family::parent;
use crate::product::write::{self, refreshed};
use crate::product::{Options, stats_window};
use crate::reply::{Failure, Reply};
use crate::world::asin::Known;
use crate::world::{DOMAIN, World};

/// Most ASINs or codes of one request.
const MOST: usize = 100;

/// What an ASIN leads to.
enum Hit<'a> {
    Saved(&'a crate::catalog::Saved),
    Product(u32),
    Parent(u32),
}

pub(crate) fn product(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let options = options(call)?;
    let asins = call.params.list("asin");
    let codes = call.params.list("code");
    let limit = call.number("code-limit")?;
    if asins.is_empty() == codes.is_empty() {
        return Err(Failure::parameter(if asins.is_empty() { "asin" } else { "code" }));
    }
    if asins.len().max(codes.len()) > MOST {
        return Err(Failure::range(if codes.is_empty() { "asin" } else { "code" }));
    }
    if limit.is_some_and(|limit| limit < 1) {
        return Err(Failure::parameter("code-limit"));
    }
    call.admit()?;

    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let now = call.minute();
    let mut hits: Vec<Hit<'_>> = asins.iter().filter_map(|asin| find(call, domain, asin, now)).collect();
    for code in &codes {
        hits.extend(by_code(call, domain, code, now).into_iter().take(limit));
    }
    if hits.is_empty() {
        return Ok(Reply::bare(0));
    }
    let mut json = Json::with_capacity(hits.len() * 48 * 1024);
    json.begin_list();
    let mut cost = 0;
    for hit in &hits {
        cost += write_hit(call, hit, &options, now, &mut json);
    }
    json.end_list();
    Ok(Reply::one("products", json, cost))
}

/// Reads the options that shape products.
pub(crate) fn options(call: &Call<'_>) -> Result<Options, Failure> {
    let now = call.minute();
    let window = call.params.text("stats").filter(|text| *text != "0");
    let stats = match window {
        Some(text) => Some(stats_window(text, now).ok_or_else(|| Failure::parameter("stats"))?),
        None => None,
    };
    let days = call.number("days")?;
    if days.is_some_and(|days| days < 1) {
        return Err(Failure::parameter("days"));
    }
    let offers = call.number("offers")?.filter(|offers| *offers != 0);
    if offers.is_some_and(|offers| offers < 20) {
        return Err(Failure::invalid("Either no or a minimum of 20 offers must be requested.", "offers"));
    }
    if offers.is_some_and(|offers| offers > 100) {
        return Err(Failure::range("offers"));
    }
    Ok(Options {
        history: call.flag("history", true)?,
        days: days.map(|days| i32::try_from(days).unwrap_or(i32::MAX / 1440)),
        stats,
        offers: offers.and_then(|offers| usize::try_from(offers).ok()),
        only_live_offers: call.flag("only-live-offers", false)?,
        buybox: call.flag("buybox", false)?,
        rating: call.flag("rating", false)?,
        stock: call.flag("stock", false)?,
        videos: call.flag("videos", false)?,
        aplus: call.flag("aplus", false)?,
        historical_variations: call.flag("historical-variations", false)?,
        update: call.number("update")?.unwrap_or(1),
    })
}

fn find<'a>(call: &Call<'a>, domain: i64, asin: &str, now: i32) -> Option<Hit<'a>> {
    if let Some(saved) = call.app.catalog.get(domain, asin) {
        return Some(Hit::Saved(saved));
    }
    if domain != DOMAIN {
        return None;
    }
    let world = &call.app.world;
    match world.codec.lookup(asin)? {
        Known::Product(index) => World::exists(&world.traits(index), now).then_some(Hit::Product(index)),
        Known::Parent(family) => World::exists(&world.traits(family * 4), now).then_some(Hit::Parent(family)),
    }
}

fn by_code<'a>(call: &Call<'a>, domain: i64, code: &str, now: i32) -> Vec<Hit<'a>> {
    let world = &call.app.world;
    let mut hits: Vec<Hit<'a>> = call.app.catalog.by_code(domain, code).into_iter().map(Hit::Saved).collect();
    if domain == DOMAIN
        && let Some(index) = world.codec.lookup_code(code)
        && World::exists(&world.traits(index), now)
    {
        hits.push(Hit::Product(index));
    }
    hits
}

/// Writes what was found and says what it costs.
fn write_hit(call: &Call<'_>, hit: &Hit<'_>, options: &Options, now: i32, json: &mut Json) -> i64 {
    let world = &call.app.world;
    match hit {
        Hit::Saved(saved) => {
            saved.write(json, options);
            price(options, None, false)
        }
        Hit::Parent(family) => {
            parent(json, world, *family, now, options);
            price(options, Some(0), false)
        }
        Hit::Product(index) => write_product(call, *index, options, now, json),
    }
}

/// Writes a synthetic product and says what it costs.
pub(crate) fn write_product(
    call: &Call<'_>,
    index: u32,
    options: &Options,
    now: i32,
    json: &mut Json,
) -> i64 {
    let world = &call.app.world;
    let traits = world.traits(index);
    let written = write::product(json, world, &traits, now, options);
    // A forced refresh of something looked at within the hour costs one more.
    let forced = options.update == 0 && now - refreshed(&traits, now, -1) < 60;
    let with_parent = options.historical_variations && traits.family.is_some();
    price(options, written.offers, with_parent) + i64::from(forced)
}

/// Tokens for one product: with offers 6 per started page of ten (5 when none were found) instead of everything else.
fn price(options: &Options, offers: Option<usize>, with_parent: bool) -> i64 {
    let mut cost = 1;
    if options.offers.is_some() {
        cost = match offers {
            Some(0) | None => 5,
            Some(found) => 6 * i64::try_from(found.div_ceil(10)).unwrap_or(1),
        };
        cost += i64::from(options.stock) * 2;
    } else {
        cost += i64::from(options.rating) + 2 * i64::from(options.buybox);
    }
    cost + i64::from(with_parent)
}
