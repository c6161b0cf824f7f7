//! `cargo xtask lint`: everything that can be said about the project without running it.
//!
//! To add a check: a function that returns whether it is content, after printing why not, and one line in
//! [`CHECKS`]. All of them run, so that one run shows all there is to mend.

mod book;
mod container;
mod deny;
mod files;

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::command::{cargo, must, output_of, succeeds};
use crate::{generate, web};

type Check = fn() -> Result<bool>;

/// The cheap ones first.
const CHECKS: &[(&str, Check)] = &[
    ("files", files::check),
    ("formatting", formatting),
    ("generated", generate::check),
    ("book", book::check),
    ("container", container::check),
    ("web", web::check),
    ("clippy", clippy),
    ("dependencies", deny::check),
];

/// `cargo xtask lint [CHECK]...`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these checks.
    #[arg(value_name = "CHECK", value_parser = CHECKS.iter().map(|(name, _)| *name).collect::<Vec<_>>())]
    checks: Vec<String>,
}

impl Args {
    fn want(&self, check: &str) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|wanted| wanted == check)
    }
}

/// Runs the checks; true when all are content.
pub(crate) fn main(args: &Args) -> bool {
    let mut verdicts = Vec::new();
    for (name, check) in CHECKS.iter().filter(|(name, _)| args.want(name)) {
        let started = Instant::now();
        let content = check().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            false
        });
        let verdict = if content { "ok" } else { "FAILED" };
        verdicts
            .push((content, format!("lint: {name} {verdict} ({:.1} s)", started.elapsed().as_secs_f64())));
    }
    for (_, line) in &verdicts {
        println!("{line}");
    }
    verdicts.iter().all(|(content, _)| *content)
}

/// rustup's smallest installation lacks both components.
fn component(subcommand: &str, name: &str) -> Result<()> {
    if output_of(cargo().args([subcommand, "--version"])).is_none() {
        must(Command::new("rustup").args(["component", "add", name]))?;
    }
    Ok(())
}

fn formatting() -> Result<bool> {
    component("fmt", "rustfmt")?;
    succeeds(cargo().args(["fmt", "--all", "--check"]))
}

/// In the one profile, so that nothing is built for clippy alone.
fn clippy() -> Result<bool> {
    component("clippy", "clippy")?;
    succeeds(cargo().args(["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}
