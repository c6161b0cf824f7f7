//! Counting: the recorder that the process counts with, and what every endpoint counts.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Counter, Histogram, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// The limits of the histograms, in seconds: a hit takes a millisecond, Keepa a minute.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// How often what was measured is put into its buckets; until then every measurement takes eight bytes.
const TIDY: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Lets this process count. To be called once, before the engine starts: what counts looks for its meters then.
pub fn start_metering() {
    let built = PrometheusBuilder::new().set_buckets(&BUCKETS).and_then(PrometheusBuilder::install_recorder);
    match built {
        Ok(handle) => drop(HANDLE.set(handle)),
        Err(error) => tracing::warn!(%error, "nothing is counted"),
    }
}

/// Keeps what was measured small; ends with the server.
pub(crate) async fn tidy() {
    let mut ticks = tokio::time::interval(TIDY);
    loop {
        ticks.tick().await;
        if let Some(handle) = HANDLE.get() {
            handle.run_upkeep();
        }
    }
}

/// What has been counted, in the text form of Prometheus.
pub(crate) fn text() -> Option<String> {
    HANDLE.get().map(PrometheusHandle::render)
}

/// What one endpoint counts.
pub(crate) struct Meter {
    seconds: Histogram,
    /// By the first digit of the status.
    answers: [Counter; 5],
}

impl Meter {
    pub(crate) fn of(method: &str, path: &str) -> Self {
        describe_histogram!("gleaner_http_seconds", "How long calls took until their answer began");
        describe_counter!("gleaner_http_answers_total", "Answers, by endpoint and class of status");
        let (method, path) = (method.to_owned(), path.to_owned());
        Self {
            seconds: histogram!("gleaner_http_seconds", "method" => method.clone(), "path" => path.clone()),
            answers: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|class| {
                counter!(
                    "gleaner_http_answers_total",
                    "method" => method.clone(), "path" => path.clone(), "status" => class
                )
            }),
        }
    }

    pub(crate) fn count(&self, status: StatusCode, took: Duration) {
        self.seconds.record(took);
        let class = usize::from(status.as_u16() / 100);
        if let Some(counter) = self.answers.get(class.wrapping_sub(1)) {
            counter.increment(1);
        }
    }
}
