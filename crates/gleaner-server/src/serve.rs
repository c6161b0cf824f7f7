//! Listening, and stopping without losing an answer.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use gleaner_engine::Engine;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::options::Options;

/// Serves until `stop` completes; then answers what is under way and commits what is queued.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let housekeeping = CancellationToken::new();
    let keeper = tokio::spawn(engine.clone().keep_house(housekeeping.clone()));
    let waiting = engine.clone();
    let stop = async move {
        stop.await;
        waiting.stop_waiting();
    };
    let tidy = tokio::spawn(crate::metering::tidy());
    let app = crate::app(engine.clone(), options).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    tidy.abort();
    housekeeping.cancel();
    // A purge that is under way ends first; if it panicked there is nothing to wait for.
    let _ = keeper.await;
    engine.flush().await;
    served?;
    Ok(())
}
