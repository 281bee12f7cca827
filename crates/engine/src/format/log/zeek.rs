//! Zeek's logs of values between tabs: `#fields` names the columns, `#unset_field` says what stands for no value.
//!
//! Source: Zeek's documentation, *Zeek Log Formats and Inspection*.

use super::layout::Found;

/// The layout that Zeek's directives above the records say.
pub fn find(lines: &[&str]) -> Option<Found> {
    let head: Vec<&str> = lines.iter().copied().take_while(|line| line.starts_with('#')).collect();
    let said = |name: &str| head.iter().find_map(|line| line.strip_prefix('#')?.strip_prefix(name));
    let separator = match said("separator") {
        Some(said) => sign(said.trim())?,
        None => '\t',
    };
    let value = |name: &str| said(name)?.strip_prefix(separator).map(|value| value.trim_end_matches(['\r', '\n']));
    let names = value("fields")?;
    // Others write such a line too; only Zeek types its fields as well.
    value("types")?;
    let mark = if separator == '\t' { r"\t".to_owned() } else { format!(r"\{separator}") };
    let field = |name: &str| format!("(?<{}>[^{mark}]*)", name.replace('>', "_"));
    let pattern = names.split(separator).map(field).collect::<Vec<_>>().join(&mark);
    let is_some = !names.is_empty() && pattern.len() < super::pattern::MOST_CHARS as usize;
    is_some.then(|| Found {
        title: "Zeek log".to_owned(),
        pattern,
        start: String::new(),
        comment: "#".to_owned(),
        null_value: value("unset_field").unwrap_or("-").to_owned(),
        empty_value: value("empty_field").unwrap_or("(empty)").to_owned(),
        has_messages: false,
        share: 1.0,
        most: 0.98,
    })
}

/// The sign that a directive says, as it stands or as `\x09`.
fn sign(said: &str) -> Option<char> {
    let mut signs = said.chars();
    match (said.strip_prefix(r"\x"), signs.next(), signs.next()) {
        (Some(code), ..) => {
            u8::from_str_radix(code, 16).ok().filter(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).map(char::from)
        }
        (None, Some(sign), None) if !sign.is_alphanumeric() => Some(sign),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_words_for_nothing_are_those_of_the_directives() {
        let lines = [
            r"#separator \x09",
            "#set_separator\t,",
            "#empty_field\t(none)",
            "#unset_field\tnil",
            "#path\tconn",
            "#fields\tts\tid.orig_h\ttags",
            "#types\ttime\taddr\tset[string]",
            "1.5\t10.0.0.1\ta b",
        ];
        let found = find(&lines).unwrap();
        assert_eq!(found.pattern, r"(?<ts>[^\t]*)\t(?<id.orig_h>[^\t]*)\t(?<tags>[^\t]*)");
        assert_eq!((found.null_value.as_str(), found.empty_value.as_str(), found.comment.as_str()), ("nil", "(none)", "#"));
        let comma = find(&["#separator ,", "#fields,a,b", "#types,string,string", "1,2"]).unwrap();
        assert_eq!((comma.pattern.as_str(), comma.null_value.as_str()), (r"(?<a>[^\,]*)\,(?<b>[^\,]*)", "-"));
    }

    #[test]
    fn other_comments_are_none() {
        assert_eq!(find(&["#fields\ta\tb", "1\t2"]), None);
        assert_eq!(find(&["a\tb", "#fields\ta\tb", "#types\tint\tint"]), None);
        assert_eq!(find(&[r"#separator \x41", "#fieldsAa", "#typesAint"]), None);
    }
}
