//! A client for the [Keepa](https://keepa.com) API: Amazon prices, ranks and offers, and how they came about.
//!
//! Keepa answers with one large JSON object per product, full of flat lists, minutes since 2011 and numbers that mean
//! "nothing". Here everything has a type: moments are [`KeepaTime`], histories are [`Series`], what is missing is
//! `None`, and every field says its unit and when Keepa sends it. Keepa's own key is needed; every request costs
//! tokens, and [`CostEstimate`] tells how many before it is sent.
//!
//! # Asking for products
//!
//! ```no_run
//! use keepa::{Asin, Client, CsvType, Domain, ProductRequest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("my key".into()).build()?;
//! let asin: Asin = "0593655036".parse()?;
//! let answer = client.products(&ProductRequest::asins(Domain::Us, [asin]).stats_days(90)).await?;
//! for raw in &answer.value {
//!     let product = &raw.product;
//!     let new = product.series(CsvType::New).and_then(|series| series.last());
//!     println!("{:?}: new from {new:?} cents", product.title);
//! }
//! println!("{:?} tokens left", answer.tokens.tokens_left);
//! # Ok(())
//! # }
//! ```
//!
//! # Finding products
//!
//! ```no_run
//! use keepa::finder::{Selection, Sort, current, fields};
//! use keepa::{CategoryId, Client, CsvType, Domain};
//!
//! # async fn example(client: Client) -> Result<(), keepa::Error> {
//! let selection = Selection::new()
//!     .root_category([CategoryId(283_155)])
//!     .with(current(CsvType::Sales).between(10_000, 50_000))
//!     .with(fields::SALES_RANK_DROPS30.at_least(4))
//!     .sort("current_SALES", Sort::Asc);
//! println!("costs {:?} tokens", selection.cost());
//! let found = client.finder(Domain::Us, &selection).await?.value;
//! println!("{} of {:?}", found.asins.len(), found.total_results);
//! # Ok(())
//! # }
//! ```
//!
//! # Reading what was saved, and histories
//!
//! ```
//! use keepa::{CsvType, KeepaTime, decode_products};
//!
//! let answer = br#"{"tokensLeft": 42, "products": [{
//!     "asin": "B000000001", "domainId": 1, "monthlySold": -1,
//!     "csv": [null, [7000000, 2499, 7001440, -1, 7002880, 1999]]
//! }]}"#;
//! let (tokens, products) = decode_products(answer)?;
//! assert_eq!(tokens.tokens_left, Some(42));
//! let product = &products[0].product;
//! assert_eq!(product.monthly_sold, None);
//!
//! let new = product.series(CsvType::New).expect("the answer has it");
//! let (from, to) = (KeepaTime::new(7_000_000), KeepaTime::new(7_004_320));
//! assert_eq!(new.value_at(KeepaTime::new(7_000_500)), Some(2499));
//! assert_eq!(new.value_at(KeepaTime::new(7_001_500)), None, "out of stock");
//! assert_eq!(new.median(from, to), Some(1999));
//! assert_eq!(new.in_stock_share(from, to), Some(2.0 / 3.0));
//! # Ok::<(), keepa::Error>(())
//! ```
//!
//! # Errors
//!
//! [`Error`] tells by kind what has happened, and [`Error::may_have_been_charged`] whether tokens may be gone. The client
//! waits for tokens once, when the wait is short; nothing else is ever sent again. The key appears in no message.
//!
//! # What is where
//!
//! | | |
//! |---|---|
//! | requests and the client | [`Client`], [`ProductRequest`], [`finder`], [`market::DealRequest`], [`BestsellersRequest`], [`SearchRequest`] |
//! | products | [`product`], [`Product`], [`Statistics`], [`Offer`] |
//! | categories, sellers, deals, trackings | [`market`] |
//! | histories | [`Series`], [`CsvType`], [`analytics`], [`Statistics::compute`] |

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
pub use product::{CategoryNode, Condition, Csv, DecimalText, FbaFees, Offer, Product, Statistics};
pub use request::{
    BestsellersRequest, CostEstimate, GraphImageRequest, ProductRequest, RankRange, SearchRequest,
    StatsWindow,
};
pub use series::{Point, PriceParts, Series};
pub use time::KeepaTime;
