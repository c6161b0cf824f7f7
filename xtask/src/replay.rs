//! `cargo xtask replay`: days of repeated questions in virtual time, and what they cost in tokens.

use std::ffi::OsString;

use anyhow::Result;

use crate::bench;
use crate::command::succeeds;

/// `cargo xtask replay [ARGS]...`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Passed on, for example `--days 10 --hours 12`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<OsString>,
}

/// Builds, and replays with and without the cache.
pub(crate) fn main(args: &Args) -> Result<bool> {
    bench::build()?;
    succeeds(bench::program().arg("replay").args(&args.rest))
}
