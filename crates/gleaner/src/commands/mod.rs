//! The commands, one file each: arguments in, one call of the engine, answer out.

pub mod alerts;
pub mod api_tokens;
pub mod audit;
pub mod backup;
pub mod cache;
pub mod categories;
pub mod completions;
pub mod db;
pub mod discover;
pub mod doctor;
pub mod emulator;
pub mod fee_cards;
pub mod history;
pub mod niche;
mod niche_terms;
pub mod notify;
pub mod reference;
pub mod restore;
pub mod rules;
pub mod score;
mod score_files;
pub mod serve;
pub mod source;
pub mod spending;
pub mod tokens;
pub mod users;

use std::io::{IsTerminal, Read};
use std::path::Path;

use gleaner_core::filters::FieldError;
use gleaner_engine::accounts::{Act, Actor};
use gleaner_engine::{Engine, EngineError};
use keepa::Domain;

use crate::exit::usage;

/// A file by its name, with what is in it; `-` is standard input.
fn contents(path: &Path) -> (String, std::io::Result<Vec<u8>>) {
    if path.as_os_str() != "-" {
        return (path.display().to_string(), std::fs::read(path));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    ("standard input".to_owned(), read.map(|_| bytes))
}

/// Parses a marketplace for clap.
fn marketplace(text: &str) -> Result<Domain, String> {
    text.parse().map_err(|e: keepa::UnknownDomain| e.to_string())
}

/// The text of a file; `-` reads standard input.
fn read_text(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(|e| usage(format!("{} cannot be read: {e}", file.display())))
}

/// Asks a person; where nobody can be asked the answer must be given as `--yes`.
fn confirmed(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(usage(format!("{question} Nobody is here to be asked: add --yes")));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// The same without a way around it: where nobody can be asked the answer is no.
fn asked(question: &str) -> anyhow::Result<bool> {
    if std::io::stdin().is_terminal() { confirmed(question) } else { Ok(false) }
}

/// Who sits here, for the record of who changed what.
fn user() -> String {
    Actor::at_the_command_line().name
}

/// Notes what was done here, where only an administrator may do it over HTTP.
async fn note(engine: &Engine, act: Act) {
    noted(engine.note_act(&Actor::at_the_command_line(), act).await);
}

/// Tells when it could not be noted: it is done all the same.
fn noted(result: Result<(), EngineError>) {
    if let Err(error) = result {
        eprintln!("gleaner: done, but it could not be noted in the audit log: {error}");
    }
}

/// Opens a file in the user's editor and waits until it is closed.
fn open_editor(file: &Path) -> anyhow::Result<()> {
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok());
    let editor = editor.filter(|editor| !editor.trim().is_empty());
    let editor =
        editor.ok_or_else(|| usage("no editor is set: set VISUAL or EDITOR, for example EDITOR=nano"))?;
    // An editor may come with options: `code --wait`.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ended = std::process::Command::new(program)
        .args(words)
        .arg(file)
        .status()
        .map_err(|error| usage(format!("the editor '{editor}' cannot be started: {error}")))?;
    if ended.success() {
        Ok(())
    } else {
        Err(usage(format!("the editor '{editor}' ended with an error; nothing is saved")))
    }
}

/// What is wrong with a document that somebody wrote, a line each, by the paths in the document.
fn mistakes(errors: &[FieldError]) -> anyhow::Error {
    usage(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\ngleaner: "))
}
