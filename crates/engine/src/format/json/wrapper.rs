//! What programs put around a document so that a browser runs it, or does not: a call, a variable, a guard.

/// Guards that keep a page from running an answer as a script.
const GUARDS: [&[u8]; 5] = [b")]}',", b")]}'", b"while(1);", b"for(;;);", b"{}&&"];
/// The longest name of a function or a variable.
const LONGEST_NAME: usize = 200;

/// How many bytes before the document are such: `)]}',`, `callback(`, `var data =`. 0 where it begins at once.
pub fn before(text: &[u8]) -> usize {
    let blanks = |at: usize| at + text[at.min(text.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = blanks(0);
    let rest = &text[start..];
    if let Some(guard) = GUARDS.iter().find(|guard| rest.starts_with(guard)) {
        let end = blanks(start + guard.len());
        return if opens(text, end) { end } else { 0 };
    }
    let comment = if rest.starts_with(b"/**/") { 4 } else { 0 };
    let declared = [&b"var "[..], b"let ", b"const "].iter().find(|word| rest[comment..].starts_with(word)).map_or(0, |word| word.len());
    let name = start + comment + declared;
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.');
    let length = text[name..].iter().take(LONGEST_NAME).take_while(is_name).count();
    let mark = blanks(name + length);
    let is_mark = match text.get(mark) {
        Some(b'(') => declared == 0,
        Some(b'=') => true,
        _ => false,
    };
    let begins = text.get(name).is_some_and(|byte| !byte.is_ascii_digit() && *byte != b'.');
    let end = blanks(mark + 1);
    if length > 0 && begins && is_mark && opens(text, end) { end } else { 0 }
}

/// How many bytes before an object or an array are comments as in Java, and blanks. 0 where there is no comment.
pub fn comments(text: &[u8]) -> usize {
    let (mut at, mut behind) = (0, 0);
    loop {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &text[at..];
        if behind > 0 && opens(text, at) {
            return at;
        }
        let length = match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest),
            [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|end| end + 2),
            _ => None,
        };
        let Some(length) = length else { return 0 };
        at += length;
        behind = at;
    }
}

/// Whether an object or an array begins here, and not a block or a pattern of something else.
fn opens(text: &[u8], at: usize) -> bool {
    let next = || text[at + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
    match text.get(at) {
        Some(b'{') => matches!(next(), Some(b'"' | b'}')),
        Some(b'[') => matches!(next(), Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_before_documents_and_before_no_other_text() {
        for (text, document) in [("// c\n{\"a\":1}", "{\"a\":1}"), ("/* of\ntwo */ // and\n\n [1]", "[1]"), ("/**/\n[{}]", "[{}]")] {
            assert_eq!(comments(text.as_bytes()), text.len() - document.len(), "{text}");
        }
        for text in ["{\"a\":1}", "// a,b\n1,2", "/* a", "// {\"a\":1}", "/a/b\n{}", "// c\n{ int x; }", ""] {
            assert_eq!(comments(text.as_bytes()), 0, "{text}");
        }
    }

    #[test]
    fn calls_variables_and_guards_are_told_from_documents_and_text() {
        for (text, document) in [
            ("callback({\"a\":1});", "{\"a\":1});"),
            ("/**/jQuery12_3.cb ( [1,2] )", "[1,2] )"),
            (")]}',\n[{\"a\":1}]", "[{\"a\":1}]"),
            ("while(1);{\"a\":1}", "{\"a\":1}"),
            ("window.YTD.tweet.part0 = [ {\"a\":1} ]", "[ {\"a\":1} ]"),
            ("var data = {\"a\":1};", "{\"a\":1};"),
        ] {
            let document_at = text.len() - document.len();
            let found = before(text.as_bytes());
            assert_eq!(found, document_at, "{text}");
        }
        for text in [
            "",
            "{\"a\":1}",
            "name,age\nx,1",
            "function f(a) {}",
            "f(x)",
            "if (x) {\"a\"}",
            "a = 5",
            "1({\"a\":1})",
            ")",
            "var",
            "a(",
            "x=[b]",
        ] {
            assert_eq!(before(text.as_bytes()), 0, "{text}");
        }
    }
}
