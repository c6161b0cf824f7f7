//! Niches: saved searches with a name, a strategy and a note, that are run again and again.
//!
//! `run` discovers and scores and keeps what it saw, `compare` says what changed between two runs,
//! `transfer` writes and reads files. Here: what a niche is, and its life from making to deleting.

mod compare;
mod run;
mod transfer;
mod types;

use chrono::{DateTime, Utc};
use gleaner_core::category;
use gleaner_core::filters::{DEFAULT_LIMIT, FieldError};
use gleaner_core::rules::{RuleDocument, Strategy};
use gleaner_core::saved_filters::SavedFilters;
use gleaner_core::templates::NicheTemplate;
use gleaner_store::NicheRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use compare::{NicheChange, NicheComparison};
pub use run::{NicheRunQuestion, NicheRunResult};
pub use transfer::{NicheFile, NicheImport};
pub use types::{NicheFind, NicheOutcome, NicheRun, NicheYield};

use crate::scoring::{MAX_ASINS, check_cost};
use crate::{Engine, EngineError, stored};

/// The longest name, in characters.
const MAX_NAME: usize = 200;
/// The longest note, in characters.
const MAX_NOTE: usize = 1_000;

/// A niche as somebody writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheDraft {
    /// Its name, at most 200 characters.
    pub name: String,
    /// What to remember about it.
    pub note: Option<String>,
    /// The rule set its products are scored under.
    #[serde(default)]
    pub strategy: Strategy,
    /// What it looks for.
    pub filters: SavedFilters,
    /// What one copy costs, before tax, in minor units; by the rules when absent.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
}

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Niche {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What to remember about it.
    pub note: Option<String>,
    /// The rule set its products are scored under.
    pub strategy: Strategy,
    /// What it looks for.
    pub filters: SavedFilters,
    /// The category's name in the marketplace's language; null for all categories.
    pub category_name: Option<String>,
    /// What one copy costs, before tax, in minor units; null: by the rules.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// Whether it is put aside.
    pub archived: bool,
    /// One more for every change; an edit names the version it began from.
    #[schema(value_type = i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A niche in a list, with what its last run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheSummary {
    /// The niche.
    #[serde(flatten)]
    pub niche: Niche,
    /// Its last run; null when it has none.
    pub last_run: Option<NicheRun>,
}

/// Which niches a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NicheFilter {
    /// Those in use.
    #[default]
    Active,
    /// Those put aside.
    Archived,
    /// All of them.
    All,
}

impl From<&NicheTemplate> for NicheDraft {
    fn from(template: &NicheTemplate) -> Self {
        Self {
            name: template.name.clone(),
            note: Some(template.note.clone()),
            strategy: template.strategy,
            filters: template.filters.clone(),
            cost: None,
        }
    }
}

impl From<&Niche> for NicheDraft {
    fn from(niche: &Niche) -> Self {
        Self {
            name: niche.name.clone(),
            note: niche.note.clone(),
            strategy: niche.strategy,
            filters: niche.filters.clone(),
            cost: niche.cost,
        }
    }
}

impl NicheDraft {
    /// Everything that is wrong with it, by field; a category that the catalogue does not have comes with
    /// the names most like it.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            errors.push(FieldError::new("name", format!("give a name of 1 to {MAX_NAME} characters")));
        }
        if self.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE || note.contains('\0')) {
            errors.push(FieldError::new("note", format!("must be a text of at most {MAX_NOTE} characters")));
        }
        if let Err(EngineError::Invalid(wrong)) = check_cost(self.cost) {
            errors.extend(wrong);
        }
        // Whatever the rules say of the condition, the other filters are right or wrong without it.
        let condition = RuleDocument::shipped(self.strategy).condition;
        if let Err(wrong) = self.filters.raw(condition).check() {
            errors.extend(
                wrong.into_iter().map(|e| FieldError::new(format!("filters.{}", e.field), e.message)),
            );
        }
        if self.filters.limit.is_some_and(|limit| limit as usize > MAX_ASINS) {
            errors.push(FieldError::new(
                "filters.limit",
                format!("at most {MAX_ASINS} products can be scored at once"),
            ));
        }
        errors
    }

    /// The same without blanks around the name, with what is left out written down.
    fn tidy(mut self) -> Self {
        self.name = self.name.trim().to_owned();
        self.note = self.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        self.filters.limit = Some(self.filters.limit.unwrap_or(DEFAULT_LIMIT));
        self
    }

    fn row(self, id: Uuid, version: i64, times: [DateTime<Utc>; 2]) -> Result<NicheRow, EngineError> {
        let draft = self.tidy();
        Ok(NicheRow {
            id: id.to_string(),
            name: draft.name,
            note: draft.note,
            strategy: draft.strategy.as_str().to_owned(),
            filters: serde_json::to_string(&draft.filters).map_err(|_| EngineError::Internal)?,
            cost: draft.cost,
            archived: 0,
            version,
            created_at: stored(times[0]),
            updated_at: stored(times[1]),
        })
    }
}

impl Niche {
    fn read(row: NicheRow) -> Result<Self, EngineError> {
        let unreadable = |what: &str| {
            tracing::error!(niche = row.id, what, "a niche cannot be read");
            EngineError::Internal
        };
        let filters: SavedFilters = serde_json::from_str(&row.filters).map_err(|_| unreadable("filters"))?;
        let found = category::find(filters.marketplace, &filters.category.to_string());
        Ok(Self {
            id: row.id.parse().map_err(|_| unreadable("id"))?,
            strategy: row.strategy.parse().map_err(|_| unreadable("strategy"))?,
            name: row.name,
            note: row.note,
            category_name: found.ok().flatten().map(|category| category.name.clone()),
            filters,
            cost: row.cost,
            archived: row.archived != 0,
            version: row.version,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

fn checked(draft: NicheDraft) -> Result<NicheDraft, EngineError> {
    let errors = draft.check();
    if errors.is_empty() { Ok(draft) } else { Err(EngineError::Invalid(errors)) }
}

fn unknown(id: impl Into<String>) -> EngineError {
    EngineError::NotFound { what: "niche", id: id.into() }
}

impl Engine {
    /// A niche by its id.
    pub async fn niche(&self, id: Uuid) -> Result<Niche, EngineError> {
        let row = self.store.niche(&id.to_string()).await?;
        Niche::read(row.ok_or_else(|| unknown(id.to_string()))?)
    }

    /// A niche by its id or its name, in any case. A name that several have is refused.
    pub async fn niche_named(&self, text: &str) -> Result<Niche, EngineError> {
        let wanted = text.trim();
        if let Ok(id) = wanted.parse::<Uuid>() {
            return self.niche(id).await;
        }
        let mut named: Vec<NicheRow> = self.store.niches().await?;
        named.retain(|row| row.name.to_lowercase() == wanted.to_lowercase());
        if named.len() > 1 {
            let ids: Vec<_> = named.iter().map(|row| row.id.as_str()).collect();
            let message =
                format!("{} niches are called '{wanted}': give an id: {}", ids.len(), ids.join(", "));
            return Err(EngineError::field("niche", message));
        }
        Niche::read(named.pop().ok_or_else(|| unknown(wanted))?)
    }

    /// The niches by name, each with its last run.
    pub async fn niches(&self, which: NicheFilter) -> Result<Vec<NicheSummary>, EngineError> {
        let mut last = std::collections::HashMap::new();
        for row in self.store.niche_last_runs().await? {
            last.insert(row.niche_id.clone(), row);
        }
        let mut niches = Vec::new();
        for row in self.store.niches().await? {
            let wanted = match which {
                NicheFilter::Active => row.archived == 0,
                NicheFilter::Archived => row.archived != 0,
                NicheFilter::All => true,
            };
            if wanted {
                let last_run = last.remove(&row.id).map(NicheRun::read).transpose()?;
                niches.push(NicheSummary { niche: Niche::read(row)?, last_run });
            }
        }
        // Here, because databases sort letters in ways of their own.
        niches.sort_by_cached_key(|summary| (summary.niche.name.to_lowercase(), summary.niche.id));
        Ok(niches)
    }

    /// Keeps a new niche.
    pub async fn create_niche(&self, draft: NicheDraft) -> Result<Niche, EngineError> {
        let now = self.now();
        let row = checked(draft)?.row(Uuid::now_v7(), 1, [now, now])?;
        self.store.add_niches(std::slice::from_ref(&row)).await?;
        Niche::read(row)
    }

    /// Changes a niche. `based_on` is the version the edit began from: when somebody changed it in between, it
    /// is refused.
    pub async fn edit_niche(&self, id: Uuid, based_on: i64, draft: NicheDraft) -> Result<Niche, EngineError> {
        let draft = checked(draft)?;
        let niche = self.niche(id).await?;
        let row = draft.row(id, based_on.saturating_add(1), [niche.created_at, self.now()])?;
        self.replace_niche(NicheRow { archived: i64::from(niche.archived), ..row }).await
    }

    /// Puts a niche aside, or takes it up again. One that is so already stays as it is.
    pub async fn archive_niche(&self, id: Uuid, archived: bool) -> Result<Niche, EngineError> {
        let niche = self.niche(id).await?;
        if niche.archived == archived {
            return Ok(niche);
        }
        let times = [niche.created_at, self.now()];
        let row = NicheDraft::from(&niche).row(id, niche.version + 1, times)?;
        self.replace_niche(NicheRow { archived: i64::from(archived), ..row }).await
    }

    /// Keeps a copy under another name, without the runs.
    pub async fn duplicate_niche(&self, id: Uuid, name: Option<String>) -> Result<Niche, EngineError> {
        let niche = self.niche(id).await?;
        let mut draft = NicheDraft::from(&niche);
        draft.name = match name {
            Some(name) => name,
            None => self.free_name(&niche.name).await?,
        };
        self.create_niche(draft).await
    }

    /// Removes a niche with all its runs.
    pub async fn delete_niche(&self, id: Uuid) -> Result<(), EngineError> {
        if self.store.remove_niche(&id.to_string()).await? { Ok(()) } else { Err(unknown(id.to_string())) }
    }

    async fn replace_niche(&self, row: NicheRow) -> Result<Niche, EngineError> {
        if self.store.replace_niche(&row).await? {
            return Niche::read(row);
        }
        let now = self.store.niche(&row.id).await?.ok_or_else(|| unknown(row.id))?;
        Err(EngineError::Conflict { what: "niche", based_on: row.version - 1, newest: now.version })
    }

    /// `NAME (copy)`, or the first `NAME (copy 2)`, … that nobody has.
    async fn free_name(&self, name: &str) -> Result<String, EngineError> {
        let taken: std::collections::HashSet<String> =
            self.store.niches().await?.into_iter().map(|row| row.name.to_lowercase()).collect();
        let base: String = name.chars().take(MAX_NAME - 12).collect();
        let names =
            (1..).map(|n: u32| if n == 1 { format!("{base} (copy)") } else { format!("{base} (copy {n})") });
        let mut free = names.filter(|name| !taken.contains(&name.to_lowercase()));
        free.next().ok_or(EngineError::Internal)
    }
}
