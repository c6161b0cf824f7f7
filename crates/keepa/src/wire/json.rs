//! A reader that walks a JSON text once, without building anything.
//!
//! Nine tenths of a product are lists of whole numbers; [`Reader::numbers`] takes eight characters at a time for them.
//! It accepts what RFC 8259 accepts, and unpaired surrogates besides: a title cut in the middle of a pair must not
//! cost the product.

use std::borrow::Cow;
use std::fmt;

use crate::wire::words::{seven_digits, short_int, signs_of};

/// Deeper nesting is refused, so that hostile input cannot exhaust the stack.
const MAX_DEPTH: u16 = 128;

/// The text is not JSON, or not what was expected at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Byte of the text.
    at: usize,
    what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

/// Any JSON value that is not a list or object; those are skipped and count as missing.
pub(crate) enum Scalar<'a> {
    Missing,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u16,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// How many bytes have been read.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The text from `start` to where the reader stands.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// A failure at this place.
    pub(crate) fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { at: self.at, what })
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn white_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// The first byte of the next value or sign.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.white_space();
        self.byte()
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.fault("more text after the end"),
        }
    }

    fn expect(&mut self, sign: u8, what: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(sign) {
            return self.fault(what);
        }
        self.at += 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fault("too deeply nested") } else { Ok(()) }
    }

    /// After a member: `true` when another follows.
    fn another(&mut self, close: u8) -> Result<bool, Fault> {
        let sign = self.peek();
        if sign == Some(b',') {
            self.at += 1;
            return Ok(true);
        }
        if sign != Some(close) {
            return self.fault("expected a comma or the end of a list or object");
        }
        self.at += 1;
        self.depth -= 1;
        Ok(false)
    }

    /// Reads an object; `member` is called with each key and must read the value.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.expect(b'{', "expected an object")?;
        self.enter()?;
        if self.peek() == Some(b'}') {
            return self.another(b'}').map(|_| ());
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.fault("expected a key");
            }
            let key = self.string()?;
            self.expect(b':', "expected a colon")?;
            member(self, &key)?;
            if !self.another(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads a list; `member` is called for each member and must read it.
    pub(crate) fn list(
        &mut self,
        mut member: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.expect(b'[', "expected a list")?;
        self.enter()?;
        if self.peek() == Some(b']') {
            return self.another(b']').map(|_| ());
        }
        loop {
            member(self)?;
            if !self.another(b']')? {
                return Ok(());
            }
        }
    }

    /// About how many bytes a list of numbers still has; the reader stands at its bracket.
    pub(crate) fn list_bytes(&self) -> usize {
        self.text.as_bytes().get(self.at..).and_then(|rest| memchr::memchr(b']', rest)).unwrap_or_default()
    }

    /// Reads a list of numbers; members that are none are `None`.
    #[inline]
    pub(crate) fn numbers(&mut self, mut number: impl FnMut(Option<i64>)) -> Result<(), Fault> {
        self.list(|reader| {
            // The fast path as long as whole numbers and commas follow without a space.
            let bytes = reader.text.as_bytes();
            let mut at = reader.at;
            while let Some(chunk) = bytes.get(at..at + 8) {
                let chunk: [u8; 8] = chunk.try_into().unwrap_or_default();
                // Every second number is a time of seven digits. That it has a branch of its own lets the processor
                // begin with the next number before it has seen where this one ends.
                if let Some(time) = seven_digits(chunk) {
                    number(Some(time));
                    at += 8;
                    reader.at = at;
                    continue;
                }
                let Some((value, length)) = short_int(chunk) else {
                    // Perhaps the text is written with spaces.
                    reader.white_space();
                    if reader.at == at {
                        break;
                    }
                    at = reader.at;
                    continue;
                };
                match bytes.get(at + length) {
                    Some(b',') => {
                        number(Some(value));
                        at += length + 1;
                        reader.at = at;
                    }
                    Some(b']') => {
                        number(Some(value));
                        reader.at = at + length;
                        return Ok(());
                    }
                    _ => break,
                }
            }
            number(reader.scalar()?.int());
            Ok(())
        })
    }

    /// Reads any value.
    pub(crate) fn scalar(&mut self) -> Result<Scalar<'a>, Fault> {
        match self.peek() {
            Some(b'"') => Ok(Scalar::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Scalar::Bool(true)),
            Some(b'f') => self.word("false", Scalar::Bool(false)),
            Some(b'n') => self.word("null", Scalar::Missing),
            _ => self.skip().map(|()| Scalar::Missing),
        }
    }

    fn word(&mut self, word: &str, value: Scalar<'a>) -> Result<Scalar<'a>, Fault> {
        if self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(value);
        }
        self.fault("expected a value")
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.fault("expected a digit") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Scalar<'a>, Fault> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let whole = !matches!(self.byte(), Some(b'.' | b'e' | b'E'));
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'0'..=b'9')) {
            return self.fault("a number begins with 0");
        }
        let text = self.since(start);
        match text.parse() {
            Ok(number) if whole => Ok(Scalar::Int(number)),
            // What is too large for 64 bits saturates.
            _ if whole => Ok(Scalar::Int(if text.starts_with('-') { i64::MIN } else { i64::MAX })),
            _ => Ok(text.parse().map_or(Scalar::Missing, Scalar::Real)),
        }
    }

    /// Reads a string, borrowed where it holds no escapes. The reader stands at its quote.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        self.plain_text()?;
        if self.byte() == Some(b'"') {
            let text = self.since(start);
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut text = String::from(self.since(start));
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => {
                    let start = self.at;
                    self.plain_text()?;
                    text.push_str(self.since(start));
                }
            }
        }
    }

    /// Goes to the next quote or backslash.
    fn plain_text(&mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(self.at..self.at + 8) {
            let signs = signs_of(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
            if signs != 0 {
                // At most 7, so the conversion always succeeds.
                self.at += usize::try_from(signs.trailing_zeros() / 8).unwrap_or_default();
                break;
            }
            self.at += 8;
        }
        while let Some(byte) = self.byte() {
            match byte {
                b'"' | b'\\' => return Ok(()),
                ..0x20 => return self.fault("a control character in a string"),
                _ => self.at += 1,
            }
        }
        self.fault("a string does not end")
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let Some(sign) = self.byte() else { return self.fault("a string does not end") };
        let plain = match sign {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return self.fault("an unknown escape"),
        };
        self.at += 1;
        Ok(plain)
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The four digits after `\u`, and a second escape if they are half of a pair.
    fn unicode(&mut self) -> Result<char, Fault> {
        let Some(first) = self.hex(self.at) else { return self.fault("expected four hexadecimal digits") };
        self.at += 4;
        let pair = (0xD800..0xDC00).contains(&first) && self.text.get(self.at..self.at + 2) == Some("\\u");
        if pair {
            let second = self.hex(self.at + 2).filter(|second| (0xDC00..0xE000).contains(second));
            if let Some(second) = second {
                self.at += 6;
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Goes past the next value, whatever it is.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.list(Self::skip),
            Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => self.scalar().map(|_| ()),
            Some(_) => self.fault("expected a value"),
            None => self.fault("the text ends too early"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    fn accepts(text: &str) -> bool {
        let mut reader = Reader::new(text);
        reader.skip().and_then(|()| reader.end()).is_ok()
    }

    fn numbers(text: &str) -> Vec<Option<i64>> {
        let mut numbers = Vec::new();
        Reader::new(text).numbers(|number| numbers.push(number)).unwrap();
        numbers
    }

    fn string(text: &str) -> Option<String> {
        Reader::new(text).string().ok().map(Cow::into_owned)
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert!(accepts(&("[".repeat(128) + &"]".repeat(128))));
        assert!(!accepts(&("[".repeat(129) + &"]".repeat(129))));
        assert!(!accepts(&"[".repeat(1_000_000)));
        assert!(!accepts(&"{\"a\":".repeat(1_000_000)));
    }

    #[test]
    fn escapes_become_their_characters() {
        assert_eq!(
            string(r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z""#).unwrap(),
            "a\"\\/\u{8}\u{c}\n\r\té\u{1f600}z"
        );
        assert_eq!(string(r#""\ud83d""#).unwrap(), "\u{fffd}");
        assert_eq!(string(r#""\ud83d\u0041""#).unwrap(), "\u{fffd}A");
        assert_eq!(string(r#""\udc00x""#).unwrap(), "\u{fffd}x");
        for wrong in [r#""\x""#, r#""\u12""#, r#""\u+123""#, "\"\n\"", r#""open"#, r#""\"#] {
            assert_eq!(string(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_numbers_are_read_as_they_were_written(list in prop::collection::vec(any::<i64>(), 0..40), short in prop::collection::vec(-99_999_999_i64..99_999_999, 0..80)) {
            for list in [list, short] {
                let text = serde_json::to_string(&list).unwrap();
                let expected: Vec<_> = list.iter().copied().map(Some).collect();
                prop_assert_eq!(&numbers(&text), &expected);
                prop_assert_eq!(&numbers(&text.replace(',', " , ").replace('[', " [ ").replace(']', "\n]")), &expected);
            }
        }

        #[test]
        fn the_same_texts_are_json_as_for_serde_json(text in r#"[\[\]{}",:0-9eE.+\- tfnulrasex\\\t]{0,24}"#) {
            let theirs = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(accepts(&text), theirs, "{}", text);
        }

        #[test]
        fn lists_of_odd_members_are_json_as_for_serde_json(text in r#"\[(-?[0-9]{1,9}|0[0-9]|[0-9]\.[0-9]|1e[0-9]|null|"[a0-9\\n]{0,3}"|\[\]|-|x|,){0,6}(,[0-9]{1,3}){0,4}\]?"#) {
            let theirs = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            let mut reader = Reader::new(&text);
            let ours = reader.numbers(|_| ()).and_then(|()| reader.end()).is_ok();
            prop_assert_eq!(ours, theirs, "{}", text);
        }

        #[test]
        fn any_string_is_read_as_it_was_written(text: String) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(string(&json), Some(text));
        }

        #[test]
        fn arbitrary_text_never_panics(text: String) {
            let _ = accepts(&text);
            let _ = Reader::new(&text).numbers(|_| ());
        }
    }
}
