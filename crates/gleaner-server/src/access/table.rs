//! Who may call what: one line for every endpoint.
//!
//! To add an endpoint, add its line here. An endpoint without one is refused to everybody, and a test fails.
//! `GET` also stands for `HEAD`.

use gleaner_engine::accounts::Role;

/// Who may call an endpoint, by the least role that may; `None`: anyone, without an account.
pub type Who = Option<Role>;

const ANYONE: Who = None;
const VIEWER: Who = Some(Role::Viewer);
const MEMBER: Who = Some(Role::Member);
const ADMIN: Who = Some(Role::Admin);

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The method, in capitals.
    pub method: &'static str,
    /// The path as the OpenAPI document writes it.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// Whether a call may spend tokens: such calls are limited by account and address.
    pub spends: bool,
    /// Whether the use case writes its own line into the audit log; else every change that only an administrator may
    /// make is noted there by its method and path.
    pub notes_itself: bool,
}

impl Line {
    const fn new(method: &'static str, path: &'static str, who: Who) -> Self {
        Self { method, path, who, spends: false, notes_itself: false }
    }

    const fn spends(self) -> Self {
        Self { spends: true, ..self }
    }

    const fn notes_itself(self) -> Self {
        Self { notes_itself: true, ..self }
    }
}

const fn get(path: &'static str, who: Who) -> Line {
    Line::new("GET", path, who)
}

const fn post(path: &'static str, who: Who) -> Line {
    Line::new("POST", path, who)
}

const fn patch(path: &'static str, who: Who) -> Line {
    Line::new("PATCH", path, who)
}

const fn put(path: &'static str, who: Who) -> Line {
    Line::new("PUT", path, who)
}

const fn delete(path: &'static str, who: Who) -> Line {
    Line::new("DELETE", path, who)
}

/// Every endpoint.
#[rustfmt::skip]
pub const TABLE: &[Line] = &[
    // Health and description.
    get("/healthz", ANYONE),
    get("/readyz", ANYONE),
    get("/api/v1/openapi.json", ANYONE),
    get("/metrics", VIEWER),
    get("/api/v1/database/check", ADMIN),

    // Coming in and going out.
    get("/api/v1/auth/session", ANYONE),
    post("/api/v1/auth/login", ANYONE),
    post("/api/v1/auth/logout", ANYONE),
    post("/api/v1/auth/setup", ANYONE),
    put("/api/v1/auth/password", VIEWER),
    get("/api/v1/auth/oidc/login", ANYONE),
    get("/api/v1/auth/oidc/callback", ANYONE),

    // Accounts.
    get("/api/v1/users", ADMIN),
    post("/api/v1/users", ADMIN).notes_itself(),
    get("/api/v1/users/{user}", ADMIN),
    patch("/api/v1/users/{user}", ADMIN).notes_itself(),
    delete("/api/v1/users/{user}", ADMIN).notes_itself(),
    get("/api/v1/api-tokens", VIEWER),
    post("/api/v1/api-tokens", VIEWER),
    delete("/api/v1/api-tokens/{id}", VIEWER),
    get("/api/v1/audit", ADMIN),

    // Products.
    post("/api/v1/products/discover", MEMBER).spends(),
    post("/api/v1/products/discover/explain", MEMBER).spends(),
    post("/api/v1/products/score", MEMBER).spends(),
    post("/api/v1/products/search", MEMBER).spends(),
    post("/api/v1/products/estimate", VIEWER),
    get("/api/v1/products/{asin}", VIEWER),
    get("/api/v1/categories", VIEWER),
    post("/api/v1/export", VIEWER),

    // Telling people.
    get("/api/v1/notifications", VIEWER),
    get("/api/v1/notifications/channels", MEMBER),
    post("/api/v1/notifications/channels", ADMIN),
    get("/api/v1/notifications/channels/{id}", MEMBER),
    put("/api/v1/notifications/channels/{id}", ADMIN),
    delete("/api/v1/notifications/channels/{id}", ADMIN),
    post("/api/v1/notifications/channels/{id}/test", ADMIN),
    post("/api/v1/notifications/channels/{id}/secret", ADMIN),
    get("/api/v1/notifications/channels/{id}/deliveries", MEMBER),
    get("/api/v1/alerts", VIEWER),
    post("/api/v1/alerts/{id}/acknowledge", MEMBER),
    post("/api/v1/alerts/{id}/silence", MEMBER),

    // Tokens.
    get("/api/v1/tokens", VIEWER),
    get("/api/v1/tokens/ledger", VIEWER),

    // Rules.
    get("/api/v1/rules", VIEWER),
    get("/api/v1/rules/schema", VIEWER),
    get("/api/v1/rules/{strategy}", VIEWER),
    put("/api/v1/rules/{strategy}", ADMIN),
    post("/api/v1/rules/{strategy}/preview", MEMBER),
    get("/api/v1/rules/{strategy}/versions", VIEWER),
    get("/api/v1/rules/{strategy}/versions/{version}", VIEWER),
    get("/api/v1/rules/{strategy}/diff", VIEWER),
    post("/api/v1/rules/{strategy}/restore", ADMIN),

    // Fee cards.
    get("/api/v1/fee-cards", VIEWER),
    post("/api/v1/fee-cards/preview", MEMBER),
    get("/api/v1/fee-cards/{id}", VIEWER),
    put("/api/v1/fee-cards/{id}", ADMIN),
    get("/api/v1/fee-cards/{id}/versions", VIEWER),
    get("/api/v1/fee-cards/{id}/versions/{version}", VIEWER),
    post("/api/v1/fee-cards/{id}/restore", ADMIN),

    // Niches.
    get("/api/v1/niches", VIEWER),
    post("/api/v1/niches", MEMBER),
    get("/api/v1/niches/templates", VIEWER),
    get("/api/v1/niches/export", VIEWER),
    post("/api/v1/niches/import", MEMBER),
    get("/api/v1/niches/{id}", VIEWER),
    put("/api/v1/niches/{id}", MEMBER),
    delete("/api/v1/niches/{id}", MEMBER),
    post("/api/v1/niches/{id}/duplicate", MEMBER),
    post("/api/v1/niches/{id}/archive", MEMBER),
    post("/api/v1/niches/{id}/unarchive", MEMBER),
    post("/api/v1/niches/{id}/run", MEMBER).spends(),
    get("/api/v1/niches/{id}/runs", VIEWER),
    get("/api/v1/niches/{id}/runs/compare", VIEWER),
    get("/api/v1/niches/{id}/yield", VIEWER),
    // AutoSourcing.
    get("/api/v1/sourcing/jobs", VIEWER),
    post("/api/v1/sourcing/jobs", MEMBER),
    get("/api/v1/sourcing/jobs/{job}", VIEWER),
    put("/api/v1/sourcing/jobs/{job}", MEMBER),
    delete("/api/v1/sourcing/jobs/{job}", MEMBER),
    post("/api/v1/sourcing/jobs/{job}/run", MEMBER).spends(),
    post("/api/v1/sourcing/jobs/{job}/pause", MEMBER),
    post("/api/v1/sourcing/jobs/{job}/resume", MEMBER),
    get("/api/v1/sourcing/jobs/{job}/estimate", VIEWER),
    get("/api/v1/sourcing/runs", VIEWER),
    get("/api/v1/sourcing/runs/{run}", VIEWER),
    post("/api/v1/sourcing/runs/{run}/cancel", MEMBER),
    get("/api/v1/sourcing/runs/{run}/events", VIEWER),
    get("/api/v1/sourcing/runs/{run}/diff", VIEWER),
    get("/api/v1/sourcing/runs/{run}/sightings", VIEWER),
    get("/api/v1/sourcing/picks", VIEWER),
    post("/api/v1/sourcing/picks/watch", MEMBER),
    get("/api/v1/sourcing/picks/{pick}", VIEWER),
    post("/api/v1/sourcing/picks/{pick}/verify", MEMBER).spends(),
    post("/api/v1/sourcing/picks/{pick}/triage", MEMBER),
    post("/api/v1/sourcing/picks/{pick}/undo", MEMBER),
    get("/api/v1/sourcing/buy-list", VIEWER),

    // Caches.
    get("/api/v1/cache/stats", VIEWER),
    get("/api/v1/cache/entries", VIEWER),
    post("/api/v1/cache/purge", ADMIN),
    post("/api/v1/cache/clear", ADMIN),

    // History.
    get("/api/v1/history", VIEWER),
    get("/api/v1/history/{id}", VIEWER),
    get("/api/v1/history/analytics", VIEWER),
];

/// The table as a page of Markdown.
#[must_use]
pub fn reference() -> String {
    let rows: Vec<String> = TABLE
        .iter()
        .map(|line| {
            let who = match line.who {
                None => "anyone",
                Some(Role::Viewer) => "viewer, member, admin",
                Some(Role::Member) => "member, admin",
                Some(Role::Admin) => "admin",
            };
            let spends = if line.spends { "may" } else { "" };
            format!("| {} | `{}` | {who} | {spends} |", line.method, line.path)
        })
        .collect();
    format!(
        "# Who may call what\n\nThe table that the server enforces; [Operating](operating.md) tells about accounts. Without \
         accounts, whoever is at the machine itself may call everything. An endpoint that is not listed is refused to \
         everybody.\n\n| method | path | who | spends tokens |\n| --- | --- | --- | --- |\n{}",
        rows.join("\n")
    )
}
