//! Serves 20,000 products on port 8090 (or the address given), admin calls included, until it is interrupted.

use std::sync::Arc;

use keepa_emulator::{Emulator, EmulatorConfig, SystemClock};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8090".to_owned()).parse()?;
    let config = EmulatorConfig { listen, admin: true, refill_rate: 1_000, ..EmulatorConfig::default() };
    let emulator = Emulator::start(config, Arc::new(SystemClock)).await?;
    println!("{}", emulator.base_url());
    emulator.wait().await;
    Ok(())
}
