//! The category list.

use gleaner_core::category::Category;

use super::table;

/// Prints the categories, each below its root.
pub fn print(all: &[Category]) -> anyhow::Result<()> {
    let mut rows = table::new(&[">ID", "CATEGORY"]);
    for root in all.iter().filter(|c| c.is_root()) {
        rows.add([root.id.0.to_string(), root.name.clone()]);
        for child in all.iter().filter(|c| c.root == root.id && !c.is_root()) {
            rows.add([child.id.0.to_string(), format!("  {}", child.name)]);
        }
    }
    rows.print()
}
