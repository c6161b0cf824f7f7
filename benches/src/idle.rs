//! What the server takes while nobody asks, and how soon it answers.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::http::{Connection, get};
use crate::table::{Figure, median};
use crate::world::{Kind, World, warm};

/// Start-up and idle memory, on a database that exists.
pub(crate) async fn server(world: &World) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for kind in Kind::ALL {
        let Some(database) = kind.database() else { continue };
        let first = world.serve(database.url()).await?;
        warm(first.address, 0).await?;
        first.stop().await?;
        let (mut ready, mut resident) = (Vec::new(), Vec::new());
        for _ in 0..world.rounds {
            let started = Instant::now();
            let server = world.serve(database.url()).await?;
            loop {
                let mut connection = Connection::open(server.address).await?;
                if connection.exchange(&get("/readyz")).await?.0 == 200 {
                    break;
                }
            }
            ready.push(started.elapsed().as_secs_f64());
            // Whatever a start leaves to do is done by then.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let kib = u32::try_from(server.resident_kib()?)?;
            resident.push(f64::from(kib) / 1024.0);
            server.stop().await?;
        }
        let (ready, resident) = (median(ready), median(resident));
        let line = |what: &str| format!("{what}, {}", kind.name());
        let figure = format!("{ready:.3} s");
        figures.push(Figure::new(line("ready after start"), figure, "< 0.3 s", ready < 0.3));
        let figure = format!("{resident:.1} MiB");
        figures.push(Figure::new(line("idle memory"), figure, "< 40 MiB", resident < 40.0));
    }
    Ok(figures)
}
