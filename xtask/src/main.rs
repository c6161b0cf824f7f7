//! The project's own chores: `cargo xtask run`, `cargo xtask test`, `cargo xtask lint`.
//!
//! Every chore sets up what it needs by itself, so that a machine with nothing but Rust (and Node, once there
//! is a web app) can run it. To add a chore: one file (or folder) beside this one with an `Args` and a `main`,
//! and one line in [`Chore`]. To add tests in another language to `test`, or another check to `lint`, see the
//! lists at the top of `test/mod.rs` and `lint/mod.rs`.

mod bench;
mod command;
mod fuzz;
mod generate;
mod lint;
mod package;
mod postgres;
mod python;
mod replay;
mod run;
mod soak;
mod test;
mod tools;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Build everything and start the server with demo data.
    Run(run::Args),
    /// Run every test there is, against SQLite and a real PostgreSQL.
    Test(test::Args),
    /// Write the generated parts of the documentation.
    Gen(generate::Args),
    /// Check formatting, lints, dependencies and what was committed.
    Lint(lint::Args),
    /// Build the Debian package.
    Package(package::Args),
    /// Measure speed and memory, as ratios within one run, beside their targets.
    Bench(bench::Args),
    /// Replay days of questions in virtual time and count tokens with and without the cache.
    Replay(replay::Args),
    /// Feed the readers of foreign data with what nobody would send.
    Fuzz(fuzz::Args),
    /// Run the tests that take long.
    Soak(soak::Args),
}

fn main() -> ExitCode {
    let passed = match Cli::parse().chore {
        Chore::Run(args) => run::main(&args),
        Chore::Test(args) => test::main(&args),
        Chore::Gen(args) => generate::main(&args),
        Chore::Lint(args) => Ok(lint::main(&args)),
        Chore::Package(args) => package::main(&args),
        Chore::Bench(args) => bench::main(&args),
        Chore::Replay(args) => replay::main(&args),
        Chore::Fuzz(args) => fuzz::main(&args),
        Chore::Soak(args) => soak::main(&args),
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
