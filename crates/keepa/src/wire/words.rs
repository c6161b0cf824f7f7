//! Eight characters at a time, as one word of 64 bits whose lowest byte is the first character.

/// Digits become 0 to 9; of all other bytes at least the first has its high bit set in the second word.
#[inline]
const fn digits_of(chunk: [u8; 8]) -> (u64, u64) {
    let digits = u64::from_le_bytes(chunk) ^ 0x3030_3030_3030_3030;
    // Adding 0x76 lifts what is above 9 over 0x80; a carry can only spoil bytes after the first that is no digit.
    (digits, (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080)
}

/// The number of eight digits, the first in the lowest byte.
#[inline]
const fn joined(digits: u64) -> i64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    eight.cast_signed()
}

/// The high bit of the first byte that is a quote, a backslash or a control character; zero if there is none.
#[inline]
pub(super) const fn signs_of(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let quotes = word ^ (ONES * 0x22);
    let slashes = word ^ (ONES * 0x5c);
    // A byte that is zero (or below 0x20) borrows into its high bit; a borrow can only spoil bytes after the first.
    let quotes = quotes.wrapping_sub(ONES) & !quotes;
    let slashes = slashes.wrapping_sub(ONES) & !slashes;
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | slashes | controls) & (ONES * 0x80)
}

/// Seven digits, the first not 0, and a comma.
#[inline]
pub(super) const fn seven_digits(chunk: [u8; 8]) -> Option<i64> {
    let (digits, others) = digits_of(chunk);
    if others << 8 != 0 || chunk[7] != b',' || chunk[0] == b'0' {
        return None;
    }
    Some(joined(digits << 8))
}

/// A whole number of at most seven characters, sign included, and how many it has.
#[inline]
pub(super) fn short_int(chunk: [u8; 8]) -> Option<(i64, usize)> {
    if chunk[0] == b'-' {
        // The sign falls out, and something that is no digit comes in at the end.
        let rest = (u64::from_le_bytes(chunk) >> 8) | (u64::from(b' ') << 56);
        let (value, length) = digits_only(rest.to_le_bytes())?;
        return Some((-value, length + 1));
    }
    digits_only(chunk)
}

#[inline]
fn digits_only(chunk: [u8; 8]) -> Option<(i64, usize)> {
    let (digits, others) = digits_of(chunk);
    let count = others.trailing_zeros() / 8;
    if count == 0 || count == 8 || (count > 1 && chunk[0] == b'0') {
        return None;
    }
    // Shifted so that the last digit stands in the highest byte, with zeros before the first.
    Some((joined(digits << (64 - 8 * count)), usize::try_from(count).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk(text: &str) -> [u8; 8] {
        text.as_bytes().try_into().unwrap()
    }

    #[test]
    fn a_time_is_seven_digits_and_a_comma() {
        assert_eq!(seven_digits(chunk("7654321,")), Some(7_654_321));
        for other in ["7654321]", "765432,1", "0654321,", "76543210", "-654321,", "7654 21,"] {
            assert_eq!(seven_digits(chunk(other)), None, "{other}");
        }
    }

    #[test]
    fn a_short_number_ends_where_its_digits_end() {
        for (text, number) in [
            ("0,123456", Some((0, 1))),
            ("-1,12345", Some((-1, 2))),
            ("12345]  ", Some((12_345, 5))),
            ("-654321,", Some((-654_321, 7))),
            ("1.5,2,3,", Some((1, 1))),
            ("01,12345", None),
            ("-01,1234", None),
            ("--1,1234", None),
            (" 1,12345", None),
            ("12345678", None),
        ] {
            assert_eq!(short_int(chunk(text)), number, "{text}");
        }
        assert_eq!(
            short_int(chunk("-1234567")),
            Some((-1_234_567, 8)),
            "what follows is for the caller to see"
        );
    }

    proptest! {
        #[test]
        fn the_first_sign_of_any_text_is_found(bytes: [u8; 8]) {
            let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
            let signs = signs_of(u64::from_le_bytes(bytes));
            let found = (signs != 0).then(|| usize::try_from(signs.trailing_zeros() / 8).unwrap());
            prop_assert_eq!(found, first);
        }
    }
}
