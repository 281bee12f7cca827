//! Templates of messages: what stays the same of them, and what does not.

mod mask;
mod mine;

pub use mine::mine;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use colonnade_protocol::LogicalType;

use self::mask::{PARAMETER, Token, tokens};
use crate::column::arrow_type;

/// Finds the template of a message among those that were mined.
pub struct Matcher {
    templates: Vec<Template>,
    /// Templates by their number of tokens and their first token, empty where that is a parameter.
    index: HashMap<(usize, String), Vec<usize>>,
}

struct Template {
    text: String,
    id: String,
    tokens: Vec<String>,
    /// Tokens that are no parameter.
    literals: usize,
}

/// What a message is made of.
struct Parts<'a> {
    template: std::borrow::Cow<'a, str>,
    id: std::borrow::Cow<'a, str>,
    parameters: Vec<Range<usize>>,
}

impl Matcher {
    /// A matcher of these templates, tokens apart by one blank.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut matcher = Self { templates: Vec::new(), index: HashMap::new() };
        for text in texts {
            let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let key = (tokens.len(), mine::first_key(&tokens));
            let literals = tokens.iter().filter(|token| *token != PARAMETER).count();
            matcher.index.entry(key).or_default().push(matcher.templates.len());
            matcher.templates.push(Template { text: text.to_owned(), id: id(text), tokens, literals });
        }
        matcher
    }

    /// The template of a message and its parameters. A message that fits none is its own template, parameters masked.
    fn parts(&self, message: &str) -> Parts<'_> {
        let tokens = tokens(message);
        let first = tokens.first().map(|token| token.masked.as_str()).unwrap_or_default();
        let raw_first = tokens.first().map(|token| &message[token.range.clone()]).unwrap_or_default();
        let mut best: Option<&Template> = None;
        for key in [raw_first, first, ""] {
            let Some(candidates) = self.index.get(&(tokens.len(), key.to_owned())) else { continue };
            for template in candidates.iter().filter_map(|&at| self.templates.get(at)) {
                if best.is_none_or(|best| template.literals > best.literals) && template.fits(message, &tokens) {
                    best = Some(template);
                }
            }
        }
        match best {
            Some(template) => {
                let parameters = tokens.iter().zip(&template.tokens).flat_map(|(token, text)| parameters(message, token, text)).collect();
                Parts { template: template.text.as_str().into(), id: template.id.as_str().into(), parameters }
            }
            None => {
                let text = tokens.iter().map(|token| token.masked.as_str()).collect::<Vec<_>>().join(" ");
                let parameters = tokens.iter().flat_map(|token| parameters(message, token, &token.masked)).collect();
                Parts { id: id(&text).into(), template: text.into(), parameters }
            }
        }
    }
}

impl Template {
    fn fits(&self, message: &str, tokens: &[Token]) -> bool {
        self.tokens.iter().zip(tokens).all(|(text, token)| {
            *text == token.masked
                || text == PARAMETER
                || *text == message[token.range.clone()]
                || globs(text, &message[token.range.clone()])
        })
    }
}

/// Whether a text with parameters in it is what another is.
fn globs(text: &str, word: &str) -> bool {
    let mut parts = text.split(PARAMETER);
    let (Some(first), Some(last)) = (parts.next(), text.rsplit(PARAMETER).next()) else { return false };
    text.contains(PARAMETER) && word.len() >= first.len() + last.len() && word.starts_with(first) && word.ends_with(last) && {
        let mut rest = &word[first.len()..word.len() - last.len()];
        let middle: Vec<&str> = parts.collect();
        middle.iter().take(middle.len().saturating_sub(1)).all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

/// The parameters of one token, by the text that the template has for it.
fn parameters(message: &str, token: &Token, text: &str) -> Vec<Range<usize>> {
    let word = &message[token.range.clone()];
    if !text.contains(PARAMETER) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    let mut literals = text.split(PARAMETER).peekable();
    let first = literals.next().unwrap_or_default();
    if !word.starts_with(first) {
        return vec![token.range.clone()];
    }
    at += first.len();
    while let Some(literal) = literals.next() {
        let is_last = literals.peek().is_none();
        let end = if is_last {
            word.len().checked_sub(literal.len()).filter(|&end| end >= at && word.ends_with(literal))
        } else {
            word[at..].find(literal).filter(|_| !literal.is_empty()).map(|length| at + length)
        };
        // What was masked as one and cannot be told apart again is one parameter.
        let Some(end) = end else { return vec![token.range.clone()] };
        found.push(token.range.start + at..token.range.start + end);
        at = end + literal.len();
    }
    found
}

/// A template's name: the 64-bit FNV-1a hash of its text, in hexadecimal digits.
fn id(text: &str) -> String {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    format!("{hash:016x}")
}

/// The first line of a message: a stack trace behind it tells nothing of its kind.
pub fn first_line(message: &str) -> &str {
    message.split(['\n', '\r']).next().unwrap_or_default()
}

/// Templates, their ids, and the parameters of a column of messages.
pub fn arrays(matcher: &Matcher, messages: &dyn Array) -> [ArrayRef; 3] {
    let (mut templates, mut ids) = (StringBuilder::new(), StringBuilder::new());
    let field = match arrow_type(&LogicalType::List(Box::new(LogicalType::String))) {
        DataType::List(field) => field,
        _ => Arc::new(arrow_schema::Field::new("element", DataType::Utf8, true)),
    };
    let mut parameters = ListBuilder::new(StringBuilder::new()).with_field(field);
    let texts = messages.as_string_opt::<i32>();
    for row in 0..messages.len() {
        match texts.filter(|texts| texts.is_valid(row)).map(|texts| first_line(texts.value(row))) {
            Some(message) => {
                let parts = matcher.parts(message);
                templates.append_value(&parts.template);
                ids.append_value(&parts.id);
                parts.parameters.into_iter().for_each(|range| parameters.values().append_value(&message[range]));
                parameters.append(true);
            }
            None => {
                templates.append_null();
                ids.append_null();
                parameters.append(false);
            }
        }
    }
    [Arc::new(templates.finish()), Arc::new(ids.finish()), Arc::new(parameters.finish())]
}
