//! The words of a message: of one notice as it is, of several as a digest.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use gleaner_notify::Message;
use gleaner_store::NoticeRow;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A message as it is kept: every attempt says the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Words {
    pub(super) at: DateTime<Utc>,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) data: Value,
}

impl Words {
    pub(super) fn message(self, id: &str) -> Message {
        let Self { at, kind, subject, text, data } = self;
        Message { id: format!("msg_{}", id.replace('-', "")), at, kind, subject, text, data }
    }

    /// What is said to try a channel.
    pub(super) fn trial(channel: &str, at: DateTime<Utc>) -> Self {
        Self {
            at,
            kind: "test".to_owned(),
            subject: "Gleaner can reach you".to_owned(),
            text: format!("This is a test of the channel “{channel}”. Nothing happened."),
            data: json!({"channel": channel}),
        }
    }

    /// What some notices say, oldest first.
    pub(super) fn of(notices: &[NoticeRow], demo: bool, now: DateTime<Utc>) -> Self {
        let mut words = match notices {
            [one] => Self {
                at: one.at.and_utc(),
                kind: one.kind.clone(),
                subject: one.subject.clone(),
                text: one.text.clone(),
                data: entry(one),
            },
            many => digest(many, now),
        };
        if demo {
            words.subject = format!("[demo] {}", words.subject);
            words.data["demo"] = Value::Bool(true);
        }
        words
    }
}

fn entry(notice: &NoticeRow) -> Value {
    json!({
        "notice_id": notice.id,
        "kind": notice.kind,
        "at": notice.at.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true),
        "subject": notice.subject,
        "text": notice.text,
        "details": notice.payload,
    })
}

fn digest(notices: &[NoticeRow], now: DateTime<Utc>) -> Words {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for notice in notices {
        *kinds.entry(&notice.kind).or_default() += 1;
    }
    let counts: Vec<String> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    let text: Vec<String> = notices
        .iter()
        .map(|notice| {
            let head = format!("{}  {}", notice.at.format("%Y-%m-%d %H:%M UTC"), notice.subject);
            let lines = notice.text.lines().map(|line| format!("    {line}"));
            std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
        })
        .collect();
    Words {
        at: now,
        kind: "digest".to_owned(),
        subject: match notices.len() {
            0 => "No news".to_owned(),
            n => format!("{n} pieces of news: {}", counts.join(", ")),
        },
        text: text.join("\n\n"),
        data: json!({"notices": notices.iter().map(entry).collect::<Vec<_>>()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: &str, subject: &str, text: &str) -> NoticeRow {
        NoticeRow {
            id: "n".to_owned(),
            at: "2026-01-05T07:30:00".parse().unwrap(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            payload: json!({"picks": 3}),
            handed_out_at: None,
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-01-05T20:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_digest_holds_every_notice_with_its_text_the_empty_and_the_failed_ones_too() {
        let notices = [
            notice("run.done", "Books: 3 picks", "0593655036 ROI 41 %\nB0F7XPYCSJ ROI 38 %"),
            notice("run.empty", "Law: nothing found", "12 removed by price"),
            notice("run.failed", "Toys: failed", ""),
            notice("run.done", "Science: 1 pick", ""),
        ];
        let words = Words::of(&notices, false, now());
        assert_eq!(words.kind, "digest");
        assert_eq!(words.subject, "4 pieces of news: 2 run.done, 1 run.empty, 1 run.failed");
        assert_eq!(
            words.text,
            "2026-01-05 07:30 UTC  Books: 3 picks\n    0593655036 ROI 41 %\n    B0F7XPYCSJ ROI 38 %\n\n\
             2026-01-05 07:30 UTC  Law: nothing found\n    12 removed by price\n\n\
             2026-01-05 07:30 UTC  Toys: failed\n\n2026-01-05 07:30 UTC  Science: 1 pick"
        );
        let data = words.data["notices"].as_array().unwrap();
        assert_eq!(data.len(), 4);
        assert_eq!(data[1]["kind"], "run.empty");
        assert_eq!(data[0]["details"]["picks"], 3);
    }

    #[test]
    fn one_notice_is_told_in_its_own_words_and_a_demo_says_so() {
        let words = Words::of(&[notice("run.done", "Books: 3 picks", "x")], true, now());
        assert_eq!((words.kind.as_str(), words.subject.as_str()), ("run.done", "[demo] Books: 3 picks"));
        assert_eq!((&words.data["demo"], &words.data["details"]["picks"]), (&json!(true), &json!(3)));
        let message = words.message("0199-aa");
        assert_eq!(message.id, "msg_0199aa");
    }
}
