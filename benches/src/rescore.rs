//! Everything that was paid for, scored again under other rules.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_core::excerpt::{EXCERPT_FORM, excerpt};
use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::{Rules, Strategy};
use gleaner_engine::{Engine, ManualClock, Settings};
use gleaner_store::{ConnectOptions, Excerpt, ProductPut, Store, Write};
use keepa::finder::current;
use keepa::{Client, CsvType, KeepaTime, ProductRequest, Selection};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::process::memory;
use crate::table::{Figure, median};
use crate::world::{KEY, Kind, World};

/// Different products; the others are copies of them under other ASINs.
const DIFFERENT: usize = 2_000;
/// How many products are scored again, step by step.
const STEPS: [usize; 3] = [1_000, 10_000, 100_000];

/// Time, memory and cost per product.
pub(crate) async fn all(world: &World) -> Result<Vec<Figure>> {
    let models = models(world).await?;
    let kilobytes = |part: fn(&Model) -> &str| {
        models.iter().map(|model| part(model).len()).sum::<usize>() / models.len() / 1024
    };
    let [whole, excerpt] = [kilobytes(|model| &model.json), kilobytes(|model| &model.excerpt)];
    let size = format!("{whole} KB of JSON on average, {excerpt} KB of them in the excerpt");
    let mut figures = vec![Figure::note("re-score: a product", size)];
    for kind in Kind::ALL {
        let Some(database) = kind.database() else { continue };
        let store = Store::connect(&ConnectOptions::new(database.url())).await?;
        store.migrate().await?;
        let (mut stored, mut each) = (0, Vec::new());
        for step in STEPS {
            fill(&store, &models, stored..step).await?;
            stored = step;
            let (mut seconds, mut peak) = (Vec::new(), 0);
            for _ in 0..world.rounds.min(3) {
                let told = in_a_child(database.url()).await?;
                ensure!(told["products"] == json!(step), "{told}");
                ensure!(told["unreadable"] == json!(0), "{told}");
                seconds.push(told["seconds"].as_f64().context("no seconds")?);
                peak = peak.max(told["peak_kib"].as_u64().context("no peak")?);
            }
            let seconds = median(seconds);
            let products = f64::from(u32::try_from(step)?);
            each.push(seconds / products * 1e6);
            let line = format!("re-score {step} products, {}", kind.name());
            let figure = format!("{seconds:.2} s, {} MiB at most", peak / 1024);
            if step == 100_000 {
                let reached = seconds < 5.0 && peak < 300 * 1024;
                figures.push(Figure::new(line, figure, "< 5 s, < 300 MiB", reached));
            } else {
                figures.push(Figure::note(line, figure));
            }
        }
        let shown: Vec<String> = each.iter().map(|each| format!("{each:.0}")).collect();
        let flat = each.last() <= each.first().map(|first| first * 1.2).as_ref();
        let line = format!("re-score: microseconds per product, {}", kind.name());
        figures.push(Figure::new(line, shown.join(", "), "flat", flat));
        store.close().await;
    }
    Ok(figures)
}

/// A product as the emulator tells it, and what is kept of it to score it again.
struct Model {
    json: String,
    excerpt: String,
}

async fn models(world: &World) -> Result<Vec<Model>> {
    let keepa = Client::builder(KEY.into()).base_url(world.emulator.base_url()).build()?;
    let selection = Selection::new()
        .with(current(CsvType::Sales).at_least(1))
        .page(0)
        .per_page(u32::try_from(DIFFERENT)?);
    let found = keepa.finder(Marketplace::Us, &selection).await?.value;
    let mut models = Vec::new();
    for asins in found.asins.chunks(100) {
        let request =
            ProductRequest::asins(Marketplace::Us, asins.iter().copied()).stats_days(90).history(true);
        let products = keepa.products(&request).await?.value;
        models.extend(products.into_iter().map(|raw| Model {
            excerpt: excerpt(&raw.product, KeepaTime::from_datetime(bought())),
            json: String::from(raw.json),
        }));
    }
    ensure!(models.len() == DIFFERENT, "{} products", models.len());
    Ok(models)
}

/// When all of them were bought.
fn bought() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

async fn fill(store: &Store, models: &[Model], numbers: std::ops::Range<usize>) -> Result<()> {
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(256) {
        let puts = batch.iter().map(|number| {
            let asin = format!("B0{number:08}");
            let model = &models[number % models.len()];
            let [json, excerpt] = [&model.json, &model.excerpt].map(|text| renamed(text, &asin).into_bytes());
            Write::PutProduct(ProductPut {
                domain: i64::from(Marketplace::Us.id()),
                asin,
                fetched_at: bought().naive_utc(),
                json,
                excerpt: Some(Excerpt { form: EXCERPT_FORM, json: excerpt }),
                title: Some(format!("Product {number}")),
                root_category: Some(283_155),
                bsr: i64::try_from(*number).ok(),
            })
        });
        store.commit(&puts.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// The same product under another ASIN.
fn renamed(json: &str, asin: &str) -> String {
    const NAME: &str = "\"asin\":\"";
    match json.find(NAME).map(|at| at + NAME.len()) {
        Some(at) => format!("{}{asin}{}", &json[..at], &json[at + asin.len()..]),
        None => json.to_owned(),
    }
}

/// Scores in a process of its own, so that its memory is nobody else's.
async fn in_a_child(url: &str) -> Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["rescore", url]).stderr(Stdio::inherit()).output().await?;
    ensure!(output.status.success(), "scoring again ended with {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The child: scores everything again under rules that nobody used before, and tells what it took.
pub(crate) async fn child(url: &str) -> Result<()> {
    let store = Store::connect(&ConnectOptions::new(url)).await?;
    // Nobody is asked for anything: there is no Keepa behind this address.
    let keepa = Client::builder(KEY.into()).base_url("http://127.0.0.1:9").build()?;
    let clock = ManualClock::at(bought());
    let engine =
        Engine::start(store, keepa, Arc::new(clock), Settings::default(), FeeCards::shipped()).await?;
    let rules = |marketplace| {
        let mut rules = Rules::for_marketplace(Strategy::Velocity, marketplace);
        rules.version += 1;
        rules
    };
    let started = Instant::now();
    let report = engine.rescore_all(rules, |_| {}).await?;
    let seconds = started.elapsed().as_secs_f64();
    let peak_kib = memory(std::process::id(), "VmHWM:")?;
    println!(
        "{}",
        json!({
            "products": report.products,
            "unreadable": report.unreadable,
            "verdicts": report.verdicts,
            "seconds": seconds,
            "peak_kib": peak_kib,
        })
    );
    Ok(())
}
