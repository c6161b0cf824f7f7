//! Hits over HTTP, recorded durably, against the bare handler with the same bytes.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::http::{Connection, post};
use crate::load::{Load, load};
use crate::process::Served;
use crate::table::{Figure, median};
use crate::world::{DISCOVER, Kind, SCORE, World, search, warm};

/// Connections that ask at once.
const CONNECTIONS: [usize; 3] = [1, 10, 64];
/// The least share of the yardstick's answers per second on SQLite; half of it on PostgreSQL.
const SHARE: f64 = 0.3;

/// A cached discovery.
pub(crate) async fn discoveries(world: &World) -> Result<Vec<Figure>> {
    compare(world, "discovery hit", false).await
}

/// Fifty cached scores in one question.
pub(crate) async fn scores(world: &World) -> Result<Vec<Figure>> {
    compare(world, "50 cached scores", true).await
}

async fn compare(world: &World, what: &str, scoring: bool) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut servers = Vec::new();
    for kind in Kind::ALL {
        let Some(database) = kind.database() else { continue };
        let server = world.serve(database.url()).await?;
        let asins = warm(server.address, 0).await?;
        let request = if scoring {
            ensure!(asins.len() == 50, "{} products were found instead of 50", asins.len());
            post(SCORE, &json!({"marketplace": "us", "asins": asins}))
        } else {
            post(DISCOVER, &search(0))
        };
        let mut connection = Connection::open(server.address).await?;
        // The second answer: the first one of a process fills its memory.
        connection.ask(&request).await?;
        let (status, body) = connection.ask(&request).await?;
        ensure!(status == 200, "status {status}");
        servers.push((kind, server, request, body, database));
    }
    let Some((_, _, request, body, _)) = servers.first() else { return Ok(figures) };
    let bare = Served::bare(body).await?;
    figures.push(Figure::note(format!("{what}: body"), format!("{} bytes", body.len())));
    for connections in CONNECTIONS {
        let mut yardstick: Vec<Load> = Vec::new();
        let mut measured: Vec<Vec<Load>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..world.rounds {
            yardstick.push(load(bare.address, request.clone(), connections, world.seconds).await?);
            for ((_, server, request, ..), loads) in servers.iter().zip(&mut measured) {
                loads.push(load(server.address, request.clone(), connections, world.seconds).await?);
            }
        }
        let line = format!("{what}, {connections:2} connections");
        figures.push(Figure::note(format!("{line}: bare"), shown(&yardstick)));
        for ((kind, ..), loads) in servers.iter().zip(&measured) {
            let wanted = if *kind == Kind::Sqlite { SHARE } else { SHARE / 2.0 };
            let share = of(loads, |load| load.per_second) / of(&yardstick, |load| load.per_second);
            let line = format!("{line}: {}", kind.name());
            let figure = format!("{share:.2} of bare; {}", shown(loads));
            let target = format!(">= {wanted:.2}");
            figures.push(Figure::new(&line, figure, target, share >= wanted));
            if connections == 64 && !scoring && *kind == Kind::Sqlite {
                let (middle, tail) = (of(loads, |load| load.median_ms), of(loads, |load| load.p99_ms));
                let figure = format!("median {middle:.2} ms, p99 {tail:.2} ms");
                let reached = middle < 5.0 && tail < 10.0;
                figures.push(Figure::new(line, figure, "< 5 ms, < 10 ms", reached));
            }
        }
    }
    Ok(figures)
}

fn of(loads: &[Load], part: impl Fn(&Load) -> f64) -> f64 {
    median(loads.iter().map(part).collect())
}

fn shown(loads: &[Load]) -> String {
    let (rate, middle, tail) =
        (of(loads, |load| load.per_second), of(loads, |load| load.median_ms), of(loads, |load| load.p99_ms));
    format!("{rate:.0}/s, median {middle:.2} ms, p99 {tail:.2} ms")
}
