//! One look for all tables: colours and rules on a terminal, aligned plain text in a pipe.
//!
//! The last column gives way: on a terminal its texts are cut so that no line is broken in two.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a missing value is shown.
pub const MISSING: &str = "-";
/// The least that is left of the last column.
const NARROWEST: usize = 12;
/// The most that is shown of a text in the last column: a pipe has no width, and titles run to 500 characters.
const WIDEST: usize = 60;
/// Columns of blanks between two columns.
const GAP: usize = 2;

/// A text in a colour; no colour reaches a pipe.
#[derive(Debug)]
pub struct Text {
    text: String,
    colour: Option<Color>,
}

/// A text in a colour.
pub fn coloured(text: impl Into<String>, colour: Option<Color>) -> Text {
    Text { text: text.into(), colour }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text, colour: None }
    }
}

/// A table in the making.
#[derive(Debug)]
pub struct Rows {
    header: Vec<String>,
    rows: Vec<Vec<Text>>,
}

/// An empty table with a header; columns named with a leading `>` are aligned to the right.
pub fn new(header: &[&str]) -> Rows {
    Rows { header: header.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
}

impl Rows {
    /// Adds a row: a text for each column.
    pub fn add<T: Into<Text>>(&mut self, row: impl IntoIterator<Item = T>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// Prints it, without blanks at the end of lines.
    pub fn print(mut self) -> anyhow::Result<()> {
        self.cut_last_column(terminal_width());
        super::line(self.table(std::io::stdout().is_terminal()).trim_fmt())
    }

    /// Leaves to the last column what the others do not need.
    fn cut_last_column(&mut self, width: Option<usize>) {
        let Some(last) = self.header.len().checked_sub(1) else { return };
        let taken: usize = (0..last).map(|column| self.needed(column) + GAP).sum();
        let room = width.map_or(WIDEST, |width| width.saturating_sub(taken).clamp(NARROWEST, WIDEST));
        for cell in self.rows.iter_mut().filter_map(|row| row.get_mut(last)) {
            cell.text = cut(&cell.text, room);
        }
    }

    fn needed(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width());
        cells.chain([self.header[column].trim_start_matches('>').width()]).max().unwrap_or_default()
    }

    fn table(self, terminal: bool) -> Table {
        let mut table = Table::new();
        let rule = |sign| TableStyle::new().header_separator(LineStyle::none().fill(sign).junction(sign));
        table.load_style(match (terminal, utf8()) {
            (true, true) => rule('─'),
            (true, false) => rule('-'),
            (false, _) => TableStyle::new(),
        });
        table.set_content_arrangement(ContentArrangement::Disabled);
        if !terminal {
            table.force_no_tty();
        }
        let bold = |name: &String| Cell::new(name.trim_start_matches('>')).add_attribute(Attribute::Bold);
        table.set_header(self.header.iter().map(bold));
        let last = self.header.len() - 1;
        for (index, name) in self.header.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                // A style with a rule has a blank of its own between columns.
                let gap = if index == last { 0 } else { GAP - usize::from(terminal) };
                column.set_padding((0, u16::try_from(gap).unwrap_or_default()));
                if name.starts_with('>') {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        for row in self.rows {
            table.add_row(row.into_iter().map(|Text { text, colour }| {
                let cell = Cell::new(text);
                match colour {
                    Some(colour) => cell.fg(colour),
                    None => cell,
                }
            }));
        }
        table
    }
}

/// Whether the console shows more than ASCII, as far as it tells.
fn utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

/// A value, or the sign for a missing one.
pub fn or_missing<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |v| v.to_string())
}

/// A number of things: `1 token`, `2 tokens`.
pub fn counted(n: impl TryInto<i64>, thing: &str) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// Cuts a text to a number of columns; letters of some scripts take two.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(3);
    let kept: String = text
        .chars()
        .take_while(|letter| {
            let fits = letter.width().unwrap_or(0) <= left;
            left -= if fits { letter.width().unwrap_or(0) } else { 0 };
            fits
        })
        .collect();
    format!("{}...", kept.trim_end())
}

/// The terminal's width; `None` in a pipe.
pub fn terminal_width() -> Option<usize> {
    Table::new().width().map(usize::from)
}

/// The width to lay texts out for: the terminal's, else 100.
pub fn width() -> usize {
    terminal_width().unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<usize>, terminal: bool) -> Vec<String> {
        let mut rows = new(&["ASIN", ">BSR", "TITLE"]);
        rows.add(["0593655036", "74", "The Anxious Generation: How the Great Rewiring"].map(str::to_owned));
        rows.add(["B0DT64M849", "1", "ライオン 猫トイレ ニオイをとる砂"].map(str::to_owned));
        rows.add(["B0F7XPYCSJ", "-", "-"].map(str::to_owned));
        rows.cut_last_column(width);
        rows.table(terminal).trim_fmt().lines().map(str::to_owned).collect()
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_the_script() {
        for width in [40, 50, 60, 80, 120] {
            for line in shown(Some(width), true) {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        assert_eq!(shown(Some(40), true)[2], "0593655036   74  The Anxious Generati...");
    }

    #[test]
    fn a_pipe_gets_whole_titles_and_no_blanks_at_the_end_of_lines() {
        let lines = shown(None, false);
        assert!(lines[1].ends_with("How the Great Rewiring"), "{lines:?}");
        assert!(lines.iter().all(|line| line.trim_end() == line), "{lines:?}");
        assert_eq!(lines.len(), 4, "one line for the header and each row");
    }

    #[test]
    fn a_cut_text_says_so_and_never_splits_a_wide_letter() {
        assert_eq!(cut("Lamp", 4), "Lamp");
        assert_eq!(cut("Table lamp", 8), "Table...");
        assert_eq!(cut("猫トイレ", 6), "猫...");
    }
}
