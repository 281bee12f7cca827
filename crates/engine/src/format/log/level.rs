//! The words by which logs tell how grave a message is.

const WORDS: &[&str] = &[
    "trace",
    "debug",
    "info",
    "information",
    "informational",
    "notice",
    "note",
    "warn",
    "warning",
    "error",
    "err",
    "severe",
    "critical",
    "crit",
    "fatal",
    "alert",
    "emergency",
    "emerg",
    "panic",
    "failure",
    "fine",
    "finer",
    "finest",
    "config",
    "verbose",
];

/// What PostgreSQL writes in their place too: its own severities, and what it says further of a message.
const OF_POSTGRES: &[&str] =
    &["LOG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "STATEMENT", "DETAIL", "HINT", "CONTEXT", "QUERY", "LOCATION", "BACKTRACE"];

/// The longest word.
const LONGEST: usize = 13;

/// The length of the level that `text` begins with, in any case.
pub fn scan(text: &[u8]) -> Option<usize> {
    let length = text.iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    is_level(text.get(..length)?).then_some(length)
}

/// Whether a word is a level.
pub fn is_level(word: &[u8]) -> bool {
    (3..=LONGEST).contains(&word.len()) && WORDS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether a word in capitals is a level, or stands where PostgreSQL has one.
pub fn is_severity(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_lowercase) && (is_level(word) || OF_POSTGRES.iter().any(|known| known.as_bytes() == word))
}

/// As a regular expression.
pub fn expression() -> String {
    // Longer words first: the first that fits is taken.
    let mut words = WORDS.to_vec();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    format!("(?i:{})", words.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_whole_word() {
        assert_eq!(scan(b"INFO  x"), Some(4));
        assert_eq!(scan(b"Warning: x"), Some(7));
        assert_eq!(scan(b"information"), Some(11));
        assert_eq!(scan(b"informed"), None);
        assert_eq!(scan(b""), None);
    }
}
