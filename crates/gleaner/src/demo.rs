//! The built-in synthetic marketplace, for when there is no Keepa key.

use std::sync::Arc;

use keepa_emulator::{Emulator, EmulatorConfig, RunningEmulator, SystemClock};
use secrecy::SecretString;

use crate::config::Config;

/// The key of the built-in marketplace; it listens on loopback and holds nothing worth a secret.
const KEY: &str = "demo";
/// The demo should not make people wait: tokens per minute.
const REFILL_RATE: i64 = 60;

/// The running marketplace; it stops when dropped.
pub struct Demo(RunningEmulator);

impl Demo {
    /// Starts it on a free loopback port.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        let settings = EmulatorConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            products: config.demo_products,
            seed: config.demo_seed,
            keys: vec![KEY.to_owned()],
            refill_rate: REFILL_RATE,
            ..EmulatorConfig::default()
        };
        Ok(Self(Emulator::start(settings, Arc::new(SystemClock)).await?))
    }

    /// Its key.
    pub fn key() -> SecretString {
        SecretString::from(KEY)
    }

    /// Where it listens.
    pub fn base_url(&self) -> String {
        self.0.base_url()
    }
}
