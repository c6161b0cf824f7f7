//! AutoSourcing's tables: jobs, their runs, what each run saw, what was picked, and what was decided on it.
//!
//! One file per table. What a row means (when a job is due, what a class is) is the engine's business; here are only
//! the changes that must be whole, or that only one of several processes may make.

mod job;
pub(crate) mod pick;
mod run;
pub(crate) mod sighting;
mod triage;

pub use job::{JobPut, JobRow};
pub use pick::{PickFilter, PickPut, PickRow};
pub use run::{RunNew, RunPut, RunRow};
pub use sighting::{SightingPut, SightingRow};
pub use triage::{TriagePut, TriageRow};
