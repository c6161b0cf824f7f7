//! What the cache saved is what plain counting finds.

use gleaner_store::Write;
use uuid::Uuid;

use crate::support::{Db, HOUR, at, history, outcome};

conformance!(savings_agree_with_plain_counts);

async fn savings_agree_with_plain_counts(db: Db) {
    let store = db.open().await;
    assert!(store.savings_summary(at(0)).await.unwrap().is_empty());
    let mut writes = Vec::new();
    for n in 0..200 {
        let id = Uuid::now_v7();
        let mut asked = history(id, n * 37);
        asked.search_type = ["discovery", "scoring", "autosourcing"][usize::try_from(n % 3).unwrap()].into();
        let mut answered = outcome(id);
        (answered.hits, answered.misses) = (n % 5, n % 7);
        (answered.tokens_charged, answered.tokens_saved) = (n % 11, n % 13);
        writes.push(Write::History(asked));
        // Some are of other programs.
        if n % 10 != 0 {
            writes.push(Write::Outcome(answered));
        }
    }
    store.commit(&writes).await.unwrap();
    let since = at(24 * HOUR);
    let summary = store.savings_summary(since).await.unwrap();
    let days: Vec<_> = summary.iter().map(|row| row.day.to_string()).collect();
    assert_eq!((days.first().unwrap().as_str(), days.last().unwrap().as_str()), ("2026-01-10", "2026-01-06"));
    assert_eq!(summary.len(), 15);
    for row in summary {
        let asked = format!(
            "search_type = '{}' AND created_at >= '{} 00:00:00' AND created_at < '{} 00:00:00'",
            row.search_type,
            row.day,
            row.day.succ_opt().unwrap()
        );
        let of = |column: &str| {
            format!(
                "SELECT CAST(SUM({column}) AS TEXT) FROM gleaner_search_outcome \
                 WHERE history_id IN (SELECT id FROM search_history WHERE {asked})"
            )
        };
        let searches =
            db.column(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM search_history WHERE {asked}")).await;
        assert_eq!(searches, [row.searches.to_string()]);
        for (column, found) in [
            ("hits", row.hits),
            ("misses", row.misses),
            ("tokens_charged", row.charged),
            ("tokens_saved", row.saved),
        ] {
            assert_eq!(db.column(&of(column)).await, [found.to_string()], "{column} {asked}");
        }
    }
}
