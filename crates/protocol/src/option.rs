//! Options: what a format, an output or the page declares, and what is in force.
//!
//! Forms, help, the command line and the docs are all made from [`OptionDecl`].

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One option of a format or an output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionDecl {
    /// Spark's name, where Spark has one.
    pub id: Cow<'static, str>,
    /// Other names that mean the same (`delimiter` for `sep`), compared without case.
    pub aliases: Cow<'static, [Cow<'static, str>]>,
    /// The words on the page's control.
    pub title: Cow<'static, str>,
    pub kind: OptionKind,
    /// The value when nobody says otherwise; `None` is "found from the data" (auto).
    pub default: Option<Cow<'static, str>>,
    /// One or two sentences: what it does and what it costs.
    pub help: Cow<'static, str>,
    pub affects: Affects,
    /// What an empty text means: "quotes mean nothing". Empty where it means nothing of its own.
    pub empty: Cow<'static, str>,
    /// What others call some of its choices: `(their word, our id)`, compared without case.
    pub synonyms: Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>,
}

/// The values an option takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum OptionKind {
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds, both included.
    Integer { min: i64, max: i64 },
    /// Any text, at most so many characters.
    Text { max_chars: u32 },
    /// One of these ids, each with its words: `(id, title)`.
    Choice(Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>),
}

/// What must be done again when an option changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Affects {
    /// Detection itself starts again, with this value fixed.
    Detect,
    /// Only the decoding of records.
    Decode,
    /// The inferred schema.
    Schema,
    /// Only what is written.
    Output,
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Origin {
    Default,
    Detected {
        /// 0 to 1.
        confidence: f32,
        /// The evidence in numbers: "200 of 206 lines have 14 fields".
        evidence: String,
    },
    Person,
}

/// An option's value in force, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The option's id.
    pub id: String,
    /// As text in the option's own notation: `true`, `;`, `\t`, `yyyy-MM-dd`.
    pub value: String,
    pub origin: Origin,
}

/// Why a value was refused for an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    pub option: String,
    pub value: String,
    pub expected: String,
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?} is not usable: expected {}", self.option, self.value, self.expected)
    }
}

impl std::error::Error for InvalidValue {}

impl OptionDecl {
    /// Whether `name` is this option's id or one of its aliases, without regard to case.
    pub fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// The same, and an empty text means this.
    #[must_use]
    pub fn empty_means(self, what: &'static str) -> Self {
        Self { empty: what.into(), ..self }
    }

    /// The same with other words for some of its choices.
    #[must_use]
    pub fn with_synonyms(self, synonyms: &[(&'static str, &'static str)]) -> Self {
        Self { synonyms: synonyms.iter().map(|&(word, id)| (word.into(), id.into())).collect(), ..self }
    }

    /// The help with what an empty text means.
    pub fn whole_help(&self) -> String {
        if self.empty.is_empty() { self.help.to_string() } else { format!("{} Empty: {}.", self.help, self.empty) }
    }

    /// The value in this option's own spelling, or why it cannot be one.
    pub fn check(&self, value: &str) -> Result<String, InvalidValue> {
        let refuse = |expected: String| InvalidValue { option: self.id.to_string(), value: value.to_owned(), expected };
        match &self.kind {
            OptionKind::Flag => match value.to_ascii_lowercase().as_str() {
                "true" => Ok("true".to_owned()),
                "false" => Ok("false".to_owned()),
                _ => Err(refuse("true or false".to_owned())),
            },
            OptionKind::Integer { min, max } => match value.parse::<i64>() {
                Ok(n) if (*min..=*max).contains(&n) => Ok(n.to_string()),
                _ => Err(refuse(format!("a whole number from {min} to {max}"))),
            },
            OptionKind::Text { max_chars } => {
                if value.chars().count() <= *max_chars as usize {
                    Ok(value.to_owned())
                } else {
                    Err(refuse(format!("at most {max_chars} characters")))
                }
            }
            OptionKind::Choice(choices) => choices
                .iter()
                .find(|(id, _)| id.eq_ignore_ascii_case(value))
                .or_else(|| {
                    let (_, same) = self.synonyms.iter().find(|(word, _)| word.eq_ignore_ascii_case(value))?;
                    choices.iter().find(|(id, _)| id == same)
                })
                .map(|(id, _)| id.to_string())
                .ok_or_else(|| refuse(format!("one of {}", choices.iter().map(|(id, _)| id.as_ref()).collect::<Vec<_>>().join(", ")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synonym_holds_for_its_own_option_and_an_empty_text_is_explained() {
        let choices = [("lz4", "lz4"), ("none", "none")].map(|(id, title)| (id.into(), title.into())).to_vec();
        let plain = OptionDecl {
            id: "codec".into(),
            aliases: Cow::Borrowed(&[]),
            title: "Codec".into(),
            kind: OptionKind::Choice(choices.into()),
            default: None,
            help: "How.".into(),
            affects: Affects::Output,
            empty: Cow::Borrowed(""),
            synonyms: Cow::Borrowed(&[]),
        };
        assert!(plain.check("uncompressed").is_err());
        assert_eq!(plain.whole_help(), "How.");
        let with = plain.with_synonyms(&[("uncompressed", "none")]).empty_means("as it comes");
        assert_eq!(with.check("UNCOMPRESSED").as_deref(), Ok("none"));
        assert!(with.check("lz4_raw").is_err());
        assert_eq!(with.whole_help(), "How. Empty: as it comes.");
    }
}
