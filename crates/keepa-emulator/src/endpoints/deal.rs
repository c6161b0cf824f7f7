//! `/deal`: products whose price or rank fell lately.

use serde_json::Value;

use super::query::selection_value;
use crate::app::{Call, domain_of};
use crate::finder::columns::{Synthetic, View, places};
use crate::finder::fields::{Field, Plain, Subject as _};
use crate::finder::run::synthetic_text;
use crate::finder::texts::{TextFilter, TitleFilter, text_filters};
use crate::json::Json;
use crate::params::lenient;
use crate::reply::{Failure, Reply};
use crate::world::categories;
use crate::world::history::slot;
use crate::world::texts::Texts;
use crate::world::{DOMAIN, World};

const PAGE: usize = 150;
const REACH: usize = 10_000;
const COST: i64 = 5;
/// Days whose mean a date range compares with; that of a day covers two.
const RANGES: [u16; 4] = [2, 7, 31, 90];
/// Price types that can be deals.
const TYPES: [i64; 17] = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 18, 19, 20, 21, 22, 32, 33];

/// A deal request, read.
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the request")]
struct Wanted {
    page: usize,
    slot: u8,
    days: u16,
    include: Vec<i64>,
    exclude: Vec<i64>,
    /// Field, least, most.
    ranges: Vec<(Field, i64, i64)>,
    flags: Vec<Field>,
    must_have_amazon: Option<bool>,
    out_of_stock: bool,
    no_adult: bool,
    risers: bool,
    single_variation: bool,
    min_rating: i32,
    texts: Vec<TextFilter>,
    title: Option<TitleFilter>,
    sort: i64,
}

pub(crate) fn deal(call: &Call<'_>) -> Result<Reply, Failure> {
    let value = selection_value(call)?;
    let wrong = |field: &str| Failure::invalid("The queryJSON is of invalid format.", field);
    if !value.is_object() {
        return Err(wrong(""));
    }
    let domain = match lenient::integer(&value["domainId"]) {
        Some(id) => domain_of(Some(id)).map_err(|_| wrong("domainId"))?,
        None => call.domain().map_err(|_| wrong("domainId"))?,
    };
    let wanted = read(&value).map_err(|field| wrong(&field))?;
    call.admit()?;

    let fields = wanted.fields();
    let world = &call.app.world;
    let mut found: Vec<(i64, u32)> = Vec::new();
    let mut facets: Vec<(i64, i32)> = Vec::new();
    if domain == DOMAIN {
        let view = call.app.columns.view(call.minute(), &fields);
        collect(world, &wanted, &view, &mut found, &mut facets);
    }
    found.sort_unstable();
    found.truncate(REACH);
    if wanted.single_variation {
        let mut families = std::collections::HashSet::new();
        found.retain(|(_, number)| world.traits(*number).family.is_none_or(|family| families.insert(family)));
    }
    let mut json = Json::default();
    json.begin().key("categoryCount").begin_list();
    for (_, count) in &facets {
        json.int(*count);
    }
    json.end_list().key("categoryIds").begin_list();
    for (id, _) in &facets {
        json.int(*id);
    }
    json.end_list();
    let names: Vec<&str> =
        facets.iter().map(|(id, _)| categories::find(*id).map_or("?", |node| node.name)).collect();
    json.key("categoryNames").texts(&names);
    json.key("dr").begin_list();
    for (_, number) in found.iter().skip(wanted.page * PAGE).take(PAGE) {
        write(&mut json, world, *number, call.minute(), wanted.slot);
    }
    json.end_list().key("drDateIndex").begin_list().end_list().end();
    Ok(Reply::one("deals", json, COST))
}

fn read(value: &Value) -> Result<Wanted, String> {
    let number = |name: &str, default: i64| match &value[name] {
        Value::Null => Ok(default),
        other => lenient::integer(other).ok_or_else(|| name.to_owned()),
    };
    let flag = |name: &str| lenient::boolean(&value[name]).unwrap_or(false);
    let ids = |name: &str| {
        lenient::integers(&value[name]).filter(|ids| ids.len() <= 500).ok_or_else(|| name.to_owned())
    };
    let types = lenient::integers(&value["priceTypes"]).ok_or("priceTypes")?;
    let [price_type] = types.as_slice() else { return Err("priceTypes".to_owned()) };
    let slot = u8::try_from(*price_type).ok().filter(|_| TYPES.contains(price_type)).ok_or("priceTypes")?;
    let range = usize::try_from(number("dateRange", 0)?.clamp(0, 3)).unwrap_or(0);
    let days = RANGES[range];
    let page = number("page", 0)?;
    let page = usize::try_from(page).ok().filter(|page| page.saturating_mul(PAGE) < REACH).ok_or("page")?;
    let filtered = flag("isFilterEnabled");
    let mut ranges = Vec::new();
    if flag("isRangeEnabled") {
        for (name, field) in [
            ("currentRange", Field::Current(slot)),
            ("deltaRange", Field::Delta(days, slot)),
            ("deltaPercentRange", Field::DeltaPercent(days, slot)),
            ("deltaLastRange", Field::DeltaLast(slot)),
            ("salesRankRange", Field::Current(3)),
        ] {
            if value[name].is_null() {
                continue;
            }
            match lenient::integers(&value[name]).as_deref() {
                Some([least, most]) => ranges.push((field, *least, if *most < 0 { i64::MAX } else { *most })),
                Some([]) => {}
                _ => return Err(name.to_owned()),
            }
        }
    }
    let on = |name: &str| filtered && flag(name);
    let mut flags = Vec::new();
    for (name, field) in [
        ("isLowest", Field::Lowest(slot)),
        ("isLowest90", Field::Lowest90(slot)),
        ("isBackInStock", Field::BackInStock(slot)),
        ("hasReviews", Field::Plain(Plain::HasReviews)),
    ] {
        if on(name) {
            flags.push(field);
        }
    }
    let categories = |name: &str| if filtered { ids(name) } else { Ok(Vec::new()) };
    Ok(Wanted {
        page,
        slot,
        days,
        include: categories("includeCategories")?,
        exclude: categories("excludeCategories")?,
        ranges,
        flags,
        must_have_amazon: match (on("mustHaveAmazonOffer"), on("mustNotHaveAmazonOffer")) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        out_of_stock: on("isOutOfStock"),
        no_adult: on("filterErotic"),
        risers: on("isRisers"),
        single_variation: on("singleVariation"),
        min_rating: if filtered { i32::try_from(number("minRating", -1)?).unwrap_or(-1) } else { -1 },
        texts: if filtered { text_filters(value) } else { Vec::new() },
        title: value["titleSearch"].as_str().filter(|text| !text.trim().is_empty()).map(TitleFilter::parse),
        sort: number("sortType", 1)?,
    })
}

impl Wanted {
    fn delta_percent(&self) -> Field {
        Field::DeltaPercent(self.days, self.slot)
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = self.ranges.iter().map(|(field, ..)| *field).collect();
        fields.extend(&self.flags);
        fields.extend([
            Field::Plain(Plain::TrackingSince),
            Field::Plain(Plain::AvailabilityAmazon),
            Field::Plain(Plain::Adult),
            Field::Current(3),
            Field::Current(16),
            Field::Current(self.slot),
            Field::LastChange(self.slot),
            Field::Delta(self.days, self.slot),
            self.delta_percent(),
        ]);
        fields
    }

    /// Whether a product is one of these deals, categories aside.
    fn holds(&self, world: &World, view: &View, place: usize, number: u32) -> bool {
        let value = |field: Field| view.value(field, place);
        let changed = value(Field::LastChange(self.slot));
        let recent = changed.is_some_and(|time| time >= view.now - i32::from(self.days) * 1440);
        let current = value(Field::Current(self.slot));
        let moved = if self.out_of_stock {
            current.is_none() && changed.is_some_and(|time| time >= view.now - 1440)
        } else {
            let least = if self.slot == 3 { 30 } else { 10 };
            value(self.delta_percent())
                .is_some_and(|percent| if self.risers { percent <= -least } else { percent >= least })
        };
        recent
            && moved
            && value(Field::Plain(Plain::TrackingSince)).is_some_and(|since| since <= view.now)
            && self.ranges.iter().all(|(field, least, most)| {
                value(*field).is_some_and(|value| (*least..=*most).contains(&i64::from(value)))
            })
            && self.flags.iter().all(|field| value(*field) == Some(1))
            && self
                .must_have_amazon
                .is_none_or(|must| (value(Field::Plain(Plain::AvailabilityAmazon)) == Some(0)) == must)
            && !(self.no_adult && value(Field::Plain(Plain::Adult)) == Some(1))
            && (self.min_rating < 0
                || value(Field::Current(16)).is_some_and(|rating| rating >= self.min_rating))
            && self.words_hold(world, number)
    }

    fn words_hold(&self, world: &World, number: u32) -> bool {
        if self.title.is_none() && self.texts.is_empty() {
            return true;
        }
        let traits = world.traits(number);
        let texts = Texts::of(&traits);
        self.title.as_ref().is_none_or(|title| title.holds(&texts.title))
            && self.texts.iter().all(|filter| filter.holds(synthetic_text(filter.field, &traits, &texts)))
    }

    /// Smaller comes first.
    fn key(&self, view: &View, place: usize) -> i64 {
        let value = |field: Field| view.value(field, place).map_or(i64::MAX, i64::from);
        match self.sort {
            2 => -value(Field::Delta(self.days, self.slot)),
            -2 => value(Field::Delta(self.days, self.slot)),
            3 => value(Field::Current(3)),
            -3 => -value(Field::Current(3)),
            4 => -value(self.delta_percent()),
            -4 => value(self.delta_percent()),
            _ => -value(Field::LastChange(self.slot)),
        }
    }
}

fn collect(
    world: &World,
    wanted: &Wanted,
    view: &View,
    found: &mut Vec<(i64, u32)>,
    facets: &mut Vec<(i64, i32)>,
) {
    let (include, exclude) = (places(&wanted.include), places(&wanted.exclude));
    for (number, (place, placement)) in (0_u32..).zip(view.placements.iter().enumerate()) {
        if !wanted.holds(world, view, place, number) {
            continue;
        }
        let root = world.traits(number).root.id;
        match facets.iter_mut().find(|(id, _)| *id == root) {
            Some((_, count)) => *count += 1,
            None => facets.push((root, 1)),
        }
        if (wanted.include.is_empty() || placement.below(&include)) && !placement.below(&exclude) {
            found.push((wanted.key(view, place), number));
        }
    }
}

fn write(json: &mut Json, world: &World, number: u32, now: i32, slot: u8) {
    let traits = world.traits(number);
    let until = World::last_look(&traits, now);
    let history = World::history(&traits, until);
    let subject = Synthetic { traits: &traits, history: &history, now, until };
    let per_slot = |value: &dyn Fn(u8) -> Option<i32>, none: i32| -> Vec<i32> {
        (0..u8::try_from(slot::COUNT).unwrap_or(36)).map(|slot| value(slot).unwrap_or(none)).collect()
    };
    json.begin().key("asin").text(&world.codec.asin(number));
    let matrix = |json: &mut Json, key: &str, value: &dyn Fn(u16, u8) -> Option<i32>, none: i32| {
        json.key(key).begin_list();
        for days in RANGES {
            json.ints(&per_slot(&|slot| value(days, slot), none));
        }
        json.end_list();
    };
    matrix(json, "avg", &|days, slot| Field::Mean(days, slot).of(&subject), -1);
    json.key("categories").begin_list();
    for leaf in traits.leaves.iter().filter(|leaf| **leaf != 0) {
        json.int(*leaf);
    }
    json.end_list();
    json.key("creationDate").int(Field::LastChange(slot).of(&subject).unwrap_or(-1));
    json.key("current").ints(&per_slot(&|slot| Field::Current(slot).of(&subject), -1));
    json.key("currentSince").ints(&per_slot(&|slot| Field::LastChange(slot).of(&subject), -1));
    matrix(json, "delta", &|days, slot| Field::Delta(days, slot).of(&subject), 0);
    json.key("deltaLast").ints(&per_slot(&|slot| Field::DeltaLast(slot).of(&subject), 0));
    matrix(json, "deltaPercent", &|days, slot| Field::DeltaPercent(days, slot).of(&subject), 0);
    let image: Vec<i32> = crate::product::details::image(&traits).bytes().map(i32::from).collect();
    json.key("image").ints(&image).key("lastUpdate").int(until);
    let running = crate::world::extras::lightning_deals(&traits, now, now);
    json.key("lightningEnd").int(running.first().map_or(0, |deal| deal.end));
    let parent = traits.family.map(|family| world.codec.parent(family));
    json.key("parentAsin").opt_text(parent.as_deref()).key("rootCat").int(traits.root.id);
    json.key("title").text(&Texts::of(&traits).title);
    json.key("warehouseCondition").int(if subject.current(slot::WAREHOUSE).is_some() { 3 } else { 0 });
    json.key("warehouseConditionComment").null().end();
}
