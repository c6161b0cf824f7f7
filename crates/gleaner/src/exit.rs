//! Exit codes and the last words of a command that failed.
//!
//! 0: it worked. 1: it did not, or there was nothing to show. 2: the request was wrong. 130: the user stopped it.

use std::process::ExitCode;

use gleaner_engine::EngineError;
use gleaner_store::StoreError;

/// Something was wrong with what the user asked for.
pub const USAGE: u8 = 2;

/// A mistake of the user's, with a stable code.
#[derive(Debug)]
pub struct UsageError {
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UsageError {}

/// The exit code of a program that was interrupted, as shells know it.
const STOPPED: u8 = 130;

/// The user stopped the command.
#[derive(Debug)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped; what was paid for is kept")
    }
}

impl std::error::Error for Stopped {}

/// An error of the user's making.
pub fn usage(message: impl Into<String>) -> anyhow::Error {
    UsageError { message: message.into() }.into()
}

/// Prints an error on standard error and says how the program ends.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(engine) = error.downcast_ref::<EngineError>() {
        return report_engine(engine);
    }
    if let Some(pipe) = error.downcast_ref::<std::io::Error>()
        && pipe.kind() == std::io::ErrorKind::BrokenPipe
    {
        // Whoever read our output has seen enough.
        return ExitCode::SUCCESS;
    }
    eprintln!("gleaner: {error:#}");
    if error.downcast_ref::<Stopped>().is_some() {
        return ExitCode::from(STOPPED);
    }
    let usage = error.downcast_ref::<UsageError>().is_some();
    if usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

fn report_engine(error: &EngineError) -> ExitCode {
    if let EngineError::Invalid(fields) = error {
        for field in fields {
            // On the command line a field is an option: `bsr_min` is typed as --bsr.
            eprintln!("gleaner: {}: {}", option(&field.field), field.message);
        }
        return ExitCode::from(USAGE);
    }
    eprintln!("gleaner: {error} [{}]", error.code());
    // An address that cannot be understood was typed wrong; a database that does not answer was not.
    let typed_wrong = matches!(
        error,
        EngineError::Store(StoreError::BadUrl { .. })
            | EngineError::NotFound { .. }
            | EngineError::Archived { .. }
    );
    if typed_wrong { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

fn option(field: &str) -> String {
    // A job's fields are nested; its options are not.
    let of_a_job =
        ["searches[", "schedule.", "picks.", "budget."].iter().any(|front| field.starts_with(front));
    let field = if of_a_job { field.rsplit('.').next().unwrap_or(field) } else { field };
    match field.strip_prefix("filters.").unwrap_or(field) {
        "tokens" if of_a_job => "--max-tokens".to_owned(),
        "levels" if of_a_job => "--pick".to_owned(),
        "min_roi_percent" if of_a_job => "--min-roi".to_owned(),
        "jackpot_roi_percent" if of_a_job => "--jackpot-roi".to_owned(),
        "jitter_minutes" if of_a_job => "--jitter".to_owned(),
        "bsr_min" | "bsr_max" => "--bsr".to_owned(),
        "price_min" | "price_max" => "--price".to_owned(),
        "asins" => "ASIN".to_owned(),
        "name" => "name".to_owned(),
        // A channel's.
        "time_zone" if !of_a_job => "--zone".to_owned(),
        "quiet_from" | "quiet_until" => "--quiet".to_owned(),
        "digest_at" => "--digest".to_owned(),
        "target" => "TARGET".to_owned(),
        "backup" => "FILE".to_owned(),
        "month" => "MONTH".to_owned(),
        // A place in a file.
        path if path.contains('.') => path.to_owned(),
        other => format!("--{}", other.replace('_', "-")),
    }
}
