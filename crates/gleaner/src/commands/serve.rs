//! `gleaner serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use gleaner_engine::EngineError;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::exit::usage;
use crate::output;

/// By then a server that was started has settled.
const SETTLED: Duration = Duration::from_millis(500);

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
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| usage(format!("--listen: cannot listen on {address}: {e}")))?;
    if args.no_migrate {
        let store = crate::app::open_store(&config, true).await?;
        if !store.is_current().await.map_err(EngineError::from)? {
            return Err(usage(
                "the database is not up to date: run `gleaner db migrate` or leave out --no-migrate",
            ));
        }
    }
    let mut options = config.serving.clone();
    options.require_accounts |= !address.ip().is_loopback();
    // A file that is not there holds no account, and is not made to find that out.
    if options.require_accounts && is_missing(&config.database_url) {
        return Err(usage(needs_accounts(address, options.public_url.as_ref())));
    }
    // Before the engine, which looks for its meters when it starts.
    gleaner_server::start_metering();
    let app = crate::app::start(&config, !args.no_migrate).await?;
    if options.require_accounts && !app.engine.has_accounts().await? {
        return Err(usage(needs_accounts(address, options.public_url.as_ref())));
    }
    let stop = crate::app::stop();
    // A server goes on when whoever read its first words has left.
    output::line(format!("Gleaner listens on http://{}", listener.local_addr()?)).ok();
    output::demo_notice(config.demo()).ok();
    let serving = gleaner_server::serve(listener, app.engine.clone(), options, stop);
    tokio::pin!(serving);
    tokio::select! {
        biased;
        served = &mut serving => served,
        () = give_back_memory() => serving.await,
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Starting makes some megabytes of documents that nobody needs afterwards. The allocator gives memory back to the
/// system when a thread frees something a while after it last took or freed something: this thread only waits, so it
/// does that here.
async fn give_back_memory() {
    let something = std::hint::black_box(Vec::<u8>::with_capacity(1 << 20));
    tokio::time::sleep(SETTLED).await;
    drop(something);
}

/// Whether the database would be a new file.
fn is_missing(database_url: &str) -> bool {
    let path = database_url.strip_prefix("sqlite:").map(|path| path.split('?').next().unwrap_or(path));
    path.is_some_and(|path| !std::path::Path::new(path.trim_start_matches("//")).exists())
}

/// Why a server that others can reach does not start without accounts.
fn needs_accounts(address: SocketAddr, public_url: Option<&gleaner_server::PublicUrl>) -> String {
    let open = match public_url {
        Some(url) => format!("public_url is {url}, so others can reach this server"),
        None => format!("--listen: {address} is open to the network"),
    };
    format!(
        "{open}, and there are no accounts yet: create the first with `gleaner users add NAME` (an administrator), \
         or listen on 127.0.0.1 or [::1] without a public_url"
    )
}
