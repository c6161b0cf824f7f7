//! The load generator: connections that ask as fast as they are answered, on one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::http::Connection;

/// Asking before the measurement begins.
const WARM_UP: Duration = Duration::from_millis(150);

/// What a measurement showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Answers per second.
    pub(crate) per_second: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub(crate) median_ms: f64,
    /// 99 of 100 answers took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// Asks one question over so many connections for so long. Every answer must be 200.
pub(crate) async fn load(
    address: SocketAddr,
    request: Vec<u8>,
    connections: usize,
    seconds: f64,
) -> Result<Load> {
    let request: Arc<[u8]> = request.into();
    // A thread of its own: the generator costs the servers measured the same, whatever else this process does.
    let run = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(address, request, connections, Duration::from_secs_f64(seconds)))
    });
    let run = tokio::task::spawn_blocking(move || run.join()).await?;
    run.ok().context("the load generator panicked")?
}

async fn measure(
    address: SocketAddr,
    request: Arc<[u8]>,
    connections: usize,
    duration: Duration,
) -> Result<Load> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(address).await?;
        let request = request.clone();
        tasks.push(tokio::spawn(async move {
            let mut took = Vec::with_capacity(100_000);
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return Ok(took);
                }
                let (status, _) = connection.exchange(&request).await?;
                if status != 200 {
                    bail!("an answer with status {status} under load");
                }
                if asked >= begin {
                    took.push(asked.elapsed());
                }
            }
        }));
    }
    let mut took: Vec<Duration> = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    took.sort_unstable();
    let at = |share: usize| {
        let place = (took.len() * share / 100).min(took.len().saturating_sub(1));
        took.get(place).map_or(0.0, |d| d.as_secs_f64() * 1e3)
    };
    let answers = u32::try_from(took.len()).unwrap_or(u32::MAX);
    Ok(Load { per_second: f64::from(answers) / duration.as_secs_f64(), median_ms: at(50), p99_ms: at(99) })
}
