//! `cargo xtask soak`: tests that take longer than anybody wants to wait for at every change.
//!
//! They are the tests of `cargo xtask test` with greater numbers, which they take from variables. To add one: a
//! line in [`SOAKS`].

use anyhow::Result;

use crate::test;

/// A soak: its name, the test it runs, and the variables that make it long.
type Soak = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const SOAKS: &[Soak] = &[
    ("kill", "kill::", &[("GLEANER_KILL_ROUNDS", "20"), ("GLEANER_KILL_ANSWERS", "1000")]),
    ("power", "power_cut::", &[("GLEANER_POWER_CUTS", "40"), ("GLEANER_KILL_ANSWERS", "1000")]),
    ("steady", "steady::", &[("GLEANER_SOAK_SECONDS", "1800")]),
];

/// `cargo xtask soak [NAME]...`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these.
    #[arg(value_name = "NAME", value_parser = SOAKS.iter().map(|(name, ..)| *name).collect::<Vec<_>>())]
    names: Vec<String>,
}

/// Runs them one after the other.
pub(crate) fn main(args: &Args) -> Result<bool> {
    let mut good = true;
    for (name, filter, variables) in SOAKS {
        if args.names.is_empty() || args.names.iter().any(|wanted| wanted == name) {
            eprintln!("soak: {name}");
            good &= test::long("gleaner", filter, variables)?;
        }
    }
    Ok(good)
}
