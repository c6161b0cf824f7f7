//! A search: every condition over every product, then order and page.

use super::columns::{Columns, Placement, View, entry, places};
use super::fields::{Field, Plain};
use super::selection::Selection;
use super::texts::TextField;
use crate::catalog::{Catalog, Saved};
use crate::world::texts::Texts;
use crate::world::traits::Traits;
use crate::world::{DOMAIN, World};

/// What a search found.
pub(crate) struct Found {
    /// One page.
    pub(crate) asins: Vec<String>,
    pub(crate) total: usize,
    /// Rows of everything that matched.
    pub(crate) matches: Vec<Row>,
}

/// One product that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    Synthetic(u32),
    /// A place in the catalogue of saved products.
    Saved(usize),
}

/// Where searches look.
pub(crate) struct Sources<'a> {
    pub(crate) world: &'a World,
    pub(crate) columns: &'a Columns,
    pub(crate) catalog: &'a Catalog,
}

/// Order keys: smaller comes first, nothing comes last.
type Keys = [i64; 3];

impl Sources<'_> {
    /// Runs a search in a marketplace at a moment (Keepa minutes).
    pub(crate) fn search(&self, domain: i64, selection: &Selection, now: i32) -> Found {
        let mut rows: Vec<(Keys, u32, Row)> = Vec::new();
        if domain == DOMAIN {
            let mut fields: Vec<Field> = selection.ranges.iter().map(|range| range.field).collect();
            fields.extend(selection.lists.iter().map(|(field, _)| *field));
            fields.extend(selection.flags.iter().map(|(field, _)| *field));
            fields.extend(selection.sort.iter().map(|(field, _)| *field));
            fields.push(Field::Plain(Plain::TrackingSince));
            let view = self.columns.view(now, &fields);
            self.synthetic(selection, &view, &mut rows);
        }
        for (place, saved) in self.catalog.of_domain(domain) {
            if matches_saved(selection, saved) {
                let keys = keys_of(selection, |field| field.of(&saved.facts));
                rows.push((keys, u32::MAX, Row::Saved(place)));
            }
        }
        if selection.single_variation {
            rows.sort_unstable_by_key(|row| (row.0, row.1));
            let mut seen = std::collections::HashSet::new();
            rows.retain(|(_, number, row)| match row {
                Row::Synthetic(_) => {
                    self.world.traits(*number).family.is_none_or(|family| seen.insert(family))
                }
                Row::Saved(_) => true,
            });
        }
        self.page(selection, rows)
    }

    fn page(&self, selection: &Selection, mut rows: Vec<(Keys, u32, Row)>) -> Found {
        let total = rows.len();
        let from = selection.page.saturating_mul(selection.per_page);
        let to = from.saturating_add(selection.per_page).min(total);
        if to < total && to > 0 {
            // Only what is shown needs an order.
            rows.select_nth_unstable_by_key(to - 1, |row| (row.0, row.1));
        }
        let shown = &mut rows[..to];
        shown.sort_unstable_by_key(|row| (row.0, row.1));
        let asins = shown
            .iter()
            .skip(from)
            .map(|(_, _, row)| match row {
                Row::Synthetic(index) => self.world.codec.asin(*index),
                Row::Saved(place) => self.catalog.at(*place).asin.clone(),
            })
            .collect();
        Found { asins, total, matches: rows.into_iter().map(|(_, _, row)| row).collect() }
    }

    fn synthetic(&self, selection: &Selection, view: &View, rows: &mut Vec<(Keys, u32, Row)>) {
        let roots = places(&selection.roots);
        let include = places(&selection.include);
        let exclude = places(&selection.exclude);
        let reference = selection.rank_reference.map(|id| places(&[id]));
        let placed = |placement: &Placement| {
            (selection.roots.is_empty() || placement.in_root(&roots))
                && (selection.include.is_empty() || placement.listed_in(&include))
                && (selection.exclude.is_empty() || !placement.listed_in(&exclude))
                && reference.as_ref().is_none_or(|reference| placement.in_root(reference))
        };
        let born = view.column(Field::Plain(Plain::TrackingSince)).unwrap_or_default();
        let ranges: Vec<_> = selection.ranges.iter().map(|range| (range, view.column(range.field))).collect();
        for (place, placement) in view.placements.iter().enumerate() {
            let there = born.get(place).is_some_and(|since| *since <= view.now);
            let inside = there
                && placed(placement)
                && ranges.iter().all(|(range, column)| {
                    range.holds(column.and_then(|column| column.get(place)).copied().and_then(entry))
                });
            if !inside {
                continue;
            }
            let value = |field: Field| view.value(field, place);
            if !lists_hold(selection, value) {
                continue;
            }
            let Ok(number) = u32::try_from(place) else { break };
            if (selection.title.is_some() || !selection.texts.is_empty())
                && !self.texts_hold(selection, number)
            {
                continue;
            }
            if self.catalog.find(DOMAIN, number, self.world).is_some() {
                continue;
            }
            rows.push((keys_of(selection, value), number, Row::Synthetic(number)));
        }
    }

    fn texts_hold(&self, selection: &Selection, number: u32) -> bool {
        let traits = self.world.traits(number);
        let texts = Texts::of(&traits);
        selection.title.as_ref().is_none_or(|title| title.holds(&texts.title))
            && selection
                .texts
                .iter()
                .all(|filter| filter.holds(synthetic_text(filter.field, &traits, &texts)))
    }
}

/// A text of a synthetic product.
pub(crate) fn synthetic_text<'a>(field: TextField, traits: &'a Traits, texts: &'a Texts) -> Option<&'a str> {
    match field {
        TextField::Author => texts.author.as_deref(),
        TextField::Binding => traits.kind.binding,
        TextField::Brand => Some(&texts.brand),
        TextField::Color => texts.color.as_deref(),
        TextField::Edition => texts.edition.as_deref(),
        TextField::Keyword => Some(traits.kind.keyword),
        TextField::Manufacturer => Some(&texts.manufacturer),
        TextField::Size => texts.size.as_deref(),
        TextField::Type => Some(traits.kind.product_type),
        TextField::DisplayGroup => Some(traits.root.group),
        TextField::DisplayGroupName => Some(traits.root.group_name),
        TextField::NoData => None,
    }
}

fn lists_hold(selection: &Selection, value: impl Fn(Field) -> Option<i32>) -> bool {
    let listed = |(field, wanted): &(Field, Vec<i64>)| {
        value(*field).is_some_and(|value| wanted.contains(&i64::from(value)))
    };
    let flagged =
        |(field, wanted): &(Field, bool)| value(*field).is_some_and(|value| (value != 0) == *wanted);
    selection.lists.iter().all(listed) && selection.flags.iter().all(flagged)
}

fn matches_saved(selection: &Selection, saved: &Saved) -> bool {
    let facts = &saved.facts;
    (selection.roots.is_empty() || selection.roots.contains(&facts.root))
        && (selection.include.is_empty() || facts.categories.iter().any(|id| selection.include.contains(id)))
        && !facts.categories.iter().any(|id| selection.exclude.contains(id))
        && selection.rank_reference.is_none_or(|id| facts.rank_reference == id)
        && selection.ranges.iter().all(|range| range.holds(range.field.of(facts)))
        && lists_hold(selection, |field| field.of(facts))
        && selection
            .title
            .as_ref()
            .is_none_or(|title| facts.text("title").is_some_and(|text| title.holds(text)))
        && selection.texts.iter().all(|filter| filter.holds(facts.text_field(filter.field)))
}

fn keys_of(selection: &Selection, value: impl Fn(Field) -> Option<i32>) -> Keys {
    let mut keys = [0; 3];
    for (key, (field, descending)) in keys.iter_mut().zip(&selection.sort) {
        *key = value(*field)
            .map_or(i64::MAX, |value| if *descending { -i64::from(value) } else { i64::from(value) });
    }
    keys
}
