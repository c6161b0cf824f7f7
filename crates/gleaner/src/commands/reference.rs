//! `gleaner reference`: the generated parts of the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, ValueEnum};

use crate::cli::Cli;
use crate::output;

/// Print a generated part of the documentation.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, clap::Subcommand)]
enum Part {
    /// The OpenAPI document.
    Openapi,
    /// Every command and option, as Markdown.
    Cli,
    /// Every setting, as Markdown.
    Settings,
    /// Who may call which endpoint, as Markdown.
    Access,
    /// Manual pages and shell completions, as files for a package.
    Files {
        /// The folder to write them to; it is created.
        folder: PathBuf,
    },
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.part {
        Part::Openapi => output::json(&gleaner_server::openapi())?,
        Part::Access => output::line(gleaner_server::access::reference())?,
        Part::Settings => output::line(crate::config::reference().trim_end())?,
        Part::Cli => {
            let options =
                clap_markdown::MarkdownOptions::new().show_footer(false).show_table_of_contents(false);
            output::line(clap_markdown::help_markdown_command_custom(&Cli::command(), &options).trim_end())?;
        }
        Part::Files { folder } => {
            files(folder).with_context(|| format!("cannot write to {}", folder.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes `man/gleaner*.1` and `completions/*`.
fn files(folder: &std::path::Path) -> std::io::Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    std::fs::create_dir_all(&man)?;
    std::fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(Cli::command(), &man)?;
    for shell in clap_complete::Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "gleaner", &completions)?;
    }
    Ok(())
}
