use super::*;

fn leads_to(text: &str, kind: CodeKind) -> String {
    match parse(text, kind) {
        Ok(code) => format!("{}{}", code.product, if code.restored { " (restored)" } else { "" }),
        Err(error) => error.code().to_owned(),
    }
}

// Worked out by hand or printed on the products that standards bodies use as examples: ISBN 0-306-40615-2 /
// 978-0-306-40615-7, ISBN 0-8044-2957-X / 978-0-8044-2957-3, EAN 4006381333931, EAN-8 73513537,
// UPC 036000291452, ISBN 979-10-90636-07-1.

#[test]
fn a_book_is_found_by_each_of_its_numbers_without_a_look_up() {
    for text in [
        "0306406152",
        "0-306-40615-2",
        "ISBN 0-306-40615-2",
        "9780306406157",
        "978-0-306-40615-7",
        "ISBN-13: 9780306406157",
    ] {
        assert_eq!(leads_to(text, CodeKind::Any), "0306406152", "{text}");
        assert_eq!(leads_to(text, CodeKind::Isbn), "0306406152", "{text}");
    }
    assert_eq!(leads_to("080442957x", CodeKind::Isbn), "080442957X");
    assert_eq!(leads_to("9780804429573", CodeKind::Ean), "080442957X");
    assert_eq!(leads_to("9791090636071", CodeKind::Isbn), "9791090636071", "979 has no ISBN-10: look it up");
}

#[test]
fn other_codes_are_kept_as_printed() {
    assert_eq!(leads_to("4006381333931", CodeKind::Ean), "4006381333931");
    assert_eq!(leads_to("73513537", CodeKind::Ean), "73513537");
    assert_eq!(leads_to("036000291452", CodeKind::Upc), "036000291452");
    assert_eq!(leads_to("0036000291452", CodeKind::Any), "036000291452", "an EAN with a zero is that UPC");
    assert_eq!(leads_to("00036000291452", CodeKind::Gtin), "036000291452");
    assert_eq!(leads_to("b00oziolb2", CodeKind::Any), "B00OZIOLB2");
    assert_eq!(leads_to("B00OZIOLB2", CodeKind::Asin), "B00OZIOLB2");
}

#[test]
fn lost_leading_zeros_are_restored() {
    assert_eq!(leads_to("36000291452", CodeKind::Upc), "036000291452 (restored)");
    assert_eq!(leads_to("36000291452", CodeKind::Any), "036000291452 (restored)");
    assert_eq!(leads_to("306406152", CodeKind::Isbn), "0306406152 (restored)");
    assert_eq!(leads_to("80442957X", CodeKind::Any), "080442957X (restored)");
    assert_eq!(leads_to("='036000291452'", CodeKind::Upc), "036000291452");
    assert_eq!(leads_to("=\"036000291452\"", CodeKind::Upc), "036000291452");
    assert_eq!(leads_to("36000291452.0", CodeKind::Upc), "036000291452 (restored)");
}

#[test]
fn digits_that_a_spreadsheet_rounded_away_are_reported_and_whole_ones_used() {
    for text in ["9.78E+12", "9.78031E+12", "4,00638E+12", "9E+12"] {
        assert_eq!(leads_to(text, CodeKind::Any), "damaged_code", "{text}");
    }
    assert_eq!(leads_to("9.780306406157E+12", CodeKind::Any), "0306406152");
}

#[test]
fn a_wrong_digit_is_never_let_through() {
    for right in ["0306406152", "9780306406157", "4006381333931", "73513537", "036000291452"] {
        for at in 0..right.len() {
            let mut wrong = right.as_bytes().to_vec();
            wrong[at] = b'0' + (wrong[at] - b'0' + 1) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            let kind = if right.len() == 10 { CodeKind::Isbn } else { CodeKind::Gtin };
            assert_eq!(leads_to(&wrong, kind), "wrong_check_digit", "{wrong}");
        }
    }
    assert_eq!(leads_to("0306406153", CodeKind::Asin), "wrong_check_digit");
    assert_eq!(leads_to("080442957Y", CodeKind::Any), "wrong_check_digit");
}

#[test]
fn what_is_no_code_says_so() {
    for text in ["SKU-123", "12345", "B00", "123456789012345", "LAMPSHADES", "----"] {
        assert!(
            ["not_a_product_code", "wrong_check_digit"].contains(&&*leads_to(text, CodeKind::Any)),
            "{text}"
        );
    }
    assert_eq!(leads_to("", CodeKind::Any), "no_product_code");
    assert_eq!(leads_to("-", CodeKind::Ean), "no_product_code");
    assert_eq!(leads_to("0000000000000", CodeKind::Any), "wrong_check_digit", "all zeros is a filler");
    assert_eq!(leads_to("0000000000", CodeKind::Isbn), "wrong_check_digit");
}

proptest::proptest! {
    #[test]
    fn isbn_10_and_13_convert_into_each_other(body in 1_u32..1_000_000_000) {
        let body = format!("{body:09}");
        let mut all = vec![9, 7, 8];
        all.extend(digits(&body).unwrap());
        let check = (0..10).find(|c| {
            let text: String = all.iter().map(u8::to_string).chain([c.to_string()]).collect();
            Gtin::parse(&text).is_some()
        }).unwrap();
        let isbn13: String = all.iter().map(u8::to_string).chain([check.to_string()]).collect();
        let gtin = Gtin::parse(&isbn13).unwrap();
        let isbn10 = gtin.isbn10().unwrap();
        proptest::prop_assert!(is_isbn10(isbn10));
        proptest::prop_assert_eq!(Gtin::from_isbn10(isbn10), Some(gtin));
        proptest::prop_assert_eq!(gtin.code(), isbn13);
        // However many zeros a spreadsheet drops from the ISBN-10, no other book comes out.
        let short = isbn10.as_str().trim_start_matches('0');
        if let Ok(code) = parse(short, CodeKind::Isbn) {
            proptest::prop_assert_eq!(code.product, Product::Asin(isbn10));
        }
    }

    #[test]
    fn exactly_one_check_digit_is_right(body in 100_000_u64..10_000_000_000_000) {
        let right = (0..10).filter(|check| Gtin::parse(&format!("{body}{check}")).is_some()).count();
        proptest::prop_assert_eq!(right, 1);
    }

    #[test]
    fn codes_survive_lost_zeros(body in 10_000_000_u64..100_000_000_000) {
        let check = (0..10).find(|c| Gtin::parse(&format!("{body}{c}")).is_some()).unwrap();
        let (short, upc) = (format!("{body}{check}"), format!("{body:011}{check}"));
        let of = |text: &str| parse(text, CodeKind::Upc).unwrap().product;
        proptest::prop_assert_eq!(of(&short), of(&upc));
    }

    #[test]
    fn no_text_panics(text: String) {
        for kind in [CodeKind::Asin, CodeKind::Isbn, CodeKind::Upc, CodeKind::Any] {
            let _ = parse(&text, kind);
        }
    }
}
