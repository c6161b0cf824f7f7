//! What a client asked for: query string, form or JSON body, read as leniently as Keepa reads them.

use std::collections::HashMap;

use axum::body::Bytes;
use serde_json::Value;

/// The parameters of one request.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: HashMap<String, String>,
    /// A JSON body, whatever content type it came under.
    pub(crate) body: Option<Value>,
    /// A body that starts like JSON and is not.
    pub(crate) body_broken: bool,
}

impl Params {
    pub(crate) fn read(query: &str, body: &Bytes) -> Self {
        let mut params = Self::default();
        params.take_pairs(query);
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.starts_with(['{', '[']) {
            match serde_json::from_str(text) {
                Ok(value) => params.body = Some(value),
                Err(_) => params.body_broken = true,
            }
        } else if !text.is_empty() {
            params.take_pairs(text);
        }
        params
    }

    fn take_pairs(&mut self, text: &str) {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.values.insert(percent_decode(name), percent_decode(value));
        }
    }

    /// A parameter as it was sent; an empty one is as good as none.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether the parameter was there at all, even empty.
    pub(crate) fn present(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A whole number; `Err(())` when something else was sent.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, ()> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => match text {
                "true" | "True" => Ok(Some(1)),
                "false" | "False" => Ok(Some(0)),
                _ => text.parse().map(Some).map_err(|_| ()),
            },
        }
    }

    /// A 0/1 switch.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, ()> {
        Ok(self.number(name)?.map_or(default, |value| value != 0))
    }

    /// A comma separated list, duplicates collapsed, in the order sent.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        self.text(name)
            .map(|text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty() && seen.insert((*item).to_owned()))
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    }
}

/// `%20` and `+` back to what they stand for; what is not a valid escape stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(value) = escape {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(if byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Coercions for values inside JSON selections: numbers as strings, scalars where arrays are meant.
pub(crate) mod lenient {
    use serde_json::Value;

    /// A whole number, also one that came as a string, a boolean or with a zero fraction.
    pub(crate) fn integer(value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).and_then(from_float)),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the range where doubles are exact, checked just before"
    )]
    fn from_float(float: f64) -> Option<i64> {
        (float.abs() < 9e15).then_some(float as i64)
    }

    /// A truth value, also as 0/1 or as text.
    pub(crate) fn boolean(value: &Value) -> Option<bool> {
        match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            other => integer(other).map(|number| number != 0),
        }
    }

    /// The elements of an array; a scalar is an array of one, null an empty one.
    pub(crate) fn items(value: &Value) -> Vec<&Value> {
        match value {
            Value::Array(items) => items.iter().collect(),
            Value::Null => Vec::new(),
            scalar => vec![scalar],
        }
    }

    /// The whole numbers of an array or scalar; `None` when an element is none.
    pub(crate) fn integers(value: &Value) -> Option<Vec<i64>> {
        items(value).into_iter().map(integer).collect()
    }

    /// The texts of an array or scalar; numbers are written out.
    pub(crate) fn texts(value: &Value) -> Vec<String> {
        items(value)
            .into_iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dangling_ampersand_and_escapes_are_understood() {
        let params = Params::read("key=K&asin=A%2CB,A&term=home+kitchen&", &Bytes::new());
        assert_eq!(params.text("key"), Some("K"));
        assert_eq!(params.list("asin"), ["A", "B"]);
        assert_eq!(params.text("term"), Some("home kitchen"));
    }

    #[test]
    fn a_json_body_is_json_whatever_it_claims_and_a_form_is_a_form() {
        let params = Params::read("key=K", &Bytes::from_static(b" {\"page\":\"0\"}"));
        assert_eq!(params.body.unwrap()["page"], "0");
        let params = Params::read("", &Bytes::from_static(b"key=K&asin=X"));
        assert_eq!(params.text("asin"), Some("X"));
        assert!(Params::read("", &Bytes::from_static(b"{\"page\":")).body_broken);
    }

    #[test]
    fn numbers_may_come_as_text_and_scalars_as_arrays() {
        let value = serde_json::json!({"a": "283155", "b": 3, "c": ["0"], "d": 5.0});
        assert_eq!(lenient::integers(&value["a"]), Some(vec![283_155]));
        assert_eq!(lenient::integers(&value["b"]), Some(vec![3]));
        assert_eq!(lenient::integers(&value["c"]), Some(vec![0]));
        assert_eq!(lenient::integer(&value["d"]), Some(5));
        assert_eq!(lenient::integer(&serde_json::json!("x")), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_parameters_of_some_kind(query in ".{0,60}", body in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            let params = Params::read(&query, &Bytes::from(body));
            params.list("asin");
            let _either = params.number("domain");
        }

        #[test]
        fn what_was_escaped_comes_back(text in "[^\\p{C}]{1,20}") {
            let escaped: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let params = Params::read(&format!("term={}", escaped.concat()), &Bytes::new());
            proptest::prop_assert_eq!(params.text("term"), Some(text.trim()).filter(|text| !text.is_empty()));
        }
    }
}
