use std::fmt::Write as _;
use std::io::Write as _;

use super::*;

fn read_bytes(bytes: &[u8]) -> SupplierList {
    read(&Table::open(bytes).unwrap(), Marketplace::Us).expect("recognised as a list")
}

fn read_text(text: &str) -> SupplierList {
    read_bytes(text.as_bytes())
}

/// Product, cost in cents for one of Amazon's, lines.
fn summary(list: &SupplierList) -> Vec<(String, Option<i64>, Vec<u64>)> {
    let of = |item: &Item| {
        let (cost, _) = item.cost_of(AmazonPack::Of(1), Marketplace::Us);
        (item.product.to_string(), cost, item.lines.clone())
    };
    list.items.iter().map(of).collect()
}

fn rejected(list: &SupplierList) -> Vec<(u64, &str)> {
    list.rejected.iter().map(|r| (r.line.unwrap_or(0), r.code.as_str())).collect()
}

#[test]
fn lists_are_read_under_the_headings_that_suppliers_use() {
    let expected =
        [("0306406152".to_owned(), Some(450), vec![2]), ("4006381333931".to_owned(), Some(1200), vec![3])];
    for text in [
        "ISBN,Title,Unit Cost\n9780306406157,A book,4.50\n4006381333931,Pens,12",
        "Product Code;Produkt;EK-Preis\n9780306406157;Buch;4,50 \n4006381333931;Stifte;12,00",
        "Barcode\tName\tBuy price ($)\n978-0-306-40615-7\tA book\t$4.50\n4006381333931\tPens\t$12.00",
        "sep=|\nEAN|Prix d'achat\n9780306406157|4.50\n4006381333931|12.00",
        "\u{feff}\"upc/ean\",\"COST\"\n\"9780306406157\",\"4.50\"\n\"4006381333931\",\"12\"",
    ] {
        let list = read_text(text);
        let mut found = summary(&list);
        if text.starts_with("sep") {
            for (_, _, lines) in &mut found {
                lines[0] -= 1;
            }
        }
        assert!(list.rejected.is_empty(), "{text}: {:?}", list.rejected);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_list_without_headings_is_told_by_its_content_and_says_so() {
    let list = read_text("12,Pens of many colours,4006381333931,12.50\n3,A book,9780306406157,4.50\n");
    assert_eq!(
        summary(&list),
        [("4006381333931".to_owned(), Some(1250), vec![1]), ("0306406152".to_owned(), Some(450), vec![2]),]
    );
    assert_eq!(list.items[0].title.as_deref(), Some("Pens of many colours"));
    assert!(list.items.iter().all(|item| item.notes == [Note::ColumnsGuessed]));
    let bare = read_text("B000000001\nB000000002\n");
    assert_eq!(bare.items.len(), 2);
    let two_prices = read_text("4006381333931,12.50,19.99\n9780306406157,4.50,9.99\n");
    assert!(
        two_prices.items.iter().all(|item| item.cost.is_none()),
        "which of two is the cost is not guessed"
    );
}

#[test]
fn title_lines_above_the_header_are_stepped_over() {
    let list =
        read_text("Winter list 2026,,\nAll prices net,,\n\nEAN,Title,Price\n4006381333931,Pens,12.50\n");
    assert_eq!(summary(&list), [("4006381333931".to_owned(), Some(1250), vec![5])]);
}

#[test]
fn the_surest_of_several_codes_counts_and_a_wrong_one_does_not_hide_a_right_one() {
    let list = read_text(
        "EAN,ISBN,ASIN\n4006381333931,9780306406157,B000000001\n,0306406153,\n4006381333931,bad,\n",
    );
    assert_eq!(
        summary(&list),
        [("B000000001".to_owned(), None, vec![2]), ("4006381333931".to_owned(), None, vec![4])]
    );
    assert_eq!(rejected(&list), [(3, "wrong_check_digit")]);
}

#[test]
fn every_row_that_cannot_be_used_is_named_with_its_line_and_reason() {
    let list = read_text(concat!(
        "UPC,Cost,Title\n",
        "36000291452,2.00,zero lost\n",
        "9.78E+12,2.00,damaged\n",
        "036000291453,2.00,mistyped\n",
        ",2.00,no code\n",
        "4006381333931,on request,no cost\n",
        "73513537,0.00,priceless\n",
        "9780306406157,€2.00,euros\n",
        "0306406152,-2.00,negative\n",
        "SKU-7,2.00,own number\n",
        "4006381333931,,without a cost\n",
    ));
    assert_eq!(
        rejected(&list),
        [
            (3, "damaged_code"),
            (4, "wrong_check_digit"),
            (5, "no_product_code"),
            (6, "invalid_cost"),
            (7, "invalid_cost"),
            (8, "invalid_cost"),
            (9, "invalid_cost"),
            (10, "not_a_product_code"),
        ]
    );
    assert_eq!(
        summary(&list),
        [("036000291452".to_owned(), Some(200), vec![2]), ("4006381333931".to_owned(), None, vec![11])]
    );
    assert_eq!(list.items[0].notes, [Note::ZerosRestored]);
}

#[test]
fn rows_of_one_product_are_merged_at_the_lowest_cost() {
    let list = read_text(
        "code,cost\n9780306406157,4.50\n0306406152,3.90\n0-306-40615-2,\n978-0306406157,7.00\n4006381333931,1.00\n",
    );
    assert_eq!(
        summary(&list),
        [
            ("0306406152".to_owned(), Some(390), vec![2, 3, 4, 5]),
            ("4006381333931".to_owned(), Some(100), vec![6]),
        ]
    );
    assert_eq!(list.items[0].notes, [Note::RowsMerged]);
}

#[test]
fn a_cost_in_another_currency_is_refused() {
    let list = read_text("EAN,Cost,Currency\n4006381333931,1.00,EUR\n73513537,1.00,usd\n");
    assert_eq!(rejected(&list), [(2, "invalid_cost")]);
    assert_eq!(list.items.len(), 1);
}

#[test]
fn the_cost_is_that_of_what_amazon_sells_when_both_packs_are_known() {
    let item = |text: &str| read_text(text).items.remove(0);
    let cost = |item: &Item, pack| item.cost_of(pack, Marketplace::Us);
    // A case of 12 for 24.00; Amazon sells six: 24.00 x 6 / 12.
    let case = item("EAN,Case cost,Units per case\n4006381333931,24.00,12");
    assert_eq!(cost(&case, AmazonPack::Of(6)), (Some(1200), vec![Note::CostPerAmazonUnit]));
    assert_eq!(cost(&case, AmazonPack::Of(12)), (Some(2400), vec![]));
    // One piece for 2.00; Amazon sells six.
    let piece = item("EAN,Unit cost,Pack size\n4006381333931,2.00,12");
    assert_eq!(cost(&piece, AmazonPack::Of(6)), (Some(1200), vec![Note::CostPerAmazonUnit]));
    // Not known, or contradicting: taken as given, and said.
    for pack in [AmazonPack::Unknown, AmazonPack::Unclear] {
        assert_eq!(cost(&case, pack), (Some(2400), vec![Note::PackUnclear]));
    }
    // Without a pack column the list is taken to offer what Amazon sells, one piece.
    let plain = item("EAN,Cost\n4006381333931,2.00");
    assert_eq!(cost(&plain, AmazonPack::Of(1)), (Some(200), vec![]));
    assert_eq!(cost(&plain, AmazonPack::Unknown), (Some(200), vec![]));
    assert_eq!(cost(&plain, AmazonPack::Of(6)), (Some(200), vec![Note::PackUnclear]));
    let odd = item("EAN,Cost,Pack\n4006381333931,2.00,6x4");
    assert_eq!(cost(&odd, AmazonPack::Of(1)), (Some(200), vec![Note::PackUnclear]));
    // 10.00 / 3, rounded half up.
    let thirds = item("EAN,Cost,Pack\n4006381333931,10.00,3");
    assert_eq!(cost(&thirds, AmazonPack::Of(1)), (Some(333), vec![Note::CostPerAmazonUnit]));
}

#[test]
fn a_table_without_codes_is_no_list() {
    for text in ["name,price\nLamp,5.00\nChair,6.00", "hello", "1,2\n3,4", "code,cost\nSKU-1,2\nSKU-2,3"] {
        assert!(read(&Table::open(text.as_bytes()).unwrap(), Marketplace::Us).is_none(), "{text}");
    }
}

/// A workbook by hand: parts stored without compression, cells as spreadsheets write them.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut parts = vec![(
        "_rels/.rels".to_owned(),
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
    ), (
        "[Content_Types].xml".to_owned(),
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
    )];
    let (mut names, mut links) = (String::new(), String::new());
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        write!(names, r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#).unwrap();
        write!(links, r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#).unwrap();
        parts.push((
            format!("xl/worksheets/sheet{n}.xml"),
            format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>"#
        ),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>"#
        ),
    ));
    stored(&parts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect::<Vec<_>>())
}

/// A zip archive of stored parts.
fn stored(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let (size, at) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(archive.len()).unwrap());
        let length = u16::try_from(name.len()).unwrap();
        let mut common = Vec::new();
        for field in [20_u16, 0, 0, 0, 0] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc.sum(), size, size] {
            common.extend(field.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, at) = (u16::try_from(parts.len()).unwrap(), u32::try_from(archive.len()).unwrap());
    let size = u32::try_from(directory.len()).unwrap();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(size.to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

const ROWS: &str = concat!(
    r#"<row r="1"><c r="A1" t="inlineStr"><is><t>UPC</t></is></c><c r="C1" t="inlineStr"><is><t>Price</t></is></c></row>"#,
    // A number cell has lost its zeros; the price is a binary fraction.
    r#"<row r="3"><c r="A3"><v>36000291452</v></c><c r="C3"><v>12.1</v></c></row>"#,
    r#"<row r="4"><c r="A4"><v>9780306406157</v></c><c r="C4"><v>4</v></c></row>"#,
    r#"<row r="5"><c r="A5" t="inlineStr"><is><t>rubbish</t></is></c></row>"#,
);

#[test]
fn an_excel_list_is_read_like_a_csv_one() {
    let list = read_bytes(&workbook(&[("Prices", ROWS), ("Notes", "")]));
    assert_eq!(
        summary(&list),
        [("036000291452".to_owned(), Some(1210), vec![3]), ("0306406152".to_owned(), Some(400), vec![4])]
    );
    assert_eq!(rejected(&list), [(5, "not_a_product_code"), (0, "sheet_ignored")]);
}

#[test]
fn a_workbook_cut_anywhere_is_an_error() {
    let book = workbook(&[("Prices", ROWS)]);
    for cut in 4..book.len() {
        assert!(Table::open(&book[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_workbook_that_was_made_to_fill_the_memory_is_refused() {
    let far = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let sparse = workbook(&[("Prices", far)]);
    assert_eq!(Table::open(&sparse).unwrap().records().count(), 1, "the last corner costs one row");

    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(&vec![b' '; 64 * 1024 * 1024]).unwrap();
    let packed = deflate.finish().unwrap();
    let mut bomb = stored(&[("xl/sharedStrings.xml".to_owned(), packed)]);
    // Both headers say that the part is deflated.
    let directory = bomb.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bomb[directory + 10] = 8;
    bomb[8] = 8;
    assert_eq!(Table::open(&bomb).unwrap_err().code(), "file_too_large");
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "[0-9,;\t\n\"A-Zé.€-]{0,200}|EAN,cost\n(.{0,20}\n){0,5}") {
        if let Ok(table) = Table::open(text.as_bytes())
            && let Some(list) = read(&table, Marketplace::De)
        {
            for item in &list.items {
                let _ = item.cost_of(AmazonPack::Of(7), Marketplace::De);
            }
        }
    }

    #[test]
    fn every_row_is_an_item_or_a_rejection(codes in proptest::collection::vec("[0-9X]{0,14}", 1..20)) {
        let text = format!("EAN,ASIN,note\n{},,x\n", codes.join(",,x\n"));
        let list = read_text(&text);
        let mut lines: Vec<u64> = list.items.iter().flat_map(|i| i.lines.clone()).collect();
        lines.extend(list.rejected.iter().filter_map(|r| r.line));
        lines.sort_unstable();
        let all: Vec<u64> = (2..codes.len() as u64 + 2).collect();
        proptest::prop_assert_eq!(lines, all);
    }
}
