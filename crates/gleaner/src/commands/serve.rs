//! `gleaner serve`

use std::net::SocketAddr;
use std::process::ExitCode;

use gleaner_engine::EngineError;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::exit::usage;

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
    println!("Gleaner listens on http://{}", listener.local_addr()?);
    if config.demo() {
        println!("Demo data, a synthetic marketplace: set KEEPA_API_KEY for real products.");
    }
    gleaner_server::serve(listener, app.engine.clone(), stop()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Completes on Ctrl-C or a request to terminate.
pub async fn stop() {
    let interrupt = async {
        // Without a signal handler there is nothing to wait for; the process can still be killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
