//! What of a message is surely a parameter: numbers, addresses, paths, identifiers. A pure function of the message.
//!
//! A message is cut at blanks into tokens, and a token into pieces at marks. A piece with a digit in it is a parameter, but
//! for the name that stands before a number (`blk_123`); so are paths, hosts, and long hexadecimal numbers.

use std::ops::Range;

use crate::format::log::stamp;

/// What stands for a parameter.
pub const PARAMETER: &str = "<*>";

/// Tokens of a message that are looked at; the rest of it is one more.
const MOST_TOKENS: usize = 200;

/// A token of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it stands in the message.
    pub range: Range<usize>,
    /// Its text with [`PARAMETER`] for what is one.
    pub masked: String,
}

/// Units that stand behind a number of their own.
const UNITS: &[&str] = &["s", "sec", "secs", "ms", "msec", "us", "ns", "min", "mins", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "b"];

/// First labels of names in code rather than of hosts.
const PACKAGES: &[&str] = &["org", "com", "net", "edu", "java", "javax", "sun", "io", "android", "scala"];
/// Last labels of hosts, beside those of two letters.
const DOMAINS: &[&str] =
    &["com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "local", "localdomain", "lan", "internal", "arpa"];

/// The tokens of a message.
pub fn tokens(message: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for range in words(message) {
        let word = &message[range.clone()];
        if let Some(last) = tokens.last_mut() {
            // A number and its unit are one; a size said again in other units (`(1.2 KB)`) says nothing more.
            let is_unit = UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word.trim_end_matches([',', ')', ';', '.'])));
            if is_unit && matches!(last.masked.as_str(), PARAMETER | "(<*>" | "<<*>" | "><*>") {
                let opens = last.masked.starts_with('(');
                last.range.end = range.end;
                last.masked = PARAMETER.to_owned();
                if opens && word.ends_with(')') && tokens.len() > 1 {
                    tokens.pop();
                }
                continue;
            }
        }
        let mut masked = String::with_capacity(word.len());
        match stamp::scan(word.as_bytes()).and_then(|length| word.get(length..)) {
            Some(behind) => {
                masked.push_str(PARAMETER);
                mask(behind, &mut masked);
            }
            None => mask(word, &mut masked),
        }
        tokens.push(Token { range, masked });
    }
    tokens
}

fn words(message: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = message.as_bytes();
    let (mut at, mut count) = (0, 0);
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
        // A point in time is one word.
        let stamp = stamp::scan(&bytes[start..]).unwrap_or(0);
        let length = stamp + bytes[start + stamp..].iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len() - start - stamp);
        count += 1;
        at = if count > MOST_TOKENS { bytes.len() } else { start + length };
        Some(start..at)
    })
}

/// Whether a character stands between pieces of a token.
fn is_mark(char: char) -> bool {
    matches!(char, '=' | ':' | ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '"' | '\'' | '`' | '|' | '@' | '&' | '?' | '!')
}

fn mask(word: &str, out: &mut String) {
    if is_address(word.trim_matches(is_bracket)) {
        let core = word.trim_matches(is_bracket);
        let start = word.len() - word.trim_start_matches(is_bracket).len();
        out.push_str(&word[..start]);
        out.push_str(PARAMETER);
        out.push_str(&word[start + core.len()..]);
        return;
    }
    let mut rest = word;
    while !rest.is_empty() {
        let length = rest.find(is_mark).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(length);
        mask_piece(piece, behind, out);
        let marks = behind.find(|char| !is_mark(char)).unwrap_or(behind.len());
        out.push_str(&behind[..marks]);
        rest = &behind[marks..];
    }
    // An address and its port, the parts of a time: one parameter.
    while let Some(at) = out.find("<*>:<*>") {
        out.replace_range(at..at + 7, PARAMETER);
    }
}

fn is_bracket(char: char) -> bool {
    is_mark(char) && char != ':' || char == '.'
}

/// Times, and IPv6 and hardware addresses.
fn is_address(word: &str) -> bool {
    word.bytes().filter(|&byte| byte == b':').count() >= 2
        && word.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'/' | b'-' | b'%'))
        && word.bytes().any(|byte| byte.is_ascii_hexdigit())
}

fn mask_piece(piece: &str, behind: &str, out: &mut String) {
    // A full stop or a hyphen that ends a sentence's word is none of it.
    let core = piece.trim_end_matches(['.', '-', '*', '+', '#', '%']);
    let tail = &piece[core.len()..];
    if is_parameter(core, behind) {
        let kept = name_before_number(core);
        out.push_str(&core[..kept]);
        out.push_str(PARAMETER);
    } else {
        out.push_str(core);
    }
    out.push_str(tail);
}

fn is_parameter(piece: &str, behind: &str) -> bool {
    let bytes = piece.as_bytes();
    if bytes.len() > 1 && bytes.iter().any(u8::is_ascii_digit) || bytes.first().is_some_and(u8::is_ascii_digit) {
        return true;
    }
    let is_hex = bytes.len() >= 8 && bytes.iter().all(u8::is_ascii_hexdigit);
    let slashes = bytes.iter().filter(|&&byte| byte == b'/' || byte == b'\\').count();
    let is_path = slashes >= 2 || slashes == 1 && bytes.len() > 1 && matches!(bytes[0], b'/' | b'\\');
    let has_port = behind.strip_prefix(':').is_some_and(|port| port.starts_with(|char: char| char.is_ascii_digit()));
    is_hex || is_path || is_host(piece, has_port)
}

fn is_host(piece: &str, has_port: bool) -> bool {
    let labels: Vec<&str> = piece.split('.').collect();
    let are_labels = labels.iter().all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else { return false };
    if !are_labels || labels.len() < 2 {
        return false;
    }
    let is_lower = piece.bytes().all(|byte| !byte.is_ascii_uppercase());
    let is_domain = DOMAINS.contains(last) || last.len() == 2;
    has_port || labels.len() > 2 && is_lower && is_domain && !PACKAGES.contains(first)
}

/// The length of what names the number that a piece ends with: `blk_` of `blk_-123`, none of `a1b2`.
fn name_before_number(piece: &str) -> usize {
    let name = piece.bytes().take_while(u8::is_ascii_alphabetic).count();
    let separator = usize::from(piece[name..].starts_with(['_', '.', '#', '-', '/']));
    let number = &piece[name + separator..];
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if name >= 2 && is_number { piece.len() - number.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(message: &str) -> String {
        tokens(message).iter().map(|token| token.masked.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_addresses_paths_and_identifiers_are_parameters() {
        for (message, expected) in [
            ("Received block blk_-123 of size 67108864 from /10.250.15.198", "Received block blk_<*> of size <*> from <*>"),
            ("src: /10.251.30.6:33145 dest: /10.251.30.6:50010", "src: <*> dest: <*>"),
            ("ok /etc/httpd/conf/workers2.properties", "ok <*>"),
            ("generating core.2275", "generating core.<*>"),
            ("iar 003a90fc dear 00b360e8", "iar <*> dear <*>"),
            ("at 0x0b85eee0, mask 0x05", "at <*>, mask <*>"),
            ("proxy.cse.example.hk:5070 close, 12 bytes (1.36 KB) sent, lifetime <1 sec", "<*> close, <*> bytes sent, lifetime <*>"),
            ("uid=0 euid=0 rhost=10-20.example.net  user=root", "uid=<*> euid=<*> rhost=<*> user=root"),
            (
                "java.io.IOException: Broken pipe at org.apache.zookeeper.Main",
                "java.io.IOException: Broken pipe at org.apache.zookeeper.Main",
            ),
            ("Started 12:34:56.789 on fe80::1 and 00:1a:2b:3c:4d:5e.", "Started <*> on <*> and <*>."),
            ("req-38101a0b-2096-447d-96ea-a692162415ae done", "<*> done"),
            ("read/write N/A and r-o mode", "read/write N/A and r-o mode"),
            ("(uid=500) [preauth]", "(uid=<*>) [preauth]"),
            ("", ""),
        ] {
            assert_eq!(masked(message), expected, "{message}");
        }
    }
}
