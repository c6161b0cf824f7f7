//! Niches to begin with, for people who do not know yet what to search.
//!
//! To add one: an entry in `niche-templates.toml`, with a category of the shipped catalogue.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::Strategy;
use crate::saved_filters::SavedFilters;

/// A saved search that ships with the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheTemplate {
    /// A stable word for programs.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What to know about it.
    pub note: String,
    /// The rule set.
    pub strategy: Strategy,
    /// What it looks for.
    pub filters: SavedFilters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    templates: Vec<NicheTemplate>,
}

static TEMPLATES: LazyLock<Vec<NicheTemplate>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../niche-templates.toml"))
        .expect("the shipped templates are checked by a test");
    file.templates
});

/// Every template, books first.
#[must_use]
pub fn templates() -> &'static [NicheTemplate] {
    &TEMPLATES
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::rules::RuleDocument;

    #[test]
    fn every_template_is_a_valid_search_in_a_category_that_exists() {
        assert!(templates().len() >= 15);
        for template in templates() {
            let rules = RuleDocument::shipped(template.strategy);
            let filters = template.filters.raw(rules.condition).check();
            let filters = filters.unwrap_or_else(|errors| panic!("{}: {errors:?}", template.id));
            assert!(filters.category().is_some(), "{}: searching everywhere is no niche", template.id);
            // What the rules refuse anyway is not paid for.
            assert!(rules.max_rank.is_none_or(|most| filters.bsr().1 <= most), "{}", template.id);
        }
    }

    #[test]
    fn templates_have_names_of_their_own_and_cover_more_than_books() {
        let ids: HashSet<_> = templates().iter().map(|t| &t.id).collect();
        let names: HashSet<_> = templates().iter().map(|t| &t.name).collect();
        assert_eq!((ids.len(), names.len()), (templates().len(), templates().len()));
        let roots: HashSet<_> = templates()
            .iter()
            .filter_map(|t| Some(t.filters.raw(crate::Condition::New).check().ok()?.category()?.root))
            .collect();
        assert!(roots.len() >= 8, "{roots:?}");
    }
}
