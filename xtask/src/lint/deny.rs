//! Licences, sources and duplicates of the dependencies, by cargo-deny and `deny.toml`.
//!
//! Its check of advisories is left to machines that reach the advisory database: `cargo deny check advisories`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, must, output_of, succeeds};
use crate::workspace;

const VERSION: &str = "0.20.2";

/// Checks, after installing cargo-deny where its exact version is missing.
pub(super) fn check() -> Result<bool> {
    let root = workspace::target().join("tools");
    let own = root.join("bin").join("cargo-deny");
    let programs = [own.as_path(), Path::new("cargo-deny")];
    let mut program = programs.into_iter().find(|program| is_right(program));
    if program.is_none() {
        install(&root)?;
        program = Some(&own);
    }
    succeeds(Command::new(program.unwrap_or(&own)).current_dir(workspace::root()).args([
        "--workspace",
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}

fn is_right(program: &Path) -> bool {
    output_of(Command::new(program).arg("--version")).is_some_and(|version| version.ends_with(VERSION))
}

/// Unoptimised: on two cores that takes 48 s (65 s of processor time) instead of 199 s (278 s), for a tool that
/// runs a second.
fn install(root: &Path) -> Result<()> {
    must(
        cargo()
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .args(["install", "--locked", "--debug", "--version", VERSION, "--root"])
            .arg(root)
            .arg("cargo-deny"),
    )
}
