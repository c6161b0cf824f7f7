//! The tests of the Cargo workspace: unit, integration and documentation tests.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::report::Report;
use super::{Args, Environment};
use crate::command::{cargo, shown};

/// Runs `cargo test`, passing its output on while reading it.
pub(super) fn run(args: &Args, environment: &Environment, report: &mut Report) -> Result<()> {
    if !args.packages.is_empty() && args.crates().next().is_none() {
        return Ok(());
    }
    let mut command = cargo();
    environment.apply(command.args(arguments(args))).stdout(Stdio::piped());
    eprintln!("$ {}", shown(&command));
    let mut child = command.spawn().context("cannot start cargo")?;
    let mut output = BufReader::new(child.stdout.take().context("cargo has no output")?);

    let mut stdout = io::stdout();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        stdout.write_all(&line)?;
        stdout.flush()?;
        report.line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        report.unsuccessful(&format!("cargo test ended with {status}"));
    }
    Ok(())
}

/// Everything after `cargo`. Filters go to the test programs, which take any number of them; Cargo takes one.
fn arguments(args: &Args) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["test", "--release", "--no-fail-fast"].map(Into::into).into();
    if args.packages.is_empty() {
        arguments.push("--workspace".into());
    }
    for package in args.crates() {
        arguments.extend(["-p".into(), package.into()]);
    }
    if !args.filters.is_empty() || !args.runner.is_empty() {
        arguments.push("--".into());
        arguments.extend(args.filters.iter().map(Into::into));
        arguments.extend(args.runner.iter().cloned());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::{Args, arguments};

    fn words(args: &Args) -> String {
        arguments(args).iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn without_arguments_the_whole_workspace_is_tested() {
        let args = Args { packages: vec![], filters: vec![], runner: vec![] };
        assert_eq!(words(&args), "test --release --no-fail-fast --workspace");
        assert!(args.concern_the_program());
    }

    #[test]
    fn packages_filters_and_runner_arguments_reach_cargo() {
        let args = Args {
            packages: vec!["keepa".to_owned()],
            filters: vec!["csv".to_owned(), "token".to_owned()],
            runner: vec!["--nocapture".into()],
        };
        assert_eq!(words(&args), "test --release --no-fail-fast -p keepa -- csv token --nocapture");
        assert!(!args.concern_the_program());
    }
}
