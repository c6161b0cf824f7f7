//! AutoSourcing: saved searches that run by themselves and bring picks.
//!
//! A [`JobSpec`] says what to look for, when, for how many tokens, and what is good enough. A run walks through it
//! step by step (`drive`), and each step is stored with what it brought, so that another process can go on after a
//! crash without paying twice. Every product that was judged leaves a sighting; what several runs saw of it makes its
//! class (`classes`), and what the reseller decides on it is triage. One file per concern:
//!
//! * `spec`, `schedule`, `plan`: what a job is, when it is due, which searches a run makes of it;
//! * `jobs`, `runs`, `picks`, `triage`, `watch`, `verify`, `buy_list` with its `reasons`, `diff`: what people
//!   ask for;
//! * `drive`, `judge`, `finish`, `tick`: how a run works, ends, and is started on time.

mod buy_list;
mod classes;
mod diff;
mod drive;
mod due_times;
mod figures;
mod finish;
mod funnel;
mod jobs;
mod judge;
mod notices;
mod picks;
mod plan;
mod progress;
mod reasons;
mod reopen;
mod runs;
mod schedule;
mod searches;
mod setbacks;
mod spec;
mod steps;
mod tick;
mod triage;
mod verify;
mod watch;

pub use buy_list::{BuyList, BuyListItem, BuyListQuestion};
pub use classes::{Evidence, PickClass};
pub use diff::{Change, ChangedPick, DiffAgainst, GonePick, RunDiff};
pub use figures::Figures;
pub use funnel::{FunnelStep, RunFunnel, RunMiss, StepName};
pub use jobs::{Job, JobEdit};
pub use picks::{Pick, PickDetail, PickQuestion, Sighting};
pub use progress::{Estimate, Phase, RunTokens};
pub use reasons::Reason;
pub use runs::{Outcome, Run, RunError, RunProgress, RunState, RunsQuestion};
pub use schedule::{Missed, Schedule};
pub use spec::{JobSearch, JobSpec, PickRules};
pub use tick::Ticked;
pub use triage::{Purchases, TriageAction, TriageRequest, TriageState, TriageStep};
pub use verify::{Finding, Verification, VerificationResult};
pub use watch::{WatchOutcome, WatchQuestion, WatchResult, WatchedProduct};

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::EngineError;

/// The jobs that this process is working on: leases only keep other processes away.
#[derive(Clone, Default)]
pub(crate) struct Active(Arc<Mutex<HashSet<String>>>);

/// A job that this process works on, until it is dropped.
struct Working {
    active: Active,
    job_id: String,
}

impl Active {
    /// `None` when this process is at it already.
    fn begin(&self, job_id: &str) -> Option<Working> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job_id.to_owned());
        begun.then(|| Working { active: self.clone(), job_id: job_id.to_owned() })
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.active.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.job_id);
    }
}

/// A value as its column keeps it.
fn written(value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "a value cannot be written");
        EngineError::Internal
    })
}

/// A value as its column kept it; what a newer program wrote may not be readable.
fn read<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, EngineError> {
    serde_json::from_str(text).map_err(|error| {
        tracing::error!(what, %error, "a stored value cannot be read");
        EngineError::Internal
    })
}

/// The word for a value of a closed list, as it stands in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A word of a closed list, as a column keeps it.
fn from_word<T: DeserializeOwned>(what: &'static str, word: &str) -> Result<T, EngineError> {
    serde_json::from_value(serde_json::Value::from(word)).map_err(|error| {
        tracing::error!(what, word, %error, "a stored word is not known");
        EngineError::Internal
    })
}

/// Reads what somebody typed for a value of a closed list, as it stands in JSON.
pub fn parse_word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text.trim()))
        .map_err(|error| error.to_string().replace("unknown variant", "unknown word").replace('`', "'"))
}

/// A number for comparing shares. Amounts and ranks are bounded far below where it would lose precision.
fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX }))
}
