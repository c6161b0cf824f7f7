//! Keeping the sums over the history true.
//!
//! Nothing is counted where answers are written. Whoever wants sums first has those stretches counted again that have
//! another number of rows now: usually the current hour. Days that are over are one stretch each; today and yesterday
//! are counted by the hour. Rows that other programs wrote, or that came late, are found by what the database knows of
//! its insertions, and at the latest by the hourly look at everything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use gleaner_store::{Bucket, BucketPut, HistoryText, Recount, RollupState, Since};

use super::tally::Tally;
use crate::{Engine, EngineError, stored};

/// Rows read at once: some milliseconds of counting.
const PAGE: u32 = 2_000;

/// Lines written in one transaction, about: so that no answer waits long for it.
const LINES: usize = 2_000;

/// What must be looked at.
enum Look {
    /// Everything.
    Everything,
    /// The days from one on.
    From(NaiveDate),
    /// Some days.
    At(BTreeSet<NaiveDate>),
}

impl Engine {
    /// Brings the sums up to date; looks at everything when `thoroughly`, or when there is reason to.
    pub(crate) async fn count_history(&self, thoroughly: bool) -> Result<(), EngineError> {
        let _one_at_a_time = self.counting.lock().await;
        let state = self.store.history_state().await?;
        // Before anything is counted: what comes in between is new the next time.
        let insertions = self.store.history_insertions(&state).await?;
        let (mark, marker) = match &insertions {
            Some(insertions) => (Some(insertions.mark), insertions.marker.clone()),
            None => (None, None),
        };
        let now = stored(self.now());
        let since = insertions.map_or(Since::Unknown, |insertions| insertions.since);
        match (state.checked_at, since) {
            (Some(_), Since::Days(days)) if !thoroughly => {
                self.recount(&Look::At(days.into_iter().collect()), now).await?;
            }
            (Some(at), Since::AtLeast(inserted)) if !thoroughly => {
                let day = at.date().checked_sub_days(Days::new(1)).unwrap_or(at.date());
                self.recount(&Look::From(day), now).await?;
                let more = self.accounted().await? - state.accounted;
                if inserted <= more {
                    return self.counted(now, state.mark.map(|mark| mark + more), None).await;
                }
                return self.count_everything(now, mark, marker).await;
            }
            _ => return self.count_everything(now, mark, marker).await,
        }
        self.counted(now, mark, marker).await
    }

    async fn count_everything(
        &self,
        now: NaiveDateTime,
        mark: Option<i64>,
        marker: Option<String>,
    ) -> Result<(), EngineError> {
        self.recount(&Look::Everything, now).await?;
        self.counted(now, mark, marker).await
    }

    async fn counted(
        &self,
        now: NaiveDateTime,
        mark: Option<i64>,
        marker: Option<String>,
    ) -> Result<(), EngineError> {
        let accounted = self.accounted().await?;
        Ok(self.store.history_counted(now, mark, marker.as_deref(), accounted).await?)
    }

    async fn accounted(&self) -> Result<i64, EngineError> {
        Ok(self.store.history_rows_counted().await? + self.store.history_undated().await?)
    }

    /// Forgets all sums over rows of the database and counts them again.
    pub async fn rebuild_history_counts(&self) -> Result<RollupState, EngineError> {
        {
            let _one_at_a_time = self.counting.lock().await;
            self.store.history_forget_counts().await?;
        }
        self.count_history(true).await?;
        Ok(self.store.history_state().await?)
    }

    async fn recount(&self, look: &Look, now: NaiveDateTime) -> Result<(), EngineError> {
        let first = match look {
            Look::Everything => None,
            Look::From(day) => Some(*day),
            Look::At(days) => match days.first() {
                Some(day) => Some(*day),
                None => return Ok(()),
            },
        };
        let from = first.map(NaiveDateTime::from);
        let looked_at = |day: &NaiveDate| !matches!(look, Look::At(days) if !days.contains(day));
        let frozen = self.months_in_motion().await?;
        let mut live: BTreeMap<NaiveDate, Vec<(NaiveDateTime, i64)>> = BTreeMap::new();
        for (hour, rows) in self.store.history_hours(from).await? {
            live.entry(hour.date()).or_default().push((hour, rows));
        }
        let mut kept: BTreeMap<NaiveDate, Vec<Bucket>> = BTreeMap::new();
        for bucket in self.store.history_buckets(from).await? {
            kept.entry(bucket.starts_at.date()).or_default().push(bucket);
        }
        let days: BTreeSet<NaiveDate> = live.keys().chain(kept.keys()).copied().collect();
        let mut work = Work { tally: Tally::default(), recount: Recount::default(), lines: 0 };
        for day in days.into_iter().filter(looked_at) {
            if frozen.iter().any(|(from, to)| (*from..*to).contains(&NaiveDateTime::from(day))) {
                continue;
            }
            let hours = live.remove(&day).unwrap_or_default();
            let wanted = wanted(day, hours, now);
            let kept = kept.remove(&day).unwrap_or_default();
            let wrong = kept.iter().filter(|bucket| !wanted.contains(bucket));
            work.recount.gone.extend(wrong.map(|bucket| bucket.starts_at));
            for bucket in wanted.into_iter().filter(|bucket| !kept.contains(bucket)) {
                self.count_bucket(&mut work, &bucket).await?;
                if work.lines >= LINES {
                    self.write(&mut work).await?;
                }
            }
        }
        self.write(&mut work).await
    }

    async fn count_bucket(&self, work: &mut Work, bucket: &Bucket) -> Result<(), EngineError> {
        let end = bucket.starts_at + TimeDelta::hours(bucket.hours);
        let mut last: Option<HistoryText> = None;
        loop {
            let rows = self.store.history_stretch(bucket.starts_at, end, last.as_ref(), PAGE).await?;
            for row in &rows {
                work.tally.add(row);
            }
            if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                break;
            }
            last = rows.into_iter().next_back();
            tokio::task::yield_now().await;
        }
        let (row_count, lines, filters) = work.tally.take();
        work.lines += lines.len();
        work.recount.buckets.push(BucketPut { bucket: Bucket { row_count, ..bucket.clone() }, lines });
        work.recount.filters.extend(filters);
        Ok(())
    }

    async fn write(&self, work: &mut Work) -> Result<(), EngineError> {
        let mut recount = std::mem::take(&mut work.recount);
        work.lines = 0;
        if recount == Recount::default() {
            return Ok(());
        }
        recount.filters.sort_unstable();
        recount.filters.dedup();
        Ok(self.store.history_recount(&recount).await?)
    }
}

struct Work {
    tally: Tally,
    recount: Recount,
    lines: usize,
}

/// The stretches a day is counted in, with the rows each must have.
fn wanted(day: NaiveDate, hours: Vec<(NaiveDateTime, i64)>, now: NaiveDateTime) -> Vec<Bucket> {
    let recent = now.date().checked_sub_days(Days::new(1)).is_none_or(|yesterday| day >= yesterday);
    if recent {
        let bucket = |(starts_at, row_count)| Bucket { starts_at, hours: 1, row_count };
        return hours.into_iter().map(bucket).collect();
    }
    let row_count: i64 = hours.iter().map(|(_, rows)| rows).sum();
    let bucket = Bucket { starts_at: day.into(), hours: 24, row_count };
    if row_count == 0 { Vec::new() } else { vec![bucket] }
}
