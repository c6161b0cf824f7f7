//! Deals: products whose price has changed lately.

use crate::csv_type::CsvType;
use crate::ids::{Asin, CategoryId};
use crate::market::deal_request::DealRange;
use crate::product::{Condition, ConditionCode};
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, Category, Count, Decode, Fault, List, Obj, Reader, Sent, Slots, Text, Time, Whole, object,
};

object! {
    /// A page of deals.
    pub struct Deals {
        /// The deals. Fewer than 150: this is the last page.
        pub deals: Vec<Deal> = "dr" as List<Obj<Deal>>,
        /// The root categories of all matches; `None` stands for "no root". This and the next two are parallel.
        pub category_ids: Vec<Option<CategoryId>> = "categoryIds" as Slots<Category>,
        /// Their names.
        pub category_names: Vec<Option<String>> = "categoryNames" as Slots<Text>,
        /// How many matches each has; category filters do not count.
        pub category_counts: Vec<Option<i64>> = "categoryCount" as Slots<Count>,
    }
}

object! {
    /// A deal. Arrays have one place per [`CsvType`].
    pub struct Deal {
        /// The product.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// Its parent.
        pub parent_asin: Option<Asin> = "parentAsin" as AsinText,
        /// Its title.
        pub title: Option<String> = "title" as Text,
        /// Its root category.
        pub root_category: Option<CategoryId> = "rootCat" as Category,
        /// The categories in which it is listed directly.
        pub categories: Vec<CategoryId> = "categories" as List<Category>,
        /// File name of its image.
        pub image: Option<String> = "image" as AsciiCodes,
        /// Newest values.
        pub current: Vec<Option<i64>> = "current" as Slots<Count>,
        /// Since when they hold.
        pub current_since: Vec<Option<KeepaTime>> = "currentSince" as Slots<Time>,
        /// The value before less the newest.
        pub delta_last: Vec<Option<i64>> = "deltaLast" as Slots<Whole>,
        /// By [`DealRange`]: mean less the newest value; 0 is unchanged or unknown.
        pub delta: Vec<Vec<Option<i64>>> = "delta" as List<Sent<Slots<Whole>>>,
        /// By [`DealRange`]: the same in percent.
        pub delta_percent: Vec<Vec<Option<i64>>> = "deltaPercent" as List<Sent<Slots<Whole>>>,
        /// By [`DealRange`]: the means. That of a day covers 48 hours.
        pub avg: Vec<Vec<Option<i64>>> = "avg" as List<Sent<Slots<Count>>>,
        /// Last refresh.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// Last change of the price that was asked for.
        pub creation_date: Option<KeepaTime> = "creationDate" as Time,
        /// End of the lightning deal. `None`: there is none.
        pub lightning_end: Option<KeepaTime> = "lightningEnd" as Time,
        /// Rating, 0 to 50; older answers only.
        pub min_rating: Option<i64> = "minRating" as Count,
        /// Condition of the Warehouse offer. `None`: there is none.
        pub warehouse_condition: Option<Condition> = "warehouseCondition" as ConditionCode,
        /// What Amazon says of it.
        pub warehouse_condition_comment: Option<String> = "warehouseConditionComment" as Text,
    }
}

impl Deal {
    /// The newest value of a history.
    #[must_use]
    pub fn current(&self, csv_type: CsvType) -> Option<i64> {
        self.current.get(csv_type.index()).copied().flatten()
    }

    /// The mean of a history over a range.
    #[must_use]
    pub fn avg(&self, range: DealRange, csv_type: CsvType) -> Option<i64> {
        self.avg.get(range.index())?.get(csv_type.index()).copied().flatten()
    }

    /// Mean of the range less the newest value: positive means that the price fell, 0 unchanged or unknown.
    #[must_use]
    pub fn delta(&self, range: DealRange, csv_type: CsvType) -> Option<i64> {
        self.delta.get(range.index())?.get(csv_type.index()).copied().flatten()
    }

    /// The same, percent.
    #[must_use]
    pub fn delta_percent(&self, range: DealRange, csv_type: CsvType) -> Option<i64> {
        self.delta_percent.get(range.index())?.get(csv_type.index()).copied().flatten()
    }
}

/// A text that Keepa sends as a list of ASCII codes (or as a text).
struct AsciiCodes;

impl Decode for AsciiCodes {
    type Out = Option<String>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<String>, Fault> {
        let members = List::<Text>::decode(reader)?;
        let code = |member: &String| member.parse::<u8>().ok().filter(u8::is_ascii).map(char::from);
        let decoded: Option<String> = members.iter().map(code).collect();
        Ok(decoded.or_else(|| members.into_iter().next()).filter(|text| !text.is_empty()))
    }
}
