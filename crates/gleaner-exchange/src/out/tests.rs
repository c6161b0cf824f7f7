//! What is written is read back by other programs' readers: types, zeros, and nothing that a spreadsheet would run.

use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use proptest::prelude::*;

use super::*;

const COLUMNS: [Column; 9] = [
    column("isbn", 13),
    column("title", 30),
    column("price", 10),
    column("yen", 10),
    column("bsr", 10),
    column("roi", 10),
    column("amazon", 10),
    column("at", 18),
    column("link", 10),
];

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_596_400, 0).unwrap()
}

fn sheet<'a>(rows: impl Iterator<Item = Vec<Cell>> + Send + 'a) -> Sheet<'a> {
    Sheet { name: "scores", made_at: moment(), columns: COLUMNS.to_vec(), rows: Box::new(rows) }
}

fn row(title: &str) -> Vec<Cell> {
    vec![
        Cell::Code("0593655036".to_owned()),
        Cell::Text(title.to_owned()),
        Cell::money(Some(1_400), Marketplace::Us),
        Cell::money(Some(1_400), Marketplace::Jp),
        Cell::Integer(31_250),
        Cell::number(Some(-41.176_470_588_235_29), 1),
        Cell::truth(Some(false)),
        Cell::Time(moment()),
        Cell::Link("https://www.amazon.com/dp/0593655036".to_owned(), "Amazon"),
    ]
}

fn csv_of(rows: Vec<Vec<Cell>>) -> String {
    let mut bytes = Vec::new();
    sheet(rows.into_iter()).write(Format::Csv, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The records after the header, as a reader without knowledge of ours sees them.
fn records(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("Excel needs the mark to read UTF-8");
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn xlsx_of(rows: Vec<Vec<Cell>>) -> calamine::Range<Data> {
    let mut bytes = Vec::new();
    sheet(rows.into_iter()).write(Format::Xlsx, &mut bytes).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let formulas = book.worksheet_formula("scores").unwrap();
    assert!(formulas.used_cells().next().is_none(), "nothing is a formula");
    book.worksheet_range("scores").unwrap()
}

#[test]
fn csv_keeps_zeros_and_writes_amounts_in_the_currencys_decimals() {
    let text = csv_of(vec![row("Café, \"the\" book")]);
    assert!(text.starts_with("\u{feff}isbn,title,price,yen,bsr,roi,amazon,at,link\r\n"), "{text}");
    assert_eq!(
        records(&text),
        [[
            "0593655036",
            "Café, \"the\" book",
            "14.00",
            "1400",
            "31250",
            "-41.17647058823529",
            "false",
            "2026-01-05T07:00:00Z",
            "https://www.amazon.com/dp/0593655036"
        ]]
    );
}

#[test]
fn a_spreadsheet_has_numbers_as_numbers_codes_as_texts_and_times_as_times() {
    let range = xlsx_of(vec![row("Café")]);
    let cell = |column| range.get_value((1, column)).unwrap().clone();
    assert_eq!(cell(0), Data::String("0593655036".to_owned()));
    assert_eq!(cell(1), Data::String("Café".to_owned()));
    assert_eq!(cell(2), Data::Float(14.0));
    assert_eq!(cell(3), Data::Float(1_400.0));
    assert_eq!(cell(4), Data::Float(31_250.0));
    assert_eq!(cell(5), Data::Float(-41.176_470_588_235_29));
    assert_eq!(cell(6), Data::Bool(false));
    let Data::DateTime(time) = cell(7) else { panic!("{:?}", cell(7)) };
    // Days since the end of 1899: 5 January 2026, 07:00.
    assert!((time.as_f64() - (46_027.0 + 7.0 / 24.0)).abs() < 1e-9, "{time:?}");
    assert_eq!(cell(8), Data::String("Amazon".to_owned()));
}

#[test]
fn a_link_leads_to_its_address() {
    let mut bytes = Vec::new();
    sheet([row("x")].into_iter()).write(Format::Xlsx, &mut bytes).unwrap();
    let mut archive = flate_entries(&bytes);
    let links = archive.remove("xl/worksheets/_rels/sheet1.xml.rels").unwrap();
    assert!(links.contains("Target=\"https://www.amazon.com/dp/0593655036\""), "{links}");
}

/// The texts inside a ZIP, by its local headers.
fn flate_entries(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    use std::io::Read;
    let mut entries = std::collections::BTreeMap::new();
    let number = |at: usize, size: usize| {
        bytes[at..at + size].iter().rev().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    // The central directory, which knows the sizes.
    let end = (0..bytes.len() - 21).rev().find(|&at| bytes[at..].starts_with(b"PK\x05\x06")).unwrap();
    let mut at = number(end + 16, 4);
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let (packed, name_length) = (number(at + 20, 4), number(at + 28, 2));
        let name = String::from_utf8(bytes[at + 46..at + 46 + name_length].to_vec()).unwrap();
        let local = number(at + 42, 4);
        let start = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let mut text = String::new();
        let unpacked = flate2::read::DeflateDecoder::new(&bytes[start..start + packed]);
        if { unpacked }.read_to_string(&mut text).is_ok() {
            entries.insert(name, text);
        }
        at += 46 + name_length + number(at + 30, 2) + number(at + 32, 2);
    }
    entries
}

#[test]
fn missing_is_empty_and_never_zero() {
    let blank = vec![
        Cell::text(None),
        Cell::text(None),
        Cell::money(None, Marketplace::Us),
        Cell::money(None, Marketplace::Jp),
        Cell::integer(None),
        Cell::number(Some(f64::NAN), 1),
        Cell::truth(None),
        Cell::time(None),
        Cell::Missing,
    ];
    assert_eq!(records(&csv_of(vec![blank.clone()])), [[""; 9]]);
    let range = xlsx_of(vec![row("x"), blank]);
    assert!((0..9).all(|column| matches!(range.get_value((2, column)), None | Some(Data::Empty))));
}

#[test]
fn no_title_becomes_a_formula() {
    let attacks = [
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(\"http://evil.example\")",
        "+1",
        "-1+1",
        "@SUM(A1:A9)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "＝1",
        "x\",=1",
    ];
    for attack in attacks {
        let records = records(&csv_of(vec![row(attack)]));
        let shown = &records[0][1];
        assert_eq!(records[0].len(), COLUMNS.len(), "{attack:?} stays in its cell");
        let first = shown.trim_start().chars().next().unwrap();
        assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{attack:?} is written as {shown:?}");
        assert!(shown.ends_with(attack), "{attack:?} is still readable in {shown:?}");
        // A spreadsheet knows texts from formulas.
        let range = xlsx_of(vec![row(attack)]);
        assert!(matches!(range.get_value((1, 1)), Some(Data::String(_))), "{attack:?}");
    }
}

proptest! {
    #[test]
    fn any_text_comes_back_from_csv_in_its_cell(title in "\\PC{0,40}|[=+\\-@\t\r\n\",;' a]{0,12}") {
        let records = records(&csv_of(vec![row(&title), row("next")]));
        prop_assert_eq!(records.len(), 2);
        let shown = &records[0][1];
        prop_assert!(*shown == title || shown.strip_prefix('\'') == Some(title.as_str()));
        prop_assert_eq!(&records[1][1], "next");
    }
}

#[test]
fn ten_thousand_rows_are_written_as_they_come() {
    /// What was asked for when the first bytes arrived.
    struct Watching<'a>(&'a AtomicUsize, Vec<usize>);
    impl Write for Watching<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.1.push(self.0.load(Ordering::SeqCst));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let asked = AtomicUsize::new(0);
    let rows = || {
        (0..10_000).map(|n| {
            asked.fetch_add(1, Ordering::SeqCst);
            row(&format!("Title {n}"))
        })
    };
    let mut watching = Watching(&asked, Vec::new());
    assert_eq!(sheet(rows()).write(Format::Csv, &mut watching).unwrap(), 10_000);
    let gaps = watching.1.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.max().unwrap() < 200, "a few rows are held at a time");

    let range = xlsx_of(rows().collect());
    assert_eq!(range.height(), 10_001);
    assert_eq!(range.get_value((10_000, 1)), Some(&Data::String("Title 9999".to_owned())));
}

#[test]
fn what_a_file_is_called_and_which_formats_there_are() {
    assert_eq!(sheet(std::iter::empty()).file_name(Format::Xlsx), "scores-2026-01-05.xlsx");
    assert_eq!("CSV".parse(), Ok(Format::Csv));
    assert!("pdf".parse::<Format>().unwrap_err().contains("csv or xlsx"));
}

#[test]
fn a_list_without_rows_is_a_header() {
    assert_eq!(records(&csv_of(Vec::new())), Vec::<Vec<String>>::new());
    assert_eq!(xlsx_of(Vec::new()).height(), 1);
}

#[test]
fn an_export_is_read_back_as_a_list_of_products() {
    let text = csv_of(vec![row("Title")]);
    let content = crate::read(text.as_bytes(), Marketplace::Us).unwrap();
    let crate::Content::SupplierList(list) = content else { panic!("{content:?}") };
    assert_eq!(list.items.len(), 1);
}
