//! Progress on standard error, only when a person is watching.

use std::io::IsTerminal;
use std::time::Duration;

use gleaner_engine::search::SearchEvent;
use gleaner_engine::waiting::Waiting;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::table::counted;

/// A spinner with a message; invisible unless standard error is a terminal.
pub fn spinner(message: impl Into<String>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(message.into());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Shows how far a search is; the task ends with the last event.
pub fn follow(bar: &ProgressBar) -> (mpsc::Sender<SearchEvent>, JoinHandle<()>) {
    let (sender, mut events) = mpsc::channel(16);
    let shown = bar.clone();
    let watcher = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            match event {
                SearchEvent::Discovery(found) => {
                    shown.set_message(format!("scoring {}", counted(found.asins.len(), "product")));
                }
                SearchEvent::Scores { done, total, .. } => {
                    shown.set_message(format!("scored {done} of {total}"));
                }
                SearchEvent::Waiting(event) => waiting(&shown, &event),
            }
        }
    });
    (sender, watcher)
}

/// Says what is waited for; where nobody watches, on a line of its own.
pub fn waiting(bar: &ProgressBar, waiting: &Waiting) {
    let what = match (waiting.needed, waiting.available) {
        (Some(needed), Some(available)) => format!("{needed} tokens needed, {available} available"),
        _ => "Keepa has no tokens now".to_owned(),
    };
    let (time, clock) =
        (super::tokens::minutes_and_seconds(waiting.seconds), waiting.until.format("%H:%M:%S"));
    let text = format!("{what}: waiting {time}, until {clock} UTC (Ctrl-C stops; what was paid for is kept)");
    if bar.is_hidden() {
        eprintln!("gleaner: {text}");
    } else {
        bar.set_message(text);
    }
}

/// A bar from 0 to 100 with a message; invisible unless standard error is a terminal.
pub fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
