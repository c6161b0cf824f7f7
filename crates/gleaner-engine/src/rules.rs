//! The rules in force: shipped documents, and the versions that people saved over them.
//!
//! A saved version raises the generation in the same transaction, so that scores computed under the
//! rules before are never returned after it, by any process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_core::filters::FieldError;
use gleaner_core::rules::{Change, RuleDocument, Rules, SHIPPED_VERSION, Strategy, diff};
use gleaner_core::{Condition, Marketplace};
use gleaner_store::{RulesRow, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Engine, EngineError, fee_cards, stored};

/// The longest note that is kept with a version, in characters.
pub(crate) const MAX_NOTE: usize = 1_000;

/// The rules and fee cards in force, as of a generation.
#[derive(Clone, Default)]
pub(crate) struct RuleBook(Arc<Mutex<Option<Page>>>);

/// What everything is scored under: the newest document of each strategy that somebody saved, and the fee cards.
#[derive(Debug, Clone)]
pub struct InForce {
    rules: HashMap<Strategy, (i64, RuleDocument)>,
    pub(crate) cards: Arc<FeeCards>,
}

impl InForce {
    /// What ships with the program.
    #[must_use]
    pub fn shipped() -> Self {
        Self { rules: HashMap::new(), cards: Arc::new(FeeCards::shipped()) }
    }

    /// What people saved in a database, over what ships.
    pub async fn of(store: &Store, shipped: &FeeCards) -> Result<Self, EngineError> {
        let mut rules = HashMap::new();
        for row in Box::pin(store.rules()).await? {
            if let Ok(strategy) = row.strategy.parse() {
                rules.insert(strategy, (row.version, read(&row)?));
            }
        }
        let saved = Box::pin(store.fee_cards()).await?;
        Ok(Self { rules, cards: Arc::new(fee_cards::in_force(shipped, &saved)?) })
    }

    /// The rules of a strategy in a marketplace.
    #[must_use]
    pub fn rules(&self, strategy: Strategy, marketplace: Marketplace) -> Rules {
        match self.rules.get(&strategy) {
            Some((version, document)) => document.resolve(strategy, *version, marketplace),
            None => Rules::for_marketplace(strategy, marketplace),
        }
    }
}

struct Page {
    generation: i64,
    in_force: Arc<InForce>,
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

/// What changed from one version of a strategy's rules to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulesDiff {
    /// The strategy.
    pub strategy: Strategy,
    /// The version compared with.
    #[schema(value_type = i64)]
    pub from: i64,
    /// The version compared.
    #[schema(value_type = i64)]
    pub to: i64,
    /// Value by value.
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
        Ok(self.in_force(generation).await?.rules(strategy, marketplace))
    }

    /// The condition a strategy asks for when nobody says.
    pub async fn default_condition(&self, strategy: Strategy) -> Result<Condition, EngineError> {
        self.memory.renew(&self.store).await?;
        let rules = self.rules_for(strategy, Marketplace::Us, self.memory.generation()).await?;
        Ok(rules.condition)
    }

    /// The rules and cards as of a generation, read once for each.
    pub(crate) async fn in_force(&self, generation: i64) -> Result<Arc<InForce>, EngineError> {
        {
            let page = self.rule_book.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(page) = page.as_ref().filter(|page| page.generation == generation) {
                return Ok(page.in_force.clone());
            }
        }
        let in_force = Arc::new(InForce::of(&self.store, &self.shipped_cards).await?);
        let page = Page { generation, in_force: in_force.clone() };
        *self.rule_book.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(page);
        Ok(in_force)
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
            Some(wanted) => all.find(|v| v.version == wanted).ok_or_else(|| EngineError::NotFound {
                what: "version of those rules with the number",
                id: wanted.to_string(),
            }),
        }
    }

    /// The strategies, each with its newest version.
    pub async fn rules_list(&self) -> Result<Vec<RulesVersion>, EngineError> {
        let mut all = Vec::new();
        for strategy in Strategy::ALL {
            all.push(self.rules_version(strategy, None).await?);
        }
        Ok(all)
    }

    /// What changed from one version to another, the newest when no second one is named.
    pub async fn rules_diff(
        &self,
        strategy: Strategy,
        from: i64,
        to: Option<i64>,
    ) -> Result<RulesDiff, EngineError> {
        let from = self.rules_version(strategy, Some(from)).await?;
        let to = self.rules_version(strategy, to).await?;
        let changes = diff(&from.document, &to.document);
        Ok(RulesDiff { strategy, from: from.version, to: to.version, changes })
    }

    /// Saves an earlier version again as the newest.
    pub async fn restore_rules(
        &self,
        strategy: Strategy,
        version: i64,
        based_on: i64,
        author: Option<String>,
        note: Option<String>,
    ) -> Result<RulesVersion, EngineError> {
        let document = self.rules_version(strategy, Some(version)).await?.document;
        let note = note.or_else(|| Some(format!("restores version {version}")));
        self.save_rules(RulesEdit { strategy, document, based_on, author, note }).await
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
