//! Addresses of a product at Amazon, Keepa and `SellerAmp`: the one place where they are put together.
//!
//! They are for people to follow. Nothing here is ever called by Gleaner itself.

use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use std::fmt::Write as _;

/// The product's page at Amazon.
#[must_use]
pub fn amazon(marketplace: Marketplace, asin: &str) -> String {
    format!("https://www.amazon.{}/dp/{}", marketplace.tld(), encoded(asin))
}

/// The product's charts at Keepa.
#[must_use]
pub fn keepa(marketplace: Marketplace, asin: &str) -> String {
    format!("https://keepa.com/#!product/{}-{}", marketplace.id(), encoded(asin))
}

/// The product in `SellerAmp`'s calculator, with what is known of cost and price (minor units) filled in.
#[must_use]
pub fn selleramp(marketplace: Marketplace, asin: &str, cost: Option<i64>, price: Option<i64>) -> String {
    let mut link = format!("https://sas.selleramp.com/sas/lookup?SasLookup&search_term={}", encoded(asin));
    for (name, amount) in [("sas_cost_price", cost), ("sas_sale_price", price)] {
        if let Some(minor) = amount {
            let _ = write!(link, "&{name}={}", Money::new(minor, marketplace));
        }
    }
    link
}

/// An ASIN is letters and digits; whatever else stands in its place must not become part of the address.
fn encoded(asin: &str) -> String {
    asin.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_marketplace_has_its_own_pages() {
        assert_eq!(amazon(Marketplace::Uk, "0593655036"), "https://www.amazon.co.uk/dp/0593655036");
        assert_eq!(keepa(Marketplace::De, "0593655036"), "https://keepa.com/#!product/3-0593655036");
    }

    #[test]
    fn amounts_are_filled_in_with_the_decimals_of_the_currency() {
        let link = selleramp(Marketplace::Us, "0593655036", Some(500), Some(1499));
        assert!(link.ends_with("search_term=0593655036&sas_cost_price=5.00&sas_sale_price=14.99"), "{link}");
        let link = selleramp(Marketplace::Jp, "B0DT64M849", None, Some(1499));
        assert!(link.ends_with("search_term=B0DT64M849&sas_sale_price=1499"), "{link}");
    }

    #[test]
    fn what_is_no_asin_cannot_change_the_address() {
        let link = amazon(Marketplace::Us, "../x?y=1&z#é");
        assert_eq!(link, "https://www.amazon.com/dp/%2E%2E%2Fx%3Fy%3D1%26z%23%C3%A9");
    }
}
