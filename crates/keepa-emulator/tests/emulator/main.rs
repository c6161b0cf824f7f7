//! What users of the emulator rely on, checked from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod catalog;
mod common;
mod faults;
mod finder;
mod foreign;
mod marketplace;
mod own_client;
mod protocol;
mod statistics;
