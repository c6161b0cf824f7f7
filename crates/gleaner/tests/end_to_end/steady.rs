//! A server at load for a long time needs no more memory, and no more disk than its history.
//!
//! `GLEANER_SOAK_SECONDS` says how long: `cargo xtask soak steady` takes half an hour.

use std::time::{Duration, Instant};

use crate::support::load::{Load, Log, setting};
use crate::support::{Db, Market, Server};

/// What a server takes at some moment.
#[derive(Debug, Clone, Copy)]
struct Sample {
    answers: usize,
    resident_kib: u64,
    database_bytes: u64,
    log_bytes: u64,
}

impl Sample {
    fn of(server: &Server, load: &Load, file: &std::path::Path) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let size = |path: String| std::fs::metadata(path).map_or(0, |file| file.len());
        Self {
            answers: load.answered(),
            resident_kib: line.split_whitespace().nth(1).unwrap().parse().unwrap(),
            database_bytes: size(file.display().to_string()),
            log_bytes: size(format!("{}-wal", file.display())),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_at_load_grows_by_its_history_and_by_nothing_else() {
    let time = Duration::from_secs(u64::try_from(setting("GLEANER_SOAK_SECONDS", 12)).unwrap());
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let log = Log::default();
    let mut server = home.serve(&[]).await;
    let load = Load::start(&server, &log).await;
    let (started, file) = (Instant::now(), db.file());
    let mut samples = Vec::new();
    while started.elapsed() < time {
        tokio::time::sleep(time / 30).await;
        samples.push(Sample::of(&server, &load, &file));
    }
    server.kill().await;
    load.end().await;
    println!("at the start: {:?}", samples[0]);
    for sample in samples[1..].iter().step_by(6) {
        println!("{sample:?}");
    }
    println!("at the end: {:?}", samples[samples.len() - 1]);
    // The first third fills caches and the free room of the file.
    let (early, late) = (samples[samples.len() / 3], samples[samples.len() - 1]);
    assert!(late.answers > early.answers, "{early:?} {late:?}");
    let allowed = early.resident_kib + early.resident_kib / 4 + 8 * 1024;
    assert!(late.resident_kib <= allowed, "memory grows: {early:?} {late:?}");
    let most = samples.iter().map(|sample| sample.log_bytes).max().unwrap();
    assert!(most < 256 * 1024 * 1024, "the log is not taken into the database: {most} bytes");
    let rows = u64::try_from(late.answers - early.answers).unwrap();
    let per_row = (late.database_bytes - early.database_bytes.min(late.database_bytes)) / rows;
    println!("{rows} answers, {per_row} bytes of database each");
    // A row of the history with its filters, its outcome and their indexes.
    assert!(per_row < 4_096, "{per_row} bytes for an answer: {early:?} {late:?}");
}
