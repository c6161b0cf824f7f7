//! What every command that may spend tokens can be told about it.

use std::time::Duration;

use gleaner_engine::answer::{Budget, BudgetMode};
use gleaner_engine::{Caller, Source};

/// How much may be spent, how long is waited for it, and whether old answers will do.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Tokens")]
pub struct Spending {
    /// The tokens this run may spend.
    #[arg(long, value_name = "TOKENS", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(0..))]
    max_tokens: Option<i64>,
    /// What happens when a call would spend more than --max-tokens: stop before it, warn, or off.
    #[arg(long, value_name = "MODE", requires = "max_tokens", default_value = "stop", value_parser = mode)]
    budget_mode: BudgetMode,
    /// How long to wait when there are too few tokens, for example 90s or 5m [default: `keepa_max_wait`, 10s].
    #[arg(long, value_name = "TIME", value_parser = wait)]
    wait: Option<Duration>,
    /// When Keepa does not answer, older answers (marked as stale) are better than an error.
    #[arg(long)]
    pub stale_if_error: bool,
}

impl Spending {
    /// The run's budget.
    pub fn budget(&self) -> Budget {
        self.max_tokens.map(|tokens| Budget { tokens, mode: self.budget_mode }).unwrap_or_default()
    }

    /// Who asks: a person, as long as they want to wait.
    pub fn caller(&self) -> Caller {
        Caller::new(Source::Manual).waiting(self.wait)
    }

    /// The first option that was given, for what spends nothing.
    pub fn given(&self) -> Option<&'static str> {
        match self {
            Self { max_tokens: Some(_), .. } => Some("--max-tokens"),
            Self { wait: Some(_), .. } => Some("--wait"),
            Self { stale_if_error: true, .. } => Some("--stale-if-error"),
            Self { .. } => None,
        }
    }
}

fn mode(text: &str) -> Result<BudgetMode, String> {
    match text {
        "off" => Ok(BudgetMode::Off),
        "warn" => Ok(BudgetMode::Warn),
        "stop" => Ok(BudgetMode::Stop),
        other => Err(format!("'{other}' is not a mode: use stop, warn or off")),
    }
}

fn wait(text: &str) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|_| format!("'{text}' is not a time such as 90s or 5m"))?;
    // By then an account is full.
    if time > Duration::from_hours(1) {
        Err("at most 1h: by then the account is full".to_owned())
    } else {
        Ok(time)
    }
}
