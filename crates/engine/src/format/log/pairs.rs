//! Pairs of keys and values, as in logfmt: `level=info msg="took too long" retry`.

use std::ops::Range;

/// One pair of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub key: Range<usize>,
    /// Without its quotation marks; `None`: the key stands alone.
    pub value: Option<Range<usize>>,
    /// The value stood in quotation marks and has backslashes within.
    pub is_escaped: bool,
}

/// The pairs of a line; ends early at what is none, with the place.
pub struct Pairs<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Pairs<'a> {
    pub fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0 }
    }

    /// Whether all of the line was pairs; to be asked at the end.
    pub fn is_done(&self) -> bool {
        self.at >= self.line.len()
    }

    fn word(&self, from: usize, ends: impl Fn(u8) -> bool) -> usize {
        self.line[from..].iter().position(|&byte| ends(byte)).map_or(self.line.len(), |length| from + length)
    }
}

impl Iterator for Pairs<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        let start = self.word(self.at, |byte| byte != b' ' && byte != b'\t');
        if start == self.line.len() {
            self.at = start;
            return None;
        }
        let key_end = self.word(start, |byte| matches!(byte, b'=' | b' ' | b'\t' | b'"'));
        if key_end == start || self.line.get(key_end) == Some(&b'"') {
            return None;
        }
        let key = start..key_end;
        if self.line.get(key_end) != Some(&b'=') {
            self.at = key_end;
            return Some(Pair { key, value: None, is_escaped: false });
        }
        let from = key_end + 1;
        if self.line.get(from) != Some(&b'"') {
            let end = self.word(from, |byte| matches!(byte, b' ' | b'\t'));
            self.at = end;
            return Some(Pair { key, value: Some(from..end), is_escaped: false });
        }
        let mut end = from + 1;
        let mut is_escaped = false;
        loop {
            end += memchr::memchr2(b'"', b'\\', self.line.get(end..)?)?;
            if self.line[end] == b'"' {
                break;
            }
            is_escaped = true;
            end += 2;
        }
        if !matches!(self.line.get(end + 1), None | Some(b' ' | b'\t')) {
            return None;
        }
        self.at = end + 1;
        Some(Pair { key, value: Some(from + 1..end), is_escaped })
    }
}

/// Adds a value to `out` with its escapes resolved.
pub fn unescape(value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        match rest.get(at + 1) {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(&byte @ (b'"' | b'\\')) => out.push(byte),
            Some(&byte) => out.extend([b'\\', byte]),
            None => out.push(b'\\'),
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Vec<(String, Option<String>)>, bool) {
        let mut pairs = Pairs::new(line.as_bytes());
        let text = |range: Range<usize>| line[range].to_owned();
        let found = pairs.by_ref().map(|pair| (text(pair.key), pair.value.map(text))).collect();
        (found, pairs.is_done())
    }

    #[test]
    fn values_may_be_bare_quoted_or_absent() {
        let (found, done) = read(r#"a=1 b="x \"y\" z"  c d="#);
        assert!(done);
        let pair = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        assert_eq!(found, [pair("a", Some("1")), pair("b", Some(r#"x \"y\" z"#)), pair("c", None), pair("d", Some(""))]);
        let mut text = Vec::new();
        unescape(br#"x \"y\"\n\q\"#, &mut text);
        assert_eq!(text, b"x \"y\"\n\\q\\");
    }

    #[test]
    fn what_is_no_pair_ends_the_pairs() {
        for line in [r#"a=1 "b""#, r#"a="never closed"#, r#"a="x"y b=1"#, "=1"] {
            assert!(!read(line).1, "{line}");
        }
    }
}
