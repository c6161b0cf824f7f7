//! A small JSON writer: products are written straight into bytes, never through a tree.

/// Writes one JSON text. Commas are placed by the writer.
#[derive(Default)]
pub(crate) struct Json {
    out: Vec<u8>,
}

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn separate(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':' | b',')) {
            self.out.push(b',');
        }
    }

    pub(crate) fn begin(&mut self) -> &mut Self {
        self.separate();
        self.out.push(b'{');
        self
    }

    pub(crate) fn end(&mut self) -> &mut Self {
        self.out.push(b'}');
        self
    }

    pub(crate) fn begin_list(&mut self) -> &mut Self {
        self.separate();
        self.out.push(b'[');
        self
    }

    pub(crate) fn end_list(&mut self) -> &mut Self {
        self.out.push(b']');
        self
    }

    /// The name of the next value.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.out.push(b':');
        self
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.raw(b"null")
    }

    /// JSON that is already text.
    pub(crate) fn raw(&mut self, json: &[u8]) -> &mut Self {
        self.separate();
        self.out.extend_from_slice(json);
        self
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.raw(if value { b"true" } else { b"false" })
    }

    pub(crate) fn int(&mut self, value: impl Into<i64>) -> &mut Self {
        self.separate();
        self.digits(value.into());
        self
    }

    fn digits(&mut self, value: i64) {
        let mut buffer = [0_u8; 20];
        let mut at = buffer.len();
        let mut left = value.unsigned_abs();
        loop {
            at -= 1;
            buffer[at] = b'0' + u8::try_from(left % 10).unwrap_or(0);
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if value < 0 {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(&buffer[at..]);
    }

    /// A number with up to two decimals, given in hundredths: `1501` becomes `15.01`, `1500` becomes `15.0`.
    pub(crate) fn hundredths(&mut self, value: i64) -> &mut Self {
        self.separate();
        if value < 0 {
            self.out.push(b'-');
        }
        let value = value.abs();
        self.digits(value / 100);
        self.out.push(b'.');
        let rest = value % 100;
        if rest % 10 == 0 {
            self.digits(rest / 10);
        } else {
            self.digits(rest / 10);
            self.digits(rest % 10);
        }
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.separate();
        // Writing text into a Vec cannot fail.
        let _infallible = serde_json::to_writer(&mut self.out, value);
        self
    }

    pub(crate) fn ints(&mut self, values: &[i32]) -> &mut Self {
        self.begin_list();
        let mut first = true;
        for value in values {
            if !first {
                self.out.push(b',');
            }
            first = false;
            self.digits(i64::from(*value));
        }
        self.end_list()
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, values: &[T]) -> &mut Self {
        self.begin_list();
        for value in values {
            self.text(value.as_ref());
        }
        self.end_list()
    }

    pub(crate) fn opt_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(crate) fn opt_int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut json = Json::default();
        json.begin().key("a").ints(&[1, -2, 0]).key("b").text("q\"\n").key("c").hundredths(1501);
        json.key("d").hundredths(1500).key("e").begin_list().null().boolean(true).end_list();
        json.key("f").hundredths(1508).key("g").int(i64::MIN).end();
        let text = String::from_utf8(json.into_bytes()).unwrap();
        assert_eq!(
            text,
            r#"{"a":[1,-2,0],"b":"q\"\n","c":15.01,"d":15.0,"e":[null,true],"f":15.08,"g":-9223372036854775808}"#
        );
    }
}
