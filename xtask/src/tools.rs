//! Programs from crates.io that chores call, each in one exact version, kept in the build folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, must, output_of};
use crate::workspace;

/// The program in its exact version: the one on the machine, else the one in the build folder, which is
/// installed when it is missing.
///
/// It is built unoptimised: on two cores cargo-deny takes 48 s (65 s of processor time) instead of 199 s (278 s)
/// that way, for a tool that runs a second.
pub(crate) fn installed(name: &str, version: &str) -> Result<PathBuf> {
    let root = workspace::target().join("tools");
    let own = root.join("bin").join(name);
    for program in [own.as_path(), Path::new(name)] {
        if is_right(program, version) {
            return Ok(program.to_owned());
        }
    }
    must(
        cargo()
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .args(["install", "--locked", "--debug", "--version", version, "--root"])
            .arg(root)
            .arg(name),
    )?;
    Ok(own)
}

fn is_right(program: &Path, version: &str) -> bool {
    output_of(Command::new(program).arg("--version"))
        .is_some_and(|told| told.split_whitespace().next_back() == Some(version))
}
