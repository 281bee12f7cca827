//! What single words of a log's header look like.

use crate::format::log::level;

/// A mark as a pattern has it.
pub fn escape(byte: u8) -> String {
    let char = char::from(byte);
    if r"\.+*?()|[]{}^$".contains(char) { format!(r"\{char}") } else { char.to_string() }
}

/// What closes a bracket.
pub fn closer(open: u8) -> u8 {
    match open {
        b'[' => b']',
        b'(' => b')',
        b'<' => b'>',
        _ => b'}',
    }
}

/// Where the bracket that `rest` begins with is closed.
pub fn bracket_end(rest: &[u8], open: u8) -> Option<usize> {
    bracket_end_within(rest.get(1..)?, open).map(|end| end + 1)
}

/// Where the bracket is closed within which `rest` begins.
pub fn bracket_end_within(rest: &[u8], open: u8) -> Option<usize> {
    let mut depth = 0;
    for (at, &byte) in rest.iter().enumerate().take(300) {
        if byte == open {
            depth += 1;
        } else if byte == closer(open) {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
    }
    None
}

/// Whether `rest` is a value that is written in brackets, rather than a field in them: JSON as it begins, or all of the line
/// in braces.
pub fn is_payload(rest: &[u8]) -> bool {
    let within = rest.get(1..).unwrap_or_default().trim_ascii_start();
    match (rest.first(), within.first()) {
        (Some(b'{'), Some(b'"' | b'\'' | b'}')) => true,
        (Some(b'{'), _) => bracket_end(rest, b'{').is_some_and(|end| rest[end + 1..].trim_ascii().is_empty()),
        (Some(b'['), Some(b'{')) => is_payload(within),
        (Some(b'['), Some(b'"')) => rest.trim_ascii_end().ends_with(b"]"),
        _ => false,
    }
}

/// Where the word ends that `rest` begins with.
pub fn word_end(rest: &[u8]) -> usize {
    rest.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(rest.len())
}

/// `component:`, `program[12]:`.
pub fn is_tag(word: &[u8]) -> bool {
    word.len() > 2 && word.ends_with(b":") && word[0].is_ascii_alphabetic()
}

/// What levels are shortened to.
pub fn is_level_letter(letter: u8) -> bool {
    matches!(letter, b'V' | b'D' | b'I' | b'W' | b'E' | b'F' | b'T' | b'C' | b'N' | b'A' | b'S')
}

/// `core:error`.
pub fn module_and_level(word: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', word) else { return false };
    let is_module = word[..colon].iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    colon > 0 && is_module && level::scan(&word[colon + 1..]) == Some(word.len() - colon - 1)
}

/// `production.ERROR:`, as Monolog writes.
pub fn channel_and_level(word: &[u8]) -> bool {
    let Some(word) = word.strip_suffix(b":") else { return false };
    let Some(point) = memchr::memrchr(b'.', word) else { return false };
    point > 0 && level::is_level(&word[point + 1..]) && word[point + 1..].iter().all(u8::is_ascii_uppercase)
}

/// Digits, with or without a minus.
pub fn is_integer(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    !digits.is_empty() && digits.len() < 19 && digits.iter().all(u8::is_ascii_digit)
}

/// Seconds since 1970, of 2001 to 2033.
pub fn is_epoch(word: &[u8]) -> bool {
    word.len() == 10 && word[0] == b'1' && word.iter().all(u8::is_ascii_digit)
}

/// `2005.06.03`.
pub fn is_day(word: &[u8]) -> bool {
    word.len() == 10
        && [4, 7].iter().all(|&at| matches!(word[at], b'-' | b'.' | b'/'))
        && word.iter().filter(|byte| byte.is_ascii_digit()).count() == 8
}

/// A name of code: `org.apache.Foo`, `module::part`, but not `program.exe`.
pub fn is_dotted(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_alphabetic)
        && (word.iter().filter(|&&byte| byte == b'.').count() > 1 || memchr::memmem::find(word, b"::").is_some())
        && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b':' | b'-'))
}

/// A file and its line: `main.rs:12`.
pub fn is_source(word: &[u8]) -> bool {
    let Some((file, line)) = memchr::memrchr(b':', word).map(|colon| (&word[..colon], &word[colon + 1..])) else { return false };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/' | b'\\');
    let extension = memchr::memrchr(b'.', file).and_then(|dot| file.get(dot + 1..)).unwrap_or_default();
    is_integer(line) && file.iter().all(is_name) && (1..=5).contains(&extension.len()) && extension[0].is_ascii_alphabetic()
}

/// Seconds since a start: `12.345s`, `12345ms`.
pub fn is_uptime(word: &[u8]) -> bool {
    let Some(number) = word.strip_suffix(b"ms").or_else(|| word.strip_suffix(b"s")) else { return false };
    number.first().is_some_and(u8::is_ascii_digit) && number.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
}

/// Whether a word is what threads are usually named.
pub fn is_thread(word: &[u8]) -> bool {
    const PARTS: [&[u8]; 14] = [
        b"main",
        b"thread",
        b"tid",
        b"pool",
        b"exec",
        b"worker",
        b"timer",
        b"fork",
        b"scheduler",
        b"dispatcher",
        b"handler",
        b"reactor",
        b"nio-",
        b"loop",
    ];
    let word = word.to_ascii_lowercase();
    PARTS.iter().any(|part| memchr::memmem::find(&word, part).is_some())
}
