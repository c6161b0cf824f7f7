//! Alerts: what is measured regularly, and told when it is out of bounds.
//!
//! An alert is raised when a measure passes its threshold and cleared when it is back by a margin, so that one that
//! swings about the threshold does not flap. Each time is written together with the notice that tells it. To add an
//! alert: its measure in `measures`.

mod measures;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gleaner_store::{AlertRow, NoticePut};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::notices::NoticeKind;
use crate::{Engine, EngineError, stored};
use measures::{Measure, State};

/// How many former alerts are looked through for a silence that goes on, and the most in a list.
const RECENT: u32 = 200;

/// What alerts are measured against, from the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertThresholds {
    /// A cache with more entries than this is too large.
    pub cache_entries: i64,
    /// A cache whose entries are used less often than this on average is of little use.
    pub average_hits: f64,
    /// A cache of which more percent than this have expired is not purged.
    pub expired_percent: f64,
    /// Fewer tokens than this are too few; 0: never.
    pub tokens: i64,
    /// A job that fails or finds nothing so many times in a row needs somebody; 0: never.
    pub job_misses: u32,
}

impl Default for AlertThresholds {
    fn default() -> Self {
        Self { cache_entries: 10_000, average_hits: 2.0, expired_percent: 20.0, tokens: 0, job_misses: 3 }
    }
}

/// A stretch of time in which something was wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    /// Its id.
    pub id: Uuid,
    /// What kind, for example `scoring_cache_expired`.
    pub kind: String,
    /// The job it is about, where it is about one.
    pub subject: Option<String>,
    /// A sentence: what is wrong.
    pub message: String,
    /// `raised`, `acknowledged`, `silenced` or `cleared`.
    pub state: String,
    /// What was measured last.
    pub measured: f64,
    /// What it was measured against.
    pub threshold: f64,
    /// Since when.
    pub raised_at: DateTime<Utc>,
    /// When it was measured last.
    pub seen_at: DateTime<Utc>,
    /// Until when; null: it still is.
    pub cleared_at: Option<DateTime<Utc>>,
    /// When somebody took note of it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// Until when nobody is told of it, also when it comes back meanwhile.
    pub silenced_until: Option<DateTime<Utc>>,
}

impl Alert {
    fn of(row: AlertRow, now: DateTime<Utc>) -> Result<Self, EngineError> {
        let utc = |time: Option<chrono::NaiveDateTime>| time.map(|time| time.and_utc());
        let state = if row.cleared_at.is_some() {
            "cleared"
        } else if silenced(&row, now) {
            "silenced"
        } else if row.acknowledged_at.is_some() {
            "acknowledged"
        } else {
            "raised"
        };
        Ok(Self {
            id: row.id.parse().map_err(|_| EngineError::Internal)?,
            state: state.to_owned(),
            kind: row.kind,
            subject: Some(row.subject).filter(|subject| !subject.is_empty()),
            message: row.message,
            measured: row.measured,
            threshold: row.threshold,
            raised_at: row.raised_at.and_utc(),
            seen_at: row.seen_at.and_utc(),
            cleared_at: utc(row.cleared_at),
            acknowledged_at: utc(row.acknowledged_at),
            acknowledged_by: row.acknowledged_by,
            silenced_until: utc(row.silenced_until),
        })
    }
}

fn silenced(row: &AlertRow, now: DateTime<Utc>) -> bool {
    row.silenced_until.is_some_and(|until| stored(now) < until)
}

impl Engine {
    /// Measures everything, raises and clears what has to be; answers the alerts that are not over.
    pub async fn evaluate_alerts(&self) -> Result<Vec<Alert>, EngineError> {
        let now = self.now();
        let measures = self.measure_alerts().await?;
        let mut open: BTreeMap<(String, String), AlertRow> = BTreeMap::new();
        for row in self.store.alerts_open().await? {
            open.insert((row.kind.clone(), row.subject.clone()), row);
        }
        let mut recent = None;
        let (mut rows, mut notices) = (Vec::new(), Vec::new());
        for measure in measures {
            match (open.remove(&measure.key()), measure.state()) {
                (None, State::Wrong) => {
                    let row = self.raise(&measure, &mut recent).await?;
                    notices.extend((!silenced(&row, now)).then(|| notice(&row, measure.raised_kind(), now)));
                    rows.push(row);
                }
                (Some(mut row), State::Right) => {
                    row.cleared_at = Some(stored(now));
                    measure.note(&mut row, now);
                    notices
                        .extend((!silenced(&row, now)).then(|| notice(&row, NoticeKind::AlertCleared, now)));
                    rows.push(row);
                }
                // Within the margin, or nothing tells: it stays what it was.
                (Some(mut row), State::Wrong | State::Between) => {
                    if measure.note(&mut row, now) {
                        rows.push(row);
                    }
                }
                (Some(_), State::Unknown) | (None, _) => {}
            }
        }
        // What nothing measures any more: a job that is gone, a threshold that was taken away.
        for mut row in open.into_values() {
            row.cleared_at = Some(stored(now));
            rows.push(row);
        }
        self.store.put_alerts(&rows, &notices).await?;
        self.store.alerts_open().await?.into_iter().map(|row| Alert::of(row, now)).collect()
    }

    async fn raise(
        &self,
        measure: &Measure,
        recent: &mut Option<Vec<AlertRow>>,
    ) -> Result<AlertRow, EngineError> {
        if recent.is_none() {
            *recent = Some(self.store.alerts_recent(RECENT).await?);
        }
        let now = self.now();
        // A silence outlives the alert it was set on.
        let former =
            recent.iter().flatten().filter(|row| measure.key() == (row.kind.clone(), row.subject.clone()));
        let silenced_until =
            former.filter(|row| silenced(row, now)).filter_map(|row| row.silenced_until).max();
        let mut row = AlertRow {
            id: Uuid::now_v7().to_string(),
            kind: measure.kind.to_owned(),
            subject: measure.subject.clone(),
            message: String::new(),
            measured: 0.0,
            threshold: measure.threshold,
            raised_at: stored(now),
            seen_at: stored(now),
            cleared_at: None,
            acknowledged_at: None,
            acknowledged_by: None,
            silenced_until,
        };
        measure.note(&mut row, now);
        Ok(row)
    }

    /// The alerts that are not over, with `all` also former ones, newest first.
    pub async fn alerts(&self, all: bool) -> Result<Vec<Alert>, EngineError> {
        let rows = if all {
            self.store.alerts_recent(RECENT).await?
        } else {
            self.store.alerts_open().await?.into_iter().rev().collect()
        };
        let now = self.now();
        rows.into_iter().map(|row| Alert::of(row, now)).collect()
    }

    /// Somebody takes note of an alert.
    pub async fn acknowledge_alert(&self, id: Uuid, by: Option<String>) -> Result<Alert, EngineError> {
        let mut row = self.alert_row(id).await?;
        if row.acknowledged_at.is_none() {
            row.acknowledged_at = Some(stored(self.now()));
            row.acknowledged_by =
                by.map(|by| by.chars().take(100).collect()).filter(|by: &String| !by.is_empty());
        }
        self.keep_alert(row).await
    }

    /// Nobody is told of an alert until a moment; `None` ends the silence.
    pub async fn silence_alert(&self, id: Uuid, until: Option<DateTime<Utc>>) -> Result<Alert, EngineError> {
        if until.is_some_and(|until| until <= self.now()) {
            return Err(EngineError::field("until", "must be a moment to come"));
        }
        let mut row = self.alert_row(id).await?;
        row.silenced_until = until.map(stored);
        self.keep_alert(row).await
    }

    async fn alert_row(&self, id: Uuid) -> Result<AlertRow, EngineError> {
        let id = id.to_string();
        self.store.alert(&id).await?.ok_or(EngineError::NotFound { what: "alert", id })
    }

    async fn keep_alert(&self, row: AlertRow) -> Result<Alert, EngineError> {
        self.store.put_alerts(std::slice::from_ref(&row), &[]).await?;
        Alert::of(row, self.now())
    }
}

fn notice(row: &AlertRow, kind: NoticeKind, now: DateTime<Utc>) -> NoticePut {
    let cleared = kind == NoticeKind::AlertCleared;
    NoticePut {
        id: Uuid::now_v7(),
        at: stored(now),
        kind: kind.as_str().to_owned(),
        subject: if cleared { format!("All right again: {}", row.message) } else { row.message.clone() },
        text: String::new(),
        payload: json!({
            "alert_id": row.id,
            "alert": row.kind,
            "subject": Some(&row.subject).filter(|subject| !subject.is_empty()),
            "measured": row.measured,
            "threshold": row.threshold,
            "raised_at": row.raised_at.and_utc(),
            "cleared_at": row.cleared_at.map(|at| at.and_utc()),
        }),
    }
}
