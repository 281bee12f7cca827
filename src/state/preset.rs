//! Options preset by the address' fragment: `#codec=snappy&mode=FAILFAST&sink=download`. Also how a set-up is shared.

use colonnade_protocol::OptionDecl;
use colonnade_protocol::message::SaveTarget;

/// What a fragment presets, sorted by whom it concerns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presets {
    pub target: Option<SaveTarget>,
    /// Options of the output.
    pub output: Vec<(String, String)>,
    /// Options for reading every table that is opened.
    pub reading: Vec<(String, String)>,
}

impl Presets {
    /// Reads a fragment, with or without its `#`. `output` declares what belongs to saving.
    pub fn read(fragment: &str, output: &[OptionDecl]) -> Self {
        let mut presets = Self::default();
        for (name, value) in pairs(fragment) {
            if name.eq_ignore_ascii_case("sink") {
                presets.target = match value.to_ascii_lowercase().as_str() {
                    "file" => Some(SaveTarget::File),
                    "folder" => Some(SaveTarget::Folder),
                    _ => Some(SaveTarget::Download),
                };
            } else if let Some(option) = output.iter().find(|option| option.is_named(&name)) {
                presets.output.push((option.id.to_string(), value));
            } else {
                presets.reading.push((name, value));
            }
        }
        presets
    }
}

/// A fragment, without `#`, that presets these options.
pub fn write<'a>(options: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    options.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

fn pairs(fragment: &str) -> impl Iterator<Item = (String, String)> + '_ {
    fragment.trim_start_matches('#').split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped = (bytes[i] == b'%')
            .then(|| bytes.get(i + 1..i + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~,;:/".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use colonnade_protocol::{Affects, OptionKind};

    use super::*;

    fn codec() -> OptionDecl {
        OptionDecl {
            id: Cow::Borrowed("compression"),
            aliases: Cow::Owned(vec![Cow::Borrowed("codec")]),
            title: Cow::Borrowed("Codec"),
            kind: OptionKind::Text { max_chars: 10 },
            default: None,
            help: Cow::Borrowed(""),
            affects: Affects::Output,
            empty: Cow::Borrowed(""),
            synonyms: Cow::Borrowed(&[]),
        }
    }

    #[test]
    fn options_go_to_saving_or_reading_by_their_declaration() {
        let presets = Presets::read("#codec=snappy&mode=FAILFAST&sink=download", &[codec()]);
        assert_eq!(presets.target, Some(SaveTarget::Download));
        assert_eq!(presets.output, [("compression".to_owned(), "snappy".to_owned())]);
        assert_eq!(presets.reading, [("mode".to_owned(), "FAILFAST".to_owned())]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let options = [("sep", "&="), ("nullValue", "n/ä %"), ("comment", "#")];
        let presets = Presets::read(&write(options), &[]);
        assert_eq!(presets.reading, options.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_broken_escape_is_taken_as_it_stands() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz"), "%zz");
    }
}
