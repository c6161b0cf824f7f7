//! `cargo xtask run`: builds everything and starts the server with demo data.
//!
//! The demo never touches what belongs to the user: it runs without a Keepa key, so Gleaner starts its own
//! emulator and no token is spent, and on a database of its own in the build folder.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{cargo, must};
use crate::web;
use crate::workspace;

/// Where `gleaner serve` listens unless told otherwise.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// Variables that would take the demo to the user's own data or to the real Keepa.
const NOT_FOR_THE_DEMO: [&str; 2] = ["KEEPA_BASE_URL", "GLEANER_CONFIG"];

/// `cargo xtask run [-- ARGS]`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Passed on to `gleaner serve`, for example `-- --listen 127.0.0.1:9000`.
    #[arg(last = true)]
    serve: Vec<OsString>,
}

/// Builds, says where the server will be, and becomes the server.
pub(crate) fn main(args: &Args) -> Result<bool> {
    web::build()?;
    must(cargo().args(["build", "--release", "-p", "gleaner"]))?;

    let demo = workspace::target().join("demo");
    fs::create_dir_all(&demo).with_context(|| format!("cannot create {}", demo.display()))?;
    println!("Gleaner with demo data: http://{} (Ctrl-C stops it)", address(&args.serve));

    let mut server = Command::new(workspace::binary());
    server
        .arg("serve")
        .args(&args.serve)
        // Empty rather than unset: an empty variable also wins over a line in `.env`.
        .env("KEEPA_API_KEY", "")
        .env("DATABASE_URL", format!("sqlite:{}", demo.join("gleaner.db").display()));
    for name in NOT_FOR_THE_DEMO {
        if env::var_os(name).is_some() {
            eprintln!("{name} is left out: this is a demo. Start `gleaner serve` itself to use it.");
            server.env_remove(name);
        }
    }
    // The server takes this process's place, so that Ctrl-C and kill reach it and its exit code is ours.
    Err(server.exec()).with_context(|| format!("cannot start {}", workspace::binary().display()))
}

/// The address that the arguments of `serve` ask for.
fn address(serve: &[OsString]) -> String {
    let mut arguments = serve.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        if argument == "--listen" {
            return arguments.next().unwrap_or(DEFAULT_ADDRESS).to_owned();
        }
        if let Some(address) = argument.strip_prefix("--listen=") {
            return address.to_owned();
        }
    }
    DEFAULT_ADDRESS.to_owned()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_printed_address_is_the_one_asked_for() {
        let of = |arguments: &[&str]| address(&arguments.iter().map(Into::into).collect::<Vec<_>>());
        assert_eq!(of(&[]), "127.0.0.1:8080");
        assert_eq!(of(&["--json", "--listen", "0.0.0.0:9"]), "0.0.0.0:9");
        assert_eq!(of(&["--listen=[::1]:9000"]), "[::1]:9000");
    }
}
