//! The characters that escapes in strings stand for.

/// Appends what a string's bytes stand for. `false`: it has half of a surrogate pair, which is no character; U+FFFD
/// stands for it.
pub fn unescape(raw: &[u8], out: &mut Vec<u8>) -> bool {
    let mut is_text = true;
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (character, length) = match rest.get(at + 1) {
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') => unicode(&rest[at..]).unwrap_or_else(|| {
                is_text = false;
                (char::REPLACEMENT_CHARACTER, 6)
            }),
            Some(&byte) => (char::from(byte), 2),
            None => break,
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    is_text
}

/// The character of `\uXXXX` or of a pair of them, and the length of its notation.
fn unicode(escape: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let hex = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
    };
    let first = unit(0)?;
    if let 0xD800..0xDC00 = first {
        let second = unit(6).filter(|second| (0xDC00..0xE000).contains(second))?;
        return Some((char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?, 12));
    }
    Some((char::from_u32(first)?, 6))
}
