//! `/bestsellers` and `/topseller`: long lists, best first.

use chrono::{Datelike as _, NaiveDate};

use crate::app::Call;
use crate::clock::keepa_minutes;
use crate::finder::columns::{View, subtree};
use crate::finder::fields::{Field, Plain};
use crate::json::Json;
use crate::reply::{Failure, Reply};
use crate::world::offers::{AMAZON, SELLERS, seller_id};
use crate::world::{DOMAIN, categories};

const COST: i64 = 50;
/// Largest lists, of a root or group and of a sub-category.
const ROOT_LIST: usize = 500_000;
const SUB_LIST: usize = 10_000;
/// How many full months back a historical list may lie.
const MONTHS: i32 = 36;

pub(crate) fn bestsellers(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    if domain == 12 {
        return Err(Failure::parameter("domain"));
    }
    let category = call.params.text("category").ok_or_else(|| Failure::parameter("category"))?;
    let range = call.number("range")?.unwrap_or(0);
    if !matches!(range, 0 | 30 | 90 | 180) {
        return Err(Failure::parameter("range"));
    }
    let month = month(call, range)?;
    let variations = call.flag("variations", false)?;
    let sublist = call.flag("sublist", false)?;
    if sublist && (range != 0 || month.is_some()) {
        return Err(Failure::parameter("sublist"));
    }
    call.admit()?;

    // A number is a node, anything else the name of a group.
    let id = match category.parse::<i64>() {
        Ok(id) => categories::find(id).map(|node| (node.id, node.id)),
        Err(_) => categories::ROOTS
            .iter()
            .find(|root| root.group == category || root.group_name.eq_ignore_ascii_case(category))
            .map(|root| (root.id, 0)),
    };
    let Some((id, shown)) = id.filter(|_| domain == DOMAIN) else { return Ok(Reply::bare(0)) };
    let field = match range {
        30 => Field::Mean(30, 3),
        90 => Field::Mean(90, 3),
        180 => Field::Mean(180, 3),
        _ => Field::Current(3),
    };
    let fields = [field, Field::Plain(Plain::TrackingSince)];
    let view = match month {
        Some(moment) => call.app.columns.once(moment, &fields),
        None => call.app.columns.view(call.minute(), &fields),
    };
    let limit = if categories::root_of(id).is_some() { ROOT_LIST } else { SUB_LIST };
    let asins = ranked(call, &view, id, field, variations, limit);
    if asins.is_empty() {
        return Ok(Reply::bare(0));
    }
    let mut json = Json::default();
    json.begin().key("asinList").texts(&asins).key("categoryId").int(shown).key("domainId").int(domain);
    json.key("lastUpdate").int(view.now).end();
    Ok(Reply::one("bestSellersList", json, COST))
}

/// The middle of the month asked for, Keepa minutes.
fn month(call: &Call<'_>, range: i64) -> Result<Option<i32>, Failure> {
    let wrong = || Failure::parameter("month");
    let (month, year) = match (call.number("month")?, call.number("year")?) {
        (None, None) => return Ok(None),
        (Some(month), Some(year)) if range == 0 => (month, year),
        _ => return Err(wrong()),
    };
    let (month, year) =
        (u32::try_from(month).map_err(|_| wrong())?, i32::try_from(year).map_err(|_| wrong())?);
    let middle = NaiveDate::from_ymd_opt(year, month, 15).ok_or_else(wrong)?;
    let months = |date: NaiveDate| date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
    let back = months(call.now.date_naive()) - months(middle);
    if !(1..=MONTHS).contains(&back) {
        return Err(wrong());
    }
    Ok(middle.and_hms_opt(0, 0, 0).map(|moment| keepa_minutes(moment.and_utc())))
}

fn ranked(
    call: &Call<'_>,
    view: &View,
    id: i64,
    field: Field,
    variations: bool,
    limit: usize,
) -> Vec<String> {
    let world = &call.app.world;
    let nodes = subtree(id);
    let born = Field::Plain(Plain::TrackingSince);
    let mut found: Vec<(i32, u32)> = Vec::new();
    for (number, (index, placement)) in (0_u32..).zip(view.placements.iter().enumerate()) {
        let there = placement.below(&nodes) && view.value(born, index).is_some_and(|since| since <= view.now);
        if let Some(rank) = view.value(field, index).filter(|_| there) {
            found.push((rank, number));
        }
    }
    found.sort_unstable();
    let mut families = std::collections::HashSet::new();
    found
        .into_iter()
        .filter(|(_, number)| {
            variations || world.traits(*number).family.is_none_or(|family| families.insert(family))
        })
        .take(limit)
        .map(|(_, number)| world.codec.asin(number))
        .collect()
}

pub(crate) fn topseller(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    call.admit()?;
    let mut json = Json::default();
    json.begin_list();
    if domain == DOMAIN {
        let seed = call.app.world.seed;
        let mut sellers: Vec<(i32, u32)> =
            (0..SELLERS).map(|number| (super::seller::rating_count(seed, number), number)).collect();
        sellers.sort_unstable_by_key(|(count, number)| (-count, *number));
        json.text(AMAZON);
        for (_, number) in sellers {
            json.text(&seller_id(seed, number));
        }
    }
    json.end_list();
    Ok(Reply::one("sellerIdList", json, COST))
}
