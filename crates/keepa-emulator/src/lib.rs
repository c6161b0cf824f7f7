//! A Keepa to run locally: the same protocol as `api.keepa.com`, over a synthetic marketplace and saved answers.
//!
//! The demo, the end-to-end tests and the benchmarks all run through real HTTP against it, and clients written for the
//! real service cannot tell it apart. Products are derived from a seed when they are asked for; the marketplace moves
//! with the clock it is given, and the same seed and moment always give the same bytes.
//!
//! ```no_run
//! use std::sync::Arc;
//! use keepa_emulator::{Emulator, EmulatorConfig, SystemClock};
//!
//! # async fn run() -> std::io::Result<()> {
//! let emulator = Emulator::start(EmulatorConfig::default(), Arc::new(SystemClock)).await?;
//! println!("{}/token?key=anything", emulator.base_url());
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # The rooms
//!
//! `server` listens, `app` admits, counts and charges, `endpoints` holds one module per path, `reply` writes envelopes,
//! `faults` breaks answers on demand. `world` is the marketplace, `product` its products as JSON, `stats` Keepa's
//! statistics, `finder` the Product Finder, `catalog` the saved products.
//!
//! To add an endpoint: a module in `endpoints`, a line in its table, its cost beside it.
//!
//! # What it cannot tell you
//!
//! Only amazon.com has synthetic products; other marketplaces have what `catalog` holds. Live offers arrive at once, not
//! after seconds (ask for the `latency` fault). The market opens on 2024-06-01: before that nothing exists.

mod app;
mod catalog;
mod clock;
mod endpoints;
mod faults;
mod finder;
mod json;
mod params;
mod png;
mod product;
mod reply;
mod rng;
mod server;
mod stats;
mod tokens;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use clock::{Clock, SystemClock, VirtualClock};
pub use faults::{Fault, FaultRule};
pub use server::{Emulator, RunningEmulator, router};

/// How an emulator is set up.
#[derive(Clone, Debug)]
pub struct EmulatorConfig {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Number of synthetic products on amazon.com.
    pub products: u32,
    /// Two emulators with one seed hold the same marketplace.
    pub seed: u64,
    /// Keys that are accepted; with none, every key is.
    pub keys: Vec<String>,
    /// Tokens per minute and key. The bucket holds sixty times as many and starts full.
    pub refill_rate: i64,
    /// Balance every key starts with, instead of a full bucket.
    pub tokens: Option<i64>,
    /// Folder of saved Keepa answers (`*.json`, `*.json.gz`) to serve beside the synthetic products.
    pub catalog: Option<PathBuf>,
    /// Whether `/_emulator/…` moves the clock, sets faults and counts.
    pub admin: bool,
    /// Faults in force from the start.
    pub faults: Vec<FaultRule>,
    /// World seconds per second of the clock, 0 to 10,000,000: 1 is real time, 0 stands still until an admin call.
    pub speed: f64,
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            products: 20_000,
            seed: 7,
            keys: Vec::new(),
            refill_rate: 20,
            tokens: None,
            catalog: None,
            admin: false,
            faults: Vec::new(),
            speed: 1.0,
        }
    }
}
