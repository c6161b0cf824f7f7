//! `cargo xtask fuzz [TARGET]`: feeds the readers of what comes from outside with what nobody would send.
//!
//! On the stable toolchain: without sanitizers the fuzzer needs nothing of nightly but a flag. What is found on the
//! way stays in the build folder, as does an input that breaks something; it is named at the end. To add a
//! target: see `fuzz/src/lib.rs`, then [`TARGETS`].

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::{cargo, must, output_of, succeeds};
use crate::workspace;

const VERSION: &str = "0.13.2";

/// The most memory, in MB, that a target may use altogether, and ask for at once.
const MOST_MEMORY: u32 = 1024;
const MOST_AT_ONCE: u32 = 256;
/// No input may take longer, in seconds.
const TIMEOUT: u32 = 10;
/// The largest input that is tried, in bytes.
const LONGEST: u32 = 65_536;

/// A target, the feature it needs, and folders of fixtures that serve as seeds beside its own.
struct Target {
    name: &'static str,
    feature: Option<&'static str>,
    fixtures: &'static [&'static str],
}

const PRODUCTS: &[&str] = &["crates/gleaner-core/reference-check/synthetic"];

const TARGETS: [Target; 8] = [
    Target { name: "product", feature: None, fixtures: PRODUCTS },
    Target { name: "envelope", feature: None, fixtures: PRODUCTS },
    Target { name: "series", feature: None, fixtures: &[] },
    Target { name: "selection", feature: None, fixtures: &[] },
    Target { name: "keepa_json", feature: None, fixtures: PRODUCTS },
    Target { name: "keepa_csv", feature: None, fixtures: &[] },
    Target { name: "supplier", feature: None, fixtures: &[] },
    Target { name: "emulator", feature: Some("emulator"), fixtures: &[] },
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
}

/// Runs the targets; true when none broke.
pub(crate) fn main(args: &Args) -> Result<bool> {
    let tools = install()?;
    let wanted = |target: &&Target| args.targets.is_empty() || args.targets.iter().any(|t| t == target.name);
    let mut verdicts = Vec::new();
    for target in TARGETS.iter().filter(wanted) {
        let sound = run(target, args.seconds, &tools)?;
        verdicts.push((sound, format!("fuzz: {} {}", target.name, if sound { "ok" } else { "BROKEN" })));
    }
    for (_, line) in &verdicts {
        println!("{line}");
    }
    if verdicts.iter().any(|(sound, _)| !sound) {
        println!("the inputs that break something: {}", artifacts().display());
    }
    Ok(verdicts.iter().all(|(sound, _)| *sound))
}

fn artifacts() -> PathBuf {
    workspace::target().join("fuzz").join("artifacts")
}

fn run(target: &Target, seconds: u32, tools: &Path) -> Result<bool> {
    let root = workspace::root();
    let corpus = workspace::target().join("fuzz").join("corpus").join(target.name);
    let broken = artifacts().join(target.name);
    for folder in [&corpus, &broken] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let path = path_with(tools)?;
    let fuzz = |chore: &str| {
        let mut command = cargo();
        command
            .env("PATH", &path)
            // The coverage counters are flags of the compiler that stable hides.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["fuzz", chore, "--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"])
            .arg(workspace::target().join("fuzz"));
        command.args(target.feature.iter().flat_map(|feature| ["--features", feature]));
        command.arg(target.name);
        command
    };
    // A target that does not build is no finding.
    must(&mut fuzz("build"))?;
    let mut command = fuzz("run");
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
    succeeds(&mut command)
}

/// Installs cargo-fuzz in the build folder, unless its exact version is there; the folder with the program.
fn install() -> Result<PathBuf> {
    let root = workspace::target().join("tools");
    let folder = root.join("bin");
    let mut program = std::process::Command::new(folder.join("cargo-fuzz"));
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
