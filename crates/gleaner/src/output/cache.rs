//! The caches.

use gleaner_engine::cache::{CacheReport, Removed};

use super::table::{self, or_missing};

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
    rows.print()
}

/// Prints what was removed.
pub fn print_removed(removed: Removed) -> anyhow::Result<()> {
    super::line(format!("removed {} discoveries and {} scores", removed.discovery, removed.scoring))
}
