//! Due times after the clock was put back: a job that was due while it was ahead must not sleep until it gets there
//! again, and what has run is not run once more.

use super::read;
use super::schedule::MAX_JITTER;
use super::spec::JobSpec;
use crate::{Engine, EngineError, stored};
use chrono::TimeDelta;

impl Engine {
    /// Brings back due times that lie further ahead than their schedule says.
    pub(crate) async fn mend_due_times(&self) -> Result<(), EngineError> {
        let now = self.now();
        for job in self.store.sourcing_jobs().await? {
            let spec: JobSpec = read("job", &job.document)?;
            let (Some(due), Some(schedule)) = (job.next_run_at, &spec.schedule) else { continue };
            let after = |moment| schedule.next_after(&job.id, moment);
            // By jitter a later time may come before an earlier one.
            let latest = due - TimeDelta::minutes(i64::from(MAX_JITTER));
            if job.paused != 0 || after(now).is_none_or(|next| latest <= stored(next)) {
                continue;
            }
            let ran = self.store.sourcing_due_times(&job.id, stored(now)).await?;
            let mut times = std::iter::successors(after(now), |time| after(*time)).map(stored);
            let next = times.find(|time| !ran.contains(time)).filter(|next| *next < due);
            if let Some(next) = next
                && self.store.skip_sourcing_run(&job.id, due, Some(next)).await?
            {
                tracing::warn!(job = job.name, %due, %next, "the clock was put back: the job is due earlier");
            }
        }
        Ok(())
    }
}
