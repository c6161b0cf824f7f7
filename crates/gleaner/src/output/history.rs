//! The history and what it adds up to.

use gleaner_engine::history::{Analytics, ArchivedMonth, HistoryList, Usage};

use super::table::{self, or_missing};

/// How many lines of a long list are shown to a person; `--json` and `--csv` have all.
const SHOWN: usize = 15;

/// Prints a page of the history.
pub fn list(page: &HistoryList) -> anyhow::Result<()> {
    if page.entries.is_empty() && page.next_cursor.is_none() {
        return super::line("nothing in the history matches");
    }
    let mut rows =
        table::new(&["WHEN (UTC)", "TYPE", "SOURCE", ">RESULTS", ">HITS", ">TOKENS", ">MS", "ASKED"]);
    for entry in &page.entries {
        let outcome = entry.outcome.as_ref();
        let asked = match outcome.and_then(|outcome| outcome.error.as_ref()) {
            Some(error) => format!("{error}: {}", entry.filters),
            None => entry.filters.to_string(),
        };
        rows.add([
            or_missing(entry.created_at.map(|at| at.format("%Y-%m-%d %H:%M:%S"))),
            entry.search_type.clone(),
            or_missing(entry.source.as_ref()),
            entry.results_count.to_string(),
            or_missing(outcome.map(|outcome| format!("{}/{}", outcome.hits, outcome.hits + outcome.misses))),
            or_missing(outcome.map(|outcome| outcome.tokens_charged)),
            or_missing(outcome.map(|outcome| outcome.milliseconds)),
            asked,
        ]);
    }
    rows.print()?;
    match &page.next_cursor {
        Some(cursor) => super::line(format!("more: --cursor {cursor}")),
        None => Ok(()),
    }
}

/// Prints which months were archived or restored.
pub fn months(months: &[ArchivedMonth], done: &str) -> anyhow::Result<()> {
    if months.is_empty() {
        return super::line(format!("there was nothing to be {done}"));
    }
    let mut rows = table::new(&["MONTH", ">ROWS", ">KB", "FILE"]);
    for month in months {
        rows.add([
            month.month.clone(),
            month.rows.to_string(),
            (month.bytes / 1024).to_string(),
            month.file.display().to_string(),
        ]);
    }
    super::line(format!("{done}:"))?;
    rows.print()
}

/// Prints what the history adds up to.
pub fn analytics(all: &Analytics) -> anyhow::Result<()> {
    let total = &all.total;
    super::line(format!(
        "{} searches, {} failed, {} results on average, hit ratio {}, {} tokens spent, {} saved",
        total.searches,
        total.failed,
        or_missing(all.average_results.map(|average| format!("{average:.1}"))),
        percent(total.hit_ratio),
        total.tokens_charged,
        total.tokens_saved
    ))?;
    if all.undated > 0 {
        super::line(format!("{} rows have no time and are in no figure", all.undated))?;
    }
    if !all.archives.missing.is_empty() {
        let months = all.archives.missing.join(", ");
        super::line(format!("not counted, because their archive files are gone: {months}"))?;
    }
    usages("DAY", all.per_day.iter().rev().map(|day| (day.day.to_string(), &day.usage)))?;
    usages("TYPE", all.by_type.iter().map(|line| (line.search_type.clone(), &line.usage)))?;
    usages("SOURCE", all.by_source.iter().map(|line| (or_missing(line.source.as_ref()), &line.usage)))?;
    usages("USER", all.by_user.iter().map(|line| (or_missing(line.user_id.as_ref()), &line.usage)))?;
    usages(
        "CATEGORY",
        all.by_category.iter().map(|line| {
            let name = line.name.as_ref().unwrap_or(&line.category);
            (format!("{name} ({})", or_missing(line.marketplace.as_ref())), &line.usage)
        }),
    )?;
    usages("NICHE", all.by_niche.iter().map(|line| (line.niche.clone(), &line.usage)))?;
    counts("VERDICT", ">RESULTS", all.verdicts.iter().map(|line| (line.verdict.clone(), line.results)))?;
    counts(
        "RESULTS",
        ">SEARCHES",
        all.results_per_search.iter().filter(|range| range.searches > 0).map(|range| {
            let to = range.to.map_or_else(|| "more".to_owned(), |to| to.to_string());
            (format!("{} to {to}", range.from), range.searches)
        }),
    )?;
    counts(
        "HOUR (UTC)",
        ">SEARCHES",
        all.hours
            .iter()
            .filter(|hour| hour.searches > 0)
            .map(|hour| (format!("{:02}", hour.hour), hour.searches)),
    )?;
    counts("FILTER SET", ">SEARCHES", all.fields.iter().map(|line| (line.field.clone(), line.searches)))?;
    if !all.top_filters.is_empty() {
        super::line("")?;
        let mut rows = table::new(&[">SEARCHES", ">HIT RATIO", "MOST USED FILTERS"]);
        for line in all.top_filters.iter().take(SHOWN) {
            rows.add([
                line.usage.searches.to_string(),
                percent(line.usage.hit_ratio),
                line.filters.to_string(),
            ]);
        }
        rows.print()?;
    }
    Ok(())
}

fn usages<'a>(name: &str, lines: impl Iterator<Item = (String, &'a Usage)>) -> anyhow::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    super::line("")?;
    let mut rows = table::new(&[name, ">SEARCHES", ">FAILED", ">HIT RATIO", ">SPENT", ">SAVED"]);
    for (name, usage) in lines.by_ref().take(SHOWN) {
        rows.add([
            name,
            usage.searches.to_string(),
            usage.failed.to_string(),
            percent(usage.hit_ratio),
            usage.tokens_charged.to_string(),
            usage.tokens_saved.to_string(),
        ]);
    }
    rows.print()?;
    let rest = lines.count();
    if rest > 0 { super::line(format!("and {rest} more: --json or --csv shows all")) } else { Ok(()) }
}

fn counts(name: &str, number: &str, lines: impl Iterator<Item = (String, i64)>) -> anyhow::Result<()> {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    super::line("")?;
    let mut rows = table::new(&[name, number]);
    for (name, count) in lines.into_iter().take(24) {
        rows.add([name, count.to_string()]);
    }
    rows.print()
}

fn percent(ratio: Option<f64>) -> String {
    or_missing(ratio.map(|ratio| format!("{:.1} %", ratio * 100.0)))
}
