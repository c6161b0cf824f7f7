//! Telling people: tables on a terminal, plain text in a pipe, JSON for programs.

pub mod accounts;
pub mod alerts;
pub mod backup;
pub mod cache;
pub mod categories;
pub mod db;
pub mod discovery;
pub mod doctor;
pub mod export;
pub mod fee_cards;
pub mod files;
pub mod history;
pub mod niches;
pub mod notify;
pub mod preview;
pub mod progress;
pub mod rules;
pub mod score;
pub mod source;
pub mod table;
pub mod tokens;

use std::io::Write;

use serde::Serialize;

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    line(&text)
}

/// Prints one line; a reader that has gone away is an error the caller passes on.
pub fn line(text: impl std::fmt::Display) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// Said on every screen while the data is synthetic.
pub fn demo_notice(demo: bool) -> anyhow::Result<()> {
    if demo {
        line("Demo data, a synthetic marketplace. Set KEEPA_API_KEY for real products.")
    } else {
        Ok(())
    }
}
