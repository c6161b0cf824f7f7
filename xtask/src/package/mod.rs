//! `cargo xtask package`: a Debian package with the service, the manual pages and the completions.
//!
//! What is in it stands in `crates/gleaner/Cargo.toml` under `package.metadata.deb`, what belongs to Debian
//! alone in `packaging/debian`.

pub(crate) mod proof;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{cargo, must};
use crate::{tools, web, workspace};

const VERSION: &str = "3.8.0";

/// `cargo xtask package`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The version of the package [default: the program's].
    #[arg(long)]
    deb_version: Option<String>,
    /// Also try it on a fresh Debian: install, start, upgrade, remove (root only).
    #[arg(long)]
    proof: bool,
}

/// Builds the package and says where it is.
pub(crate) fn main(args: &Args) -> Result<bool> {
    web::build()?;
    must(cargo().args(["build", "--release", "-p", "gleaner"]))?;
    let package = build(args.deb_version.as_deref(), false)?;
    let mut good = true;
    if args.proof {
        for (name, held) in proof::run()? {
            println!("{} {name}", if held { "ok    " } else { "FAILED" });
            good &= held;
        }
    }
    println!("{}", package.display());
    Ok(good)
}

/// Packs the program as it is built; quickly for a trial, small for everybody else.
pub(crate) fn build(version: Option<&str>, quickly: bool) -> Result<PathBuf> {
    let tool = tools::installed("cargo-deb", VERSION)?;
    // Beside the program, where cargo-deb finds it whatever the build folder is.
    let files = workspace::target().join("release").join("package");
    fs::remove_dir_all(&files).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    must(Command::new(workspace::binary()).args(["reference", "files"]).arg(&files))?;
    // Debian keeps its manual pages packed.
    let pages = fs::read_dir(files.join("man"))?.map(|page| Ok(page?.path()));
    must(Command::new("gzip").arg("-9n").args(pages.collect::<std::io::Result<Vec<_>>>()?))?;
    let packages = workspace::target().join("debian");
    fs::create_dir_all(&packages)?;
    let package = packages.join(format!("gleaner_{}.deb", version.unwrap_or(env!("CARGO_PKG_VERSION"))));
    let mut command = cargo();
    command.args(["deb", "-p", "gleaner", "--no-build", "--quiet", "-o"]).arg(&package);
    if quickly {
        command.arg("--fast");
    }
    if let Some(version) = version {
        command.args(["--deb-version", version]);
    }
    // Cargo finds its own commands on the path.
    let folder = tool.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [folder.to_owned()].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).context("the search path")?);
    }
    must(&mut command)?;
    Ok(package)
}
