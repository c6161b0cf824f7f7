//! `gleaner completions`

use std::process::ExitCode;

use clap::CommandFactory;

/// Print a completion script for your shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gleaner completions bash > ~/.local/share/bash-completion/completions/gleaner"
)]
pub struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut command = crate::cli::Cli::command();
    clap_complete::generate(args.shell, &mut command, "gleaner", &mut std::io::stdout());
    ExitCode::SUCCESS
}
