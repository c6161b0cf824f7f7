//! `gleaner alerts [list|acknowledge|silence]`

use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use gleaner_engine::export::alerts_sheet;
use uuid::Uuid;

use crate::config::Config;
use crate::exit::usage;
use crate::output;
use crate::output::export::ToFile;

/// What is wrong: measured now, and listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner alerts
  gleaner alerts list --all --output alerts.csv
  gleaner alerts acknowledge 019b2c6e-7d4a-7c61-a6b0-3f4f7a1f2c11
  gleaner alerts silence 019b2c6e-7d4a-7c61-a6b0-3f4f7a1f2c11 --for 8h")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Measure now and list what is wrong.
    List {
        /// Also what is over.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        file: ToFile,
    },
    /// Take note of an alert.
    Acknowledge {
        /// Its id.
        #[arg(value_parser = id)]
        alert: Uuid,
    },
    /// Tell nobody of an alert for a while, also when it comes back meanwhile.
    Silence {
        /// Its id.
        #[arg(value_parser = id)]
        alert: Uuid,
        /// How long, for example 8h or 2days; 0s ends the silence.
        #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration)]
        duration: Duration,
    },
}

fn id(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| format!("'{text}' is no id of an alert: `gleaner alerts` lists them"))
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    let alerts = match args.action.unwrap_or(Action::List { all: false, file: ToFile::default() }) {
        Action::List { all, file } => {
            engine.evaluate_alerts().await?;
            let alerts = engine.alerts(all).await?;
            file.write(|| alerts_sheet(&alerts, engine.now()))?;
            alerts
        }
        Action::Acknowledge { alert } => {
            vec![engine.acknowledge_alert(alert, Some(super::user())).await?]
        }
        Action::Silence { alert, duration } => {
            let until = match TimeDelta::from_std(duration) {
                Ok(duration) if duration.is_zero() => None,
                Ok(duration) if duration <= TimeDelta::days(366) => Some(engine.now() + duration),
                _ => return Err(usage("--for: must be at most a year")),
            };
            vec![engine.silence_alert(alert, until).await?]
        }
    };
    if json {
        output::json(&alerts)?;
    } else {
        output::alerts::list(&alerts)?;
    }
    Ok(ExitCode::SUCCESS)
}
