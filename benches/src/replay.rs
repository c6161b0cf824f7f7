//! Days of repeated questions in virtual time: what they cost in tokens without the cache, with it, and at least.
//!
//! Both runs are executed, on the emulator, whose clock and the engine's move in step. The questions are the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_core::filters::RawFilters;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::discovery::DiscoveryQuestion;
use gleaner_engine::scoring::ScoringQuestion;
use gleaner_engine::{Caller, Engine, ManualClock, Settings, Source};
use gleaner_store::{ConnectOptions, Store};
use keepa::finder::current;
use keepa::{Client, CsvType, Selection};
use keepa_emulator::{Emulator, EmulatorConfig, RunningEmulator, VirtualClock};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::table::{Figure, shown};
use crate::world::KEY;

/// The most of the uncached cost that is good enough.
const TARGET: f64 = 0.30;
/// Tokens of a search with up to a hundred results, by Keepa's price list.
const SEARCH: i64 = 11;

/// What the days are like.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Days.
    #[arg(long, default_value_t = 3)]
    days: u32,
    /// Different searches; the n-th is asked a n-th as often as the first.
    #[arg(long, default_value_t = 30)]
    searches: usize,
    /// Discoveries a day.
    #[arg(long, default_value_t = 100)]
    discoveries: u32,
    /// How often a day the products are scored.
    #[arg(long, default_value_t = 10)]
    scorings: u32,
    /// How many products are scored.
    #[arg(long, default_value_t = 50)]
    products: usize,
    /// Hours of a day in which somebody asks, from midnight; 24 is the dearest.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=24))]
    hours: u32,
    /// Another seed, other questions.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Discover(usize),
    Score,
}

/// Tokens by purpose.
type Spent = BTreeMap<String, i64>;

/// Replays twice, and prints.
pub(crate) async fn main(args: &Args) -> Result<()> {
    let questions = questions(args);
    let without = run(args, &questions, true).await?;
    let with = run(args, &questions, false).await?;
    let least = least(args, &questions);
    let sum = |spent: &Spent| spent.values().sum::<i64>();
    let share = |part: i64, whole: i64| {
        let number = |n: i64| f64::from(i32::try_from(n).unwrap_or(i32::MAX));
        number(part) / number(whole.max(1))
    };
    let mut figures = Vec::new();
    for (purpose, uncached) in &without {
        let cached = with.get(purpose).copied().unwrap_or_default();
        let bound = least.get(purpose.as_str()).copied().unwrap_or_default();
        let figure = format!(
            "{uncached} tokens without cache, {cached} with: {:.3}; at least {bound}: {:.3}",
            share(cached, *uncached),
            share(bound, *uncached)
        );
        figures.push(Figure::note(format!("replay: {purpose}"), figure));
    }
    let (uncached, cached, bound) = (sum(&without), sum(&with), least.values().sum::<i64>());
    let ratio = share(cached, uncached);
    let figure = format!(
        "{uncached} tokens without cache, {cached} with: {ratio:.3}; at least {bound}: {:.3}",
        share(bound, uncached)
    );
    figures.push(Figure::new("replay: all", figure, format!("<= {TARGET:.2}"), ratio <= TARGET));
    println!("{}", shown(&figures));
    Ok(())
}

/// The questions in the order of time, each with its minute.
fn questions(args: &Args) -> Vec<(i64, Question)> {
    let mut rng = ChaCha8Rng::seed_from_u64(args.seed);
    let weights: Vec<f64> =
        (1..=args.searches).map(|n| 1.0 / f64::from(u32::try_from(n).unwrap_or(u32::MAX))).collect();
    let total: f64 = weights.iter().sum();
    let mut questions = Vec::new();
    for day in 0..i64::from(args.days) {
        let minute = |rng: &mut ChaCha8Rng| day * 1440 + rng.random_range(0..i64::from(args.hours) * 60);
        for _ in 0..args.discoveries {
            let mut rest = rng.random_range(0.0..total);
            let drawn = weights.iter().position(|weight| {
                rest -= weight;
                rest < 0.0
            });
            let at = minute(&mut rng);
            questions.push((at, Question::Discover(drawn.unwrap_or_default())));
        }
        for _ in 0..args.scorings {
            questions.push((minute(&mut rng), Question::Score));
        }
    }
    questions.sort_by_key(|(minute, _)| *minute);
    questions
}

/// What the times to live allow at best: the first question of every search, and of the products, in each window.
fn least(args: &Args, questions: &[(i64, Question)]) -> BTreeMap<&'static str, i64> {
    let settings = Settings::default();
    let minutes = |ttl: std::time::Duration| i64::try_from(ttl.as_secs() / 60).unwrap_or(i64::MAX);
    let (discovery, scoring) = (minutes(settings.discovery_ttl), minutes(settings.scoring_ttl));
    let mut bought: BTreeMap<Option<usize>, i64> = BTreeMap::new();
    let mut least = BTreeMap::from([("discovery", 0), ("scoring", 0)]);
    for (minute, question) in questions {
        let (key, ttl, purpose, price) = match question {
            Question::Discover(number) => (Some(*number), discovery, "discovery", SEARCH),
            Question::Score => (None, scoring, "scoring", i64::try_from(args.products).unwrap_or(i64::MAX)),
        };
        if bought.get(&key).is_none_or(|at| minute - at >= ttl) {
            bought.insert(key, *minute);
            *least.entry(purpose).or_default() += price;
        }
    }
    least
}

/// One run, on a database and a Keepa of its own; what its ledger says.
async fn run(args: &Args, questions: &[(i64, Question)], refresh: bool) -> Result<Spent> {
    let begin: DateTime<Utc> = "2026-06-01T00:00:00Z".parse()?;
    let world = Arc::new(VirtualClock::new(begin));
    let config = EmulatorConfig { refill_rate: 60, ..EmulatorConfig::default() };
    let emulator = Emulator::start(config, world.clone()).await?;
    let products = products(&emulator, args.products).await?;

    let database = gleaner_testkit::sqlite_database();
    let store = Store::connect(&ConnectOptions::new(database.url())).await?;
    store.migrate().await?;
    let clock = ManualClock::at(begin);
    let keepa = client(&emulator, KEY)?;
    let settings = Settings::default();
    let (discovery_ttl, scoring_ttl) =
        (TimeDelta::from_std(settings.discovery_ttl)?, TimeDelta::from_std(settings.scoring_ttl)?);
    let engine =
        Engine::start(store.clone(), keepa, Arc::new(clock.clone()), settings, FeeCards::shipped()).await?;

    let (mut passed, mut told) = (0, 0);
    for (minute, question) in questions {
        let step = TimeDelta::minutes(minute - passed);
        passed = *minute;
        clock.advance(step);
        world.advance(step);
        told += match question {
            Question::Discover(number) => {
                let mut question = DiscoveryQuestion::new(search(*number), Caller::new(Source::Api));
                question.force_refresh = refresh;
                let answer = engine.discover(question).await?;
                ensure!(engine.now() - answer.created_at <= discovery_ttl, "an answer is too old");
                answer.tokens.charged
            }
            Question::Score => {
                let mut question =
                    ScoringQuestion::new(Marketplace::Us, products.clone(), Caller::new(Source::Api));
                question.force_refresh = refresh;
                let answer = engine.score(question).await?;
                ensure!(answer.scores.len() == products.len(), "not everything was scored");
                let oldest = answer.scores.iter().filter_map(|score| score.facts_fetched_at).min();
                let oldest = oldest.context("no facts")?;
                ensure!(engine.now() - oldest <= scoring_ttl, "facts are too old");
                answer.tokens.charged
            }
        };
    }
    let mut spent = Spent::new();
    for row in store.ledger_summary((begin - TimeDelta::days(1)).naive_utc()).await? {
        *spent.entry(row.purpose).or_default() += row.spent;
    }
    ensure!(spent.values().sum::<i64>() == told, "the ledger and the answers disagree: {spent:?}, {told}");
    emulator.shutdown().await;
    Ok(spent)
}

fn client(emulator: &RunningEmulator, key: &str) -> Result<Client> {
    Ok(Client::builder(key.into()).base_url(emulator.base_url()).build()?)
}

/// The products that are scored; chosen on another account.
async fn products(emulator: &RunningEmulator, count: usize) -> Result<Vec<String>> {
    let selection = Selection::new()
        .with(current(CsvType::Sales).at_least(1))
        .page(0)
        .per_page(u32::try_from(count.max(50))?);
    let found = client(emulator, "chooser")?.finder(Marketplace::Us, &selection).await?.value;
    let products: Vec<String> = found.asins.iter().take(count).map(ToString::to_string).collect();
    ensure!(products.len() == count, "only {} products were found", products.len());
    Ok(products)
}

fn search(number: usize) -> RawFilters {
    let number = i64::try_from(number).unwrap_or_default();
    RawFilters {
        marketplace: Marketplace::Us,
        category: "0".to_owned(),
        bsr_min: 1_000 + number * 500,
        bsr_max: 300_000 + number * 500,
        price_min: None,
        price_max: None,
        exclude_amazon: false,
        condition: Condition::New,
        limit: 50,
    }
}
