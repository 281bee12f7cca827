//! Truth values.

use super::number::{Reading, trimmed};

/// `true` or `false` in any of the usual casings; leniently also `t`, `yes`, `y`, `on`, `1` and their opposites.
#[inline]
pub(super) fn read(text: &[u8], reading: Reading) -> Option<bool> {
    match text {
        b"true" | b"True" | b"TRUE" => Some(true),
        b"false" | b"False" | b"FALSE" => Some(false),
        _ if reading == Reading::Lenient => lenient(text),
        _ => None,
    }
}

#[cold]
fn lenient(text: &[u8]) -> Option<bool> {
    let text = trimmed(text);
    let is_one_of = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    if is_one_of(["true", "t", "yes", "y", "on", "1"]) {
        Some(true)
    } else if is_one_of(["false", "f", "no", "n", "off", "0"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_usual_casings_are_inferred() {
        assert_eq!(read(b"True", Reading::Exact), Some(true));
        assert_eq!(read(b"FALSE", Reading::Exact), Some(false));
        for text in ["tRUE", "t", "yes", "1", "", " true"] {
            assert_eq!(read(text.as_bytes(), Reading::Exact), None, "{text}");
        }
    }

    #[test]
    fn other_words_are_read_when_asked_for() {
        assert_eq!(read(b"Yes", Reading::Lenient), Some(true));
        assert_eq!(read(b" 0 ", Reading::Lenient), Some(false));
        assert_eq!(read(b"maybe", Reading::Lenient), None);
    }
}
