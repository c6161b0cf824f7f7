//! `gleaner emulator`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use keepa_emulator::{Emulator, EmulatorConfig, Fault, FaultRule, SystemClock};

use crate::exit::usage;

/// Run a local Keepa over a synthetic marketplace.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner emulator --listen 127.0.0.1:8090 --products 20000 --seed 7 --key K
  gleaner emulator --speed 3600 --fault latency:500 --fault too_many_requests@product*3
  KEEPA_BASE_URL=http://127.0.0.1:8090 KEEPA_API_KEY=K gleaner serve
  gleaner emulator --admin &
  curl -d '{\"days\": 1}' http://127.0.0.1:8090/_emulator/time/advance

Admin calls, all below /_emulator/: time, time/advance {days, hours, minutes, seconds}, time/set {now}, time/rate {rate},
faults, faults/add {kind, ms, seconds, endpoint, times, after}, faults/clear, counts, tokens {key, tokens}.")]
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
    /// Seconds of the marketplace per real second: its prices, ranks and tokens move that much faster; 0 stands still.
    #[arg(long, default_value_t = 1.0, value_name = "RATE", value_parser = speed)]
    speed: f64,
    /// What goes wrong, as KIND[:NUMBER][@ENDPOINT][*TIMES]: `too_many_requests`, `internal_error`, unavailable, latency:MS,
    /// `cut_body`, `truncated_gzip`, html, `error_with_ok`, `slow_body:MS` or `clock_jump:SECONDS`. May be given more than once.
    #[arg(long, value_name = "FAULT", value_parser = fault, allow_hyphen_values = true)]
    fault: Vec<FaultRule>,
    /// Allow admin calls that move the clock, set faults and balances, and count requests.
    #[arg(long)]
    admin: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1e7).contains(rate));
    rate.ok_or_else(|| "a number from 0 to 10000000 is expected, for example 3600".to_owned())
}

/// Reads a fault as it is typed.
fn fault(text: &str) -> Result<FaultRule, String> {
    const EXAMPLE: &str = "write it like latency:500 or too_many_requests@product*3";
    let whole =
        |part: &str| part.parse::<u32>().map_err(|_| format!("'{part}' is not a whole number: {EXAMPLE}"));
    let (rest, times) = match text.split_once('*') {
        Some((rest, times)) => (rest, Some(whole(times)?)),
        None => (text, None),
    };
    let (rest, endpoint) = match rest.split_once('@') {
        Some((rest, endpoint)) => (rest, Some(endpoint.to_owned())),
        None => (rest, None),
    };
    let (kind, number) = match rest.split_once(':') {
        Some((kind, number)) => (kind, Some(number)),
        None => (rest, None),
    };
    let ms = || match number {
        Some(number) => whole(number).map(u64::from),
        None => Err(format!("'{kind}' needs milliseconds: {kind}:500")),
    };
    let fault = match (kind, number) {
        ("latency", _) => Fault::Latency { ms: ms()? },
        ("slow_body", _) => Fault::SlowBody { ms: ms()? },
        ("clock_jump", Some(number)) => {
            let seconds = number.parse().map_err(|_| format!("'{number}' is not a number of seconds"))?;
            Fault::ClockJump { seconds }
        }
        ("too_many_requests", None) => Fault::TooManyRequests,
        ("internal_error", None) => Fault::InternalError,
        ("unavailable", None) => Fault::Unavailable,
        ("cut_body", None) => Fault::CutBody,
        ("truncated_gzip", None) => Fault::TruncatedGzip,
        ("html", None) => Fault::Html,
        ("error_with_ok", None) => Fault::ErrorWithOk,
        _ => return Err(format!("'{rest}' is no fault: {EXAMPLE}, see --help")),
    };
    Ok(FaultRule { fault, endpoint, times, after: 0 })
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
        speed: args.speed,
        faults: args.fault,
        admin: args.admin,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_people_type_them() {
        let rule = |text| fault(text).unwrap();
        assert_eq!(rule("html"), FaultRule::always(Fault::Html));
        assert_eq!(rule("latency:500"), FaultRule::always(Fault::Latency { ms: 500 }));
        assert_eq!(rule("clock_jump:-60"), FaultRule::always(Fault::ClockJump { seconds: -60 }));
        let storm = FaultRule { times: Some(3), ..FaultRule::always(Fault::TooManyRequests).on("product") };
        assert_eq!(rule("too_many_requests@product*3"), storm);
        for text in ["", "latency", "latency:soon", "html:5", "flood", "html*many", "clock_jump"] {
            assert!(fault(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_speed_is_a_number_within_bounds() {
        assert_eq!((speed("0"), speed("3600")), (Ok(0.0), Ok(3600.0)));
        for text in ["-1", "fast", "NaN", "1e9"] {
            assert!(speed(text).is_err(), "{text}");
        }
    }
}
