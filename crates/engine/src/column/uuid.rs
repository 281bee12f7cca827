//! UUIDs.

use super::arrow::UUID_BYTES;

/// The bytes of a UUID in its usual form, 8-4-4-4-12 hexadecimal digits, also in braces.
pub(super) fn read(text: &[u8]) -> Option<[u8; UUID_BYTES as usize]> {
    let text = text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}")).unwrap_or(text);
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; UUID_BYTES as usize];
    let mut digits = 0;
    for (i, &byte) in text.iter().enumerate() {
        if matches!(i, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        bytes[digits / 2] = bytes[digits / 2] << 4 | char::from(byte).to_digit(16)? as u8;
        digits += 1;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read_in_either_case() {
        let bytes = 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF_u128.to_be_bytes();
        assert_eq!(read(b"01234567-89ab-cdef-0123-456789abcdef"), Some(bytes));
        assert_eq!(read(b"{01234567-89AB-CDEF-0123-456789ABCDEF}"), Some(bytes));
    }

    #[test]
    fn other_texts_do_not_fit() {
        for text in ["", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg", "01234567-89ab-cdef-01234-56789abcdef"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
