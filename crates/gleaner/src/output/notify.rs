//! Channels, what was delivered, and the news.

use gleaner_engine::notices::{Channel, ChannelDraft, Delivery, Notice};

use super::table::{self, counted, or_missing};

/// Prints the channels.
pub fn list(channels: &[Channel]) -> anyhow::Result<()> {
    if channels.is_empty() {
        return super::line("No channel yet. Make one with `gleaner notify add`.");
    }
    let mut rows = table::new(&["NAME", "KIND", "WHEN", "TELLS", "TARGET"]);
    for Channel { draft, .. } in channels {
        let tells = if draft.events.is_empty() { "everything".to_owned() } else { draft.events.join(",") };
        rows.add([
            draft.name.clone(),
            draft.kind.as_str().to_owned(),
            when(draft),
            tells,
            draft.target.clone(),
        ]);
    }
    rows.print()
}

/// Prints one channel, with its secret when it is new.
pub fn print(channel: &Channel) -> anyhow::Result<()> {
    let draft = &channel.draft;
    super::line(format!("{} ({} to {}), {}", draft.name, draft.kind.as_str(), draft.target, when(draft)))?;
    if let Some(secret) = &channel.secret {
        super::line(format!("Its secret, shown only now: {secret}"))?;
    }
    super::line(format!("Try it: gleaner notify test '{}'", draft.name))
}

fn when(draft: &ChannelDraft) -> String {
    if !draft.enabled {
        return "off".to_owned();
    }
    let mut parts =
        vec![draft.digest_at.as_ref().map_or_else(|| "at once".to_owned(), |at| format!("daily {at}"))];
    if let (Some(from), Some(until)) = (&draft.quiet_from, &draft.quiet_until) {
        parts.push(format!("not {from}-{until}"));
    }
    if let Some(limit) = draft.daily_limit {
        parts.push(format!("{limit} a day"));
    }
    if parts.len() > 1 || draft.digest_at.is_some() {
        parts.push(draft.time_zone.clone());
    }
    parts.join(", ")
}

/// Says how a test went.
pub fn test(channel: &Channel, delivery: &Delivery) -> anyhow::Result<()> {
    let name = &channel.draft.name;
    let Some(last) = delivery.attempts.last() else {
        return super::line(format!("{name}: nothing was sent"));
    };
    match &last.error {
        None => super::line(format!("{name}: it arrived, {} ms", last.milliseconds)),
        Some(error) => super::line(format!("{name}: it did not arrive: {error}")),
    }
}

/// Prints messages and how they went.
pub fn log(deliveries: &[Delivery]) -> anyhow::Result<()> {
    if deliveries.is_empty() {
        return super::line("Nothing was sent yet.");
    }
    let mut rows =
        table::new(&["MADE (UTC)", "STATE", ">TRIES", ">STATUS", ">MS", "SUBJECT, OR WHAT WENT WRONG"]);
    for delivery in deliveries {
        let last = delivery.attempts.last();
        let error = last.and_then(|attempt| attempt.error.clone());
        let waiting = counted(delivery.notices.len(), "notice");
        rows.add([
            delivery.created_at.format("%Y-%m-%d %H:%M").to_string(),
            delivery.state.clone(),
            delivery.attempts.len().to_string(),
            or_missing(last.and_then(|attempt| attempt.status)),
            or_missing(last.map(|attempt| attempt.milliseconds)),
            error.or_else(|| delivery.subject.clone()).unwrap_or(waiting),
        ]);
    }
    rows.print()
}

/// Prints the news.
pub fn news(notices: &[Notice]) -> anyhow::Result<()> {
    if notices.is_empty() {
        return super::line("No news yet.");
    }
    let mut rows = table::new(&["WHEN (UTC)", "KIND", "NEWS"]);
    for notice in notices {
        let at = notice.at.format("%Y-%m-%d %H:%M").to_string();
        rows.add([at, notice.kind.clone(), notice.subject.clone()]);
    }
    rows.print()
}
