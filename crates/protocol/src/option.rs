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

/// What Spark and Parquet call some choices of ours.
const SYNONYMS: [(&str, &str); 2] = [("lz4_raw", "lz4"), ("uncompressed", "none")];

impl OptionDecl {
    /// Whether `name` is this option's id or one of its aliases, without regard to case.
    pub fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// What an empty text means, where the help says so: `Empty: quotes mean nothing.`
    pub fn empty_means(&self) -> Option<&str> {
        let (_, said) = self.help.split_once("Empty: ")?;
        said.split(['.', ';']).next()
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
                    let (_, same) = SYNONYMS.iter().find(|(word, _)| word.eq_ignore_ascii_case(value))?;
                    choices.iter().find(|(id, _)| id == same)
                })
                .map(|(id, _)| id.to_string())
                .ok_or_else(|| refuse(format!("one of {}", choices.iter().map(|(id, _)| id.as_ref()).collect::<Vec<_>>().join(", ")))),
        }
    }
}
