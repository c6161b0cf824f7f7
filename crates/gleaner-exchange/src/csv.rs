//! Separated text into records: quotes, line breaks inside quotes, and the line each record begins on.
//!
//! A quote that is never closed would, read by the book, become one huge cell that hides every row up
//! to the next quote, or to the end of the file. Here such a record carries a [`Fault`] and ends with its
//! line: a row may be reported, never swallowed.

use std::borrow::Cow;

/// More cells than any list has; the record is reported instead of kept.
const MOST_CELLS: usize = 2_000;

/// Separators that are recognised, in the order they win a tie.
const SEPARATORS: [u8; 4] = [b'\t', b';', b'|', b','];

/// How much of a file is looked at to find the separator.
const SAMPLE_BYTES: usize = 64 * 1024;
const SAMPLE_RECORDS: usize = 20;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// The line it begins on, as an editor counts; the row of a spreadsheet.
    pub line: u64,
    /// Its cells, without quotes.
    pub cells: Vec<Cow<'a, str>>,
    /// What is wrong with its form.
    pub fault: Option<Fault>,
}

impl Record<'_> {
    /// A cell without surrounding blanks; empty when the record is shorter.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// What may be wrong with the form of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A quote opens and never closes.
    UnclosedQuote,
    /// More cells than any list has.
    TooManyCells,
}

impl Fault {
    /// A stable code for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnclosedQuote => "unclosed_quote",
            Self::TooManyCells => "too_many_cells",
        }
    }

    /// A sentence.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::UnclosedQuote => "a quote opens in this row and never closes: remove it or close it",
            Self::TooManyCells => "more than 2,000 cells in one row: is the separator right?",
        }
    }
}

/// The records of a text.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
    line: u64,
    /// Whether a quoted cell may go over several lines: until one is found that never ends.
    across_lines: bool,
}

impl<'a> Records<'a> {
    /// Reads a text with a separator.
    #[must_use]
    pub fn new(text: &'a str, separator: u8) -> Self {
        let (at, line) = match declared(text) {
            Some((_, length)) => (length, 2),
            None => (0, 1),
        };
        Self { text, separator, at, line, across_lines: true }
    }

    fn record(&mut self) -> Record<'a> {
        let (start, line) = (self.at, self.line);
        let mut fault = None;
        let mut one_line = !self.across_lines;
        let mut cells = Vec::new();
        loop {
            let (cell, end) = match self.cell(one_line) {
                Ok(found) => found,
                Err(Unclosed { at_end }) => {
                    // Once a quote ran to the end of the file, no later one may try that again.
                    self.across_lines &= !at_end;
                    if fault.is_none() {
                        fault = Some(Fault::UnclosedQuote);
                        one_line = true;
                        (self.at, self.line) = (start, line);
                        cells.clear();
                        continue;
                    }
                    self.plain()
                }
            };
            if cells.len() < MOST_CELLS {
                cells.push(cell);
            } else {
                fault = Some(Fault::TooManyCells);
            }
            if end {
                return Record { line, cells, fault };
            }
        }
    }

    /// The next cell, and whether it ends the record.
    fn cell(&mut self, one_line: bool) -> Result<(Cow<'a, str>, bool), Unclosed> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return Ok(self.plain());
        }
        let mut from = self.at + 1;
        let mut unescaped = String::new();
        let mut lines = 0;
        let mut i = from;
        loop {
            match bytes.get(i) {
                None => return Err(Unclosed { at_end: true }),
                Some(b'\n') if one_line => return Err(Unclosed { at_end: false }),
                Some(b'\n') => lines += 1,
                Some(b'"') => match bytes.get(i + 1) {
                    Some(b'"') => {
                        unescaped.push_str(&self.text[from..=i]);
                        from = i + 2;
                        i += 1;
                    }
                    next if next.is_none_or(|n| *n == self.separator || matches!(n, b'\r' | b'\n')) => {
                        let rest = &self.text[from..i];
                        self.line += lines;
                        self.at = i + 1;
                        let end = self.end_cell();
                        let cell = if unescaped.is_empty() {
                            Cow::Borrowed(rest)
                        } else {
                            Cow::Owned(unescaped + rest)
                        };
                        return Ok((cell, end));
                    }
                    // It opens another cell: the one that we are in was never closed.
                    _ if lines > 0 => return Err(Unclosed { at_end: false }),
                    // A quote in the middle, as in `"5" tape"`: part of the text.
                    _ => {}
                },
                Some(_) => {}
            }
            i += 1;
        }
    }

    /// A cell without quotes.
    fn plain(&mut self) -> (Cow<'a, str>, bool) {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.at..];
        let length = rest
            .iter()
            .position(|b| *b == self.separator || *b == b'\n' || *b == b'\r')
            .unwrap_or(rest.len());
        let cell = &self.text[self.at..self.at + length];
        self.at += length;
        let end = self.end_cell();
        (Cow::Borrowed(cell), end)
    }

    /// Steps over what ends a cell; true when it ends the record too.
    fn end_cell(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at) {
            Some(b) if *b == self.separator => {
                self.at += 1;
                false
            }
            Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => {
                self.at += 2;
                self.line += 1;
                true
            }
            Some(_) => {
                self.at += 1;
                self.line += 1;
                true
            }
            None => true,
        }
    }
}

struct Unclosed {
    at_end: bool,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        (self.at < self.text.len()).then(|| self.record())
    }
}

/// The separator that a first line `sep=;` declares, as spreadsheets write it, and that line's length.
fn declared(text: &str) -> Option<(u8, usize)> {
    let rest = text.strip_prefix("sep=")?;
    let separator = *rest.as_bytes().first().filter(|b| SEPARATORS.contains(b))?;
    let end = rest[1..].strip_prefix("\r\n").or_else(|| rest[1..].strip_prefix('\n'))?;
    Some((separator, text.len() - end.len()))
}

/// The separator under which the first records look most like a table; a comma when none does.
#[must_use]
pub fn separator(text: &str) -> u8 {
    if let Some((separator, _)) = declared(text) {
        return separator;
    }
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    let mut best = (0.0, 1, b',');
    for separator in SEPARATORS {
        let widths: Vec<usize> = Records::new(sample, separator)
            .filter(|record| !record.is_blank())
            .take(SAMPLE_RECORDS)
            .map(|record| record.cells.len())
            .collect();
        let usual = widths.iter().copied().max_by_key(|w| widths.iter().filter(|o| *o == w).count());
        let Some(usual) = usual.filter(|w| *w > 1) else { continue };
        let alike = widths.iter().filter(|w| **w == usual).count();
        #[expect(clippy::cast_precision_loss, reason = "at most 20 records are counted")]
        let share = alike as f64 / widths.len() as f64;
        if (share, usual) > (best.0, best.1) {
            best = (share, usual, separator);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        Records::new(text, separator(text))
            .map(|r| (r.line, r.cells.into_iter().map(Cow::into_owned).collect()))
            .collect()
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        rows(text).into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn quotes_hold_separators_line_breaks_and_quotes() {
        let text = "a,b\r\n\"1,5\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",x\ny,z";
        assert_eq!(
            rows(text),
            [
                (1, vec!["a".to_owned(), "b".to_owned()]),
                (2, vec!["1,5".to_owned(), "say \"hi\"".to_owned()]),
                (3, vec!["two\nlines".to_owned(), "x".to_owned()]),
                (5, vec!["y".to_owned(), "z".to_owned()]),
            ]
        );
        assert_eq!(cells("a,\"\",\"\"\"\"\n"), [["a", "", "\""]]);
        assert_eq!(cells("19\" rack,5\n\"5\" tape\",6"), [["19\" rack", "5"], ["5\" tape", "6"]]);
    }

    #[test]
    fn the_separator_is_found_also_beside_decimal_commas_and_titles_with_commas() {
        assert_eq!(separator("isbn;price\n9780306406157;12,50\n9780306406157;9,99"), b';');
        assert_eq!(separator("9780306406157;12,50\n9780306406157;9,99"), b';');
        assert_eq!(separator("isbn\ttitle\n1\tA, B and C\n2\tD, E and F"), b'\t');
        assert_eq!(separator("isbn,title\n1,\"A; B\"\n2,C; D"), b',');
        assert_eq!(separator("isbn\n9780306406157"), b',');
        assert_eq!(separator("sep=;\na,b;c"), b';');
        assert_eq!(cells("sep=;\r\na,b;c"), [["a,b", "c"]]);
    }

    #[test]
    fn a_quote_that_never_closes_costs_its_own_row_and_no_other() {
        let text = "a,b\n1,\"open\n2,x\n3,\"y\"\n";
        let records: Vec<Record<'_>> = Records::new(text, b',').collect();
        assert_eq!(records.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(records[1].fault, Some(Fault::UnclosedQuote));
        assert_eq!(records.iter().filter(|r| r.fault.is_none()).count(), 3);
        assert_eq!(records[3].cell(1), "y");
        let to_the_end = "a,b\n1,\"open\n2,x\n3,\"open too\n4,\"good\"\n";
        let faulty: Vec<u64> =
            Records::new(to_the_end, b',').filter(|r| r.fault.is_some()).map(|r| r.line).collect();
        assert_eq!((Records::new(to_the_end, b',').count(), faulty), (5, vec![2, 4]));
    }

    #[test]
    fn a_record_of_thousands_of_cells_is_reported() {
        let text = format!("{}\na", ",".repeat(100_000));
        let records: Vec<Record<'_>> = Records::new(&text, b',').collect();
        assert_eq!((records[0].fault, records[0].cells.len()), (Some(Fault::TooManyCells), MOST_CELLS));
        assert_eq!((records.len(), records[1].line), (2, 2));
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_by_the_book_comes_back_as_it_was(table in proptest::collection::vec(
            proptest::collection::vec("[a-z \",;\t\n\r|0-9é]{0,8}", 1..6), 1..6
        )) {
            let text: String = table
                .iter()
                .map(|row| {
                    let cells: Vec<String> =
                        row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                    cells.join(",") + "\n"
                })
                .collect();
            let read: Vec<Vec<String>> = Records::new(&text, b',')
                .map(|r| r.cells.into_iter().map(Cow::into_owned).collect())
                .collect();
            proptest::prop_assert_eq!(read, table);
        }
    }
}
