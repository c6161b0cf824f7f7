//! The room where Gleaner keeps things: tables, queries and migrations, for SQLite and PostgreSQL.
//!
//! It keeps and finds; it decides nothing (what is fresh, what a hit is, what to spend is the engine's business), and
//! it is the only crate that writes SQL. It depends on no other crate of the house: its rows are plain values.
//!
//! * [`Store::connect`] opens a database, [`Store::migrate`] brings it up to date, [`Store::verify`] compares it with
//!   what this program expects.
//! * Reading: [`Store::discovery`], [`Store::scores`], [`Store::products`], [`Store::history_recent`], ….
//! * Writing: everything an answer writes is a list of [`Write`], and [`Store::commit`] writes a list in **one**
//!   transaction; many answers may share one commit: [`Store::commit_groups`] also checks each of them against the
//!   generation ([`Store::generation`]), so that nothing computed under old rules is kept.
//! * Several processes: tokens are promised by [`Store::reserve`], work is shared out by [`Store::flights_acquire`].
//!
//! # One SQL text, two engines
//!
//! Statements are written once, in the words both engines understand: `$1` parameters, `ON CONFLICT … DO UPDATE`,
//! `CAST(x AS BIGINT)` on every integer that is read (an `INTEGER` is four bytes in PostgreSQL), `CAST(x AS TEXT)` on
//! every JSON. What must differ is in `sqlite.rs` and `postgres.rs`. Times are [`chrono::NaiveDateTime`] in UTC,
//! cut to microseconds, because PostgreSQL keeps no more.
//!
//! # To add a table
//!
//! 1. `migrations/NNNN_gleaner_NAME.up.sql` and `.down.sql`, in portable SQL (a `.sqlite.` and a `.postgres.` variant
//!    only where there is no common word), named in the list of `migrations.rs`. Released files never change, and
//!    no migration touches a table that it did not create.
//! 2. A file of its own, like `ledger.rs`: row type, put type, its `statement::Insert`, its queries.
//! 3. A variant of [`Write`] in `commit.rs`, and a test in `tests/`, where one text runs on both engines.

mod account;
mod address;
mod alert;
mod archive;
mod audit;
mod backup;
mod backup_carry;
mod cache_entries;
mod channel;
mod commit;
mod compose;
mod delivery;
mod direct;
mod discovery;
mod draft;
mod error;
mod fee_card;
mod flight;
mod generation;
mod history;
mod history_page;
mod ledger;
mod login;
mod migrate;
mod migrations;
mod niche;
mod niche_run;
mod notice;
mod postgres;
mod product;
mod race;
mod rollup;
mod rollup_types;
mod rules;
mod schema;
mod scoring;
mod session;
mod sourcing;
mod sqlite;
mod statement;
mod store;
mod upkeep;
mod upstream;
mod user;
mod verify;

pub use account::{AccountRow, Reservation};
pub use address::sqlite_file;
pub use alert::AlertRow;
pub use archive::{ARCHIVED, ArchiveRow, MOVING, RESTORING};
pub use audit::{AuditPut, AuditRow};
pub use backup::{BackupTable, check_backup};
pub use cache_entries::{AGES, CacheEntry, EntryOrder, EntryQuery, HitsOfWindow};
pub use channel::ChannelRow;
pub use commit::{Group, Write};
pub use delivery::{AttemptRow, DeliveryRow};
pub use discovery::{DiscoveryPut, DiscoveryRow};
pub use error::{Cause, StoreError};
pub use fee_card::FeeCardRow;
pub use generation::GenerationListener;
pub use history::{HistoryPut, HistoryRow, OutcomePut, OutcomeRow};
pub use history_page::{HistoryPage, HistoryPlace, HistoryQuery};
pub use ledger::{LedgerPlace, LedgerPut, LedgerRow, LedgerSummary, SavedPut};
pub use login::{ApiTokenRow, LoginRow, SessionPut};
pub use migrate::{MigrateOptions, MigrationReport, MigrationStatus, RollbackReport, RollbackTo};
pub use niche::NicheRow;
pub use niche_run::{NicheFindRow, NicheRunRow};
pub use notice::{NoticePut, NoticeRow};
pub use product::{Excerpt, PackedProduct, ProductPut, ProductRow, Usable};
pub use rollup_types::{
    Bucket, BucketPut, GroupBy, HistoryText, Insertions, Measures, OutcomeText, Recount, RollupLine,
    RollupQuery, RollupState, RollupSum, Since,
};
pub use rules::RulesRow;
pub use scoring::{ScoreDetail, ScorePut, ScoreRow};
pub use sourcing::{
    JobPut, JobRow, PickFilter, PickPut, PickRow, RunNew, RunPut, RunRow, SightingPut, SightingRow,
    TriagePut, TriageRow,
};
pub use store::{ConnectOptions, Durability, Engine, Store};
pub use upkeep::{CacheStats, CacheStatsReport, Caches, Purged};
pub use user::{UserChange, UserRow};
pub use verify::{ColumnReport, IndexReport, TableReport, VerifyReport};
