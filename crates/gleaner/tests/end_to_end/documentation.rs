//! The documentation is true: its commands run, its links lead somewhere.
//!
//! Every `sh` and `console` block of the README and of `docs/` is run page by page, from top to bottom, on demo data,
//! in a home folder of its own, with a server behind `127.0.0.1:8080`. A block that cannot be run here says why in
//! its first line: ```` ```sh no-run: needs root ````; one that shows a refusal names its code: ```` ```console exit=2 ````.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::support::Home;

/// Written by the program itself: every option, every setting; no prose.
const GENERATED: [&str; 3] = ["access.md", "command-line.md", "settings.md"];
/// Where pages say the server is.
const ADDRESS: &str = "127.0.0.1:8080";
/// Builds or tests this very checkout, which is what is going on.
const BUILDS: &str = "cargo ";
/// Commands that go on until they are stopped: they must come up, and that is all.
const FOR_EVER: [&str; 2] = ["gleaner serve", "gleaner emulator"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The README and every page below `docs/`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// A piece of a page that can be run.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    line: usize,
    script: String,
    code: i32,
}

/// The blocks of a page that are to be run.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, bool, Block)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default();
                let rest: Vec<&str> = words.collect();
                let runs =
                    ["sh", "console"].contains(&language) && !rest.iter().any(|w| w.starts_with("no-run"));
                let code = rest.iter().find_map(|w| w.strip_prefix("exit=")?.parse().ok()).unwrap_or(0);
                let block = Block { line: number + 1, script: String::new(), code };
                open = Some((runs, language == "console", block));
            }
            (Some(_), Some("")) => {
                if let Some((true, _, block)) = open.take() {
                    blocks.push(block);
                }
                open = None;
            }
            (Some((true, console, block)), _) => {
                // In a console, what is typed stands behind a dollar, or continues a line that ended in a backslash.
                let goes_on = block.script.ends_with("\\\n");
                let typed = if *console && !goes_on { line.strip_prefix("$ ") } else { Some(line) };
                if let Some(typed) = typed {
                    block.script += typed;
                    block.script.push('\n');
                }
            }
            _ => {}
        }
    }
    blocks
}

#[test]
fn what_a_page_shows_as_typed_is_what_is_run() {
    let page = "a\n```console\n$ one \\\n    two\noutput\n$ three\n```\n```sh no-run: root\nrm\n```\n```text\nx\n```\n\
                ```sh exit=2\nfour\n```\n";
    let found: Vec<(usize, String, i32)> =
        blocks(page).into_iter().map(|block| (block.line, block.script, block.code)).collect();
    let expected = [(2, "one \\\n    two\nthree\n".to_owned(), 0), (14, "four\n".to_owned(), 2)];
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_documentation_runs() {
    let mut ran = 0;
    let mut wrong = Vec::new();
    for page in pages() {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let blocks = blocks(&std::fs::read_to_string(&page).unwrap());
        if GENERATED.iter().any(|generated| name.ends_with(generated)) || blocks.is_empty() {
            continue;
        }
        let home = Home::new().without("GLEANER_DEMO_PRODUCTS");
        for folder in ["crates", "docs"] {
            std::os::unix::fs::symlink(root().join(folder), home.path().join(folder)).unwrap();
        }
        let asks = blocks.iter().any(|block| block.script.contains(ADDRESS));
        let server = if asks { Some(home.serve(&[]).await) } else { None };
        for block in blocks.into_iter().filter(|block| !block.script.starts_with(BUILDS)) {
            ran += 1;
            let mut script = block.script.clone();
            if let Some(server) = &server {
                script = script.replace(ADDRESS, server.http.url.trim_start_matches("http://"));
            }
            if let Err(what) = run(&home, &script, block.code).await {
                wrong.push(format!("{name}:{}: {what}", block.line));
            }
        }
    }
    assert!(ran > 10, "only {ran} blocks were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Runs a script with the program on its path.
async fn run(home: &Home, script: &str, code: i32) -> Result<(), String> {
    let program = Path::new(env!("CARGO_BIN_EXE_gleaner"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let stays = FOR_EVER.iter().any(|command| script.starts_with(command));
    let mut command = home.shell(script);
    command.env("PATH", path).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| error.to_string())?;
    let patience = if stays { Duration::from_secs(3) } else { Duration::from_mins(2) };
    let Ok(output) = tokio::time::timeout(patience, child.wait_with_output()).await else {
        return if stays { Ok(()) } else { Err(format!("this hangs:\n{script}")) };
    };
    let output = output.map_err(|error| error.to_string())?;
    if output.status.code() == Some(code) {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{script}ended with {:?} instead of {code}:\n{out}{err}", output.status.code()))
}

/// Targets of Markdown links outside of code.
fn links(text: &str) -> Vec<String> {
    let mut inside = false;
    let prose: String = text
        .lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !fence && !inside
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// A heading as the address of a place in its page, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut followed = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            if link.starts_with("http://") || link.starts_with("https://") || link.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            let (file, place) = link.split_once('#').map_or((link.as_str(), None), |(f, p)| (f, Some(p)));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let there = target.exists()
                && place.is_none_or(|place| {
                    let text = std::fs::read_to_string(&target).unwrap_or_default();
                    text.lines().any(|line| line.starts_with('#') && anchor(line) == place)
                });
            if !there {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(followed > 10, "only {followed} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_stands_in_the_table_of_contents() {
    let docs = root().join("docs");
    let contents = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: Vec<String> = links(&contents);
    let missing: Vec<String> = pages()
        .iter()
        .filter_map(|page| Some(page.strip_prefix(&docs).ok()?.display().to_string()))
        .filter(|page| page != "SUMMARY.md" && !listed.contains(page))
        .collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md lacks {}", missing.join(", "));
}
