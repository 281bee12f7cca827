//! From a pattern's text to its tree.
//!
//! The language: regular expressions with named groups, `(?<name>...)` or `(?P<name>...)`, and grok's `%{NAME:field}`.

use super::grok;
use super::node::{Node, Set};

/// Expansions within expansions at most, and groups within groups.
const DEEPEST: usize = 24;
/// Repetitions at most, as in `{n}`.
const MOST_REPEATED: u32 = 1000;

/// The name of the field that holds pairs, which no other can have.
pub const PAIRS: &str = "%pairs";

/// Why a text is no pattern: what, and at which character (counted from 1) of the text.
pub type Wrong = (String, usize);

/// The tree of a pattern and the names of its fields.
pub fn parse(text: &str) -> Result<(Vec<Node>, Vec<String>), Wrong> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let mut parser = Parser { chars: text.chars().collect(), at: 0, fields: Vec::new(), depth: 0 };
    let nodes = parser.choice()?;
    match parser.peek() {
        None => Ok((nodes, parser.fields)),
        Some(_) => Err(parser.wrong("there is no group that this ) closes")),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    fields: Vec<String>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn take(&mut self, text: &str) -> bool {
        let is_here = text.chars().enumerate().all(|(k, char)| self.chars.get(self.at + k) == Some(&char));
        self.at += if is_here { text.chars().count() } else { 0 };
        is_here
    }

    fn wrong(&self, what: impl Into<String>) -> Wrong {
        (what.into(), self.at.max(1))
    }

    fn choice(&mut self) -> Result<Vec<Node>, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("groups are nested too deep"));
        }
        let mut ways = vec![self.sequence()?];
        while self.take("|") {
            ways.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if ways.len() == 1 { ways.remove(0) } else { vec![Node::Choice(ways)] })
    }

    fn sequence(&mut self) -> Result<Vec<Node>, Wrong> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(char) = self.peek() {
            if char == '|' || char == ')' {
                break;
            }
            if char == '$' && self.at + 1 == self.chars.len() {
                self.at += 1;
                break;
            }
            let atom = self.atom()?;
            let node = self.quantified(atom)?;
            match (nodes.last_mut(), node) {
                (Some(Node::Literal(before)), Node::Literal(more)) => before.extend(more),
                (_, node) => nodes.push(node),
            }
        }
        Ok(nodes)
    }

    fn atom(&mut self) -> Result<Node, Wrong> {
        match self.next() {
            Some('%') if self.peek() == Some('{') => self.named(),
            Some('(') => self.group(),
            Some('[') => self.set(),
            Some('.') => Ok(one(Set::any())),
            Some('\\') => self.escape(),
            Some(char @ ('*' | '+' | '?')) => Err(self.wrong(format!("there is nothing that {char} repeats"))),
            Some(char) => Ok(Node::Literal(char.to_string().into_bytes())),
            None => Err(self.wrong("the pattern ends too early")),
        }
    }

    fn escape(&mut self) -> Result<Node, Wrong> {
        let Some(char) = self.next() else { return Err(self.wrong("the pattern ends behind a backslash")) };
        if let Some(set) = Set::class(char) {
            return Ok(one(set));
        }
        match char {
            't' => Ok(Node::Literal(vec![b'\t'])),
            'x' if self.take("{") => self.character(),
            'b' | 'B' | 'A' | 'z' => Err(self.wrong(format!("\\{char} cannot be used in a pattern of a line"))),
            char if char.is_ascii_alphanumeric() => Err(self.wrong(format!("\\{char} is not known"))),
            char => Ok(Node::Literal(char.to_string().into_bytes())),
        }
    }

    /// A character by its number: `\x{FEFF}`, of which the brace is taken.
    fn character(&mut self) -> Result<Node, Wrong> {
        let digits: String = self.chars[self.at..].iter().take(7).take_while(|char| char.is_ascii_hexdigit()).collect();
        self.at += digits.len();
        let found = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).filter(|_| self.take("}"));
        found.map(|char| Node::Literal(char.to_string().into_bytes())).ok_or_else(|| self.wrong("a character is written \\x{FEFF}"))
    }

    /// `%{NAME}`, `%{NAME:field}`; a type behind a second colon is left to the data.
    fn named(&mut self) -> Result<Node, Wrong> {
        let start = self.at + 1;
        let Some(length) = self.chars[start..].iter().position(|&char| char == '}') else {
            return Err(self.wrong("%{ is never closed by }"));
        };
        let inner: String = self.chars[start..start + length].iter().collect();
        let (name, field) = match inner.split_once(':') {
            Some((name, field)) => {
                let typed = [":int", ":long", ":float"].iter().find_map(|typed| field.strip_suffix(typed));
                (name, Some(typed.unwrap_or(field)))
            }
            None => (inner.as_str(), None),
        };
        let body = match name {
            "TIMESTAMP" => vec![Node::Stamp],
            "LOGLEVEL" => vec![Node::Level],
            "QUOTED" => vec![Node::Quoted],
            "REQUESTTARGET" => vec![Node::Target],
            "SDATA" => vec![Node::Structured],
            "LOGFMT" => vec![Node::Field(self.field(PAIRS), vec![Node::Pairs])],
            _ => self.expand(name)?,
        };
        self.at = start + length + 1;
        match field {
            Some("") => Err(self.wrong("a field has no name")),
            Some(field) => Ok(Node::Field(self.field(field), body)),
            None => Ok(Node::Choice(vec![body])),
        }
    }

    fn expand(&mut self, name: &str) -> Result<Vec<Node>, Wrong> {
        let Some(text) = grok::expansion(name) else {
            let known: Vec<_> = grok::names().collect();
            return Err(self.wrong(format!("%{{{name}}} is not known; known are {}", known.join(", "))));
        };
        if self.depth > DEEPEST {
            return Err(self.wrong("names are nested too deep"));
        }
        let fields = std::mem::take(&mut self.fields);
        let mut inner = Parser { chars: text.chars().collect(), at: 0, fields, depth: self.depth + 1 };
        let nodes = inner.choice();
        self.fields = inner.fields;
        nodes
    }

    fn field(&mut self, name: &str) -> usize {
        match self.fields.iter().position(|known| known == name) {
            Some(position) => position,
            None => {
                self.fields.push(name.to_owned());
                self.fields.len() - 1
            }
        }
    }

    fn group(&mut self) -> Result<Node, Wrong> {
        let field = if self.take("?:") || self.peek() != Some('?') {
            None
        } else if self.take("?P<") || self.take("?<") {
            let start = self.at;
            while self.peek().is_some_and(|char| char != '>') {
                self.at += 1;
            }
            let name: String = self.chars[start..self.at].iter().collect();
            if !self.take(">") || name.is_empty() || name.starts_with(['=', '!']) {
                return Err(self.wrong("a named group is written (?<name>...)"));
            }
            Some(self.field(&name))
        } else {
            return Err(self.wrong("only (?:...) and (?<name>...) groups can be used"));
        };
        let body = self.choice()?;
        if !self.take(")") {
            return Err(self.wrong("a group is never closed by )"));
        }
        Ok(match field {
            Some(field) => Node::Field(field, body),
            None => Node::Choice(vec![body]),
        })
    }

    fn set(&mut self) -> Result<Node, Wrong> {
        let negated = self.take("^");
        let mut within = [false; 256];
        let mut is_first = true;
        loop {
            let Some(char) = self.next() else { return Err(self.wrong("a [ is never closed by ]")) };
            match char {
                ']' if !is_first => break,
                '[' if self.peek() == Some(':') => return Err(self.wrong("classes such as [:alpha:] cannot be used: write a-zA-Z")),
                _ => {}
            }
            is_first = false;
            let from = match char {
                '\\' => {
                    let Some(escaped) = self.next() else { continue };
                    if let Some(class) = Set::class(escaped) {
                        within.iter_mut().zip(class.0).for_each(|(within, more)| *within |= more);
                        continue;
                    }
                    if escaped == 't' { '\t' } else { escaped }
                }
                char => char,
            };
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|&char| char != ']');
            let to = if is_range {
                self.at += 1;
                match self.next() {
                    Some('\\') => self.next().unwrap_or(from),
                    Some(char) => char,
                    None => from,
                }
            } else {
                from
            };
            if !from.is_ascii() || !to.is_ascii() || to < from {
                return Err(self.wrong("a set holds ASCII characters only, and ranges that rise"));
            }
            (from as usize..=to as usize).for_each(|byte| within[byte] = true);
        }
        if negated {
            within.iter_mut().for_each(|within| *within = !*within);
            (within[usize::from(b'\n')], within[usize::from(b'\r')]) = (false, false);
        }
        Ok(one(Set(within)))
    }

    fn quantified(&mut self, atom: Node) -> Result<Node, Wrong> {
        let (min, max) = match self.peek() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => match self.bounds()? {
                Some(bounds) => bounds,
                None => return Ok(plain(atom)),
            },
            _ => return Ok(plain(atom)),
        };
        self.at += 1;
        let lazy = self.take("?");
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            return Err(self.wrong("a repetition cannot be repeated"));
        }
        Ok(match (atom, min, max) {
            (Node::Run { set, .. }, ..) => Node::Run { set, min, max, lazy },
            (Node::Literal(text), ..) if text.len() == 1 => {
                let byte = text[0];
                Node::Run { set: Box::new(Set::of(|other| other == byte)), min, max, lazy }
            }
            (atom, 0, 1) => {
                let mut ways = vec![body(atom), Vec::new()];
                if lazy {
                    ways.reverse();
                }
                Node::Choice(ways)
            }
            (atom, ..) => Node::Repeat { body: body(atom), min, max, lazy },
        })
    }

    /// `{n}`, `{n,}`, `{n,m}`, left at its `}`.
    fn bounds(&mut self) -> Result<Option<(u32, u32)>, Wrong> {
        let inner: String = self.chars[self.at + 1..].iter().take_while(|&&char| char != '}').collect();
        let (low, high) = match inner.split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (inner.as_str(), None),
        };
        let Ok(min) = low.parse::<u32>() else { return Err(self.wrong("a repetition is written {n} or {n,m}; escape a brace by \\{")) };
        let max = match high {
            None => min,
            Some("") => u32::MAX,
            Some(high) => high.parse().map_err(|_| self.wrong("a repetition is written {n} or {n,m}"))?,
        };
        if min > MOST_REPEATED || (max != u32::MAX && (max > MOST_REPEATED || max < min)) {
            return Err(self.wrong(format!("a repetition goes up to {MOST_REPEATED}, the lower bound first")));
        }
        self.at += inner.chars().count() + 1;
        Ok(Some((min, max)))
    }
}

/// One byte of a set.
fn one(set: Set) -> Node {
    Node::Run { set: Box::new(set), min: 1, max: 1, lazy: false }
}

fn body(atom: Node) -> Vec<Node> {
    match atom {
        Node::Choice(mut ways) if ways.len() == 1 => ways.remove(0),
        atom => vec![atom],
    }
}

/// A group that only groups, as its one piece where it has one.
fn plain(atom: Node) -> Node {
    match atom {
        Node::Choice(mut ways) if ways.len() == 1 && ways[0].len() == 1 => ways.remove(0).remove(0),
        atom => atom,
    }
}
