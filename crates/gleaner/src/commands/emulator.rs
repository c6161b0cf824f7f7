//! `gleaner emulator`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use keepa_emulator::{Emulator, EmulatorConfig, SystemClock};

use crate::exit::usage;

/// Run a local Keepa over a synthetic marketplace.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner emulator --listen 127.0.0.1:8090 --products 20000 --seed 7 --key K
  KEEPA_BASE_URL=http://127.0.0.1:8090 KEEPA_API_KEY=K gleaner serve")]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// How many synthetic products.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    products: u32,
    /// The seed they are derived from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// A key to accept; may be given more than once. Without one every key is accepted.
    #[arg(long)]
    key: Vec<String>,
    /// Tokens added per minute.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    refill_rate: i64,
    /// Folder of saved Keepa answers to serve beside the synthetic products.
    #[arg(long, value_name = "DIR")]
    catalog: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(folder) = args.catalog.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(usage(format!("--catalog: {} is not a folder", folder.display())));
    }
    let config = EmulatorConfig {
        listen: args.listen,
        products: args.products,
        seed: args.seed,
        keys: args.key,
        refill_rate: args.refill_rate,
        catalog: args.catalog,
        ..EmulatorConfig::default()
    };
    let running = Emulator::start(config, Arc::new(SystemClock))
        .await
        .map_err(|e| usage(format!("--listen: cannot listen on {}: {e}", args.listen)))?;
    let stop = crate::app::stop();
    println!("The emulator listens on {}", running.base_url());
    stop.await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
