//! What administrators do is noted, also when they do it at the machine itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::history::rows_by_hand;
use crate::support::{Db, Home};

on_each_database!(what_is_done_at_the_command_line_stands_in_the_audit_log);

/// Commands one after another, with the word that each leaves in the log and to whom or what it was done.
const ACTS: &[(&[&str], &str, &str)] = &[
    (&["users", "add", "anna", "--password", "correct horse"], "user.add", "anna"),
    (&["users", "add", "ben", "--password", "battery staple"], "user.add", "ben"),
    (&["users", "set-role", "ben", "member"], "user.role", "ben"),
    (&["users", "set-password", "ben", "--password", "another horse"], "user.password", "ben"),
    (&["users", "disable", "ben"], "user.disable", "ben"),
    (&["users", "enable", "ben"], "user.enable", "ben"),
    (&["api-tokens", "create", "--user", "ben", "--name", "scan"], "api_token.create", "scan"),
    (&["api-tokens", "revoke", "TOKEN"], "api_token.revoke", "scan"),
    (&["users", "remove", "ben"], "user.remove", "ben"),
    (&["cache", "purge"], "cache.purge", ""),
    (&["cache", "clear", "--yes"], "cache.clear", "all"),
    (&["rules", "set", "balanced", "buy.roi=35"], "rules.set", "balanced"),
    (&["rules", "restore", "balanced", "1"], "rules.restore", "balanced"),
    (&["fee-cards", "set", "card.json"], "fee_card.set", "us-2026"),
    (&["fee-cards", "restore", "us-2026"], "fee_card.restore", "us-2026"),
    (&["notify", "add", "hook", "webhook", "https://hook.invalid/x"], "channel.add", "hook"),
    (&["notify", "edit", "hook", "--off"], "channel.edit", "hook"),
    (&["notify", "secret", "hook"], "channel.secret", "hook"),
    (&["notify", "remove", "hook"], "channel.remove", "hook"),
    (&["history", "archive", "--before", "2026-03"], "history.archive", "before 2026-03"),
    (&["history", "restore"], "history.restore", ""),
    (&["history", "rebuild"], "history.rebuild", ""),
    (&["restore", "copy.db", "--yes"], "database.restore", "copy.db"),
];

/// Commands whose acts are noted and that are left out above: they ask a person, or somebody outside.
const ELSEWHERE: [&str; 3] = ["rules edit", "notify test", "db rollback"];

/// Groups of commands that only an administrator may use over HTTP, where there is a call for them.
const ADMINISTRATION: [&str; 9] =
    ["users", "api-tokens", "cache", "rules", "fee-cards", "notify", "history", "restore", "db"];

/// Commands of those groups that change nothing.
const LOOKS: &[&str] = &[
    "users list",
    "api-tokens list",
    "cache stats",
    "rules list",
    "rules show",
    "rules versions",
    "rules preview",
    "rules diff",
    "fee-cards list",
    "fee-cards show",
    "fee-cards versions",
    "fee-cards check",
    "notify list",
    "notify log",
    "notify news",
    "history list",
    "history show",
    "history analytics",
    "db status",
    "db verify",
    // Which migrations there are is kept with them.
    "db migrate",
];

async fn what_is_done_at_the_command_line_stands_in_the_audit_log(db: Db) {
    let home = Home::new()
        .with("GLEANER_DATABASE_URL", db.url())
        .with("GLEANER_ARCHIVE_DIR", "old")
        .with("GLEANER_BACKUP_DIR", "backups")
        .with("SUDO_USER", "carla");
    home.run(&["db", "migrate"]).await.ended(0);
    db.by_hand(&rows_by_hand(&db, 400, 30_000.0)).await;
    let card = home.run(&["fee-cards", "show", "us-2026", "--json"]).await.json(0).to_string();
    let other = card.replacen("99", "98", 1);
    assert_ne!(card, other, "something changes");
    home.write("card.json", other);
    let mut token = String::new();
    let log = async || home.run(&["audit", "--limit", "500", "--json"]).await.json(0);
    for (arguments, action, subject) in ACTS {
        let before = log().await.as_array().unwrap().len();
        if *action == "database.restore" {
            home.run(&["backup", "--to", "copy.db"]).await.ended(0);
        }
        let words: Vec<&str> =
            arguments.iter().map(|word| if *word == "TOKEN" { token.as_str() } else { *word }).collect();
        let run = home.run(&[&words[..], &["--json"]].concat()).await;
        run.ended(0);
        if *action == "api_token.create" {
            run.json(0)["id"].as_str().unwrap().clone_into(&mut token);
        }
        let after = log().await;
        let newest = &after[0];
        assert_eq!(after.as_array().unwrap().len(), before + 1, "{arguments:?}: {after}");
        let to = newest["subject"].as_str().unwrap_or_default();
        assert_eq!((newest["action"].as_str().unwrap(), to), (*action, *subject), "{newest}");
        assert_eq!(newest["actor"], "carla (command line)", "{newest}");
        assert_eq!((&newest["source"], &newest["address"]), (&Value::from("manual"), &Value::Null));
    }
    let noted = log().await.to_string();
    for secret in ["correct horse", "battery staple", "another horse", "hook.invalid"] {
        assert!(!noted.contains(secret), "{secret} is in the log");
    }
    // What changes nothing leaves no line.
    let before = log().await.as_array().unwrap().len();
    home.run(&["rules", "set", "balanced", "buy.roi=x"]).await.ended(2);
    home.run(&["rules", "restore", "balanced", "1"]).await.ended(0);
    home.run(&["rules", "list"]).await.ended(0);
    assert_eq!(log().await.as_array().unwrap().len(), before);
    let file = home.path().join("audit.csv");
    home.run(&["audit", "--output", "audit.csv"]).await.ended(0);
    let csv = std::fs::read_to_string(file).unwrap();
    assert!(csv.contains("carla (command line)") && csv.contains("cache.clear"), "{csv}");
}

#[test]
fn every_command_for_administrators_is_noted_or_known_to_change_nothing() {
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/command-line.md");
    let reference = std::fs::read_to_string(reference).unwrap();
    let commands = reference
        .lines()
        .filter_map(|line| line.strip_prefix("## `gleaner ")?.strip_suffix('`'))
        .filter(|command| ADMINISTRATION.iter().any(|group| command.split(' ').next() == Some(*group)));
    let all: BTreeSet<&str> = commands.collect();
    let leaves: BTreeSet<&str> = all
        .iter()
        .copied()
        .filter(|command| !all.iter().any(|other| other.starts_with(&format!("{command} "))))
        .collect();
    let depth = |words: &[&str]| {
        words.iter().take(if words[0] == "restore" { 1 } else { 2 }).copied().collect::<Vec<_>>().join(" ")
    };
    let acts: Vec<String> = ACTS.iter().map(|(words, ..)| depth(words)).collect();
    let known: BTreeSet<&str> =
        acts.iter().map(String::as_str).chain(LOOKS.iter().copied()).chain(ELSEWHERE).collect();
    assert_eq!(leaves, known, "a command that changes something for everybody notes it: see `note`");
}
