//! The pure heart of Gleaner: what a product would earn, and why.
//!
//! Data walks one way through these modules: a Keepa product becomes [`facts`], facts become
//! [`demand`], [`fees`] and [`economics`] under a set of [`rules`] and a [`fee_card`], and the
//! [`verdict`] turns those into a [`score`]. Nothing here reads a clock, a file or a socket: the
//! evaluation time, the rules and the cards are parameters, so the same inputs always give the
//! same cents.
//!
//! To add a fee line: give it a rule or a place in the card, compute it in [`fees`], add it to
//! [`fees::FeeLines`], and extend the golden table. To add a marketplace's fees: add a data file in
//! `fee-cards/`; no amount lives in code.

pub mod category;
pub mod demand;
pub mod economics;
pub mod excerpt;
pub mod facts;
pub mod fee_card;
pub mod fees;
pub mod filters;
pub mod money;
pub mod price;
pub mod rules;
pub mod saved_filters;
pub mod score;
pub mod templates;
pub mod verdict;

#[doc = include_str!("../reference-check/table.md")]
pub mod reference_table {}

pub use keepa::Domain as Marketplace;
pub use score::{Identity, Score, ScoreInput, Terms, score, score_facts};

/// The condition a question is about: new copies or used ones.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Sold as new.
    #[default]
    New,
    /// Sold as used, whatever the grade.
    Used,
}

impl Condition {
    /// `new` or `used`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Used => "used",
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "new" => Ok(Self::New),
            "used" => Ok(Self::Used),
            other => Err(format!("'{other}' is not a condition: use new or used")),
        }
    }
}
