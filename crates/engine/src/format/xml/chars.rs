//! Which characters XML 1.0 (fifth edition) allows, and where names end.

/// Whether a byte may begin a name; those beyond ASCII are judged with their character.
#[inline]
pub fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
}

/// Where the name at `at` ends; `at` where none begins.
#[inline]
pub fn name_end(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(&first) if begins_name(first) => {}
        _ => return at,
    }
    let length = text[at..].iter().position(|&byte| !NAME_BYTES[usize::from(byte)]).unwrap_or(text.len() - at);
    let name = &text[at..at + length];
    if name.is_ascii() { at + length } else { at + wide_name(name) }
}

const NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'-' | b'.' | 0x80..);
        byte += 1;
    }
    table
};

/// Bytes of a name with characters beyond ASCII.
#[cold]
fn wide_name(bytes: &[u8]) -> usize {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut chars = valid.char_indices();
    match chars.next() {
        Some((_, first)) if is_name_start(first) => {}
        _ => return 0,
    }
    chars.find(|&(_, c)| !is_name_char(c)).map_or(valid.len(), |(at, _)| at)
}

fn is_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
}

/// Whether a character may stand in a document at all.
pub fn is_char(code: u32) -> bool {
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..=0x10FFFF)
}

/// A blank of XML.
#[inline]
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `text` without the blanks around it.
#[inline]
pub fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        if !is_blank(*first) {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        if !is_blank(*last) {
            break;
        }
        text = rest;
    }
    text
}

/// Where the first character stands that no document may have: a control, U+FFFE or U+FFFF.
#[inline]
pub fn illegal(text: &[u8]) -> Option<usize> {
    let odd = text.iter().fold(false, |odd, &byte| odd | (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0xEF));
    if odd { find_illegal(text) } else { None }
}

#[cold]
fn find_illegal(text: &[u8]) -> Option<usize> {
    (0..text.len()).find(|&at| match text[at] {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 => true,
        0xEF => matches!(text.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_grammar_says() {
        for (text, length) in [("a b", 1), ("a:b-c.d1>", 8), ("-a", 0), ("1", 0), ("書 x", 3), ("a\u{D7}b", 1), ("\u{300}a", 0), ("", 0)] {
            assert_eq!(name_end(text.as_bytes(), 0), length, "{text}");
        }
        assert_eq!(name_end(b"a\xFFb", 0), 1);
    }

    #[test]
    fn characters_that_no_document_has_are_found() {
        assert_eq!(illegal(b"a\tb\r\nc \xEF\xBC\x81"), None);
        assert_eq!(illegal(b"ab\x0B"), Some(2));
        assert_eq!(illegal("a\u{FFFE}".as_bytes()), Some(1));
    }
}
