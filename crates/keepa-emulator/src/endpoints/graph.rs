//! `/graphimage`: a small chart as a real PNG.

use crate::app::Call;
use crate::clock::lock;
use crate::png::Canvas;
use crate::reply::{Failure, Reply};
use crate::stats::{DAY, Records};
use crate::world::World;
use crate::world::asin::Known;
use crate::world::history::{History, slot, stride};

/// For so long the same image costs nothing again, ms.
const FREE_MS: i64 = 90 * 60_000;

/// Switch, its default, the series and its colour.
const LINES: [(&str, bool, usize, [u8; 3]); 6] = [
    ("salesrank", false, slot::SALES, [0x8F, 0xBC, 0x8F]),
    ("used", false, slot::USED, [0x44, 0x44, 0x44]),
    ("fba", false, slot::NEW_FBA, [0xFF, 0x57, 0x22]),
    ("bb", false, slot::BUY_BOX, [0xFF, 0x00, 0xB4]),
    ("new", true, slot::NEW, [0x88, 0x88, 0xDD]),
    ("amazon", true, slot::AMAZON, [0xFF, 0xA5, 0x00]),
];

pub(crate) fn graph_image(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let asin = call.params.text("asin").ok_or_else(|| Failure::parameter("asin"))?;
    let size = |name: &str, default: i64, low: i64, high: i64| {
        let value = call.number(name)?.unwrap_or(default);
        usize::try_from(value)
            .ok()
            .filter(|_| (low..=high).contains(&value))
            .ok_or_else(|| Failure::parameter(name))
    };
    let width = size("width", 500, 300, 1000)?;
    let height = size("height", 200, 150, 1800)?;
    let days = call.number("range")?.unwrap_or(90).clamp(1, 10_000);
    call.admit()?;

    let now = call.minute();
    let from = now - i32::try_from(days).unwrap_or(90) * DAY;
    let history = match call.app.world.codec.lookup(asin) {
        Some(Known::Product(number)) if domain == crate::world::DOMAIN => {
            let traits = call.app.world.traits(number);
            World::history(&traits, World::last_look(&traits, now))
        }
        _ => History::default(),
    };
    let mut canvas = Canvas::new(width, height);
    canvas.frame([0xCC, 0xCC, 0xCC]);
    for (name, default, slot, color) in LINES {
        if call.flag(name, default)? {
            draw(&mut canvas, Records::new(&history.series[slot], stride(slot)), (from, now), color);
        }
    }
    let now_ms = call.now.timestamp_millis();
    let seen = lock(&call.app.images).insert(format!("{}|{}", call.key, call.query), now_ms);
    let free = seen.is_some_and(|then| (0..FREE_MS).contains(&(now_ms - then)));
    Ok(Reply::Image { png: canvas.png(), cost: i64::from(!free) })
}

/// A stepped line, scaled to its own range.
fn draw(canvas: &mut Canvas, records: Records<'_>, (from, to): (i32, i32), color: [u8; 3]) {
    let carried = crate::stats::at(records, from);
    let inside: Vec<(i32, i32)> = std::iter::once((from, carried))
        .chain(records.iter().filter(|(time, _)| *time > from && *time <= to))
        .collect();
    let values = || inside.iter().map(|(_, value)| *value).filter(|value| *value >= 0);
    let (Some(low), Some(high)) = (values().min(), values().max()) else { return };
    let (width, height) = canvas.size();
    let scale = |value: i32, low: i32, high: i32, size: usize| {
        let share = i64::from(value - low) * i64::try_from(size.saturating_sub(11)).unwrap_or(0);
        5 + usize::try_from(share / i64::from((high - low).max(1))).unwrap_or(0)
    };
    for (place, (time, value)) in inside.iter().enumerate() {
        if *value < 0 {
            continue;
        }
        let next = inside.get(place + 1).map_or(to, |(time, _)| *time);
        let y = height - 1 - scale(*value, low, high, height);
        let (left, right) = (scale(*time, from, to, width), scale(next, from, to, width));
        canvas.horizontal(left, right, y, color);
        if let Some((_, after)) = inside.get(place + 1).filter(|(_, after)| *after >= 0) {
            canvas.vertical(right, y, height - 1 - scale(*after, low, high, height), color);
        }
    }
}
