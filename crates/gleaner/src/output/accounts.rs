//! Accounts, API tokens, the audit log.

use chrono::{DateTime, Utc};
use gleaner_engine::accounts::{ApiToken, AuditEntry, User};

use super::table;

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// Prints the accounts.
pub fn users(all: &[User]) -> anyhow::Result<()> {
    if all.is_empty() {
        return super::line("no accounts: whoever is at this machine may do everything");
    }
    let mut rows = table::new(&["NAME", "ROLE", "STATE", "LAST LOGIN (UTC)", "LOGS IN WITH"]);
    for user in all {
        let ways = match (user.has_password, user.has_identity) {
            (true, true) => "password, provider",
            (true, false) => "password",
            (false, true) => "provider",
            (false, false) => "provider, not yet",
        };
        rows.add([
            user.name.clone(),
            user.role.to_string(),
            if user.disabled { "disabled" } else { "active" }.to_owned(),
            table::or_missing(user.last_login_at.map(moment)),
            ways.to_owned(),
        ]);
    }
    rows.print()
}

/// Prints the API tokens.
pub fn api_tokens(all: &[ApiToken]) -> anyhow::Result<()> {
    if all.is_empty() {
        return super::line("no API tokens");
    }
    let mut rows = table::new(&["ID", "USER", "SCOPE", "EXPIRES", "LAST USED", "NAME"]);
    for token in all {
        let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
        rows.add([
            token.id.clone(),
            table::or_missing(token.user.clone()),
            token.scope.to_string(),
            token.expires_at.map_or_else(|| "never".to_owned(), day),
            table::or_missing(token.last_used_at.map(day)),
            token.name.clone(),
        ]);
    }
    rows.print()
}

/// Prints the audit log.
pub fn audit(entries: &[AuditEntry]) -> anyhow::Result<()> {
    if entries.is_empty() {
        return super::line("nothing has been noted yet");
    }
    let mut rows = table::new(&["WHEN (UTC)", "WHO", "WHAT", "TO"]);
    for entry in entries {
        let detail = entry.detail.as_ref().map_or_else(String::new, |detail| format!(" {detail}"));
        rows.add([
            moment(entry.at),
            entry.actor.clone(),
            entry.action.clone(),
            format!("{}{detail}", table::or_missing(entry.subject.clone())),
        ]);
    }
    rows.print()
}
