//! The tests of the web app: its parts by themselves, and the built program in a real browser.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::report::Report;
use super::{Args, Environment};
use crate::command::{apt_install, can_apt, output_of, shown};
use crate::web;

/// The name by which `-p` asks for these tests.
pub(super) const PACKAGE: &str = "web";

/// Where the tests find the browser.
const BROWSER: &str = "GLEANER_BROWSER";

/// Runs both projects of vitest.
pub(super) fn run(args: &Args, environment: &Environment, report: &mut Report) -> Result<()> {
    if !args.concern_the_web() {
        return Ok(());
    }
    if !web::has_node() {
        report.left_out("the web app: there is no Node on this machine");
        return Ok(());
    }
    web::install()?;
    vitest("unit", args, environment, None, report)?;
    let Some(browser) = browser() else {
        report
            .left_out("the web app in a browser: Chromium is missing, and cannot be installed without root");
        return Ok(());
    };
    vitest("browser", args, environment, Some(&browser), report)
}

/// Chromium, installed where that can be done.
fn browser() -> Option<String> {
    let found = || {
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(|name| {
            output_of(Command::new("sh").args(["-c", &format!("command -v {name}")]))
                .filter(|path| !path.is_empty())
        })
    };
    if let Some(path) = found() {
        return Some(path);
    }
    if can_apt()
        && let Err(error) = apt_install(&["chromium"])
    {
        eprintln!("Chromium could not be installed: {error:#}");
    }
    found()
}

fn vitest(
    project: &str,
    args: &Args,
    environment: &Environment,
    browser: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let mut command = web::npm();
    command.args(["exec", "--no", "--", "vitest", "run", "--project", project]);
    command.args(["--reporter", "./scripts/libtest-reporter.mjs"]);
    if !args.filters.is_empty() {
        command.arg("--testNamePattern").arg(args.filters.join("|"));
    }
    if let Some(browser) = browser {
        command.env(BROWSER, Path::new(browser));
    }
    environment.apply(&mut command).stdout(Stdio::piped());
    eprintln!("$ {}", shown(&command));
    let mut child = command.spawn().context("cannot start npm")?;
    let output = BufReader::new(child.stdout.take().context("npm has no output")?);
    for line in output.lines() {
        let line = line?;
        println!("{line}");
        report.line(line.trim_end());
    }
    let status = child.wait()?;
    if !status.success() {
        report.unsuccessful(&format!("the {project} tests of the web app ended with {status}"));
    }
    Ok(())
}
