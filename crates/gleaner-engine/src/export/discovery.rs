//! The products of a discovery.

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_exchange::links;
use gleaner_exchange::out::{Cell, Column, Sheet, column};

use crate::discovery::DiscoveredProduct;

const COLUMNS: [Column; 10] = [
    column("asin", 13),
    column("title", 50),
    column("marketplace", 12),
    column("currency", 9),
    column("bsr", 10),
    column("price", 10),
    column("checked", 9),
    column("amazon", 12),
    column("keepa", 12),
    column("selleramp", 12),
];

/// The products of a discovery in a marketplace, best rank first.
#[must_use]
pub fn discovery_sheet(
    products: &[DiscoveredProduct],
    marketplace: Marketplace,
    made_at: DateTime<Utc>,
) -> Sheet<'_> {
    let rows = products.iter().map(move |product| {
        let DiscoveredProduct { asin, title, bsr, price, checked } = product;
        vec![
            Cell::Code(asin.clone()),
            Cell::text(title.as_deref()),
            Cell::Text(marketplace.code().to_owned()),
            Cell::Text(marketplace.currency().to_owned()),
            Cell::integer(*bsr),
            Cell::money(*price, marketplace),
            Cell::Truth(*checked),
            Cell::Link(links::amazon(marketplace, asin), "Amazon"),
            Cell::Link(links::keepa(marketplace, asin), "Keepa"),
            Cell::Link(links::selleramp(marketplace, asin, None, *price), "SellerAmp"),
        ]
    });
    Sheet { name: "discovery", made_at, columns: COLUMNS.to_vec(), rows: Box::new(rows) }
}
