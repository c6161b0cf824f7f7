//! The buy list: what one takes along when going shopping, the most to pay first.

use gleaner_core::Condition;
use gleaner_exchange::links;
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, list, word};
use crate::sourcing::{BuyList, BuyListItem};

const FIELDS: [Field<BuyListItem>; 28] = [
    ("asin", 13, |item| Cell::Code(item.asin.clone())),
    ("title", 50, |item| Cell::text(item.title.as_deref())),
    ("max_cost", 10, |item| Cell::money(item.max_cost, item.marketplace)),
    ("price", 10, |item| Cell::money(item.price, item.marketplace)),
    ("cost", 10, |item| Cell::money(item.cost, item.marketplace)),
    ("profit", 10, |item| Cell::money(item.profit, item.marketplace)),
    ("roi_percent", 11, |item| Cell::number(item.roi_percent, 1)),
    ("currency", 9, |item| Cell::Text(item.currency.clone())),
    ("marketplace", 12, |item| Cell::Text(item.marketplace.code().to_owned())),
    ("condition", 10, |item| Cell::Text(Condition::as_str(item.condition).to_owned())),
    ("recommendation", 14, |item| Cell::Text(item.recommendation.as_str().to_owned())),
    ("verdict_basis", 13, |item| word(&item.verdict_basis)),
    ("class", 10, |item| word(&item.class)),
    ("verify_first", 8, |item| Cell::Truth(item.verify_first)),
    ("state", 10, |item| word(&item.state)),
    ("bsr", 10, |item| Cell::integer(item.bsr)),
    ("offers_new", 9, |item| Cell::integer(item.offers_new)),
    ("offers_fba", 9, |item| Cell::integer(item.offers_fba)),
    ("amazon_in_stock", 9, |item| Cell::truth(item.amazon_in_stock)),
    ("amazon_share90", 9, |item| Cell::integer(item.amazon_share90)),
    ("verified", 10, |item| item.verified.as_ref().map_or(Cell::Missing, word)),
    ("evidence", 60, |item| Cell::Text(item.evidence.join("; "))),
    ("job", 20, |item| Cell::text(item.job.as_deref())),
    ("seen_at", 17, |item| Cell::Time(item.seen_at)),
    ("pick_id", 38, |item| Cell::Code(item.pick_id.clone())),
    ("amazon", 12, |item| Cell::Link(links::amazon(item.marketplace, &item.asin), "Amazon")),
    ("keepa", 12, |item| Cell::Link(links::keepa(item.marketplace, &item.asin), "Keepa")),
    ("selleramp", 12, |item| {
        let link = links::selleramp(item.marketplace, &item.asin, item.cost, item.price);
        Cell::Link(link, "SellerAmp")
    }),
];

/// The buy list, in its order.
#[must_use]
pub fn buy_list_sheet(buy_list: &BuyList) -> Sheet<'_> {
    list("buy-list", buy_list.at, &buy_list.items, FIELDS)
}
