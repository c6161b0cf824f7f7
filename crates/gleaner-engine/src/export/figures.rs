//! The figures of a product that a run judged: the columns that picks, sightings and differences share.

use gleaner_core::{Condition, Marketplace};
use gleaner_exchange::links;
use gleaner_exchange::out::Cell;

use super::{Field, word, words};
use crate::sourcing::{Figures, Pick, Sighting};

/// Something that has the figures of a product.
pub(super) trait Judged {
    fn marketplace(&self) -> Marketplace;
    fn asin(&self) -> &str;
    fn figures(&self) -> &Figures;
}

impl Judged for Pick {
    fn marketplace(&self) -> Marketplace {
        self.marketplace
    }
    fn asin(&self) -> &str {
        &self.asin
    }
    fn figures(&self) -> &Figures {
        &self.figures
    }
}

impl Judged for Sighting {
    fn marketplace(&self) -> Marketplace {
        self.marketplace
    }
    fn asin(&self) -> &str {
        &self.asin
    }
    fn figures(&self) -> &Figures {
        &self.figures
    }
}

fn money<T: Judged>(item: &T, amount: Option<i64>) -> Cell {
    Cell::money(amount, item.marketplace())
}

/// Which product, and what it would earn.
pub(super) fn fields<T: Judged>() -> [Field<T>; 34] {
    [
        ("asin", 13, |item| Cell::Code(item.asin().to_owned())),
        ("title", 50, |item| Cell::text(item.figures().title.as_deref())),
        ("recommendation", 14, |item| Cell::Text(item.figures().recommendation.as_str().to_owned())),
        ("verdict_basis", 13, |item| word(&item.figures().verdict_basis)),
        ("marketplace", 12, |item| Cell::Text(item.marketplace().code().to_owned())),
        ("currency", 9, |item| Cell::Text(item.figures().currency.clone())),
        ("condition", 10, |item| Cell::Text(Condition::as_str(item.figures().condition).to_owned())),
        ("strategy", 10, |item| Cell::Text(item.figures().strategy.to_string())),
        ("rules_version", 8, |item| Cell::Integer(item.figures().rules_version)),
        ("sell_price", 10, |item| money(item, item.figures().sell_price)),
        ("cost", 10, |item| money(item, item.figures().cost)),
        ("max_cost", 10, |item| money(item, item.figures().max_cost)),
        ("profit", 10, |item| money(item, item.figures().profit)),
        ("roi_percent", 11, |item| Cell::number(item.figures().roi_percent, 1)),
        ("bsr", 10, |item| Cell::integer(item.figures().bsr)),
        ("velocity_score", 9, |item| Cell::Number(item.figures().velocity_score, 1)),
        ("sales30", 9, |item| Cell::number(item.figures().sales30, 1)),
        ("days_to_sell", 9, |item| Cell::number(item.figures().days_to_sell, 1)),
        ("offers_new", 9, |item| Cell::integer(item.figures().offers_new)),
        ("offers_fba", 9, |item| Cell::integer(item.figures().offers_fba)),
        ("amazon_in_stock", 9, |item| Cell::truth(item.figures().amazon_in_stock)),
        ("amazon_share90", 9, |item| Cell::integer(item.figures().amazon_share90)),
        ("confidence", 11, |item| word(&item.figures().confidence)),
        ("missed", 20, |item| Cell::text(item.figures().missed.as_deref())),
        ("reasons", 30, |item| words(&item.figures().reasons)),
        ("caps", 20, |item| words(&item.figures().caps)),
        ("assumptions", 30, |item| words(&item.figures().assumptions)),
        ("warnings", 30, |item| words(&item.figures().warnings)),
        ("facts_fetched_at", 17, |item| Cell::time(item.figures().facts_fetched_at)),
        ("evaluated_at", 17, |item| Cell::Time(item.figures().evaluated_at)),
        ("next_level_cost", 10, |item| {
            money(item, item.figures().nearest_change.and_then(|change| change.cost))
        }),
        ("amazon", 12, |item| Cell::Link(links::amazon(item.marketplace(), item.asin()), "Amazon")),
        ("keepa", 12, |item| Cell::Link(links::keepa(item.marketplace(), item.asin()), "Keepa")),
        ("selleramp", 12, |item| {
            let figures = item.figures();
            let link = links::selleramp(item.marketplace(), item.asin(), figures.cost, figures.sell_price);
            Cell::Link(link, "SellerAmp")
        }),
    ]
}
