//! A client for the Keepa API.

mod answer;
mod csv_type;
mod domain;
mod error;
mod ids;
pub mod product;
mod series;
mod time;
mod wire;

pub use answer::{Answer, RawProduct, TokenStatus, decode_products};
pub use csv_type::CsvType;
pub use domain::{Domain, UnknownDomain};
pub use error::{ApiError, Error, wait_for_tokens};
pub use ids::{Asin, CategoryId, InvalidAsin, InvalidSellerId, SellerId};
pub use product::{Offer, Product, Statistics};
pub use series::{Point, PriceParts, Series};
pub use time::KeepaTime;
