//! Starting other programs: cargo without the variables that cargo itself left behind, commands that must
//! succeed, and Debian packages.

use std::env;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Cargo, in the root of the repository.
///
/// `cargo xtask` was itself started by cargo, which describes the package `xtask` in the environment. Build
/// scripts that watch those variables (ring's does) would run again on every change between `cargo xtask` and
/// plain `cargo`, and everything above them be built again; so they are taken out.
pub(crate) fn cargo() -> Command {
    let program = workspace::setting("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the program; with the tests of the whole workspace where these are built as well, because Cargo chooses the
/// features of a shared dependency by what is built together: built alone, some of them would be built twice.
pub(crate) fn build(with_the_tests: bool) -> Command {
    let mut command = cargo();
    command.args(["build", "--release"]);
    command.args(if with_the_tests { &["--workspace", "--bins", "--tests"][..] } else { &["-p", "gleaner"] });
    command
}

fn describes_this_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&variable)
}

/// The command as a person would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let mut text = program.rsplit('/').next().unwrap_or_default().to_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// Prints the command and runs it; an exit code other than 0 is an error.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("`{}` failed", shown(command));
    }
    Ok(())
}

/// Prints the command, runs it and tells whether it succeeded. An error only when it cannot be started.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    eprintln!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    Ok(status.success())
}

/// What the command prints, trimmed; nothing when it cannot be started or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether this process may install packages, and may not start PostgreSQL as itself.
pub(crate) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| output_of(Command::new("id").arg("-u")).as_deref() == Some("0"))
}

/// Whether this is root on a Debian or one of its children.
pub(crate) fn can_apt() -> bool {
    is_root() && output_of(Command::new("apt-get").arg("--version")).is_some()
}

/// Installs Debian packages without asking anything; the package lists are fetched once per run.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        must(Command::new("apt-get").args(["update", "-qq"]))?;
        UPDATED.get_or_init(|| ());
    }
    must(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            // A configuration file that is already there stays, without a question.
            .args(["-o", "Dpkg::Options::=--force-confold"])
            .args(packages),
    )
}

#[cfg(test)]
mod tests {
    use super::{describes_this_package, shown};
    use std::process::Command;

    #[test]
    fn nested_cargo_keeps_the_users_settings_and_loses_the_description_of_xtask() {
        for gone in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "OUT_DIR"] {
            assert!(describes_this_package(gone), "{gone}");
        }
        for kept in ["CARGO_HOME", "CARGO_TERM_COLOR", "CARGO_BUILD_JOBS", "CARGO_TARGET_DIR", "PATH"] {
            assert!(!describes_this_package(kept), "{kept}");
        }
    }

    #[test]
    fn messages_show_a_command_without_the_folder_of_its_program() {
        assert_eq!(shown(Command::new("/usr/bin/cargo").args(["test", "--release"])), "cargo test --release");
    }
}
