//! Writing a spreadsheet. Rows go to a temporary file as they come, so that memory does not grow with them.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, Format as Look, FormatAlign, Url, Workbook, Worksheet, XlsxError};

use super::{Cell, Sheet, WriteError};

/// The most rows of a sheet, the header included.
const MOST_ROWS: u32 = 1_048_576;
/// Excel opens no sheet with more links; what comes after is the address as a text.
const MOST_LINKS: u32 = 65_000;
/// The most letters of a cell.
const MOST_LETTERS: usize = 32_767;

/// How kinds of cells look.
struct Looks {
    header: Look,
    /// For a text: shown as it is, also when somebody edits it later.
    text: Look,
    integer: Look,
    time: Look,
    link: Look,
    /// By the number of decimals.
    decimals: Vec<Look>,
}

impl Looks {
    fn new() -> Self {
        let number = |pattern: &str| Look::new().set_num_format(pattern);
        Self {
            header: Look::new().set_bold().set_align(FormatAlign::Left),
            text: number("@"),
            integer: number("0"),
            time: number("yyyy-mm-dd hh:mm"),
            link: Look::new().set_hyperlink(),
            decimals: ["0", "0.0", "0.00", "0.000"].map(number).into(),
        }
    }

    fn decimals(&self, decimals: u32) -> &Look {
        let place = usize::try_from(decimals).unwrap_or(usize::MAX).min(self.decimals.len() - 1);
        &self.decimals[place]
    }
}

pub(super) fn write(sheet: Sheet<'_>, to: impl Write + Send) -> Result<u64, WriteError> {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new().set_creation_datetime(&sheet.made_at).set_title(sheet.name);
    workbook.set_properties(&properties);
    let page = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
    let rows = fill(page, sheet)?;
    workbook.save_to_writer(to).map_err(failed)?;
    Ok(rows)
}

fn fill(page: &mut Worksheet, sheet: Sheet<'_>) -> Result<u64, WriteError> {
    let looks = Looks::new();
    page.set_name(sheet.name).map_err(failed)?;
    page.set_freeze_panes(1, 0).map_err(failed)?;
    for (number, column) in (0..).zip(&sheet.columns) {
        page.set_column_width(number, f64::from(column.width)).map_err(failed)?;
        page.write_string_with_format(0, number, column.name, &looks.header).map_err(failed)?;
    }
    let mut links = 0;
    let mut row = 0;
    for cells in sheet.rows {
        row += 1;
        if row >= MOST_ROWS {
            return Err(WriteError::TooManyRows);
        }
        for (column, cell) in (0..).zip(&cells) {
            put(page, row, column, cell, &looks, &mut links).map_err(failed)?;
        }
    }
    let last = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    page.autofilter(0, 0, row, last).map_err(failed)?;
    Ok(row.into())
}

fn put(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    looks: &Looks,
    links: &mut u32,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Missing => return Ok(()),
        Cell::Text(text) | Cell::Code(text) => {
            page.write_string_with_format(row, column, bounded(text), &looks.text)
        }
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
        Cell::Integer(number) => page.write_number_with_format(row, column, *number as f64, &looks.integer),
        Cell::Number(number, decimals) => {
            page.write_number_with_format(row, column, *number, looks.decimals(u32::from(*decimals)))
        }
        Cell::Money(money) => {
            let look = looks.decimals(gleaner_core::money::decimals(money.marketplace));
            page.write_number_with_format(row, column, money.major_f64(), look)
        }
        Cell::Time(time) => page.write_datetime_with_format(row, column, time.naive_utc(), &looks.time),
        Cell::Truth(truth) => page.write_boolean(row, column, *truth),
        Cell::Link(address, words) if *links < MOST_LINKS => {
            *links += 1;
            page.write_url_with_options(row, column, Url::new(address), *words, "", Some(&looks.link))
        }
        Cell::Link(address, _) => page.write_string_with_format(row, column, bounded(address), &looks.text),
    }
    .map(drop)
}

fn bounded(text: &str) -> String {
    text.chars().take(MOST_LETTERS).collect()
}

fn failed(error: XlsxError) -> WriteError {
    match error {
        XlsxError::IoError(error) => WriteError::Io(error),
        other => WriteError::Spreadsheet(Box::new(other)),
    }
}
