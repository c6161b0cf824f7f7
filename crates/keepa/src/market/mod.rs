//! What Keepa tells of the marketplace around the products: categories, sellers, deals, trackings.

mod category;
mod deal;
mod deal_request;
mod lightning;
mod seller;
mod tracking;

pub use category::{Bestsellers, Categories, Category};
pub use deal::{Deal, Deals};
pub use deal_request::{DealFlag, DealRange, DealRequest, DealSort};
pub use lightning::{DealState, LightningDeal};
pub use seller::{BrandStatistics, CategoryStatistics, Competitor, Feedback, Seller};
pub use tracking::{Notification, NotifyIf, PastNotification, Threshold, Tracking};
