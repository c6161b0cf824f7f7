//! `cargo xtask test`: every test there is, and at the end how many passed, failed and were skipped.
//!
//! The tests get, by their environment:
//!
//! | variable | is |
//! | --- | --- |
//! | `GLEANER_TEST_DATABASE_URL` | a PostgreSQL server on which they may create databases |
//! | `GLEANER_SKIP_LOG` | a file; a test that cannot run appends one sentence, on a line of its own, saying why |
//! | `GLEANER_TEST_OIDC_PROVIDER` | a folder with an identity provider (left out where Node or npm is missing) |
//! | `GLEANER_BIN` | the program, built (left out when only other packages are tested) |
//!
//! To add the tests of another part (a web app, a client in another language): one file beside `rust.rs` with a
//! function like its `run`, and one line in [`STEPS`].

mod api;
mod package;
mod provider;
mod report;
mod rust;
mod web;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use self::report::Report;
use crate::command::{apt_install, build, can_apt, must, output_of};
use crate::postgres::{self, Cluster, Keeping, URL as DATABASE_URL};
use crate::workspace;

const SKIP_LOG: &str = "GLEANER_SKIP_LOG";
const BINARY: &str = "GLEANER_BIN";

/// The tests of one part of the project. It returns an error when it cannot run them at all.
type Step = fn(&Args, &Environment, &mut Report) -> Result<()>;

/// Everything that has tests, in the order in which it runs.
const STEPS: &[(&str, Step)] =
    &[("Rust", rust::run), ("API", api::run), ("web app", web::run), ("package", package::run)];

/// `cargo xtask test [-p PACKAGE]... [FILTER]... [-- ARGS]`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the tests of this package; `web` is the web app.
    #[arg(short, long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Only tests whose name contains one of these.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Passed on to the test programs, for example `-- --nocapture`.
    #[arg(last = true)]
    runner: Vec<OsString>,
}

impl Args {
    /// Whether nothing was left out.
    fn want_everything(&self) -> bool {
        self.packages.is_empty() && self.filters.is_empty() && self.runner.is_empty()
    }

    /// Whether the program itself is needed: the tests of one library do not start it.
    fn concern_the_program(&self) -> bool {
        self.concern_the_web() || self.packages.iter().any(|package| package == "gleaner")
    }

    /// Whether the tests of the web app run: with everything, and by the name of its folder.
    fn concern_the_web(&self) -> bool {
        self.packages.is_empty() || self.packages.iter().any(|package| package == web::PACKAGE)
    }

    /// The packages that Cargo knows; none when only the web app is tested.
    fn crates(&self) -> impl Iterator<Item = &String> {
        self.packages.iter().filter(|package| *package != web::PACKAGE)
    }
}

/// What the tests are told by variables, and what has to live as long as they run.
#[derive(Debug)]
struct Environment {
    variables: Vec<(&'static str, OsString)>,
    removed: Vec<OsString>,
    skip_log: NamedTempFile,
    /// The private cluster, unless a server was given.
    cluster: Option<Cluster>,
}

impl Environment {
    fn prepare(args: &Args) -> Result<Self> {
        let folder = workspace::target().join("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let skip_log = NamedTempFile::new_in(&folder).context("cannot create the list of skipped tests")?;
        let mut variables = vec![(SKIP_LOG, skip_log.path().as_os_str().to_owned())];
        if args.concern_the_web() && crate::web::has_node() {
            // Before the program, which embeds it.
            crate::web::build()?;
        }
        if args.concern_the_program() {
            must(&mut build(args.packages.is_empty()))?;
            variables.push((BINARY, workspace::binary().into_os_string()));
        }
        install_pooler();
        if args.concern_the_program()
            && let Some(folder) = provider::install()
        {
            variables.push((provider::VARIABLE, folder.into_os_string()));
        }
        // After the build, which may take minutes in which nobody needs the server.
        let mut removed = Vec::new();
        let mut cluster = None;
        if workspace::setting(DATABASE_URL).is_some() {
            eprintln!("PostgreSQL for the tests: the server named by {DATABASE_URL}");
        } else {
            let own = Cluster::start(Keeping::Nothing)?;
            variables.push((DATABASE_URL, own.url().into()));
            removed.extend(postgres::client_variables());
            cluster = Some(own);
        }
        Ok(Self { variables, removed, skip_log, cluster })
    }

    /// Gives the command the variables of the tests.
    fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for name in &self.removed {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)))
    }

    fn skip_log(&self) -> PathBuf {
        self.skip_log.path().to_owned()
    }
}

/// Tries to get the transaction pooler that some tests put before the server. Without it they are skipped.
fn install_pooler() {
    let present = output_of(Command::new("/usr/sbin/pgbouncer").arg("--version")).is_some()
        || output_of(Command::new("pgbouncer").arg("--version")).is_some();
    if !present
        && can_apt()
        && let Err(error) = apt_install(&["pgbouncer"])
    {
        eprintln!("pgbouncer could not be installed, its tests are left out: {error:#}");
    }
}

/// Runs the tests of one package whose name contains `filter`, with variables that make them long.
pub(crate) fn long(package: &str, filter: &str, variables: &[(&'static str, &'static str)]) -> Result<bool> {
    let args = Args {
        packages: vec![package.to_owned()],
        filters: vec![filter.to_owned()],
        // One after the other: each of them fills the machine, and says how it went.
        runner: vec!["--test-threads=1".into(), "--nocapture".into()],
    };
    run(&args, variables)
}

/// Runs the steps and prints the report; true when every test that ran passed, at least one did, and (in CI)
/// none was skipped that should not have been.
pub(crate) fn main(args: &Args) -> Result<bool> {
    run(args, &[])
}

fn run(args: &Args, variables: &[(&'static str, &'static str)]) -> Result<bool> {
    let started = Instant::now();
    let mut report = Report::default();
    let mut environment = Environment::prepare(args)?;
    environment.variables.extend(variables.iter().map(|(name, value)| (*name, OsString::from(*value))));
    for (name, step) in STEPS {
        if let Err(error) = step(args, &environment, &mut report) {
            report.broken(format!("{name}: {error:#}"));
        }
    }
    let skipped =
        fs::read_to_string(environment.skip_log()).context("cannot read the list of skipped tests")?;
    report.skip_log(&skipped);
    drop(environment.cluster);

    let in_ci = workspace::in_ci();
    println!("\n{}", report.summary(in_ci, started.elapsed()));
    Ok(report.is_good(in_ci))
}
