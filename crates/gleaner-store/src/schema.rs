//! The three shared tables as they must be. Existing deployments and their checks know them; nothing here may change.

use crate::Engine;

/// A type as `verify` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Varchar(u32),
    Json,
    Timestamp,
    Integer,
    Double,
}

/// What a column holds when nothing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultValue {
    Nothing,
    Now,
    Zero,
    Uuid,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) nullable: bool,
    pub(crate) default: DefaultValue,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The first one is the primary key.
    pub(crate) columns: &'static [Column],
    /// Name and column; each index has one.
    pub(crate) indexes: &'static [(&'static str, &'static str)],
}

/// A column as the database has it.
#[derive(Debug)]
pub(crate) struct LiveColumn {
    pub(crate) name: String,
    /// In upper case, in the words of [`Type::name`] where there are such.
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    /// The expression, as the engine shows it.
    pub(crate) default: Option<String>,
}

/// An index as the database has it.
#[derive(Debug)]
pub(crate) struct LiveIndex {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
    pub(crate) primary: bool,
    /// Whether it is valid and covers every row.
    pub(crate) whole: bool,
}

impl Type {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Varchar(length) => format!("VARCHAR({length})"),
            Self::Json => "JSON".to_owned(),
            Self::Timestamp => "TIMESTAMP".to_owned(),
            Self::Integer => "INTEGER".to_owned(),
            Self::Double => "DOUBLE PRECISION".to_owned(),
        }
    }

    /// Whether a column of the type `live` is as good. PostgreSQL: only the very type. SQLite has no types to speak
    /// of: there the names that other programs write for the same thing are accepted.
    pub(crate) fn accepts(self, engine: Engine, live: &str) -> bool {
        let same = live == self.name();
        if engine == Engine::Postgres || same {
            return same;
        }
        match self {
            Self::Varchar(_) | Self::Json => live == "TEXT",
            Self::Timestamp => matches!(live, "DATETIME" | "TEXT"),
            Self::Integer => matches!(live, "INT" | "BIGINT"),
            Self::Double => matches!(live, "REAL" | "FLOAT" | "DOUBLE"),
        }
    }
}

impl DefaultValue {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "no default",
            Self::Now => "default now",
            Self::Zero => "default 0",
            Self::Uuid => "default generated",
        }
    }

    /// Whether the expression `live` means the same.
    pub(crate) fn accepts(self, live: Option<&str>) -> bool {
        let live = live.map(str::to_lowercase).filter(|live| live.split("::").next() != Some("null"));
        match (self, live) {
            (Self::Nothing, live) => live.is_none(),
            (_, None) => false,
            (Self::Now, Some(live)) => {
                ["now()", "current_timestamp", "'now'"].iter().any(|now| live.contains(now))
            }
            (Self::Zero, Some(live)) => {
                live.split("::").next().is_some_and(|value| value.trim_matches(['(', ')', '\'', ' ']) == "0")
            }
            (Self::Uuid, Some(live)) => live.contains("uuid") || live.contains("randomblob"),
        }
    }
}

const fn column(name: &'static str, kind: Type) -> Column {
    Column { name, kind, nullable: false, default: DefaultValue::Nothing }
}

const fn nullable(name: &'static str, kind: Type, default: DefaultValue) -> Column {
    Column { name, kind, nullable: true, default }
}

use DefaultValue::{Nothing, Now, Uuid, Zero};
use Type::{Double, Integer, Json, Timestamp, Varchar};

/// The tables that may be there before us.
pub(crate) const SHARED: [Table; 3] = [
    Table {
        name: "product_discovery_cache",
        columns: &[
            column("cache_key", Varchar(255)),
            column("asins", Json),
            nullable("filters_applied", Json, Nothing),
            nullable("created_at", Timestamp, Now),
            column("expires_at", Timestamp),
            nullable("hit_count", Integer, Zero),
        ],
        indexes: &[("idx_discovery_expires_at", "expires_at"), ("idx_discovery_created_at", "created_at")],
    },
    Table {
        name: "product_scoring_cache",
        columns: &[
            column("cache_key", Varchar(255)),
            column("asin", Varchar(20)),
            column("roi_percent", Double),
            column("velocity_score", Double),
            column("recommendation", Varchar(50)),
            nullable("title", Varchar(500), Nothing),
            nullable("price", Double, Nothing),
            nullable("bsr", Integer, Nothing),
            nullable("created_at", Timestamp, Now),
            column("expires_at", Timestamp),
            nullable("hit_count", Integer, Zero),
        ],
        indexes: &[
            ("idx_scoring_expires_at", "expires_at"),
            ("idx_scoring_asin", "asin"),
            ("idx_scoring_roi", "roi_percent"),
            ("idx_scoring_velocity", "velocity_score"),
        ],
    },
    Table {
        name: "search_history",
        columns: &[
            Column { name: "id", kind: Varchar(36), nullable: false, default: Uuid },
            nullable("user_id", Varchar(36), Nothing),
            column("search_type", Varchar(50)),
            column("filters", Json),
            column("results_count", Integer),
            nullable("source", Varchar(50), Nothing),
            nullable("created_at", Timestamp, Now),
        ],
        indexes: &[
            ("idx_history_created_at", "created_at"),
            ("idx_history_user_id", "user_id"),
            ("idx_history_search_type", "search_type"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_recognised_in_each_engines_words() {
        for now in ["CURRENT_TIMESTAMP", "now()", "timezone('utc'::text, now())", "datetime('now')"] {
            assert!(Now.accepts(Some(now)), "{now}");
        }
        for zero in ["0", "'0'", "'0'::integer", "(0)"] {
            assert!(Zero.accepts(Some(zero)), "{zero}");
        }
        assert!(!Zero.accepts(Some("1")) && !Zero.accepts(Some("10")) && !Zero.accepts(None));
        assert!(!Now.accepts(Some("'2025-01-01'")));
        assert!(Uuid.accepts(Some("(gen_random_uuid())::character varying(36)")));
        assert!(Nothing.accepts(None) && Nothing.accepts(Some("NULL::character varying")));
        assert!(!Nothing.accepts(Some("''::text")));
    }

    #[test]
    fn postgres_types_must_be_the_very_same() {
        assert!(Double.accepts(Engine::Postgres, "DOUBLE PRECISION"));
        assert!(!Double.accepts(Engine::Postgres, "REAL"));
        assert!(!Varchar(500).accepts(Engine::Postgres, "VARCHAR(400)"));
        assert!(Double.accepts(Engine::Sqlite, "REAL"));
        assert!(!Double.accepts(Engine::Sqlite, "TEXT"));
        assert!(!Varchar(500).accepts(Engine::Sqlite, "VARCHAR(400)"));
    }
}
