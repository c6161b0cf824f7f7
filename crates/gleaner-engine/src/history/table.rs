//! Analytics as one table, for a spreadsheet.

use super::{Analytics, Usage};

const HEADER: [&str; 14] = [
    "table",
    "name",
    "detail",
    "searches",
    "failed",
    "results",
    "hits",
    "misses",
    "hit_ratio",
    "tokens_estimated",
    "tokens_charged",
    "tokens_saved",
    "average_milliseconds",
    "share",
];

impl Analytics {
    /// One CSV table: a line for each value of each figure. What a figure does not have is empty.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut rows = vec![HEADER.map(str::to_owned).to_vec(), usage("total", "", "", &self.total)];
        for day in &self.per_day {
            rows.push(usage("day", &day.day.to_string(), "", &day.usage));
            for (kind, searches) in &day.by_type {
                rows.push(searches_only("day_type", &day.day.to_string(), kind, *searches));
            }
        }
        rows.extend(self.by_type.iter().map(|line| usage("type", &line.search_type, "", &line.usage)));
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        rows.extend(self.by_source.iter().map(|line| usage("source", &text(&line.source), "", &line.usage)));
        rows.extend(self.by_user.iter().map(|line| usage("user", &text(&line.user_id), "", &line.usage)));
        rows.extend(self.by_category.iter().map(|line| {
            let name = line.name.as_ref().unwrap_or(&line.category);
            usage("category", name, &text(&line.marketplace), &line.usage)
        }));
        rows.extend(self.by_niche.iter().map(|line| usage("niche", &line.niche, "", &line.usage)));
        rows.extend(
            self.top_filters.iter().map(|line| usage("filters", &line.filters.to_string(), "", &line.usage)),
        );
        rows.extend(self.fields.iter().map(|line| searches_only("field", &line.field, "", line.searches)));
        for line in &self.verdicts {
            let mut row = row("verdict", &line.verdict, "");
            row[5] = line.results.to_string();
            row[13] = line.share.to_string();
            rows.push(row);
        }
        for range in &self.results_per_search {
            let to = range.to.map(|to| to.to_string()).unwrap_or_default();
            rows.push(searches_only("results_per_search", &range.from.to_string(), &to, range.searches));
        }
        rows.extend(self.hours.iter().map(|h| searches_only("hour", &h.hour.to_string(), "", h.searches)));
        gleaner_exchange::records::to_csv(&rows)
    }
}

fn row(table: &str, name: &str, detail: &str) -> Vec<String> {
    let mut row = vec![String::new(); HEADER.len()];
    for (cell, text) in row.iter_mut().zip([table, name, detail]) {
        text.clone_into(cell);
    }
    row
}

fn searches_only(table: &str, name: &str, detail: &str, searches: i64) -> Vec<String> {
    let mut row = row(table, name, detail);
    row[3] = searches.to_string();
    row
}

fn usage(table: &str, name: &str, detail: &str, usage: &Usage) -> Vec<String> {
    let mut row = row(table, name, detail);
    let option = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells = [
        usage.searches.to_string(),
        usage.failed.to_string(),
        usage.results.to_string(),
        usage.hits.to_string(),
        usage.misses.to_string(),
        option(usage.hit_ratio),
        usage.tokens_estimated.to_string(),
        usage.tokens_charged.to_string(),
        usage.tokens_saved.to_string(),
        option(usage.average_milliseconds),
    ];
    for (place, cell) in row.iter_mut().skip(3).zip(cells) {
        *place = cell;
    }
    row
}
