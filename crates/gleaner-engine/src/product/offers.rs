//! The offers of a product, where they were bought.

use chrono::{DateTime, Utc};
use keepa::{Offer, Product};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A live offer of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductOffer {
    /// Its condition; null when Keepa does not know.
    pub condition: Option<OfferCondition>,
    /// Price with shipping, in minor units of the score's currency; null when it is not known.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// Who sells, by Amazon's id.
    pub seller_id: Option<String>,
    /// Whether Amazon itself sells.
    pub amazon: Option<bool>,
    /// Whether Amazon fulfils it.
    pub fba: Option<bool>,
    /// Whether it ships with Prime.
    pub prime: Option<bool>,
    /// What the seller says of the condition.
    pub comment: Option<String>,
    /// When Keepa saw it last.
    pub seen_at: Option<DateTime<Utc>>,
}

/// The condition of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferCondition {
    /// New.
    New,
    /// Used, like new.
    LikeNew,
    /// Used, very good.
    VeryGood,
    /// Used, good.
    Good,
    /// Used, acceptable.
    Acceptable,
    /// Refurbished.
    Refurbished,
    /// Collectible, of any grade.
    Collectible,
    /// For rent.
    Rental,
}

impl From<keepa::Condition> for OfferCondition {
    fn from(condition: keepa::Condition) -> Self {
        use keepa::Condition as Of;
        match condition {
            Of::New => Self::New,
            Of::UsedLikeNew => Self::LikeNew,
            Of::UsedVeryGood => Self::VeryGood,
            Of::UsedGood => Self::Good,
            Of::UsedAcceptable => Self::Acceptable,
            Of::Refurbished => Self::Refurbished,
            Of::CollectibleLikeNew
            | Of::CollectibleVeryGood
            | Of::CollectibleGood
            | Of::CollectibleAcceptable => Self::Collectible,
            Of::Rental => Self::Rental,
        }
    }
}

impl From<&Offer> for ProductOffer {
    fn from(offer: &Offer) -> Self {
        Self {
            condition: offer.condition.map(OfferCondition::from),
            price: offer.last_price().and_then(|point| point.value),
            seller_id: offer.seller_id.map(|seller| seller.to_string()),
            amazon: offer.is_amazon,
            fba: offer.is_fba,
            prime: offer.is_prime,
            comment: offer.condition_comment.clone().filter(|comment| !comment.trim().is_empty()),
            seen_at: offer.last_seen.map(keepa::KeepaTime::to_datetime),
        }
    }
}

/// The live offers; `None` where the facts were bought without offers, which says nothing about there being any.
pub(super) fn offers(product: &Product) -> Option<Vec<ProductOffer>> {
    let bought = product.offers_successful == Some(true) || !product.offers.is_empty();
    bought.then(|| product.live_offers().map(ProductOffer::from).collect())
}

#[cfg(test)]
mod tests {
    use keepa::RawProduct;

    use super::*;

    fn read(json: &str) -> Option<Vec<ProductOffer>> {
        offers(&RawProduct::decode(json).expect("a product").product)
    }

    #[test]
    fn facts_bought_without_offers_do_not_say_that_there_are_none() {
        assert_eq!(read(r#"{"asin":"0593655036","offersSuccessful":false}"#), None);
        assert_eq!(read(r#"{"asin":"0593655036"}"#), None);
        let none = r#"{"asin":"0593655036","offersSuccessful":true,"offers":[],"liveOffersOrder":[]}"#;
        assert_eq!(read(none), Some(Vec::new()));
    }

    #[test]
    fn only_live_offers_are_told_with_the_newest_price_and_its_shipping() {
        // Keepa's history is (time, price, shipping), oldest first; the first offer is not live any more.
        let found = read(
            r#"{"asin":"0593655036","offersSuccessful":true,"liveOffersOrder":[2,1],"offers":[
                {"offerId":1,"condition":1,"offerCSV":[7000000,500,0]},
                {"offerId":2,"condition":3,"isFBA":false,"offerCSV":[7000000,900,399,7100000,1000,399]},
                {"offerId":3,"condition":1,"isFBA":true,"isAmazon":false,"sellerId":"A1B2C3D4E5F6G7","offerCSV":[7000000,1400,0]}]}"#,
        );
        let found = found.expect("offers");
        let told: Vec<_> = found.iter().map(|offer| (offer.condition, offer.price, offer.fba)).collect();
        assert_eq!(
            told,
            [
                (Some(OfferCondition::New), Some(1400), Some(true)),
                (Some(OfferCondition::VeryGood), Some(1399), Some(false)),
            ]
        );
        assert_eq!(found[0].seller_id.as_deref(), Some("A1B2C3D4E5F6G7"));
        assert_eq!(found[1].amazon, None);
    }
}
