//! `gleaner serve`

use std::net::SocketAddr;
use std::process::ExitCode;

use gleaner_engine::EngineError;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::exit::usage;
use crate::output;

/// Start the HTTP API.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gleaner serve --listen 127.0.0.1:8080")]
pub struct Args {
    /// Where to listen [default: 127.0.0.1:8080]; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Refuse to start on a database that is not up to date instead of migrating it.
    #[arg(long)]
    no_migrate: bool,
}

/// Runs the command.
pub async fn run(args: Args, config: Config) -> anyhow::Result<ExitCode> {
    let address = args.listen.unwrap_or(config.listen);
    if !address.ip().is_loopback() {
        return Err(usage(format!(
            "--listen: {address} is open to the network, and there are no accounts yet: listen on 127.0.0.1 or [::1]"
        )));
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| usage(format!("--listen: cannot listen on {address}: {e}")))?;
    if args.no_migrate {
        let store = crate::app::open_store(&config).await?;
        if !store.is_current().await.map_err(EngineError::from)? {
            return Err(usage(
                "the database is not up to date: run `gleaner db migrate` or leave out --no-migrate",
            ));
        }
    }
    let app = crate::app::start(&config, !args.no_migrate).await?;
    let stop = crate::app::stop();
    // A server goes on when whoever read its first words has left.
    output::line(format!("Gleaner listens on http://{}", listener.local_addr()?)).ok();
    output::demo_notice(config.demo()).ok();
    gleaner_server::serve(listener, app.engine.clone(), stop).await?;
    Ok(ExitCode::SUCCESS)
}
