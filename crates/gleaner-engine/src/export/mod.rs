//! Lists as sheets, ready to be written as CSV or as a spreadsheet: which columns a list has, and where their values
//! come from. One file for each kind of list; the writing is `gleaner-exchange`'s.

mod discovery;
mod known;
mod scores;

pub use discovery::discovery_sheet;
pub use gleaner_exchange::out::{Format, Sheet, WriteError};
pub use known::{ExportQuestion, KnownScores, MAX_EXPORTED};
pub use scores::scores_sheet;
