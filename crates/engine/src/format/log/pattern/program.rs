//! A pattern as a program that walks a line once where it can, and goes back where it must.
//!
//! No group of it repeats, so that its depth is its length. Going back is bounded: a line on which it takes too long does
//! not match, which is the same line for whoever reads it.

use super::node::{Node, Set};
use crate::format::log::{level, stamp};

/// Steps back at most, beside some for each byte.
const PATIENCE: usize = 10_000;
const PATIENCE_PER_BYTE: usize = 16;

enum Step {
    Literal(Vec<u8>),
    Run {
        set: Box<Set>,
        min: usize,
        max: usize,
        lazy: bool,
        is_any: bool,
    },
    Stamp,
    Level,
    Quoted,
    Target,
    Structured,
    /// The rest of the line.
    Rest,
    /// Where a field begins (even) or ends (odd).
    Save(usize),
    /// Each of these in turn.
    Ways(Vec<usize>),
    Jump(usize),
    Done,
}

/// A compiled pattern.
pub struct Program {
    steps: Vec<Step>,
}

/// A line being matched.
struct Walk<'a> {
    line: &'a [u8],
    places: &'a mut [u32],
    patience: usize,
    /// Whether the pattern need not reach the line's end.
    prefix: bool,
    end: usize,
}

impl Program {
    /// The program of a tree; `None` where only a regular expression engine can run it.
    pub fn compile(nodes: &[Node]) -> Option<Self> {
        let mut program = Self { steps: Vec::new() };
        program.add(nodes)?;
        program.steps.push(Step::Done);
        Some(program)
    }

    fn add(&mut self, nodes: &[Node]) -> Option<()> {
        for node in nodes {
            match node {
                Node::Literal(text) => self.steps.push(Step::Literal(text.clone())),
                Node::Run { set, .. } if !set.is_even() => return None,
                Node::Run { set, min, max, lazy } => {
                    let is_any = **set == Set::any();
                    self.steps.push(Step::Run { set: set.clone(), min: *min as usize, max: *max as usize, lazy: *lazy, is_any });
                }
                Node::Stamp => self.steps.push(Step::Stamp),
                Node::Level => self.steps.push(Step::Level),
                Node::Quoted => self.steps.push(Step::Quoted),
                Node::Target => self.steps.push(Step::Target),
                Node::Structured => self.steps.push(Step::Structured),
                Node::Pairs => self.steps.push(Step::Rest),
                Node::Field(field, body) => {
                    self.steps.push(Step::Save(2 * field));
                    self.add(body)?;
                    self.steps.push(Step::Save(2 * field + 1));
                }
                Node::Choice(ways) => self.add_ways(ways)?,
                Node::Repeat { .. } => return None,
            }
        }
        Some(())
    }

    fn add_ways(&mut self, ways: &[Vec<Node>]) -> Option<()> {
        if let [way] = ways {
            return self.add(way);
        }
        let at = self.steps.len();
        self.steps.push(Step::Ways(Vec::new()));
        let (mut starts, mut jumps) = (Vec::new(), Vec::new());
        for way in ways {
            starts.push(self.steps.len());
            self.add(way)?;
            jumps.push(self.steps.len());
            self.steps.push(Step::Jump(0));
        }
        let end = self.steps.len();
        self.steps[at] = Step::Ways(starts);
        for jump in jumps {
            self.steps[jump] = Step::Jump(end);
        }
        Some(())
    }

    /// Matches a line, or its beginning where `prefix`; gives where the match ends. `places` gets where each field begins
    /// and ends; what a field had before stays where it takes no part.
    pub fn run(&self, line: &[u8], places: &mut [u32], prefix: bool) -> Option<usize> {
        let patience = PATIENCE + PATIENCE_PER_BYTE * line.len();
        let mut walk = Walk { line, places, patience, prefix, end: 0 };
        self.walk(0, 0, &mut walk).then_some(walk.end)
    }

    fn walk(&self, mut step: usize, mut at: usize, walk: &mut Walk<'_>) -> bool {
        let line = walk.line;
        loop {
            match &self.steps[step] {
                Step::Literal(text) => {
                    if !line[at..].starts_with(text) {
                        return false;
                    }
                    at += text.len();
                }
                Step::Run { set, min, max, lazy, is_any } => {
                    let longest = if *is_any { line.len() - at } else { line[at..].iter().take_while(|&&byte| set.has(byte)).count() };
                    let longest = longest.min(*max);
                    if longest < *min {
                        return false;
                    }
                    return match &self.steps[step + 1..] {
                        // Nothing of this run can be wanted behind it.
                        _ if longest == *min => {
                            at += longest;
                            step += 1;
                            continue;
                        }
                        [Step::Literal(next), ..] | [Step::Save(_), Step::Literal(next), ..] => {
                            self.run_up_to(step + 1, at, (*min, longest), *lazy, next, walk)
                        }
                        _ => self.run_lengths(step + 1, at, (*min, longest), *lazy, walk),
                    };
                }
                Step::Stamp => match stamp::scan(&line[at..]) {
                    Some(length) => at += length,
                    None => return false,
                },
                Step::Level => match level::scan(&line[at..]) {
                    Some(length) => at += length,
                    None => return false,
                },
                Step::Quoted => match quoted(&line[at..]) {
                    Some(length) => at += length,
                    None => return false,
                },
                Step::Target => match target(&line[at..]) {
                    Some(length) => at += length,
                    None => return false,
                },
                Step::Structured => match structured(&line[at..]) {
                    Some(length) => at += length,
                    None => return false,
                },
                Step::Rest => at = line.len(),
                Step::Save(slot) => {
                    let before = std::mem::replace(&mut walk.places[*slot], at as u32);
                    if self.walk(step + 1, at, walk) {
                        return true;
                    }
                    walk.places[*slot] = before;
                    return false;
                }
                Step::Ways(ways) => {
                    return ways.iter().any(|&way| self.walk(way, at, walk));
                }
                Step::Jump(to) => {
                    step = *to;
                    continue;
                }
                Step::Done => {
                    walk.end = at;
                    return walk.prefix || at == line.len();
                }
            }
            step += 1;
        }
    }

    /// A run before a literal text: only where that stands can it end.
    fn run_up_to(&self, step: usize, at: usize, (min, longest): (usize, usize), lazy: bool, next: &[u8], walk: &mut Walk<'_>) -> bool {
        let line = walk.line;
        let Some(&first) = next.first() else { return self.run_lengths(step, at, (min, longest), lazy, walk) };
        let within = &line[at + min..line.len().min(at + longest + 1)];
        if lazy {
            for found in memchr::memchr_iter(first, within) {
                if !walk.spend() {
                    return false;
                }
                if self.walk(step, at + min + found, walk) {
                    return true;
                }
            }
        } else {
            for found in memchr::memrchr_iter(first, within) {
                if !walk.spend() {
                    return false;
                }
                if self.walk(step, at + min + found, walk) {
                    return true;
                }
            }
        }
        false
    }

    fn run_lengths(&self, step: usize, at: usize, (min, longest): (usize, usize), lazy: bool, walk: &mut Walk<'_>) -> bool {
        // To the line's end: only one length can be right.
        let is_last = self.steps[step..].iter().find(|step| !matches!(step, Step::Save(_))).is_some_and(|step| matches!(step, Step::Done));
        if is_last && !walk.prefix {
            return at + longest == walk.line.len() && self.walk(step, at + longest, walk);
        }
        for k in 0..=longest - min {
            if !walk.spend() {
                return false;
            }
            if self.walk(step, at + if lazy { min + k } else { longest - k }, walk) {
                return true;
            }
        }
        false
    }
}

impl Walk<'_> {
    /// Whether another way may be tried.
    #[inline]
    fn spend(&mut self) -> bool {
        self.patience = self.patience.saturating_sub(1);
        self.patience > 0
    }
}

/// How far a quoted text reaches: to a quotation mark that no backslash stands before.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// How far the target of a request reaches that stands in quotes (RFC 9112, 3.2): to the protocol's version, or to the
/// quotation mark.
fn target(text: &[u8]) -> Option<usize> {
    let request = text.get(..quoted(text)?)?;
    let is_protocol = |word: &[u8]| {
        let name = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        name > 0 && word.len() > name + 1 && word[name] == b'/' && word[name + 1..].iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
    };
    match memchr::memrchr(b' ', request) {
        Some(blank) if is_protocol(&request[blank + 1..]) => Some(blank),
        _ => Some(request.len()),
    }
}

/// How far elements of structured data reach: `[id name="value" ...]`, one behind the other.
fn structured(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        loop {
            at += memchr::memchr2(b'"', b']', text.get(at..)?)?;
            if text[at] == b']' {
                break;
            }
            at += 1;
            at += quoted(text.get(at..)?)? + 1;
        }
        at += 1;
    }
    (at > 0).then_some(at)
}
