//! The numbers of the synthetic products that searches filter by: one column per field, built when first asked for, on
//! all cores, and kept until the next full hour (Keepa's own search index lags behind its product data in the same way).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::fields::{Field, Plain, Subject};
use crate::clock::lock;
use crate::product::details::{fba_fee, listed_since, published};
use crate::stats::Records;
use crate::world::history::{History, Holder, slot, stride};
use crate::world::rank::begin_for_a_year;
use crate::world::traits::Traits;
use crate::world::{World, categories, simulate};

/// Stands in a column for "has no value".
const MISSING: i32 = i32::MIN;
/// Stands in a placement for "none".
const NONE: u8 = u8::MAX;

/// Fields that nearly every search uses; they are built together.
const USUAL: [Field; 22] = [
    Field::Current(0),
    Field::Current(1),
    Field::Current(2),
    Field::Current(3),
    Field::Current(10),
    Field::Current(11),
    Field::Current(12),
    Field::Current(18),
    Field::Mean(30, 3),
    Field::Mean(90, 3),
    Field::Mean(90, 1),
    Field::Mean(90, 2),
    Field::Mean(90, 18),
    Field::Plain(Plain::Drops30),
    Field::Plain(Plain::Drops90),
    Field::Plain(Plain::MonthlySold),
    Field::Plain(Plain::AvailabilityAmazon),
    Field::Plain(Plain::OutOfStockAmazon),
    Field::Plain(Plain::TotalOffers),
    Field::Plain(Plain::PackageWeight),
    Field::Plain(Plain::TrackingSince),
    Field::Plain(Plain::ProductType),
];

/// Where a product is listed, as places in the node table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placement {
    root: u8,
    leaves: [u8; 3],
}

impl Placement {
    fn of(traits: &Traits) -> Self {
        let place =
            |id: i64| categories::position(id).and_then(|place| u8::try_from(place).ok()).unwrap_or(NONE);
        Self {
            root: place(traits.root.id),
            leaves: traits.leaves.map(|leaf| if leaf == 0 { NONE } else { place(leaf) }),
        }
    }

    pub(crate) fn in_root(self, roots: &[u8]) -> bool {
        roots.contains(&self.root)
    }

    /// Whether it is listed directly in one of these.
    pub(crate) fn listed_in(self, nodes: &[u8]) -> bool {
        self.leaves.iter().any(|leaf| *leaf != NONE && nodes.contains(leaf))
    }
}

impl Placement {
    /// Whether it is listed in one of these or anything below them.
    pub(crate) fn below(self, nodes: &[u8]) -> bool {
        nodes.contains(&self.root) || self.leaves.iter().any(|leaf| *leaf != NONE && nodes.contains(leaf))
    }
}

/// Places of a node and everything below it.
pub(crate) fn subtree(id: i64) -> Vec<u8> {
    let below: Vec<i64> = categories::NODES
        .iter()
        .map(|node| node.id)
        .filter(|inner| categories::path(*inner).iter().any(|node| node.id == id))
        .collect();
    // A root stands for itself only: its products name it as root.
    places(if categories::root_of(id).is_some() { &below[..1] } else { &below })
}

/// Places of category ids in the node table; unknown ids have none.
pub(crate) fn places(ids: &[i64]) -> Vec<u8> {
    ids.iter()
        .filter_map(|id| categories::position(*id))
        .filter_map(|place| u8::try_from(place).ok())
        .collect()
}

/// Some columns, as of one full hour.
pub(crate) struct View {
    /// The hour, Keepa minutes.
    pub(crate) now: i32,
    pub(crate) placements: Arc<Vec<Placement>>,
    columns: HashMap<Field, Arc<Vec<i32>>>,
}

impl View {
    /// The value of a product in a column that was asked for.
    pub(crate) fn value(&self, field: Field, index: usize) -> Option<i32> {
        self.columns.get(&field)?.get(index).copied().filter(|value| *value != MISSING)
    }

    pub(crate) fn column(&self, field: Field) -> Option<&[i32]> {
        self.columns.get(&field).map(|column| column.as_slice())
    }
}

/// An entry of a column as a value.
pub(crate) const fn entry(value: i32) -> Option<i32> {
    if value == MISSING { None } else { Some(value) }
}

#[derive(Default)]
struct Index {
    placements: Option<Arc<Vec<Placement>>>,
    hour: i32,
    columns: HashMap<Field, Arc<Vec<i32>>>,
}

/// The columns of a marketplace.
pub(crate) struct Columns {
    world: World,
    index: Mutex<Index>,
}

impl Columns {
    pub(crate) fn new(world: World) -> Self {
        Self { world, index: Mutex::new(Index::default()) }
    }

    /// The columns of these fields as of the last full hour; builds what is not there yet.
    pub(crate) fn view(&self, now: i32, fields: &[Field]) -> View {
        let hour = now.div_euclid(60) * 60;
        let mut index = lock(&self.index);
        if index.hour != hour {
            index.hour = hour;
            index.columns.clear();
        }
        let absent = |field: &Field| !matches!(field, Field::NoData) && !index.columns.contains_key(field);
        let mut missing: Vec<Field> = fields.iter().copied().filter(absent).collect();
        if index.columns.is_empty() {
            missing.extend(USUAL);
        }
        missing.sort_by_key(|field| format!("{field:?}"));
        missing.dedup();
        if !missing.is_empty() || index.placements.is_none() {
            let started = std::time::Instant::now();
            let (placements, built) = build(&self.world, hour, &missing);
            tracing::debug!(
                products = self.world.products,
                fields = missing.len(),
                ms = started.elapsed().as_millis(),
                "finder columns built"
            );
            index.placements = Some(Arc::new(placements));
            for (field, column) in missing.into_iter().zip(built) {
                index.columns.insert(field, Arc::new(column));
            }
        }
        View {
            now: hour,
            placements: index.placements.clone().unwrap_or_default(),
            columns: index.columns.clone(),
        }
    }
}

impl Columns {
    /// The columns of some fields as of another moment, built for this once.
    pub(crate) fn once(&self, now: i32, fields: &[Field]) -> View {
        let (placements, built) = build(&self.world, now, fields);
        let columns = fields.iter().copied().zip(built.into_iter().map(Arc::new)).collect();
        View { now, placements: Arc::new(placements), columns }
    }
}

type Part = (Vec<Placement>, Vec<Vec<i32>>);

fn build(world: &World, hour: i32, fields: &[Field]) -> Part {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = u32::try_from(workers).unwrap_or(1);
    let share = world.products.div_ceil(workers).max(1);
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|worker| {
                let from = (worker * share).min(world.products);
                let to = (from + share).min(world.products);
                scope.spawn(move || part(world, hour, fields, from..to))
            })
            .collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
    });
    let mut placements = Vec::new();
    let mut columns = vec![Vec::new(); fields.len()];
    for (placed, values) in parts {
        placements.extend(placed);
        for (column, part) in columns.iter_mut().zip(values) {
            column.extend(part);
        }
    }
    (placements, columns)
}

fn part(world: &World, hour: i32, fields: &[Field], products: std::ops::Range<u32>) -> Part {
    let minor = fields.iter().any(|field| field.needs_minor_series());
    let all_ranks = fields.iter().any(|field| field.needs_all_ranks());
    let mut history = History::default();
    let mut placements = Vec::with_capacity(products.len());
    let mut columns = vec![Vec::with_capacity(products.len()); fields.len()];
    for number in products {
        let traits = world.traits(number);
        placements.push(Placement::of(&traits));
        let until = World::last_look(&traits, hour);
        if minor {
            simulate::simulate(&traits, until, &mut history);
        } else {
            let ranks_from = if all_ranks { i32::MIN } else { begin_for_a_year(until) };
            simulate::main_series(&traits, until, ranks_from, &mut history);
        }
        let subject = Synthetic { traits: &traits, history: &history, now: hour, until };
        for (column, field) in columns.iter_mut().zip(fields) {
            column.push(field.of(&subject).unwrap_or(MISSING));
        }
    }
    (placements, columns)
}

/// A synthetic product under the finder's eye.
pub(crate) struct Synthetic<'a> {
    pub(crate) traits: &'a Traits,
    pub(crate) history: &'a History,
    pub(crate) now: i32,
    pub(crate) until: i32,
}

impl Subject for Synthetic<'_> {
    fn records(&self, slot: usize) -> Records<'_> {
        Records::new(&self.history.series[slot], stride(slot))
    }

    fn now(&self) -> i32 {
        self.now
    }

    fn plain(&self, field: Plain) -> Option<i32> {
        let (traits, market) = (self.traits, &self.history.market);
        let out = |slot: usize| self.out_of_stock90(slot, traits.tracked_since);
        let side = |place: usize, less: i32| traits.sides.map(|sides| (sides[place] - less).max(1));
        let own = i32::from(market.amazon);
        let holder = self.history.buy_box_holders.last().map(|(_, holder)| *holder);
        let gaps = |days: i32| {
            let amazon = self.records(slot::AMAZON);
            (amazon.len() > 0).then(|| crate::stats::stock_outs(amazon, self.now - days * 1440, self.now))
        };
        match field {
            Plain::AvailabilityAmazon => Some(own - 1),
            Plain::ProductType | Plain::Launchpad => Some(0),
            Plain::Drops30 => self.drops(30),
            Plain::Drops90 => self.drops(90),
            Plain::Drops180 => self.drops(180),
            Plain::Drops365 => self.drops(365),
            Plain::TotalOffers => Some(own + market.fba + market.fbm + market.used),
            Plain::OffersFba => Some(own + market.fba + market.used / 2),
            Plain::OffersFbm => Some(market.fbm + market.used - market.used / 2),
            Plain::OutOfStockAmazon => out(slot::AMAZON),
            Plain::OutOfStockBuyBox => out(slot::BUY_BOX),
            Plain::OutOfStockBuyBoxUsed => out(slot::BUY_BOX_USED),
            Plain::OutOfStockNew => out(slot::NEW),
            Plain::OutOfStockUsed => out(slot::USED),
            Plain::StockOuts30 => gaps(30),
            Plain::StockOuts90 => gaps(90),
            Plain::MonthlySold => self.history.sold.last().copied().filter(|sold| *sold > 0),
            Plain::PackageLength => side(0, 0),
            Plain::PackageWidth => side(1, 0),
            Plain::PackageHeight => side(2, 0),
            Plain::ItemLength => side(0, 6),
            Plain::ItemWidth => side(1, 6),
            Plain::ItemHeight => side(2, 6),
            Plain::PackageWeight => traits.weight,
            Plain::ItemWeight => traits.weight.map(|weight| weight - weight / 12),
            Plain::PackageQuantity | Plain::Items | Plain::Images | Plain::SuperSaver => Some(1),
            Plain::FbaFees => fba_fee(traits, self.history, self.until).map(|(_, fee)| fee),
            Plain::LastUpdate | Plain::LastOffersUpdate | Plain::LastRatingUpdate => Some(self.until),
            Plain::LastPriceChange => Some(self.history.last_price_change().min(self.until)),
            Plain::ListedSince => Some(listed_since(traits)),
            Plain::TrackingSince => Some(traits.tracked_since),
            Plain::Pages => Some(traits.pages).filter(|pages| *pages > 0),
            Plain::Published | Plain::Released => published(traits),
            Plain::Variations => traits.family.map(|_| 4),
            Plain::EligibleNewFba => Some(own + market.fba),
            Plain::EligibleNewFbm => Some(market.fbm),
            Plain::EligibleUsedFba => Some(market.used / 2),
            Plain::EligibleUsedFbm => Some(market.used - market.used / 2),
            Plain::BuyBoxIsAmazon => holder.map(|holder| i32::from(holder == Holder::Amazon)),
            Plain::BuyBoxIsFba => {
                holder.map(|holder| i32::from(matches!(holder, Holder::Amazon | Holder::Seller(_, true))))
            }
            Plain::BuyBoxIsUnqualified => holder.map(|holder| i32::from(holder == Holder::Nobody)),
            Plain::HasParent => Some(i32::from(traits.family.is_some())),
            Plain::HasReviews => Some(i32::from(traits.rating > 0)),
            Plain::Adult => Some(i32::from(traits.adult)),
            Plain::HazMat => Some(i32::from(traits.hazmat)),
            Plain::HeatSensitive | Plain::SubscribeAndSave => Some(i32::from(traits.heat)),
            Plain::TradeIn => Some(i32::from(!self.history.series[slot::TRADE_IN].is_empty())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn where_the_time_of_a_column_goes() {
        let world = World::new(7, 2_000);
        let hour = 5_804 * 1440;
        let mut history = History::default();
        let timed = |name: &str, work: &mut dyn FnMut(&Traits)| {
            let started = Instant::now();
            for index in 0..world.products {
                work(&world.traits(index));
            }
            println!(
                "{name}: {:.1} us a product",
                started.elapsed().as_secs_f64() * 1e6 / f64::from(world.products)
            );
        };
        timed("traits", &mut |_| {});
        timed("main series", &mut |traits| simulate::main_series(traits, hour, i32::MIN, &mut history));
        let mut records = 0;
        timed("all series", &mut |traits| {
            simulate::simulate(traits, hour, &mut history);
            records += history.series.iter().map(Vec::len).sum::<usize>();
        });
        println!("{} numbers a product", records / 2_000);
        let options = crate::product::Options { stats: Some((hour - 90 * 1440, hour)), ..Default::default() };
        let mut json = crate::json::Json::with_capacity(256 << 20);
        timed("as JSON with statistics", &mut |traits| {
            crate::product::write::product(&mut json, &world, traits, hour, &options);
        });
        let bytes = json.into_bytes();
        let started = Instant::now();
        let zipped = crate::reply::gzip(&bytes);
        let each = started.elapsed().as_secs_f64() * 1e6 / 2_000.0;
        println!("zipped: {each:.1} us a product, {} to {} bytes", bytes.len() / 2_000, zipped.len() / 2_000);
        let started = Instant::now();
        part(&world, hour, &USUAL, 0..2_000);
        println!("columns: {:.1} us a product", started.elapsed().as_secs_f64() * 1e6 / 2_000.0);
        assert!(records > 0);
    }
}
