//! The list of migrations. Their texts are in `../migrations`, one table each, written by hand for both directions.
//!
//! To add one: the two files, and a line at the end of [`ALL`]. A released file never changes: a database that has
//! it applied would not notice.

use crate::Engine;

/// A step from one schema to the next, and back.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) version: i64,
    /// Also the name of the table it creates.
    pub(crate) name: &'static str,
    /// Whether the table may exist already and is adopted then: its text is not run, neither up nor down.
    pub(crate) shared: bool,
    up: [&'static str; 2],
    down: &'static str,
}

impl Migration {
    pub(crate) fn up(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.up[0],
            Engine::Postgres => self.up[1],
        }
    }

    pub(crate) fn down(&self) -> &'static str {
        self.down
    }
}

/// Includes the texts: `migration!(NUMBER, NAME, shared or own)`, with a fourth word `variants` where the way up is
/// written once for each engine.
macro_rules! migration {
    ($number:literal, $name:literal, $kind:ident) => {
        migration!(@ $number, $name, $kind, ".up.sql", ".up.sql")
    };
    ($number:literal, $name:literal, $kind:ident, variants) => {
        migration!(@ $number, $name, $kind, ".sqlite.up.sql", ".postgres.up.sql")
    };
    (@ $number:literal, $name:literal, $kind:ident, $sqlite:literal, $postgres:literal) => {
        Migration {
            version: number($number),
            name: $name,
            shared: migration!(@ $kind),
            up: [
                include_str!(concat!("../migrations/", $number, "_", $name, $sqlite)),
                include_str!(concat!("../migrations/", $number, "_", $name, $postgres)),
            ],
            down: include_str!(concat!("../migrations/", $number, "_", $name, ".down.sql")),
        }
    };
    (@ shared) => { true };
    (@ own) => { false };
}

/// Every migration, oldest first.
pub(crate) const ALL: &[Migration] = &[
    migration!("0001", "product_discovery_cache", shared),
    migration!("0002", "product_scoring_cache", shared),
    migration!("0003", "search_history", shared, variants),
    migration!("0004", "gleaner_meta", own),
    migration!("0005", "gleaner_product", own),
    migration!("0006", "gleaner_discovery_detail", own),
    migration!("0007", "gleaner_score_detail", own),
    migration!("0008", "gleaner_search_outcome", own),
    migration!("0009", "gleaner_token_ledger", own),
    migration!("0010", "gleaner_generation", own),
    migration!("0011", "gleaner_token_account", own),
    migration!("0012", "gleaner_token_reservation", own),
    migration!("0013", "gleaner_flight", own),
    migration!("0014", "gleaner_rules", own),
    migration!("0015", "gleaner_notice", own),
    migration!("0016", "gleaner_niche", own),
    migration!("0017", "gleaner_niche_run", own),
    migration!("0018", "gleaner_niche_find", own),
    migration!("0019", "gleaner_fee_card", own),
    migration!("0020", "gleaner_user", own),
    migration!("0021", "gleaner_session", own),
    migration!("0022", "gleaner_api_token", own),
    migration!("0023", "gleaner_audit", own),
    migration!("0024", "gleaner_history_bucket", own),
    migration!("0025", "gleaner_history_rollup", own),
    migration!("0026", "gleaner_history_filters", own),
    migration!("0027", "gleaner_history_state", own),
    migration!("0028", "gleaner_history_archive", own),
    migration!("0029", "gleaner_sourcing_job", own),
    migration!("0030", "gleaner_sourcing_run", own),
    migration!("0031", "gleaner_sourcing_sighting", own),
    migration!("0032", "gleaner_sourcing_pick", own),
    migration!("0033", "gleaner_sourcing_triage", own),
    migration!("0034", "gleaner_notify_channel", own),
    migration!("0035", "gleaner_notify_delivery", own),
    migration!("0036", "gleaner_notify_attempt", own),
    migration!("0037", "gleaner_alert", own),
    migration!("0038", "gleaner_product_excerpt", own),
];

/// The newest version this program knows.
pub(crate) fn newest() -> i64 {
    ALL.last().map_or(0, |migration| migration.version)
}

/// Reads the number in a file's name.
const fn number(digits: &str) -> i64 {
    let digits = digits.as_bytes();
    let mut number = 0;
    let mut place = 0;
    while place < digits.len() {
        number = number * 10 + (digits[place] - b'0') as i64;
        place += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one() {
        let versions: Vec<_> = ALL.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=newest()).collect::<Vec<_>>());
    }

    #[test]
    fn a_migration_touches_only_the_table_it_is_named_for() {
        for migration in ALL {
            assert_eq!(migration.down().trim(), format!("DROP TABLE {};", migration.name));
            for engine in [Engine::Sqlite, Engine::Postgres] {
                for line in migration.up(engine).lines() {
                    assert!(!line.contains("ALTER") && !line.contains("DROP"), "{}: {line}", migration.name);
                    if line.starts_with("CREATE TABLE") {
                        assert_eq!(line, format!("CREATE TABLE {} (", migration.name));
                    } else if line.starts_with("CREATE") {
                        assert!(line.contains(&format!(" ON {} (", migration.name)), "{line}");
                    }
                }
            }
            assert!(migration.shared || migration.name.starts_with("gleaner_"));
        }
    }
}
