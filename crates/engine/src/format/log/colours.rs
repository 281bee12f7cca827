//! The escape codes by which programs colour what they print to a terminal: *control sequences* of ECMA-48, taken off a text.

use std::borrow::Cow;

const ESCAPE: u8 = 0x1b;

/// Whether a text has such codes.
pub fn are_in(text: &[u8]) -> bool {
    memchr::memchr_iter(ESCAPE, text).any(|at| code(&text[at..]).is_some())
}

/// The text without them.
pub fn strip(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(ESCAPE, text) else { return Cow::Borrowed(text) };
    let mut bare = text[..first].to_vec();
    let mut at = first;
    while at < text.len() {
        // An escape that begins no code is text.
        let from = match code(&text[at..]) {
            Some(length) => {
                at += length;
                at
            }
            None => at + 1,
        };
        let next = memchr::memchr(ESCAPE, text.get(from..).unwrap_or_default()).map_or(text.len(), |more| from + more);
        bare.extend_from_slice(text.get(at..next).unwrap_or_default());
        at = next;
    }
    Cow::Owned(bare)
}

/// The line without them.
pub fn strip_line(line: &str) -> Cow<'_, str> {
    match strip(line.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(line),
        Cow::Owned(bare) => Cow::Owned(String::from_utf8_lossy(&bare).into_owned()),
    }
}

/// The length of the code that `text` begins with: escape and `[`, parameters, intermediate signs, a final one.
fn code(text: &[u8]) -> Option<usize> {
    let behind = text.strip_prefix(&[ESCAPE, b'['])?;
    let parameters = behind.iter().take_while(|byte| (0x30..=0x3f).contains(*byte)).count();
    let between = behind[parameters..].iter().take_while(|byte| (0x20..=0x2f).contains(*byte)).count();
    behind.get(parameters + between).filter(|byte| (0x40..=0x7e).contains(*byte)).map(|_| parameters + between + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_off_and_nothing_else() {
        let bare = |text: &str| strip_line(text).into_owned();
        assert_eq!(bare("\u{1b}[90m10:00\u{1b}[0m \u{1b}[1;32mINFO\u{1b}[m up\u{1b}[K"), "10:00 INFO up");
        assert_eq!(bare("\u{1b}[31m\u{1b}[1mé\u{1b}[0m"), "é");
        for text in ["", "plain", "a \u{1b} b", "a \u{1b}[12", "\u{1b}[é"] {
            assert_eq!(bare(text), text);
            assert!(!are_in(text.as_bytes()));
        }
        assert!(are_in(b"a\x1b[0mb"));
    }
}
