//! Gleaner's speed and token economy: `cargo xtask bench` and `cargo xtask replay`.
//!
//! Every figure is a ratio, or stands beside its target, and is a median over rounds in which the things compared
//! take turns: the machine's mood falls on all of them alike. Nothing here fails because a machine is slow.
//!
//! The programs measured are processes of their own, asked over keep-alive TCP by the load generator in [`load`]; the
//! yardstick is [`bare`], an axum handler that returns the same bytes from memory.
//!
//! To add a benchmark: a module with a function from [`World`] to [`Figure`]s, and a line in [`BENCHES`].

mod analytics;
mod bare;
mod grown;
mod hit;
mod http;
mod idle;
mod load;
mod misses;
mod process;
mod replay;
mod rescore;
mod table;
mod world;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use table::Figure;
use world::World;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Gleaner.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Run benchmarks and print a table.
    Run(RunArgs),
    /// Replay days of questions in virtual time and count tokens.
    Replay(replay::Args),
    /// The yardstick: serves the bytes of a file.
    #[command(hide = true)]
    Bare {
        /// The file.
        body: std::path::PathBuf,
    },
    /// Loads a running server with one cached discovery (or the scoring of what it found), for a profiler.
    #[command(hide = true)]
    Load {
        /// Where it listens.
        address: std::net::SocketAddr,
        /// Connections that ask at once.
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// How long.
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
        /// Scores instead of discovering.
        #[arg(long)]
        score: bool,
    },
    /// Scores all products of a database again.
    #[command(hide = true)]
    Rescore {
        /// The database.
        url: String,
    },
}

/// The benchmarks by name.
const BENCHES: [&str; 7] = ["hit", "score", "miss", "rescore", "grown", "idle", "analytics"];

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Only these.
    #[arg(value_name = "NAME", value_parser = BENCHES)]
    names: Vec<String>,
    /// How often each measurement is taken; the median is shown.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Rows of the long history.
    #[arg(long, default_value_t = 10_000_000)]
    rows: u32,
}

fn main() -> ExitCode {
    match run(Cli::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gleaner-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(what: What) -> Result<()> {
    match what {
        What::Run(args) => {
            let world = World::new(args.rounds, args.seconds, args.rows).await?;
            let mut figures: Vec<Figure> = Vec::new();
            for name in BENCHES.iter().filter(|name| wanted(&args.names, name)) {
                eprintln!("measuring: {name}");
                figures.extend(match *name {
                    "hit" => hit::discoveries(&world).await?,
                    "score" => hit::scores(&world).await?,
                    "miss" => misses::identical(&world).await?,
                    "rescore" => rescore::all(&world).await?,
                    "grown" => grown::databases(&world).await?,
                    "analytics" => analytics::long_history(&world).await?,
                    _ => idle::server(&world).await?,
                });
            }
            println!("{}", table::shown(&figures));
            Ok(())
        }
        What::Replay(args) => replay::main(&args).await,
        What::Bare { body } => bare::serve(&body).await,
        What::Load { address, connections, seconds, score } => {
            let asins = world::warm(address, 0).await?;
            let request = if score {
                http::post(world::SCORE, &serde_json::json!({"marketplace": "us", "asins": asins}))
            } else {
                http::post(world::DISCOVER, &world::search(0))
            };
            println!("{:?}", load::load(address, request, connections, seconds).await?);
            Ok(())
        }
        What::Rescore { url } => rescore::child(&url).await,
    }
}

fn wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}
