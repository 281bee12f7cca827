//! What is written out to end a record: an escaped line end, a word in brackets, or signs.

/// Ends as escapes, the longer first.
const ESCAPED: &[&str] = &["\\r\\n", "\\n", "\\r", "\\0", "\\t"];
/// Those of them that are line ends.
const LINE_ENDS: &[&str] = &["\\r\\n", "\\n"];
/// What opens and closes a word.
const BRACKETS: &[(char, char)] =
    &[('<', '>'), ('[', ']'), ('{', '}'), ('(', ')'), ('|', '|'), ('$', '$'), ('#', '#'), ('~', '~'), ('@', '@')];
/// Signs that end a record where two of them or more stand together.
const SIGNS: &[char] = &['#', '$', '@', '~', '^', '&'];
/// The longest word in brackets.
const LONGEST_WORD: usize = 10;

/// The mark that a line ends with: `\n`, `<EOL>`, `[END]`, `##`.
pub fn at_end(line: &str) -> Option<&str> {
    let line = line.trim_end();
    if let Some(mark) = ESCAPED.iter().find(|mark| line.ends_with(**mark)) {
        return line.get(line.len() - mark.len()..);
    }
    let before = line.chars().next_back().filter(|last| SIGNS.contains(last)).map(|last| line.trim_end_matches(last).len());
    if let Some(before) = before.filter(|before| line.len() - before > 1) {
        return line.get(before..);
    }
    let (open, close) = BRACKETS.iter().find(|(_, close)| line.ends_with(*close))?;
    let inner = line.strip_suffix(*close)?;
    let at = inner.rfind(*open)?;
    let word = inner.get(at + open.len_utf8()..)?;
    // What a word in other brackets says in lower case may be a value: `[ok]`.
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || *open == '<' && byte.is_ascii_lowercase() || b"/_-".contains(&byte);
    let is_word = !word.is_empty() && word.len() <= LONGEST_WORD && word.bytes().all(is_letter);
    if is_word { line.get(at..) } else { None }
}

/// The escaped line end that stands within the one line of a text, more than once.
pub fn within(text: &str) -> Option<&'static str> {
    let line = text.trim_end();
    if line.contains(['\n', '\r']) {
        return None;
    }
    LINE_ENDS.iter().copied().find(|mark| line.matches(mark).nth(1).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_escapes_and_words_in_brackets() {
        for (line, mark) in [
            ("1 2\\n", Some("\\n")),
            ("1 2\\r\\n ", Some("\\r\\n")),
            ("1 2<EOL>", Some("<EOL>")),
            ("1 2 [END]", Some("[END]")),
            ("1 |EOR|", Some("|EOR|")),
            ("1 2##", Some("##")),
            ("C#", None),
            ("1 (2)", None),
            ("f(x)", None),
            ("1 2;", None),
        ] {
            assert_eq!(at_end(line), mark, "{line}");
        }
    }

    #[test]
    fn a_text_of_one_line_may_hold_line_ends_as_escapes() {
        assert_eq!(within("a,b\\n1,2\\n3,4"), Some("\\n"));
        assert_eq!(within("a,b\\n1,2\n3,4\\n"), None);
        assert_eq!(within("a,b\\n"), None);
    }
}
