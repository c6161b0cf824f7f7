//! What changed from one document to another.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::RuleDocument;

/// One value that differs between two documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Where, for example `buy.roi_percent`.
    pub path: String,
    /// The value before; null when it was not there.
    pub from: Value,
    /// The value after; null when it is gone.
    pub to: Value,
}

/// What changed from one document to another, path by path.
#[must_use]
pub fn diff(from: &RuleDocument, to: &RuleDocument) -> Vec<Change> {
    let value = |document: &RuleDocument| serde_json::to_value(document).unwrap_or(Value::Null);
    diff_values(&value(from), &value(to))
}

/// The same of any two documents. Lists of the same length are compared item by item, others as a whole.
#[must_use]
pub fn diff_values(from: &Value, to: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(String::new(), from, to, &mut changes);
    changes
}

fn compare(path: String, from: &Value, to: &Value, changes: &mut Vec<Change>) {
    if let (Value::Object(a), Value::Object(b)) = (from, to) {
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            compare(path, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), changes);
        }
    } else if let (Value::Array(a), Value::Array(b)) = (from, to)
        && a.len() == b.len()
    {
        for (n, (a, b)) in a.iter().zip(b).enumerate() {
            compare(format!("{path}[{n}]"), a, b, changes);
        }
    } else if from != to {
        changes.push(Change { path, from: from.clone(), to: to.clone() });
    }
}
