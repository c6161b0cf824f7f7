//! The fee cards in force: those that ship, and the versions that people saved beside or over them.
//!
//! A saved version raises the generation in the same transaction, as rules do: everything already paid for is scored
//! anew, by every process, at no token.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use gleaner_core::Marketplace;
use gleaner_core::fee_card::{CardKind, FeeCard, FeeCards};
use gleaner_core::filters::FieldError;
use gleaner_core::rules::{Change, SHIPPED_VERSION, Strategy, diff_values};
use gleaner_store::FeeCardRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::preview::{Preview, Regime};
use crate::rules::MAX_NOTE;
use crate::{Engine, EngineError, stored};

/// Where a card comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CardOrigin {
    /// It ships with the program, unchanged.
    Shipped,
    /// Somebody saved it over the one that ships.
    Replaced,
    /// Somebody saved it, and none of that name ships.
    Own,
}

/// A fee card in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeeCardSummary {
    /// Its name.
    pub id: String,
    /// Marketplace code.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// The year's own or the season's.
    pub kind: CardKind,
    /// The first day (UTC) it holds.
    pub valid_from: NaiveDate,
    /// The last day (UTC) it holds.
    pub valid_to: NaiveDate,
    /// Currency of every amount in it.
    pub currency: String,
    /// Where the numbers come from.
    pub source: String,
    /// How far they are trusted.
    pub confidence: String,
    /// The newest version.
    #[schema(value_type = i64)]
    pub version: i64,
    /// Where it comes from.
    pub origin: CardOrigin,
    /// Whether it is the card of its marketplace today.
    pub today: bool,
}

/// A version of a fee card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeeCardVersion {
    /// The card's name.
    pub id: String,
    /// Its number; 1 is what ships with the program, where one ships.
    #[schema(value_type = i64)]
    pub version: i64,
    /// Where it comes from.
    pub origin: CardOrigin,
    /// The card; null when it was withdrawn.
    pub card: Option<FeeCard>,
    /// Who saved it; null for what ships.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When it was saved; null for what ships.
    pub created_at: Option<DateTime<Utc>>,
    /// What changed from the version before.
    pub changes: Vec<Change>,
}

/// A card to save.
#[derive(Debug, Clone)]
pub struct FeeCardEdit {
    /// The card; `None`: as it ships, or none when none ships.
    pub card: Option<FeeCard>,
    /// Its name.
    pub id: String,
    /// The version the edit started from, 0 for a card that is new: when somebody saved in between, it is refused.
    pub based_on: i64,
    /// Who saves.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
}

fn shipped(id: &str) -> Option<FeeCard> {
    FeeCards::shipped().iter().find(|card| card.id == id).map(|card| FeeCard::clone(card))
}

fn read(row: &FeeCardRow) -> Result<Option<FeeCard>, EngineError> {
    let Some(text) = &row.document else { return Ok(shipped(&row.id)) };
    let card = serde_json::from_str(text).map_err(|error| {
        tracing::error!(id = row.id, version = row.version, %error, "unreadable fee card");
        EngineError::Internal
    })?;
    Ok(Some(card))
}

/// The cards in force by the saved versions: newest first for each name.
pub(crate) fn in_force(base: &FeeCards, rows: &[FeeCardRow]) -> Result<FeeCards, EngineError> {
    let mut cards = base.clone();
    let mut last = None;
    for row in rows {
        if last != Some(&row.id) && row.document.is_some() {
            cards = cards.with(read(row)?.into_iter().collect());
        }
        last = Some(&row.id);
    }
    // A card can be put back, but no version ever goes away: their number tells one state from any other.
    Ok(cards.in_version(i64::try_from(rows.len()).unwrap_or(i64::MAX)))
}

impl Engine {
    /// The fee cards in force, as of a generation.
    pub(crate) async fn cards_at(&self, generation: i64) -> Result<Arc<FeeCards>, EngineError> {
        Ok(self.in_force(generation).await?.cards.clone())
    }

    /// The fee cards in force now.
    pub async fn cards_now(&self) -> Result<Arc<FeeCards>, EngineError> {
        self.memory.renew(&self.store).await?;
        self.cards_at(self.memory.generation()).await
    }

    /// The fee cards in force, by marketplace and first day.
    pub async fn fee_cards(&self) -> Result<Vec<FeeCardSummary>, EngineError> {
        let cards = self.cards_now().await?;
        let rows = self.store.fee_cards().await?;
        let today = self.now().date_naive();
        let mut all: Vec<FeeCardSummary> = cards
            .iter()
            .map(|card| {
                let newest = rows.iter().find(|row| row.id == card.id);
                FeeCardSummary {
                    id: card.id.clone(),
                    marketplace: card.marketplace,
                    kind: card.kind,
                    valid_from: card.valid_from,
                    valid_to: card.valid_to,
                    currency: card.currency.clone(),
                    source: card.source.clone(),
                    confidence: card.confidence.clone(),
                    version: newest.map_or(SHIPPED_VERSION, |row| row.version),
                    origin: origin(&card.id, newest.is_some_and(|row| row.document.is_some())),
                    today: cards.on(card.marketplace, today).is_some_and(|found| found.card.id == card.id),
                }
            })
            .collect();
        all.sort_by_key(|card| (card.marketplace.id(), card.valid_from));
        Ok(all)
    }

    /// Every version of a card, newest first; the one that ships is last.
    pub async fn fee_card_versions(&self, id: &str) -> Result<Vec<FeeCardVersion>, EngineError> {
        let mut versions: Vec<FeeCardVersion> = shipped(id)
            .map(|card| FeeCardVersion {
                id: id.to_owned(),
                version: SHIPPED_VERSION,
                origin: CardOrigin::Shipped,
                card: Some(card),
                author: None,
                note: None,
                created_at: None,
                changes: Vec::new(),
            })
            .into_iter()
            .collect();
        let mut rows = self.store.fee_cards().await?;
        rows.retain(|row| row.id == id);
        for row in rows.into_iter().rev() {
            let card = read(&row)?;
            let before = versions.last().and_then(|last| last.card.as_ref());
            versions.push(FeeCardVersion {
                origin: origin(id, row.document.is_some()),
                changes: changes(before, card.as_ref()),
                id: row.id,
                version: row.version,
                card,
                author: row.author,
                note: row.note,
                created_at: Some(row.created_at.and_utc()),
            });
        }
        if versions.is_empty() {
            return Err(EngineError::NotFound { what: "fee card", id: id.to_owned() });
        }
        versions.reverse();
        Ok(versions)
    }

    /// One version of a card, the newest when none is named.
    pub async fn fee_card(&self, id: &str, version: Option<i64>) -> Result<FeeCardVersion, EngineError> {
        let mut all = self.fee_card_versions(id).await?.into_iter();
        match version {
            None => all.next().ok_or(EngineError::Internal),
            Some(wanted) => all.find(|v| v.version == wanted).ok_or_else(|| EngineError::NotFound {
                what: "version of that fee card with the number",
                id: wanted.to_string(),
            }),
        }
    }

    /// The number of the newest version of a card; 0 when there is none of that name.
    pub async fn fee_card_newest(&self, id: &str) -> Result<i64, EngineError> {
        match self.fee_card(id, None).await {
            Ok(newest) => Ok(newest.version),
            Err(EngineError::NotFound { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Saves a card as the next version of its name. Scores under the cards before are not returned any more.
    pub async fn save_fee_card(&self, edit: FeeCardEdit) -> Result<FeeCardVersion, EngineError> {
        let mut errors = edit.card.as_ref().map(FeeCard::check).unwrap_or_default();
        if edit.card.as_ref().is_some_and(|card| card.id != edit.id) {
            errors.push(FieldError::new("id", format!("must be '{}', the card that is replaced", edit.id)));
        }
        if edit.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
            errors.push(FieldError::new("note", format!("must be at most {MAX_NOTE} characters")));
        }
        if let Some(card) = &edit.card {
            let cards = self.cards_now().await?;
            errors.extend(rivals(&cards, card));
        }
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let newest = match self.fee_card(&edit.id, None).await {
            Ok(newest) => Some(newest),
            Err(EngineError::NotFound { .. }) if edit.card.is_some() => None,
            Err(error) => return Err(error),
        };
        let version = newest.as_ref().map_or(0, |newest| newest.version);
        let conflict = |newest| EngineError::Conflict { what: "fee card", based_on: edit.based_on, newest };
        if version != edit.based_on {
            return Err(conflict(version));
        }
        let card = edit.card.clone().or_else(|| shipped(&edit.id));
        if let Some(newest) = newest
            && newest.card == card
        {
            return Ok(newest);
        }
        let document = edit.card.as_ref().map(serde_json::to_string).transpose();
        let row = FeeCardRow {
            id: edit.id.clone(),
            version: version + 1,
            document: document.map_err(|_| EngineError::Internal)?,
            author: edit.author.clone(),
            note: edit.note.clone(),
            created_at: stored(self.now()),
        };
        if !self.store.put_fee_card(&row).await? {
            return Err(conflict(row.version));
        }
        self.memory.renew(&self.store).await?;
        self.fee_card(&row.id, Some(row.version)).await
    }

    /// Puts an earlier version back, or what ships when none is named; a card that does not ship is withdrawn then.
    pub async fn restore_fee_card(
        &self,
        id: &str,
        version: Option<i64>,
        based_on: i64,
        author: Option<String>,
        note: Option<String>,
    ) -> Result<FeeCardVersion, EngineError> {
        let (card, why) = match version {
            None => (None, "as shipped".to_owned()),
            Some(version) => {
                (self.fee_card(id, Some(version)).await?.card, format!("restores version {version}"))
            }
        };
        let note = note.or(Some(why));
        self.save_fee_card(FeeCardEdit { card, id: id.to_owned(), based_on, author, note }).await
    }

    /// What a card would change: every stored product of its marketplace is judged with the cards in force and with
    /// this one among them.
    pub async fn preview_fee_card(
        &self,
        card: FeeCard,
        strategy: Strategy,
        examples: usize,
    ) -> Result<Preview, EngineError> {
        let cards = self.cards_now().await?;
        let mut errors = card.check();
        errors.extend(rivals(&cards, &card));
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let document = self.rules_version(strategy, None).await?.document;
        let marketplace = card.marketplace;
        let after = Arc::new(FeeCards::clone(&cards).with(vec![card]));
        let before = Regime { document: document.clone(), cards };
        let after = Regime { document, cards: after };
        self.preview(strategy, &before, &after, &[marketplace], examples).await
    }
}

fn origin(id: &str, saved: bool) -> CardOrigin {
    match (shipped(id).is_some(), saved) {
        (true, false) => CardOrigin::Shipped,
        (true, true) => CardOrigin::Replaced,
        (false, _) => CardOrigin::Own,
    }
}

fn changes(before: Option<&FeeCard>, after: Option<&FeeCard>) -> Vec<Change> {
    let value = |card: Option<&FeeCard>| serde_json::to_value(card).unwrap_or(Value::Null);
    diff_values(&value(before), &value(after))
}

/// Another card of the marketplace that begins on the same day: nobody could say which of the two holds.
fn rivals(cards: &FeeCards, card: &FeeCard) -> Vec<FieldError> {
    let rival = cards.iter().find(|other| {
        other.id != card.id && other.marketplace == card.marketplace && other.valid_from == card.valid_from
    });
    let told = |other: &Arc<FeeCard>| {
        let message = format!("{} is the first day of the card '{}' already", card.valid_from, other.id);
        FieldError::new("valid_from", message)
    };
    rival.map(told).into_iter().collect()
}
