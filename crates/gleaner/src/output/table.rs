//! One look for all tables: colours and rules on a terminal, aligned plain text in a pipe.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

/// How a missing value is shown.
pub const MISSING: &str = "-";

/// An empty table with a header; columns named with a leading `>` are aligned to the right.
pub fn new(header: &[&str]) -> Table {
    let mut table = Table::new();
    let terminal = std::io::stdout().is_terminal();
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
    let rule = |sign| TableStyle::new().header_separator(LineStyle::none().fill(sign).junction(sign));
    table.load_style(match (terminal, utf8) {
        (true, true) => rule('─'),
        (true, false) => rule('-'),
        (false, _) => TableStyle::new(),
    });
    if terminal {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.force_no_tty();
    }
    table.set_header(header.iter().map(|name| Cell::new(name.trim_start_matches('>')).add_attribute(Attribute::Bold)));
    for (index, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, 2));
            if name.starts_with('>') {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table
}

/// A cell in a colour; no colour reaches a pipe.
pub fn coloured(text: impl ToString, color: Option<Color>) -> Cell {
    let cell = Cell::new(text);
    match color {
        Some(color) => cell.fg(color),
        None => cell,
    }
}

/// A value, or the sign for a missing one.
pub fn or_missing<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |v| v.to_string())
}

/// Cuts a text to a number of characters.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

/// The width to lay out for: the terminal's, else 100.
pub fn width() -> usize {
    comfy_table::Table::new().width().map_or(100, usize::from)
}
