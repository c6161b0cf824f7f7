//! `gleaner notify list|add|edit|test|log|secret|remove|news`

use std::process::ExitCode;

use gleaner_engine::accounts::Act;
use gleaner_engine::export::{deliveries_sheet, notices_sheet};
use gleaner_engine::notices::{Channel, ChannelDraft, ChannelKind};
use gleaner_engine::{Engine, EngineError};
use serde_json::json;

use crate::config::Config;
use crate::output;
use crate::output::export::ToFile;

/// Telling people: where, what about and when.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner notify add phone ntfy https://ntfy.sh/my-topic --events run,pick --quiet 22:00-07:00 --zone Europe/Paris
  gleaner notify add evening email you@example.com --digest 20:00 --zone Europe/Paris
  gleaner notify add flow webhook https://example.com/hook --max-per-day 3
  gleaner notify test phone
  gleaner notify log phone
  gleaner notify news --limit 200 --output news.csv")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The channels.
    List,
    /// Make a channel. A webhook's secret is shown once.
    Add {
        /// Its name.
        name: String,
        /// webhook, email or ntfy.
        #[arg(value_parser = kind)]
        kind: ChannelKind,
        /// Where to: an address, a mail address, or <https://SERVER/TOPIC>.
        target: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// Change a channel: what is not named stays.
    Edit {
        /// Its name or id.
        channel: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// Another receiver.
        #[arg(long)]
        target: Option<String>,
        /// Use it again.
        #[arg(long, conflicts_with = "off")]
        on: bool,
        /// Do not use it.
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        terms: Terms,
    },
    /// Send a test message now.
    Test {
        /// Name or id of the channel.
        channel: String,
    },
    /// The last messages to a channel and every attempt.
    Log {
        /// Name or id of the channel.
        channel: String,
        /// At most so many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[command(flatten)]
        file: ToFile,
    },
    /// Make a new secret for a webhook; the one before works for another 24 hours.
    Secret {
        /// Name or id of the channel.
        channel: String,
    },
    /// Remove a channel.
    Remove {
        /// Name or id of the channel.
        channel: String,
    },
    /// The last news, whoever was told.
    News {
        /// At most so many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[command(flatten)]
        file: ToFile,
    },
}

/// What to tell and when.
#[derive(Debug, clap::Args)]
struct Terms {
    /// Kinds of news (run.empty) or families (run, pick, tokens, alert), with commas [default: everything].
    #[arg(long, value_delimiter = ',')]
    events: Option<Vec<String>>,
    /// Tell everything once a day at this time, HH:MM; none: at once.
    #[arg(long, value_name = "TIME")]
    digest: Option<String>,
    /// Send nothing between these times, for example 22:00-07:00; none: no quiet hours.
    #[arg(long, value_name = "FROM-UNTIL", value_parser = quiet)]
    quiet: Option<Quiet>,
    /// The time zone of these times, for example Europe/Paris [default: UTC].
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// The most messages a day; 0: no limit.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_per_day: Option<u32>,
    /// ntfy: the access token of the topic.
    #[arg(long, env = "GLEANER_NTFY_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// Quiet hours, or none.
type Quiet = Option<(String, String)>;

fn kind(text: &str) -> Result<ChannelKind, String> {
    [ChannelKind::Webhook, ChannelKind::Email, ChannelKind::Ntfy]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| format!("'{text}' is no kind of channel: use webhook, email or ntfy"))
}

fn quiet(text: &str) -> Result<Quiet, String> {
    if text == "none" {
        return Ok(None);
    }
    let times = text.split_once('-').map(|(from, until)| (from.trim().to_owned(), until.trim().to_owned()));
    times.map(Some).ok_or_else(|| format!("'{text}' must be like 22:00-07:00, or none"))
}

impl Terms {
    fn apply(self, draft: &mut ChannelDraft) {
        if let Some(events) = self.events {
            draft.events = events.into_iter().filter(|event| !event.is_empty()).collect();
        }
        if let Some(digest) = self.digest {
            draft.digest_at = Some(digest).filter(|digest| digest != "none");
        }
        if let Some(quiet) = self.quiet {
            (draft.quiet_from, draft.quiet_until) = quiet.unzip();
        }
        if let Some(zone) = self.zone {
            draft.time_zone = zone;
        }
        if let Some(limit) = self.max_per_day {
            draft.daily_limit = Some(limit).filter(|limit| *limit > 0);
        }
        if draft.kind == ChannelKind::Ntfy {
            draft.token = self.token;
        }
    }
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let engine = &app.engine;
    match args.action {
        Action::List => {
            let channels = engine.channels().await?;
            if json { output::json(&channels)? } else { output::notify::list(&channels)? }
        }
        Action::Add { name, kind, target, terms } => {
            let mut draft = ChannelDraft {
                name,
                kind,
                target,
                events: Vec::new(),
                digest_at: None,
                quiet_from: None,
                quiet_until: None,
                time_zone: "UTC".to_owned(),
                daily_limit: None,
                enabled: true,
                token: None,
            };
            terms.apply(&mut draft);
            let channel = engine.add_channel(draft).await?;
            note(engine, "channel.add", &channel).await;
            show(&channel, json)?;
        }
        Action::Edit { channel, name, target, on, off, terms } => {
            let Channel { id, mut draft, .. } = find(engine, &channel).await?;
            draft.name = name.unwrap_or(draft.name);
            draft.target = target.unwrap_or(draft.target);
            draft.enabled = (draft.enabled || on) && !off;
            terms.apply(&mut draft);
            let channel = engine.change_channel(id, draft).await?;
            note(engine, "channel.edit", &channel).await;
            show(&channel, json)?;
        }
        Action::Test { channel } => {
            let channel = find(engine, &channel).await?;
            let delivery = engine.test_channel(channel.id).await?;
            note(engine, "channel.test", &channel).await;
            let arrived = delivery.state == "delivered";
            if json {
                output::json(&delivery)?;
            } else {
                output::notify::test(&channel, &delivery)?;
            }
            return Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Action::Log { channel, limit, file } => {
            let channel = find(engine, &channel).await?;
            let deliveries = engine.deliveries(channel.id, limit).await?;
            file.write(|| deliveries_sheet(&deliveries, engine.now()))?;
            if json { output::json(&deliveries)? } else { output::notify::log(&deliveries)? }
        }
        Action::Secret { channel } => {
            let channel = find(engine, &channel).await?;
            let channel = engine.renew_channel_secret(channel.id).await?;
            note(engine, "channel.secret", &channel).await;
            show(&channel, json)?;
        }
        Action::Remove { channel } => {
            let channel = find(engine, &channel).await?;
            engine.remove_channel(channel.id).await?;
            note(engine, "channel.remove", &channel).await;
            if !json {
                output::line(format!("removed {}", channel.draft.name))?;
            }
        }
        Action::News { limit, file } => {
            let notices = engine.notices(limit).await?;
            file.write(|| notices_sheet(&notices, engine.now()))?;
            if json { output::json(&notices)? } else { output::notify::news(&notices)? }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes what was done with a channel; where it leads may be a secret.
async fn note(engine: &Engine, action: &str, channel: &Channel) {
    let act = Act::new(action, Some(channel.draft.name.clone()));
    super::note(engine, act.with(json!({"id": channel.id, "kind": channel.draft.kind}))).await;
}

fn show(channel: &Channel, json: bool) -> anyhow::Result<()> {
    if json { output::json(channel) } else { output::notify::print(channel) }
}

/// The channel of a name or an id.
async fn find(engine: &Engine, wanted: &str) -> anyhow::Result<Channel> {
    let channels = engine.channels().await?;
    let found = channels.into_iter().find(|c| c.draft.name == wanted || c.id.to_string() == wanted);
    Ok(found.ok_or_else(|| EngineError::NotFound { what: "channel", id: wanted.to_owned() })?)
}
