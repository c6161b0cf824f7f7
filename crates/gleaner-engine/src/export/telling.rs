//! What people are told: alerts, news, and how the messages went.

use chrono::{DateTime, Utc};
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, list};
use crate::alerts::Alert;
use crate::notices::{Attempt, Delivery, Notice};

const ALERT: [Field<Alert>; 13] = [
    ("raised_at", 17, |alert| Cell::Time(alert.raised_at)),
    ("state", 12, |alert| Cell::Text(alert.state.clone())),
    ("kind", 24, |alert| Cell::Text(alert.kind.clone())),
    ("message", 60, |alert| Cell::Text(alert.message.clone())),
    ("measured", 10, |alert| Cell::number(Some(alert.measured), 2)),
    ("threshold", 10, |alert| Cell::number(Some(alert.threshold), 2)),
    ("seen_at", 17, |alert| Cell::Time(alert.seen_at)),
    ("cleared_at", 17, |alert| Cell::time(alert.cleared_at)),
    ("acknowledged_at", 17, |alert| Cell::time(alert.acknowledged_at)),
    ("acknowledged_by", 24, |alert| Cell::text(alert.acknowledged_by.as_deref())),
    ("silenced_until", 17, |alert| Cell::time(alert.silenced_until)),
    ("subject", 38, |alert| Cell::text(alert.subject.as_deref())),
    ("id", 38, |alert| Cell::Code(alert.id.to_string())),
];

/// Alerts, in the order given.
#[must_use]
pub fn alerts_sheet(alerts: &[Alert], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("alerts", made_at, alerts, ALERT)
}

const NOTICE: [Field<Notice>; 6] = [
    ("at", 17, |notice| Cell::Time(notice.at)),
    ("kind", 16, |notice| Cell::Text(notice.kind.clone())),
    ("subject", 60, |notice| Cell::Text(notice.subject.clone())),
    ("text", 60, |notice| Cell::text(Some(notice.text.as_str()).filter(|text| !text.is_empty()))),
    ("details", 60, |notice| Cell::Text(notice.details.to_string())),
    ("id", 38, |notice| Cell::Code(notice.id.clone())),
];

/// News, in the order given.
#[must_use]
pub fn notices_sheet(notices: &[Notice], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("news", made_at, notices, NOTICE)
}

fn last(delivery: &Delivery) -> Option<&Attempt> {
    delivery.attempts.last()
}

const DELIVERY: [Field<Delivery>; 12] = [
    ("created_at", 17, |delivery| Cell::Time(delivery.created_at)),
    ("state", 10, |delivery| Cell::Text(delivery.state.clone())),
    ("subject", 60, |delivery| Cell::text(delivery.subject.as_deref())),
    ("notices", 8, |delivery| Cell::integer(i64::try_from(delivery.notices.len()).ok())),
    ("trial", 8, |delivery| Cell::Truth(delivery.trial)),
    ("due_at", 17, |delivery| Cell::time(delivery.due_at)),
    ("delivered_at", 17, |delivery| Cell::time(delivery.delivered_at)),
    ("attempts", 8, |delivery| Cell::integer(i64::try_from(delivery.attempts.len()).ok())),
    ("last_status", 9, |delivery| Cell::integer(last(delivery).and_then(|attempt| attempt.status))),
    ("last_milliseconds", 9, |delivery| Cell::integer(last(delivery).map(|attempt| attempt.milliseconds))),
    ("last_error", 50, |delivery| Cell::text(last(delivery).and_then(|attempt| attempt.error.as_deref()))),
    ("id", 38, |delivery| Cell::Code(delivery.id.clone())),
];

/// Messages to a channel and how they went, in the order given.
#[must_use]
pub fn deliveries_sheet(deliveries: &[Delivery], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("deliveries", made_at, deliveries, DELIVERY)
}
