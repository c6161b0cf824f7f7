//! Bytes into text: UTF-8, UTF-16 and the Windows code page, told apart by what is in the file.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a file. A byte order mark decides; without one, UTF-16 shows by its zero bytes, and what
/// is not UTF-8 is read as Windows-1252, which Western spreadsheets write and which contains Latin-1.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text,
        None => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// In UTF-16 the header of a list, letters and digits, has a zero in every other byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(64) & !1];
    if start.len() < 4 {
        return None;
    }
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = start.len() / 2;
    match (zeros(0), zeros(1)) {
        (0, high) if high * 4 >= half * 3 => Some(UTF_16LE),
        (high, 0) if high * 4 >= half * 3 => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_list_is_read_in_every_encoding() {
        let text = "EAN;Preis €;Titel\n4006381333931;1,50;Müller & Söhne";
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = utf16.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = utf16.iter().flat_map(|u| u.to_be_bytes()).collect();
        let with = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        let (windows, _, lost) = WINDOWS_1252.encode(text);
        assert!(!lost && windows.contains(&0x80), "the euro sign of Windows");
        for bytes in [
            text.as_bytes().to_vec(),
            with(b"\xef\xbb\xbf", text.as_bytes()),
            with(b"\xff\xfe", &little),
            with(b"\xfe\xff", &big),
            little,
            big,
            windows.into_owned(),
        ] {
            assert_eq!(decode(&bytes), text);
        }
    }
}
