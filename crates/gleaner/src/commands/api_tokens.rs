//! `gleaner api-tokens create|list|revoke`

use std::process::ExitCode;
use std::time::Duration;

use gleaner_engine::accounts::{Actor, ApiTokenRequest, Role};

use crate::config::Config;
use crate::output;

/// API tokens, with which programs come in: create, list, revoke.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner api-tokens create --user anna --name 'nightly scan' --scope member --expires 90d
  curl -H 'Authorization: Bearer gleaner_...' http://127.0.0.1:8080/api/v1/tokens
  gleaner api-tokens list
  gleaner api-tokens revoke ID")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Create a token. It is shown once.
    Create {
        /// The account it comes in as.
        #[arg(long)]
        user: String,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may do at most: viewer, member or admin.
        #[arg(long, default_value = "viewer")]
        scope: Role,
        /// How long it is good, for example 90d [default: until it is revoked].
        #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
        expires: Option<Duration>,
    },
    /// The tokens, without their secrets.
    List {
        /// Only those of an account.
        #[arg(long)]
        user: Option<String>,
    },
    /// Revoke a token.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
    },
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let (engine, actor) = (&app.engine, Actor::at_the_command_line());
    match args.action {
        Action::Create { user, name, scope, expires } => {
            let expires_at = expires.map(|span| engine.now() + span);
            let request = ApiTokenRequest { name, scope, expires_at };
            let created = engine.create_api_token(&actor, &user, request).await?;
            if json {
                output::json(&created)?;
            } else {
                output::line(&created.token)?;
                eprintln!("Keep it now: it cannot be shown again.");
            }
        }
        Action::List { user } => {
            let all = engine.api_tokens(user.as_deref()).await?;
            if json { output::json(&all)? } else { output::accounts::api_tokens(&all)? }
        }
        Action::Revoke { id } => {
            engine.revoke_api_token(&actor, &id, None).await?;
            if json {
                output::json(&serde_json::json!({"revoked": id}))?;
            } else {
                output::line(format!("{id}: revoked"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
