//! A finder selection of any fields and values: refused, or written as JSON that holds what was asked.

#![no_main]

use keepa::finder::{FieldValue, Selection, Sort};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<(String, u8, i64, String)>, String, u32, u32)| {
    let (fields, sort, page, per_page) = input;
    let mut selection = Selection::new().page(page).per_page(per_page);
    if !sort.is_empty() {
        selection = selection.sort(sort, Sort::Asc);
    }
    for (name, kind, number, text) in &fields {
        let value = match kind % 5 {
            0 => FieldValue::Int(*number),
            1 => FieldValue::Bool(number % 2 == 0),
            2 => FieldValue::Text(text.clone()),
            3 => FieldValue::Texts(vec![text.clone()]),
            _ => FieldValue::Ints(vec![*number]),
        };
        selection = selection.field(name, value);
    }
    let _ = selection.cost_with_insights();
    if let Ok(json) = selection.to_json() {
        let written: serde_json::Value = serde_json::from_str(&json).expect("a selection is JSON");
        assert!(fields.iter().all(|(name, ..)| written.get(name).is_some()), "{json}");
    }
});
