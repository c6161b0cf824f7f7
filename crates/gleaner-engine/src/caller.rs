//! Who asks, and what for: it stands in the permanent history and decides what the tokens are booked on.

use std::time::Duration;

use uuid::Uuid;

use crate::ledger::Purpose;

/// Through which door a question came, for the permanent history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Source {
    /// The web app.
    Frontend,
    /// A program.
    #[default]
    Api,
    /// A person at the command line.
    Manual,
}

impl Source {
    /// The word in `search_history.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Api => "api",
            Self::Manual => "manual",
        }
    }
}

/// What a question is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Errand {
    /// Nothing else: somebody asked.
    #[default]
    Question,
    /// The run of a saved search, by a person who waits.
    Niche,
    /// A sourcing job: leaves the reserve of tokens for people.
    Job,
}

impl Errand {
    /// What the tokens of a call are booked on: the errand, or without one the kind of call.
    pub(crate) fn purpose(self, call: Purpose) -> Purpose {
        match self {
            Self::Question => call,
            Self::Niche => Purpose::Niche,
            Self::Job => Purpose::Job,
        }
    }

    /// Whether it must leave [`crate::Settings::token_floor`] for people.
    pub(crate) fn leaves_the_floor(self) -> bool {
        self == Self::Job
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caller {
    /// Through which door.
    pub source: Source,
    /// The account, where there are accounts.
    pub user_id: Option<Uuid>,
    /// What for.
    pub errand: Errand,
    /// How long it waits for tokens when they are short; [`crate::Settings::token_patience`] when absent.
    pub patience: Option<Duration>,
    /// The saved search that this is a run of.
    pub niche: Option<Uuid>,
}

impl Caller {
    /// Somebody without an account.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self { source, ..Self::default() }
    }

    /// The same caller on an errand.
    #[must_use]
    pub fn on(self, errand: Errand) -> Self {
        Self { errand, ..self }
    }

    /// The same caller with a patience of its own, if it has one.
    #[must_use]
    pub fn waiting(self, patience: Option<Duration>) -> Self {
        Self { patience, ..self }
    }

    /// The same caller, running a saved search.
    #[must_use]
    pub fn running(self, niche: Uuid) -> Self {
        Self { niche: Some(niche), ..self.on(Errand::Niche) }
    }

    /// What was asked, as the history keeps it: with the saved search that asked.
    pub(crate) fn noted(self, mut filters: serde_json::Value) -> serde_json::Value {
        if let (Some(niche), Some(all)) = (self.niche, filters.as_object_mut()) {
            all.insert("niche".to_owned(), niche.to_string().into());
        }
        filters
    }

    /// The value for `search_history.source`.
    pub(crate) fn source_column(self) -> String {
        self.source.as_str().to_owned()
    }

    /// The value for `search_history.user_id`.
    pub(crate) fn user_column(self) -> Option<String> {
        self.user_id.map(|id| id.to_string())
    }
}
