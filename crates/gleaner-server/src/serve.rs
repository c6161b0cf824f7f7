//! Listening, and stopping without losing an answer.

use std::future::Future;
use std::io;

use gleaner_engine::Engine;
use tokio::net::TcpListener;

/// Serves until `stop` completes; then answers what is under way and commits what is queued.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, crate::app(engine.clone())).with_graceful_shutdown(stop).await?;
    engine.flush().await;
    Ok(())
}
