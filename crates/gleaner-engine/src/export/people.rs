//! Who may come in, and what administrators did.

use chrono::{DateTime, Utc};
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, list, word};
use crate::accounts::{AuditEntry, User};

const USER: [Field<User>; 8] = [
    ("name", 24, |user| Cell::Text(user.name.clone())),
    ("role", 9, |user| word(&user.role)),
    ("disabled", 9, |user| Cell::Truth(user.disabled)),
    ("has_password", 9, |user| Cell::Truth(user.has_password)),
    ("has_identity", 9, |user| Cell::Truth(user.has_identity)),
    ("created_at", 17, |user| Cell::Time(user.created_at)),
    ("last_login_at", 17, |user| Cell::time(user.last_login_at)),
    ("user_id", 38, |user| Cell::Code(user.id.clone())),
];

/// Accounts, in the order given.
#[must_use]
pub fn users_sheet(users: &[User], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("users", made_at, users, USER)
}

const AUDIT: [Field<AuditEntry>; 9] = [
    ("at", 17, |entry| Cell::Time(entry.at)),
    ("actor", 24, |entry| Cell::Text(entry.actor.clone())),
    ("action", 24, |entry| Cell::Text(entry.action.clone())),
    ("subject", 30, |entry| Cell::text(entry.subject.as_deref())),
    ("detail", 50, |entry| Cell::text(entry.detail.as_ref().map(ToString::to_string).as_deref())),
    ("source", 10, |entry| Cell::Text(entry.source.clone())),
    ("address", 20, |entry| Cell::text(entry.address.as_deref())),
    ("actor_id", 38, |entry| entry.actor_id.clone().map_or(Cell::Missing, Cell::Code)),
    ("id", 38, |entry| Cell::Code(entry.id.clone())),
];

/// Lines of the audit log, in the order given.
#[must_use]
pub fn audit_sheet(entries: &[AuditEntry], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("audit", made_at, entries, AUDIT)
}
