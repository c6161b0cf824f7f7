//! The commands, one file each: arguments in, one call of the engine, answer out.

pub mod cache;
pub mod categories;
pub mod completions;
pub mod db;
pub mod discover;
pub mod emulator;
pub mod reference;
pub mod rules;
pub mod score;
mod score_files;
pub mod serve;
pub mod tokens;

use keepa::Domain;

/// Parses a marketplace for clap.
fn marketplace(text: &str) -> Result<Domain, String> {
    text.parse().map_err(|e: keepa::UnknownDomain| e.to_string())
}
