//! The Debian package, tried on a fresh Debian.

use anyhow::Result;

use super::report::Report;
use super::{Args, Environment};
use crate::package::proof;

/// Part of a test of everything only: it takes a minute or two.
pub(super) fn run(args: &Args, _: &Environment, report: &mut Report) -> Result<()> {
    if !args.want_everything() {
        return Ok(());
    }
    if let Some(obstacle) = proof::obstacle() {
        report.left_out(obstacle);
        return Ok(());
    }
    for (name, held) in proof::run()? {
        report.outcome(&format!("package: {name}"), held);
    }
    Ok(())
}
