//! Who may come in: the table of who may call what, and the one middleware that enforces it.

mod gate;
mod guard;
mod headers;
mod limits;
mod table;

pub use table::{Line, TABLE, Who, reference};

pub(crate) use gate::{Gate, Visit, came_through_a_proxy, enforce, nobody};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Not described in the document: the document itself.
    const UNDESCRIBED: [(&str, &str); 1] = [("GET", "/api/v1/openapi.json")];

    #[test]
    fn every_endpoint_has_one_line_in_the_table_and_every_line_an_endpoint() {
        let document = crate::openapi();
        let mut described: BTreeSet<(String, String)> =
            UNDESCRIBED.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
        let listed: BTreeSet<(String, String)> =
            TABLE.iter().map(|line| (line.method.to_owned(), line.path.to_owned())).collect();
        assert_eq!(listed.len(), TABLE.len(), "a line stands twice");
        let missing: Vec<_> = described.difference(&listed).collect();
        assert!(missing.is_empty(), "not in the table of access/table.rs: {missing:?}");
        let idle: Vec<_> = listed.difference(&described).collect();
        assert!(idle.is_empty(), "in the table of access/table.rs, but no endpoint: {idle:?}");
    }

    #[test]
    fn whoever_may_spend_tokens_is_a_member() {
        for line in TABLE.iter().filter(|line| line.spends) {
            assert!(line.who >= Some(gleaner_engine::accounts::Role::Member), "{line:?}");
        }
    }
}
