//! The caches.

use gleaner_engine::cache::{AgeRange, CacheReport, Removed};

use super::table::{self, counted, or_missing};

/// Prints how both caches do.
pub fn print(report: &CacheReport) -> anyhow::Result<()> {
    let mut rows =
        table::new(&["CACHE", ">ENTRIES", ">LIVE", ">EXPIRED", ">HITS", ">REUSE", ">KB", "OLDEST (UTC)"]);
    for (name, cache) in [("discovery", &report.discovery), ("scoring", &report.scoring)] {
        rows.add([
            name.to_owned(),
            cache.entries.to_string(),
            cache.live.to_string(),
            cache.expired.to_string(),
            cache.hits.to_string(),
            or_missing(cache.average_reuse.map(|reuse| format!("{reuse:.1}"))),
            or_missing(cache.size_bytes.map(|bytes| bytes / 1024)),
            or_missing(cache.oldest.map(|t| t.format("%Y-%m-%d %H:%M"))),
        ]);
    }
    rows.print()?;
    let hours = report.discovery.window.hours;
    for (name, cache) in [("discovery", &report.discovery), ("scoring", &report.scoring)] {
        let window = &cache.window;
        let ratio = or_missing(window.hit_ratio.map(|ratio| format!("{:.1} %", ratio * 100.0)));
        super::line(format!(
            "{name}: {} in {hours} h, {ratio} answered from the cache",
            counted(window.requests, "request")
        ))?;
        let ages: Vec<String> = cache.ages.iter().filter(|range| range.entries > 0).map(age).collect();
        if !ages.is_empty() {
            super::line(format!("  {}", ages.join(", ")))?;
        }
    }
    Ok(())
}

fn age(range: &AgeRange) -> String {
    let entries = range.entries;
    match (range.from_hours, range.to_hours) {
        (Some(0), Some(to)) => format!("{entries} under {to} h old"),
        (Some(from), Some(to)) => format!("{entries} of {from} to {to} h"),
        (Some(from), None) => format!("{entries} over {from} h"),
        (None, _) => format!("{entries} of unknown age"),
    }
}

/// Prints what was removed.
pub fn print_removed(removed: Removed) -> anyhow::Result<()> {
    super::line(format!("removed {} discoveries and {} scores", removed.discovery, removed.scoring))
}
