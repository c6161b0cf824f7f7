//! Writing CSV: RFC 4180, with a byte order mark so that Excel reads UTF-8.

use std::borrow::Cow;
use std::io::Write;

use chrono::SecondsFormat;
use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{Cell, Sheet, WriteError};

pub(super) fn write(sheet: Sheet<'_>, mut to: impl Write) -> Result<u64, WriteError> {
    to.write_all("\u{feff}".as_bytes())?;
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Necessary).terminator(Terminator::CRLF).from_writer(to);
    writer.write_record(sheet.columns.iter().map(|column| column.name)).map_err(failed)?;
    let mut rows = 0;
    for row in sheet.rows {
        for cell in &row {
            writer.write_field(shown(cell).as_bytes()).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
        rows += 1;
    }
    writer.flush()?;
    Ok(rows)
}

fn failed(error: csv::Error) -> WriteError {
    WriteError::Io(error.into())
}

fn shown(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Missing => Cow::Borrowed(""),
        Cell::Text(text) | Cell::Code(text) | Cell::Link(text, _) => disarmed(text),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Number(number, _) => number.to_string().into(),
        Cell::Money(money) => money.to_string().into(),
        Cell::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
        Cell::Truth(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
    }
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises: it is a text then.
/// Titles come from whoever sells at Amazon. Signs of full width count as well: some versions of Excel take them.
fn disarmed(text: &str) -> Cow<'_, str> {
    const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    // Blanks in front are dropped by some programs before they look.
    if text.starts_with(DANGEROUS) || text.trim_start().starts_with(DANGEROUS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
