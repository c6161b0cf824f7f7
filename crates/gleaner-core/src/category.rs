//! The category catalogue that ships with the program: ids and names per marketplace.
//!
//! Keepa's finder wants a root category; a category below it goes as root plus an inclusion. A name
//! or id that the catalogue does not have is an error with suggestions, never a silent default. To
//! add one: put it into `categories/MARKETPLACE.toml`.

use std::sync::LazyLock;

use keepa::{CategoryId, Domain};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One category to search in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Its id at Keepa.
    pub id: CategoryId,
    /// Its name in the marketplace's language.
    pub name: String,
    /// Its root; its own id when it is one.
    pub root: CategoryId,
    /// The numerically largest sales rank seen in its root, where that is known; 0 when it ranks nothing.
    #[serde(skip)]
    pub highest_rank: Option<i64>,
}

impl Category {
    /// Whether it is a root category.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.id == self.root
    }
}

/// The id that means every category.
pub const ALL_CATEGORIES: i64 = 0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    roots: Vec<Root>,
    children: Vec<Child>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    id: i64,
    name: String,
    highest_rank: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Child {
    id: i64,
    name: String,
    root: i64,
}

const FILES: [(Domain, &str); 11] = [
    (Domain::Us, include_str!("../categories/us.toml")),
    (Domain::Uk, include_str!("../categories/uk.toml")),
    (Domain::De, include_str!("../categories/de.toml")),
    (Domain::Fr, include_str!("../categories/fr.toml")),
    (Domain::Jp, include_str!("../categories/jp.toml")),
    (Domain::Ca, include_str!("../categories/ca.toml")),
    (Domain::It, include_str!("../categories/it.toml")),
    (Domain::Es, include_str!("../categories/es.toml")),
    (Domain::In, include_str!("../categories/in.toml")),
    (Domain::Mx, include_str!("../categories/mx.toml")),
    (Domain::Br, include_str!("../categories/br.toml")),
];

static CATALOGUE: LazyLock<Vec<(Domain, Vec<Category>)>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(marketplace, text)| {
            let file: File = toml::from_str(text).expect("the shipped catalogue is checked by a test");
            let mut categories: Vec<Category> = file
                .roots
                .into_iter()
                .map(|r| Category {
                    id: CategoryId(r.id),
                    name: r.name,
                    root: CategoryId(r.id),
                    highest_rank: r.highest_rank,
                })
                .collect();
            for child in file.children {
                let root = CategoryId(child.root);
                // A product's rank is its root's, in whatever sub-category it is listed.
                let highest_rank = categories.iter().find(|c| c.id == root).and_then(|c| c.highest_rank);
                categories.push(Category { id: CategoryId(child.id), name: child.name, root, highest_rank });
            }
            (*marketplace, categories)
        })
        .collect()
});

/// Every category of a marketplace, roots first.
#[must_use]
pub fn categories(marketplace: Domain) -> &'static [Category] {
    CATALOGUE.iter().find(|(m, _)| *m == marketplace).map_or(&[], |(_, categories)| categories)
}

/// Finds a category by name (in any case) or Keepa id; `None` stands for all categories (`0`, `all`).
pub fn find(marketplace: Domain, text: &str) -> Result<Option<&'static Category>, UnknownCategory> {
    let wanted = text.trim();
    if wanted == "0" || wanted.eq_ignore_ascii_case("all") {
        return Ok(None);
    }
    let all = categories(marketplace);
    let id: Option<i64> = wanted.parse().ok();
    all.iter()
        .find(|c| Some(c.id.0) == id)
        .or_else(|| all.iter().find(|c| c.name.to_lowercase() == wanted.to_lowercase()))
        .map(Some)
        .ok_or_else(|| UnknownCategory {
            wanted: wanted.to_owned(),
            marketplace,
            suggestions: suggestions(all, wanted),
        })
}

fn suggestions(all: &[Category], wanted: &str) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut near: Vec<(f64, &str)> = all
        .iter()
        .map(|c| {
            let name = c.name.to_lowercase();
            let contains = if !wanted.is_empty() && name.contains(&wanted) { 1.0 } else { 0.0 };
            (strsim::jaro_winkler(&name, &wanted).max(contains), c.name.as_str())
        })
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// A category that the catalogue does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{wanted}' is not a category of the marketplace {marketplace}{}", hint(.suggestions))]
pub struct UnknownCategory {
    /// What was asked for.
    pub wanted: String,
    /// Where.
    pub marketplace: Domain,
    /// Up to three names that look like it.
    pub suggestions: Vec<String>,
}

fn hint(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        ": give a name or a Keepa id from `gleaner categories`, or 0 for all".to_owned()
    } else {
        format!("; did you mean {}?", suggestions.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_category_has_one_id_and_a_root_of_its_marketplace() {
        for marketplace in Domain::ALL {
            let all = categories(marketplace);
            assert!(all.len() >= 7, "{marketplace}");
            let ids: HashSet<_> = all.iter().map(|c| c.id).collect();
            assert_eq!(ids.len(), all.len(), "{marketplace}: an id stands twice");
            assert!(all.iter().all(|c| all.iter().any(|root| root.is_root() && root.id == c.root)));
        }
    }

    #[test]
    fn categories_are_found_by_name_in_any_case_and_by_id() {
        let books = find(Domain::Us, "books").unwrap().unwrap();
        assert_eq!((books.id.0, books.is_root()), (283_155, true));
        let sub = find(Domain::Us, "3839").unwrap().unwrap();
        assert_eq!((sub.name.as_str(), sub.root.0), ("Programming", 283_155));
        assert_eq!(find(Domain::De, "bücher").unwrap().unwrap().id.0, 186_606);
        assert_eq!(find(Domain::Us, "0"), Ok(None));
        assert_eq!(find(Domain::Us, "all"), Ok(None));
    }

    #[test]
    fn an_unknown_category_is_an_error_with_suggestions() {
        let error = find(Domain::Us, "Boks").unwrap_err();
        assert!(error.suggestions.contains(&"Books".to_owned()), "{error}");
        assert!(find(Domain::Us, "Law").is_err(), "an unknown name is never a silent default");
        assert!(find(Domain::Us, "123456789").is_err());
        assert!(find(Domain::Us, "").is_err());
    }
}
