//! A client for the Keepa API.

pub mod analytics;
mod answer;
mod client;
mod csv_type;
mod domain;
mod endpoints;
mod error;
pub mod finder;
mod ids;
mod keepa_statistics;
pub mod market;
pub mod product;
mod request;
mod series;
mod time;
mod wire;

pub use answer::{Answer, RawProduct, TokenStatus, decode_products};
pub use client::{Client, ClientBuilder};
pub use csv_type::CsvType;
pub use domain::{Domain, UnknownDomain};
pub use error::{ApiError, Error, wait_for_tokens};
pub use finder::{FinderResult, Selection, Sort};
pub use ids::{Asin, CategoryId, InvalidAsin, InvalidSellerId, SellerId};
pub use keepa_statistics::{
    keepa_mean, keepa_monthly_sold_delta, keepa_out_of_stock_percentage, keepa_rank_drops,
};
pub use product::{Offer, Product, Statistics};
pub use request::{
    BestsellersRequest, CostEstimate, GraphImageRequest, ProductRequest, RankRange, SearchRequest,
    StatsWindow,
};
pub use series::{Point, PriceParts, Series};
pub use time::KeepaTime;
