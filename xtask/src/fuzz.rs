//! `cargo xtask fuzz [TARGET]`: feeds the readers of what comes from outside with what nobody would send.
//!
//! On the stable toolchain: without sanitizers the fuzzer needs nothing of nightly but a flag. What is found on the
//! way stays in the build folder, as does an input that breaks something; it is named at the end. To add a
//! target: see `fuzz/src/lib.rs`, then [`TARGETS`].

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::command::{cargo, must, output_of, shown};
use crate::workspace;

const VERSION: &str = "0.13.2";

/// The most memory, in MB, that a target may use altogether, and ask for at once.
const MOST_MEMORY: u32 = 1024;
const MOST_AT_ONCE: u32 = 256;
/// No input may take longer, in seconds.
const TIMEOUT: u32 = 10;
/// The largest input that is tried, in bytes.
const LONGEST: u32 = 65_536;

/// A target, and folders of fixtures that serve as seeds beside its own.
struct Target {
    name: &'static str,
    fixtures: &'static [&'static str],
}

const PRODUCTS: &[&str] = &["crates/gleaner-core/reference-check/synthetic"];

const TARGETS: [Target; 8] = [
    Target { name: "product", fixtures: PRODUCTS },
    Target { name: "envelope", fixtures: PRODUCTS },
    Target { name: "series", fixtures: &[] },
    Target { name: "selection", fixtures: &[] },
    Target { name: "keepa_json", fixtures: PRODUCTS },
    Target { name: "keepa_csv", fixtures: &[] },
    Target { name: "supplier", fixtures: &[] },
    Target { name: "emulator", fixtures: &[] },
];

/// `cargo xtask fuzz [TARGET]...`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these targets.
    #[arg(value_name = "TARGET", value_parser = TARGETS.iter().map(|target| target.name).collect::<Vec<_>>())]
    targets: Vec<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How many targets run at once [default: one for each core].
    #[arg(long)]
    jobs: Option<usize>,
}

/// Runs the targets; true when none broke.
pub(crate) fn main(args: &Args) -> Result<bool> {
    let path = path_with(&install()?)?;
    let wanted = |target: &&Target| args.targets.is_empty() || args.targets.iter().any(|t| t == target.name);
    let targets: Vec<&Target> = TARGETS.iter().filter(wanted).collect();
    // A target that does not build is no finding.
    for target in &targets {
        must(&mut fuzz("build", target, &path))?;
    }
    let jobs = args.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let next = AtomicUsize::new(0);
    let broken = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.clamp(1, targets.len()))
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (sound, line) = run(target, args.seconds, &path)?;
                        println!("fuzz: {} {line}", target.name);
                        if !sound {
                            broken
                                .lock()
                                .unwrap_or_else(std::sync::PoisonError::into_inner)
                                .push(target.name);
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let broken = broken.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !broken.is_empty() {
        println!("broken: {}; the inputs that do it: {}", broken.join(", "), artifacts().display());
    }
    Ok(broken.is_empty())
}

fn artifacts() -> PathBuf {
    workspace::target().join("fuzz").join("artifacts")
}

/// `cargo fuzz CHORE` for a target, on the stable toolchain.
fn fuzz(chore: &str, target: &Target, path: &OsString) -> Command {
    let mut command = cargo();
    command
        .env("PATH", path)
        // The coverage counters are flags of the compiler that stable hides.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["fuzz", chore, "--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"])
        .arg(workspace::target().join("fuzz"));
    command.arg(target.name);
    command
}

/// Runs a target for a while: whether it held, and in a line how much was tried.
fn run(target: &Target, seconds: u32, path: &OsString) -> Result<(bool, String)> {
    let root = workspace::root();
    let folder = workspace::target().join("fuzz");
    let (corpus, broken) = (folder.join("corpus").join(target.name), artifacts().join(target.name));
    for folder in [&corpus, &broken] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut command = fuzz("run", target, path);
    command.arg(&corpus).arg(root.join("fuzz/seeds").join(target.name));
    command.args(target.fixtures.iter().map(|folder| root.join(folder)));
    command.args([
        "--".to_owned(),
        format!("-max_total_time={seconds}"),
        format!("-rss_limit_mb={MOST_MEMORY}"),
        format!("-malloc_limit_mb={MOST_AT_ONCE}"),
        format!("-timeout={TIMEOUT}"),
        format!("-max_len={LONGEST}"),
        "-print_final_stats=1".to_owned(),
        format!("-artifact_prefix={}/", broken.display()),
    ]);
    // Several run at once, and each says a lot: it goes to a file, and the end of it is shown when it matters.
    let log = folder.join(format!("{}.log", target.name));
    let file = File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
    command.stdout(file.try_clone()?).stderr(file);
    eprintln!("$ {}", shown(&command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(&command)))?;
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let statistic = |name: &str| {
        let value = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map_or("?", str::trim).to_owned()
    };
    let tried = format!(
        "{} inputs in {seconds} s, {} MB at most",
        statistic("stat::number_of_executed_units"),
        statistic("stat::peak_rss_mb")
    );
    if status.success() {
        return Ok((true, format!("ok: {tried}")));
    }
    let lines: Vec<&str> = said.lines().collect();
    Ok((false, format!("BROKEN: {tried}\n{}", lines[lines.len().saturating_sub(40)..].join("\n"))))
}

/// Installs cargo-fuzz in the build folder, unless its exact version is there; the folder with the program.
fn install() -> Result<PathBuf> {
    let root = workspace::target().join("tools");
    let folder = root.join("bin");
    let mut program = Command::new(folder.join("cargo-fuzz"));
    if !output_of(program.arg("--version")).is_some_and(|version| version.ends_with(VERSION)) {
        must(
            cargo()
                .env("CARGO_PROFILE_DEV_DEBUG", "none")
                .args(["install", "--locked", "--debug", "--version", VERSION, "--root"])
                .arg(&root)
                .arg("cargo-fuzz"),
        )?;
    }
    Ok(folder)
}

fn path_with(folder: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths([folder.to_owned()].into_iter().chain(env::split_paths(&path))).context("an odd PATH")
}

#[cfg(test)]
mod tests {
    use super::TARGETS;
    use crate::workspace;

    #[test]
    fn every_target_is_declared_and_has_seeds() -> std::io::Result<()> {
        let manifest = std::fs::read_to_string(workspace::root().join("fuzz/Cargo.toml"))?;
        for target in &TARGETS {
            assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{}", target.name);
            assert!(workspace::root().join(format!("fuzz/fuzz_targets/{}.rs", target.name)).exists());
            assert!(std::fs::read_dir(workspace::root().join("fuzz/seeds").join(target.name))?.count() > 0);
        }
        assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len(), "a target that nothing runs");
        Ok(())
    }
}
