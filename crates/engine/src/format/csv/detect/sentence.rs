//! Step 12: what was found as one sentence, each part that is a setting named by it.

use colonnade_protocol::message::SentencePart;

/// What the sentence speaks of.
pub struct Facts<'a> {
    pub separator: &'a [u8],
    pub merge_separators: bool,
    pub encoding: &'a str,
    pub columns: usize,
    /// Line of the first header record, and their number.
    pub header: Option<(u64, usize)>,
    pub confidence: f32,
    pub evidence: &'a str,
}

/// *"Semicolon-separated, windows-1252, header on line 3, 14 columns; 97 % sure: 200 of 206 lines have 14 fields."*
pub fn sentence(facts: &Facts<'_>) -> Vec<SentencePart> {
    let plain = |text: &str| SentencePart { text: text.to_owned(), option: None };
    let setting = |text: String, option: &str| SentencePart { text, option: Some(option.to_owned()) };
    let separator = if facts.columns == 1 { "One column".to_owned() } else { separated(facts.separator, facts.merge_separators) };
    let header = match facts.header {
        None => "no header".to_owned(),
        Some((line, 1)) => format!("header on line {line}"),
        Some((line, rows)) => format!("header of {rows} rows from line {line}"),
    };
    let mut parts = vec![
        setting(separator, "sep"),
        plain(", "),
        setting(facts.encoding.to_owned(), "encoding"),
        plain(", "),
        setting(header, "header"),
    ];
    let columns = if facts.columns == 1 { String::new() } else { format!(", {} columns", facts.columns) };
    let percent = (facts.confidence * 100.0).floor().clamp(1.0, 99.0);
    parts.push(plain(&format!("{columns}; {percent} % sure: {}.", facts.evidence)));
    parts
}

/// A separator in words.
fn separated(separator: &[u8], merge: bool) -> String {
    let text = String::from_utf8_lossy(separator);
    let word = match text.as_ref() {
        "," => "Comma",
        ";" => "Semicolon",
        "\t" => "Tab",
        "|" => "Pipe",
        ":" => "Colon",
        " " if merge => "Blanks",
        " " => "Blank",
        "\u{1}" => "Ctrl-A",
        "\u{1f}" => "Unit-separator",
        other => return format!("{}-separated", crate::format::text::options::escape(other)),
    };
    format!("{word}-separated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_a_sentence() {
        let facts = Facts {
            separator: b";",
            merge_separators: false,
            encoding: "windows-1252",
            columns: 14,
            header: Some((3, 1)),
            confidence: 0.975,
            evidence: "200 of 206 lines have 14 fields",
        };
        let text: String = sentence(&facts).into_iter().map(|part| part.text).collect();
        assert_eq!(text, "Semicolon-separated, windows-1252, header on line 3, 14 columns; 97 % sure: 200 of 206 lines have 14 fields.");
    }
}
