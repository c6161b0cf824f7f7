//! `gleaner reference`: the generated parts of the documentation.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::output;

/// Print a generated part of the documentation.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which part.
    part: Part,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// The OpenAPI document.
    Openapi,
    /// Every command and option, as Markdown.
    Cli,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match args.part {
        Part::Openapi => output::json(&gleaner_server::openapi())?,
        Part::Cli => {
            let options =
                clap_markdown::MarkdownOptions::new().show_footer(false).show_table_of_contents(false);
            let command = crate::cli::Cli::command();
            output::line(clap_markdown::help_markdown_command_custom(&command, &options).trim_end())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
