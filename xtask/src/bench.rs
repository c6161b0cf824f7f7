//! `cargo xtask bench`: figures as ratios within one run, each beside its target.
//!
//! The benchmarks themselves are the crate in `benches/`; this builds them and the program, and starts the
//! PostgreSQL they use: one that keeps what it acknowledges, unlike the tests'.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, must, succeeds};
use crate::postgres::{self, Cluster, Keeping};
use crate::workspace;

/// `cargo xtask bench [NAME]... [-- ARGS]`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these benchmarks: hit, score, miss, rescore, grown, idle, analytics.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Passed on, for example `-- --rounds 3 --seconds 1`.
    #[arg(last = true)]
    rest: Vec<OsString>,
}

/// Builds, starts PostgreSQL, measures.
pub(crate) fn main(args: &Args) -> Result<bool> {
    build()?;
    let cluster = Cluster::start(Keeping::Everything)?;
    let mut command = program();
    command.arg("run").args(&args.names).args(&args.rest).env(postgres::URL, cluster.url());
    for name in postgres::client_variables() {
        command.env_remove(name);
    }
    succeeds(&mut command)
}

/// Builds the benchmarks together with the program, so that what both use is built once.
pub(crate) fn build() -> Result<()> {
    must(cargo().args(["build", "--release", "-p", "gleaner", "-p", "gleaner-bench"]))
}

/// The built benchmarks.
pub(crate) fn program() -> Command {
    let mut command = Command::new(workspace::target().join("release").join("gleaner-bench"));
    command.env("GLEANER_BIN", workspace::binary());
    command
}
