//! The web app in `web/`: its packages, its build, its checks and its generated client.
//!
//! Node is needed for it and for nothing else: whoever has none still builds and tests everything in Rust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::command::{must, output_of, succeeds};
use crate::workspace;

/// What the generator writes, below `web/`.
const CLIENT: &str = "src/api/gen";

/// What the built app is made of, below `web/`.
const SOURCES: [&str; 6] = ["src", "public", "scripts", "index.html", "package-lock.json", "vite.config.ts"];

/// The folder of the web app.
pub(crate) fn root() -> PathBuf {
    workspace::root().join("web")
}

/// npm, in the folder of the web app.
pub(crate) fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir(root());
    command
}

/// Whether there is a Node to work with.
pub(crate) fn has_node() -> bool {
    output_of(npm().arg("--version")).is_some()
}

/// Installs exactly the packages of the lock file, unless they are there.
pub(crate) fn install() -> Result<()> {
    let lock = fs::read(root().join("package-lock.json")).context("cannot read web/package-lock.json")?;
    let mark = root().join("node_modules").join(".installed-lock.json");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if !has_node() {
        bail!("npm is missing: install Node 20.19 or newer");
    }
    must(npm().args(["ci", "--no-fund", "--no-audit"]))?;
    fs::write(&mark, lock).with_context(|| format!("cannot write {}", mark.display()))
}

/// Builds the app into `web/dist`, unless that is newer than everything it is made of.
pub(crate) fn build() -> Result<()> {
    install()?;
    let built = modified(&root().join("dist").join("index.html"));
    let newest = SOURCES.iter().filter_map(|source| newest(&root().join(source))).max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    must(npm().args(["run", "--silent", "build"]))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// The newest change at or below a path.
fn newest(path: &Path) -> Option<SystemTime> {
    let inside = fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest(&entry.path()));
    inside.chain(modified(path)).max()
}

/// Types, style, and that both languages say everything.
pub(crate) fn check() -> Result<bool> {
    install()?;
    succeeds(npm().args(["run", "--silent", "check"]))
}

/// Writes the client of the API anew from its document.
pub(crate) fn generate() -> Result<()> {
    install()?;
    must(npm().args(["run", "--silent", "gen"]))
}

/// Whether the committed client is what the generator writes today.
pub(crate) fn is_generated() -> Result<bool> {
    install()?;
    let fresh = workspace::target().join("xtask").join("web-client");
    must(npm().args(["run", "--silent", "gen", "--", "--output"]).arg(&fresh))?;
    let committed = root().join(CLIENT);
    let same = files(&fresh)? == files(&committed)?;
    if !same {
        eprintln!("web/{CLIENT} is stale: run `cargo xtask gen` and commit it");
    }
    Ok(same)
}

/// Every file below a folder with its content, in order.
fn files(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    fn collect(folder: &Path, below: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                collect(&entry.path(), &name, found)?;
            } else {
                found.push((name, fs::read(entry.path())?));
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, Path::new(""), &mut found)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{files, newest};
    use std::fs;

    #[test]
    fn a_changed_added_or_missing_file_is_noticed() -> anyhow::Result<()> {
        let (one, two) = (tempfile::tempdir()?, tempfile::tempdir()?);
        for folder in [one.path(), two.path()] {
            fs::create_dir(folder.join("core"))?;
            fs::write(folder.join("core/a.ts"), "a")?;
        }
        assert_eq!(files(one.path())?, files(two.path())?);
        fs::write(two.path().join("core/a.ts"), "b")?;
        assert_ne!(files(one.path())?, files(two.path())?);
        fs::write(two.path().join("core/a.ts"), "a")?;
        fs::write(two.path().join("b.ts"), "")?;
        assert_ne!(files(one.path())?, files(two.path())?);
        assert!(newest(one.path()).is_some() && newest(&one.path().join("absent")).is_none());
        Ok(())
    }
}
