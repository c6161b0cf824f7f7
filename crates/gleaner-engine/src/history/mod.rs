//! The permanent history: looking through it, and what it adds up to.

mod analytics;
mod archive;
mod counting;
mod list;
mod table;
mod tally;

pub(crate) use analytics::ratio;
pub use analytics::{
    Analytics, AnalyticsQuestion, ArchivesCounted, ByCategory, ByDay, ByField, ByFilters, ByHour, ByNiche,
    BySource, ByType, ByUser, ResultsRange, Usage, VerdictShare,
};
pub use archive::ArchivedMonth;
pub use list::{HistoryEntry, HistoryList, HistoryQuestion, Outcome};
