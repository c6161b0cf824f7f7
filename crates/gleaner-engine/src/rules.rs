//! The rules in force: shipped documents, and the versions that people saved over them.
//!
//! A saved version raises the generation in the same transaction, so that scores computed under the
//! rules before are never returned after it, by any process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_core::rules::{Change, RuleDocument, Rules, SHIPPED_VERSION, Strategy, diff};
use gleaner_core::{Condition, Marketplace};
use gleaner_store::RulesRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Engine, EngineError, stored};

/// The longest note that is kept with a version, in characters.
const MAX_NOTE: usize = 1_000;

/// The newest document of each strategy, as of a generation.
#[derive(Clone, Default)]
pub(crate) struct RuleBook(Arc<Mutex<Option<Page>>>);

type Newest = Arc<HashMap<Strategy, (i64, RuleDocument)>>;

struct Page {
    generation: i64,
    newest: Newest,
}

/// A version of a strategy's rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulesVersion {
    /// The strategy.
    pub strategy: Strategy,
    /// Its number; 1 is what ships with the program.
    #[schema(value_type = i64)]
    pub version: i64,
    /// The rules.
    pub document: RuleDocument,
    /// Who saved it; absent for what ships.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When it was saved; absent for what ships.
    pub created_at: Option<DateTime<Utc>>,
    /// What changed from the version before.
    pub changes: Vec<Change>,
}

/// A document to save.
#[derive(Debug, Clone)]
pub struct RulesEdit {
    /// The strategy.
    pub strategy: Strategy,
    /// The rules.
    pub document: RuleDocument,
    /// The version the edit started from: when somebody saved in between, it is refused.
    pub based_on: i64,
    /// Who saves.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
}

impl Engine {
    /// The rules that a question is answered under.
    pub(crate) async fn rules_for(
        &self,
        strategy: Strategy,
        marketplace: Marketplace,
        generation: i64,
    ) -> Result<Rules, EngineError> {
        let newest = self.newest(generation).await?;
        Ok(match newest.get(&strategy) {
            Some((version, document)) => document.resolve(strategy, *version, marketplace),
            None => Rules::for_marketplace(strategy, marketplace),
        })
    }

    /// The condition a strategy asks for when nobody says.
    pub async fn default_condition(&self, strategy: Strategy) -> Result<Condition, EngineError> {
        self.memory.renew(&self.store).await?;
        let rules = self.rules_for(strategy, Marketplace::Us, self.memory.generation()).await?;
        Ok(rules.condition)
    }

    async fn newest(&self, generation: i64) -> Result<Newest, EngineError> {
        {
            let page = self.rule_book.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(page) = page.as_ref().filter(|page| page.generation == generation) {
                return Ok(page.newest.clone());
            }
        }
        let mut newest = HashMap::new();
        for row in Box::pin(self.store.rules()).await? {
            if let Ok(strategy) = row.strategy.parse() {
                newest.insert(strategy, (row.version, read(&row)?));
            }
        }
        let newest = Arc::new(newest);
        let page = Page { generation, newest: newest.clone() };
        *self.rule_book.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(page);
        Ok(newest)
    }

    /// Every version of a strategy's rules, newest first; the shipped one is last.
    pub async fn rules_versions(&self, strategy: Strategy) -> Result<Vec<RulesVersion>, EngineError> {
        let mut versions = vec![RulesVersion {
            strategy,
            version: SHIPPED_VERSION,
            document: RuleDocument::shipped(strategy),
            author: None,
            note: None,
            created_at: None,
            changes: Vec::new(),
        }];
        for row in self.store.rules_versions(strategy.as_str()).await?.into_iter().rev() {
            let document = read(&row)?;
            let changes = versions.last().map_or_else(Vec::new, |last| diff(&last.document, &document));
            versions.push(RulesVersion {
                strategy,
                version: row.version,
                document,
                author: row.author,
                note: row.note,
                created_at: Some(row.created_at.and_utc()),
                changes,
            });
        }
        versions.reverse();
        Ok(versions)
    }

    /// One version of a strategy's rules, the newest when none is named.
    pub async fn rules_version(
        &self,
        strategy: Strategy,
        version: Option<i64>,
    ) -> Result<RulesVersion, EngineError> {
        let mut all = self.rules_versions(strategy).await?.into_iter();
        match version {
            None => all.next().ok_or(EngineError::Internal),
            Some(wanted) => all.find(|v| v.version == wanted).ok_or_else(|| {
                EngineError::field("version", format!("the {strategy} rules have no version {wanted}"))
            }),
        }
    }

    /// Saves a document as the next version. Scores under the rules before are not returned any more.
    pub async fn save_rules(&self, edit: RulesEdit) -> Result<RulesVersion, EngineError> {
        let mut errors = edit.document.check();
        if edit.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
            errors.push(FieldError::new("note", format!("must be at most {MAX_NOTE} characters")));
        }
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let newest = self.rules_version(edit.strategy, None).await?;
        let changes = diff(&newest.document, &edit.document);
        let conflict = |newest| EngineError::RulesConflict { based_on: edit.based_on, newest };
        if newest.version != edit.based_on {
            return Err(conflict(newest.version));
        }
        if changes.is_empty() {
            return Ok(newest);
        }
        let row = RulesRow {
            strategy: edit.strategy.as_str().to_owned(),
            version: newest.version + 1,
            document: serde_json::to_string(&edit.document).map_err(|_| EngineError::Internal)?,
            author: edit.author,
            note: edit.note,
            created_at: stored(self.now()),
        };
        if !self.store.put_rules(&row).await? {
            return Err(conflict(row.version));
        }
        self.memory.renew(&self.store).await?;
        Ok(RulesVersion {
            strategy: edit.strategy,
            version: row.version,
            document: edit.document,
            author: row.author,
            note: row.note,
            created_at: Some(row.created_at.and_utc()),
            changes,
        })
    }
}

/// A document that was saved is valid, unless a newer program saved it.
fn read(row: &RulesRow) -> Result<RuleDocument, EngineError> {
    RuleDocument::parse(&row.document).map_err(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        tracing::error!(
            strategy = row.strategy,
            version = row.version,
            errors = told.join("; "),
            "unreadable rules"
        );
        EngineError::Internal
    })
}
