//! `cargo xtask gen`: the parts of the documentation that the program writes itself.
//!
//! They are committed, so that they can be read without building anything; `cargo xtask lint` fails when
//! they are stale. To add one: a part of `gleaner reference` and a line in [`FILES`].

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{build, must};
use crate::{web, workspace};

/// What is written where: a part of `gleaner reference` and a file.
const FILES: [(&str, &str); 4] = [
    ("openapi", "docs/openapi.json"),
    ("cli", "docs/command-line.md"),
    ("settings", "docs/settings.md"),
    ("access", "docs/access.md"),
];

/// `cargo xtask gen`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only say which files are stale.
    #[arg(long)]
    check: bool,
}

/// Writes the files, or with `--check` says which differ.
pub(crate) fn main(args: &Args) -> Result<bool> {
    if !args.check {
        return write();
    }
    check()
}

/// Whether every generated file is what the program writes today.
pub(crate) fn check() -> Result<bool> {
    let mut fresh = true;
    for (file, text) in generated()? {
        if fs::read_to_string(workspace::root().join(file)).unwrap_or_default() != text {
            eprintln!("{file} is stale: run `cargo xtask gen` and commit it");
            fresh = false;
        }
    }
    Ok(web::is_generated()? && fresh)
}

fn write() -> Result<bool> {
    for (file, text) in generated()? {
        fs::write(workspace::root().join(file), text).with_context(|| format!("cannot write {file}"))?;
        println!("wrote {file}");
    }
    web::generate()?;
    Ok(true)
}

fn generated() -> Result<Vec<(&'static str, String)>> {
    must(&mut build(workspace::in_ci()))?;
    FILES
        .into_iter()
        .map(|(part, file)| {
            let output = Command::new(workspace::binary()).args(["reference", part]).output()?;
            if !output.status.success() {
                bail!("gleaner reference {part}: {}", String::from_utf8_lossy(&output.stderr).trim());
            }
            Ok((file, String::from_utf8(output.stdout)?))
        })
        .collect()
}
