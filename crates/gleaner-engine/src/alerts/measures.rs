//! What alerts measure.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gleaner_store::{AlertRow, CacheStats};

use super::AlertThresholds;
use crate::notices::NoticeKind;
use crate::{Engine, EngineError, span, stored};

/// How far a measure must be back within its bounds before the alert is over: a tenth of the threshold.
const MARGIN: f64 = 0.1;
/// How many ends of runs are looked through for jobs that miss.
const RUNS: u32 = 2_000;

/// Which side of the threshold is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Above,
    AtLeast,
    Below,
}

/// What a measure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// An alert.
    Wrong,
    /// Not wrong, and not right by the margin.
    Between,
    /// No alert.
    Right,
    /// Nothing tells.
    Unknown,
}

/// Something that was measured.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) threshold: f64,
    value: Option<f64>,
    wrong: Wrong,
    /// Where it is right again.
    right: f64,
    message: String,
}

impl Measure {
    fn new(kind: &'static str, value: Option<f64>, wrong: Wrong, threshold: f64, message: String) -> Self {
        let margin = threshold.abs() * MARGIN;
        let right = match wrong {
            Wrong::Above | Wrong::AtLeast => threshold - margin,
            Wrong::Below => threshold + margin,
        };
        Self { kind, subject: String::new(), threshold, value, wrong, right, message }
    }

    /// What tells one alert from another.
    pub(super) fn key(&self) -> (String, String) {
        (self.kind.to_owned(), self.subject.clone())
    }

    pub(super) fn state(&self) -> State {
        let Some(value) = self.value else { return State::Unknown };
        let (wrong, right) = match self.wrong {
            Wrong::Above => (value > self.threshold, value <= self.right),
            Wrong::AtLeast => (value >= self.threshold, value <= self.right),
            Wrong::Below => (value < self.threshold, value >= self.right),
        };
        match (wrong, right) {
            (true, _) => State::Wrong,
            (false, true) => State::Right,
            (false, false) => State::Between,
        }
    }

    /// What kind of news it is when it goes wrong.
    pub(super) fn raised_kind(&self) -> NoticeKind {
        if self.kind == TOKENS { NoticeKind::TokensLow } else { NoticeKind::AlertRaised }
    }

    /// Writes down what was measured; whether that is anything new.
    pub(super) fn note(&self, row: &mut AlertRow, now: DateTime<Utc>) -> bool {
        let changed = row.message != self.message;
        row.measured = self.value.unwrap_or(row.measured);
        row.threshold = self.threshold;
        row.message.clone_from(&self.message);
        row.seen_at = stored(now);
        changed
    }
}

const TOKENS: &str = "tokens_low";

impl Engine {
    /// Everything that is measured.
    pub(super) async fn measure_alerts(&self) -> Result<Vec<Measure>, EngineError> {
        let limits = &self.settings.alerts;
        let now = self.now();
        let report = self.store.cache_stats(stored(now)).await?;
        let settings = &self.settings;
        let mut all = Vec::new();
        for (names, cache, ttl) in [
            (&DISCOVERY, &report.discovery, settings.discovery_ttl),
            (&SCORING, &report.scoring, settings.scoring_ttl),
        ] {
            all.extend(of_cache(names, cache, ttl, limits, now));
        }
        if limits.tokens > 0 {
            all.push(self.tokens_measure(limits.tokens, now).await);
        }
        if limits.job_misses > 0 {
            all.extend(self.jobs_measures(limits.job_misses).await?);
        }
        Ok(all)
    }

    async fn tokens_measure(&self, least: i64, now: DateTime<Utc>) -> Measure {
        // That Keepa does not tell is no reason to leave the caches unwatched.
        let balance = self.ledger.known_balance().await.ok().flatten().map(|balance| balance.at(now));
        let message = format!("{} tokens are left, fewer than {least}", balance.unwrap_or_default());
        Measure::new(TOKENS, balance.map(float), Wrong::Below, float(least), message)
    }

    /// For every job how often in a row it failed or found nothing, by the notices of its runs.
    async fn jobs_measures(&self, most: u32) -> Result<Vec<Measure>, EngineError> {
        #[derive(Default)]
        struct Job {
            name: String,
            misses: u32,
            last: String,
            over: bool,
        }
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for notice in self.store.notices_of("run", RUNS).await? {
            let Some(id) = notice.payload["job_id"].as_str() else { continue };
            let job = jobs.entry(id.to_owned()).or_default();
            if job.over {
                continue;
            }
            match notice.kind.as_str() {
                "run.failed" | "run.empty" => {
                    if job.misses == 0 {
                        notice.payload["job"].as_str().unwrap_or(id).clone_into(&mut job.name);
                        job.last.clone_from(&notice.subject);
                    }
                    job.misses += 1;
                }
                // Somebody stopped it; that says nothing about the job.
                "run.cancelled" => {}
                _ => job.over = true,
            }
        }
        Ok(jobs
            .into_iter()
            .map(|(id, job)| Measure {
                subject: id.chars().take(100).collect(),
                // Raised when the number is reached, over with the first run that finds something.
                right: 0.0,
                value: Some(f64::from(job.misses)),
                wrong: Wrong::AtLeast,
                threshold: f64::from(most),
                kind: "job_missing",
                message: format!(
                    "“{}” failed or found nothing {} times in a row: {}",
                    job.name, job.misses, job.last
                ),
            })
            .collect())
    }
}

/// The names of a cache's alerts.
struct Names {
    cache: &'static str,
    size: &'static str,
    reuse: &'static str,
    expired: &'static str,
}

const DISCOVERY: Names = Names {
    cache: "discovery",
    size: "discovery_cache_size",
    reuse: "discovery_cache_reuse",
    expired: "discovery_cache_expired",
};
const SCORING: Names = Names {
    cache: "scoring",
    size: "scoring_cache_size",
    reuse: "scoring_cache_reuse",
    expired: "scoring_cache_expired",
};

fn of_cache(
    names: &Names,
    cache: &CacheStats,
    ttl: Duration,
    limits: &AlertThresholds,
    now: DateTime<Utc>,
) -> [Measure; 3] {
    let name = names.cache;
    let size = format!("the {name} cache has {} entries, more than {}", cache.entries, limits.cache_entries);
    // How often an entry is used shows only when one has had the time to be.
    let old_enough = cache.oldest.is_some_and(|oldest| oldest <= stored(now - span(ttl)));
    let reuse = if cache.entries == 0 {
        // An empty cache is not used too little.
        Some(limits.average_hits * (1.0 + 2.0 * MARGIN))
    } else {
        cache.average_reuse.filter(|_| old_enough)
    };
    let reuse_message = format!(
        "entries of the {name} cache are used {:.1} times on average, less than {:.1}",
        cache.average_reuse.unwrap_or_default(),
        limits.average_hits
    );
    let percent = if cache.entries == 0 { 0.0 } else { float(cache.expired) * 100.0 / float(cache.entries) };
    let expired =
        format!("{percent:.0} % of the {name} cache have expired, more than {:.0} %", limits.expired_percent);
    [
        Measure::new(names.size, Some(float(cache.entries)), Wrong::Above, float(limits.cache_entries), size),
        Measure::new(names.reuse, reuse, Wrong::Below, limits.average_hits, reuse_message),
        Measure::new(names.expired, Some(percent), Wrong::Above, limits.expired_percent, expired),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_that_swings_about_its_threshold_does_not_flap() {
        let above = |value| Measure::new("x", Some(value), Wrong::Above, 20.0, String::new()).state();
        assert_eq!(above(20.0), State::Between);
        assert_eq!(above(20.1), State::Wrong);
        assert_eq!(above(18.1), State::Between);
        assert_eq!(above(18.0), State::Right);
        let below = |value| Measure::new("x", Some(value), Wrong::Below, 50.0, String::new()).state();
        assert_eq!(below(49.0), State::Wrong);
        assert_eq!(below(50.0), State::Between);
        assert_eq!(below(54.0), State::Between);
        assert_eq!(below(55.0), State::Right);
        assert_eq!(Measure::new("x", None, Wrong::Below, 50.0, String::new()).state(), State::Unknown);
    }
}
