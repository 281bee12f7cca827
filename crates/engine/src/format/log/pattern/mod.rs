//! Patterns of lines: regular expressions with named groups, and grok's `%{NAME:field}`.
//!
//! A pattern is matched against a whole line. What most patterns are made of runs in a scanner of our own; the rest, by
//! `regex-lite`, which takes linear time whatever the line.

mod grok;
mod node;
mod parse;
mod program;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use regex_lite::{CaptureLocations, Regex};

use self::node::Node;
use self::program::Program;
use super::level;
use crate::Result;

/// The longest pattern, in characters.
pub const MOST_CHARS: u32 = 4000;
/// Fields at most.
const MOST_FIELDS: usize = 1000;

/// A compiled pattern.
pub struct Pattern {
    /// Names of the fields, each once, in their order.
    pub fields: Vec<String>,
    nodes: Vec<Node>,
    engine: Engine,
}

enum Engine {
    Program(Program),
    /// The field of each group.
    Regex(Box<Regex>, Vec<usize>),
}

/// Where the fields of a line are; made once and used for every line.
pub struct Captures {
    /// Where each field begins and ends.
    places: Vec<u32>,
    locations: Option<CaptureLocations>,
}

impl Captures {
    /// Where a field is, if it took part.
    #[inline]
    pub fn get(&self, field: usize) -> Option<(usize, usize)> {
        match (self.places.get(2 * field)?, self.places.get(2 * field + 1)?) {
            (&u32::MAX, _) | (_, &u32::MAX) => None,
            (&from, &to) => Some((from as usize, to as usize)),
        }
    }
}

impl Pattern {
    /// Compiles the pattern that the option `id` holds.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] with what is wrong and where.
    pub fn compile(id: &str, text: &str) -> Result<Self> {
        let wrong = |what: String| {
            let hint = r"It is a regular expression with %{NAME:field} or (?<field>...) for each field: %{TIMESTAMP:timestamp} \[%{LOGLEVEL:level}\] %{GREEDYDATA:message}.";
            ErrorInfo::new(ErrorKind::Usage, format!("{id} is no pattern: {what}"), hint)
        };
        if text.chars().count() > MOST_CHARS as usize {
            return Err(wrong(format!("it has more than {MOST_CHARS} characters")));
        }
        let (nodes, fields) = parse::parse(text).map_err(|(what, at)| wrong(format!("{what} (at character {at})")))?;
        if fields.len() > MOST_FIELDS {
            return Err(wrong(format!("it has more than {MOST_FIELDS} fields")));
        }
        let engine = match Program::compile(&nodes) {
            Some(program) => Engine::Program(program),
            None => {
                let (mut expression, mut groups) = ("^(?:".to_owned(), Vec::new());
                write(&nodes, &mut expression, &mut groups)
                    .ok_or_else(|| wrong("%{LOGFMT} cannot stand beside a repeated group".to_owned()))?;
                expression.push(')');
                Engine::Regex(Box::new(Regex::new(&expression).map_err(|error| wrong(error.to_string()))?), groups)
            }
        };
        Ok(Self { fields, nodes, engine })
    }

    /// Room for what a match finds.
    pub fn captures(&self) -> Captures {
        let locations = match &self.engine {
            Engine::Program(_) => None,
            Engine::Regex(regex, _) => Some(regex.capture_locations()),
        };
        Captures { places: vec![u32::MAX; 2 * self.fields.len()], locations }
    }

    /// Whether the pattern matches the whole of a line; the fields' places are left in `found`.
    pub fn matches(&self, line: &[u8], found: &mut Captures) -> bool {
        self.run(line, found, false).is_some()
    }

    /// Whether a line begins as the pattern says.
    pub fn begins(&self, line: &[u8], found: &mut Captures) -> bool {
        self.run(line, found, true).is_some()
    }

    fn run(&self, line: &[u8], found: &mut Captures, prefix: bool) -> Option<usize> {
        found.places.fill(u32::MAX);
        match (&self.engine, &mut found.locations) {
            (Engine::Program(program), _) => program.run(line, &mut found.places, prefix),
            (Engine::Regex(regex, groups), Some(locations)) => {
                let text = shadow(line);
                let whole = regex.captures_read(locations, &text)?;
                if !prefix && whole.end() != line.len() {
                    return None;
                }
                for (group, &field) in groups.iter().enumerate() {
                    if let Some((from, to)) = locations.get(group + 1) {
                        found.places[2 * field..2 * field + 2].copy_from_slice(&[from as u32, to as u32]);
                    }
                }
                Some(whole.end())
            }
            (Engine::Regex(..), None) => None,
        }
    }

    /// The field whose text is pairs of keys and values.
    pub fn pairs_field(&self) -> Option<usize> {
        self.fields.iter().position(|field| field == parse::PAIRS)
    }

    /// The field that takes the rest of the line, if the pattern ends with one.
    pub fn rest_field(&self) -> Option<usize> {
        fn last(nodes: &[Node]) -> Option<usize> {
            match nodes.last()? {
                Node::Field(field, body) => match &body[..] {
                    [Node::Run { set, max: u32::MAX, .. }] if set.has(b' ') && set.has(b'"') => Some(*field),
                    _ => None,
                },
                // What may be absent.
                Node::Choice(ways) => last(ways.first()?),
                _ => None,
            }
        }
        last(&self.nodes)
    }

    /// Whether it runs in the scanner of our own.
    #[cfg(test)]
    pub fn is_scanned(&self) -> bool {
        matches!(self.engine, Engine::Program(_))
    }

    /// Whether a field is what a scanner of timestamps reads.
    pub fn is_stamp(&self, field: usize) -> bool {
        fn within(nodes: &[Node], field: usize) -> bool {
            nodes.iter().any(|node| match node {
                Node::Field(of, body) => *of == field && matches!(body[..], [Node::Stamp]) || within(body, field),
                Node::Choice(ways) => ways.iter().any(|way| within(way, field)),
                _ => false,
            })
        }
        within(&self.nodes, field)
    }
}

/// A line as text of the same length: bytes that are none become blanks, which no class takes for letters.
fn shadow(line: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => text.into(),
        Err(_) => {
            let mut text = String::with_capacity(line.len());
            for chunk in line.utf8_chunks() {
                text.push_str(chunk.valid());
                chunk.invalid().iter().for_each(|_| text.push('\u{1A}'));
            }
            text.into()
        }
    }
}

/// Writes the tree as a regular expression; `None` where it cannot be one.
fn write(nodes: &[Node], out: &mut String, groups: &mut Vec<usize>) -> Option<()> {
    for node in nodes {
        match node {
            Node::Literal(text) => out.push_str(&regex_lite::escape(std::str::from_utf8(text).ok()?)),
            Node::Run { set, min, max, lazy } => {
                set.write(out);
                quantify((*min, *max, *lazy), out);
            }
            Node::Stamp => out.push_str(STAMP),
            Node::Level => out.push_str(&level::expression()),
            Node::Quoted => out.push_str(r#"(?:[^"\\]|\\.)*"#),
            Node::Target => out.push_str(r#"(?:[^"\\]|\\.)*?"#),
            Node::Structured => out.push_str(r#"(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+"#),
            Node::Pairs => return None,
            Node::Field(field, body) => {
                groups.push(*field);
                out.push('(');
                write(body, out, groups)?;
                out.push(')');
            }
            Node::Choice(ways) => {
                out.push_str("(?:");
                for (k, way) in ways.iter().enumerate() {
                    out.push_str(if k > 0 { "|" } else { "" });
                    write(way, out, groups)?;
                }
                out.push(')');
            }
            Node::Repeat { body, min, max, lazy } => {
                out.push_str("(?:");
                write(body, out, groups)?;
                out.push(')');
                quantify((*min, *max, *lazy), out);
            }
        }
    }
    Some(())
}

fn quantify((min, max, lazy): (u32, u32, bool), out: &mut String) {
    match (min, max) {
        (1, 1) => return,
        (min, u32::MAX) => out.push_str(&format!("{{{min},}}")),
        (min, max) => out.push_str(&format!("{{{min},{max}}}")),
    }
    out.push_str(if lazy { "?" } else { "" });
}

/// Timestamps, as a regular expression: wider than the scanner, and only for patterns that need such an engine.
const STAMP: &str = r"(?:(?:[A-Za-z]{3,9},? )?(?:\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})(?:[-/. ]\d{1,4})?|\d{8}|\d{6}|[A-Za-z]{3,9} +\d{1,2}(?:,? \d{4})?)[T:_ ,-]{1,2}(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?|\d{6})(?:[.,:]\d{1,9})?(?: [AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?(?: \d{4})?)";

#[cfg(test)]
mod tests;
