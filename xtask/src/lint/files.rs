//! What may be committed: files of a readable length, no real data, no path of the machine it was written on.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The aim is about 400 lines; from here on a file has to be split.
const MOST_LINES: usize = 500;

/// Below this size two files can be equal by chance (an empty list, a licence's header).
const SMALLEST_DATA: u64 = 200;

/// Looks at every tracked file and prints what is wrong.
pub(super) fn check() -> Result<bool> {
    let root = workspace::root();
    let real_data = sizes(&root.join("../shared/data"));
    let checkout = root.to_string_lossy();
    let mut content = true;
    for path in tracked(root)? {
        let file = root.join(&path);
        // Tracked, but deleted in the work tree, or a link out of it.
        let Ok(bytes) = fs::read(&file) else { continue };
        let copied = equals_one_of(&bytes, &real_data).then(|| "is a copy of real data".to_owned());
        let text = str::from_utf8(&bytes).ok();
        let found = text.and_then(|text| too_long(&path, text)).into_iter();
        let found = found.chain(text.and_then(|text| names_checkout(text, &checkout))).chain(copied);
        for problem in found {
            content = false;
            println!("{} {problem}", path.display());
        }
    }
    Ok(content)
}

fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z"])
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!(
            "git does not list the files of this checkout: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let names = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    Ok(names.split_terminator('\0').map(PathBuf::from).collect())
}

fn too_long(path: &Path, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    (is_rust && lines > MOST_LINES)
        .then(|| format!("has {lines} lines; split it (aim at 400, at most {MOST_LINES})"))
}

/// A checkout directly below the root of the file system has too short a name to mean anything.
fn names_checkout(text: &str, checkout: &str) -> Option<String> {
    (checkout.matches('/').count() > 1 && text.contains(checkout))
        .then(|| format!("names {checkout}, which is a folder of this machine"))
}

/// All files below `folder` by their size; nothing when there is no such folder.
fn sizes(folder: &Path) -> HashMap<u64, Vec<PathBuf>> {
    let mut by_size: HashMap<u64, Vec<PathBuf>> = HashMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => by_size.entry(metadata.len()).or_default().push(entry.path()),
                Err(_) => {}
            }
        }
    }
    by_size
}

fn equals_one_of(bytes: &[u8], by_size: &HashMap<u64, Vec<PathBuf>>) -> bool {
    let size = bytes.len() as u64;
    size >= SMALLEST_DATA
        && by_size
            .get(&size)
            .is_some_and(|files| files.iter().any(|file| fs::read(file).is_ok_and(|other| other == bytes)))
}

#[cfg(test)]
mod tests {
    use super::{equals_one_of, names_checkout, sizes, too_long};
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_source_file_may_have_500_lines_and_other_files_any_number() {
        assert_eq!(too_long(Path::new("a.rs"), &"x\n".repeat(500)), None);
        assert!(too_long(Path::new("a.rs"), &"x\n".repeat(501)).is_some());
        assert_eq!(too_long(Path::new("Cargo.lock"), &"x\n".repeat(501)), None);
    }

    #[test]
    fn the_folder_of_the_checkout_must_not_be_committed() {
        assert!(names_checkout("see /home/kim/gleaner/docs", "/home/kim/gleaner").is_some());
        assert_eq!(names_checkout("see docs/", "/home/kim/gleaner"), None);
        assert_eq!(names_checkout("the /app route", "/app"), None);
    }

    #[test]
    fn a_copy_of_a_real_file_is_recognised_under_any_name() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("products"))?;
        fs::write(folder.path().join("products/a.json"), "7".repeat(300))?;
        let data = sizes(folder.path());
        assert!(equals_one_of("7".repeat(300).as_bytes(), &data));
        assert!(!equals_one_of("8".repeat(300).as_bytes(), &data));
        assert!(sizes(&folder.path().join("absent")).is_empty());
        Ok(())
    }
}
