//! Variation families: who belongs together, and the parent that has nothing but its members.

use super::Options;
use crate::json::Json;
use crate::world::World;
use crate::world::categories::{self, Node};
use crate::world::history::slot;
use crate::world::texts::Texts;

/// The ASINs of a variation family.
pub(super) fn siblings(world: &World, family: u32) -> Vec<String> {
    (family * 4..family * 4 + 4)
        .filter(|index| *index < world.products)
        .map(|index| world.codec.asin(index))
        .collect()
}

pub(super) fn write_variations(json: &mut Json, world: &World, siblings: &[String], family: u32) {
    json.begin_list();
    for (asin, index) in siblings.iter().zip(family * 4..) {
        let color = Texts::of(&world.traits(index)).color;
        json.begin().key("asin").text(asin).key("attributes").begin_list();
        json.begin().key("dimension").text("Color").key("value").opt_text(color.as_deref()).end();
        json.end_list().end();
    }
    json.end_list();
}

/// The parent of a family: no offers, no histories, only its members.
pub(crate) fn parent(json: &mut Json, world: &World, family: u32, now: i32, options: &Options) {
    let first = world.traits(family * 4);
    let texts = Texts::of(&first);
    json.begin();
    json.key("asin").text(&world.codec.parent(family)).key("availabilityAmazon").int(-1);
    json.key("brand").text(&texts.brand);
    json.key("categories").begin_list().int(first.leaves[0]).end_list();
    json.key("categoryTree").begin_list();
    for Node { id, name, .. } in categories::path(first.leaves[0]) {
        json.begin().key("catId").int(*id).key("name").text(name).end();
    }
    json.end_list();
    json.key("csv");
    if options.history {
        json.begin_list();
        for _ in 0..slot::COUNT {
            json.null();
        }
        json.end_list();
    } else {
        json.null();
    }
    json.key("domainId").int(crate::world::DOMAIN).key("eanList").null().key("fbaFees").null();
    json.key("lastPriceChange").int(first.tracked_since).key("lastUpdate").int(World::last_look(&first, now));
    json.key("liveOffersOrder").null().key("offersSuccessful").boolean(false).key("parentAsin").null();
    json.key("productType").int(5).key("rootCategory").int(first.root.id).key("salesRankReference").int(-1);
    json.key("salesRanks")
        .null()
        .key("title")
        .text(&texts.title)
        .key("trackingSince")
        .int(first.tracked_since);
    json.key("upcList").null().key("variations");
    write_variations(json, world, &siblings(world, family), family);
    json.end();
}
