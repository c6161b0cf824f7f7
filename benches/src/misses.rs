//! Fifty identical misses at once: how often Keepa is asked.

use anyhow::Result;
use futures::future::try_join_all;
use keepa_emulator::{Fault, FaultRule};
use serde_json::{Value, json};

use crate::http::{Connection, post};
use crate::process::Served;
use crate::table::Figure;
use crate::world::{DISCOVER, Kind, SCORE, World, search};

/// Questions at once.
const QUESTIONS: usize = 50;

/// Identical misses, in one process and over two.
pub(crate) async fn identical(world: &World) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for kind in Kind::ALL {
        for processes in [1, 2] {
            let Some(database) = kind.database() else { continue };
            let mut servers = Vec::new();
            for _ in 0..processes {
                servers.push(world.serve(database.url()).await?);
            }
            // Keepa takes its time, so that all of them are there before the first is answered.
            world.emulator.add_fault(FaultRule::always(Fault::Latency { ms: 200 }));
            let (found, queries) = count(world, &servers, "query", &post(DISCOVER, &search(7))).await?;
            let question = json!({"marketplace": "us", "asins": [found["asins"][0]]});
            let (_, products) = count(world, &servers, "product", &post(SCORE, &question)).await?;
            world.emulator.clear_faults();
            let line = format!("50 identical misses, {}, {processes} process(es)", kind.name());
            let figure = format!("{queries} finder call(s), {products} product call(s)");
            figures.push(Figure::new(line, figure, "1 and 1", (queries, products) == (1, 1)));
        }
    }
    Ok(figures)
}

async fn count(world: &World, servers: &[Served], endpoint: &str, request: &[u8]) -> Result<(Value, u64)> {
    let mut connections = Vec::new();
    for server in servers.iter().cycle().take(QUESTIONS) {
        connections.push(Connection::open(server.address).await?);
    }
    let before = world.asked(endpoint);
    let answers = try_join_all(connections.iter_mut().map(|connection| connection.json(request))).await?;
    let answer = answers.into_iter().next().unwrap_or_default();
    Ok((answer, world.asked(endpoint) - before))
}
