//! Templates mined from the messages of a sample.
//!
//! After Drain (P. He et al., *Drain: An Online Log Parsing Approach with Fixed Depth Tree*, ICWS 2017): messages are told
//! apart by their number of tokens and their first token, and then join the most similar cluster. Three things differ.
//! Parameters are masked first ([`super::mask`]); distinct messages are taken by how often they are there rather than as
//! they come, so that what is found does not depend on their order; and a cluster is divided again by the words of a place
//! where there are only a few (`startup`, `shutdown`), which Drain makes a parameter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::mask::{PARAMETER, Token, tokens};

/// Templates at most: those of the most messages.
const MOST_TEMPLATES: usize = 2000;
/// Messages that are told apart at most.
const MOST_MESSAGES: usize = 50_000;
/// The share of the tokens that are no parameter by which two messages must agree.
const SIMILARITY: f64 = 0.6;

/// Words at one place that are so many may be any word.
const MANY_WORDS: usize = 5;
/// Clusters of one leaf at most.
const MOST_CLUSTERS: usize = 1000;

/// Messages that are the same but for their parameters.
#[derive(Clone)]
struct Shape {
    tokens: Vec<String>,
    /// How the tokens read that are parameters by their looks, while all messages agree.
    raw: Vec<Option<String>>,
    messages: usize,
}

/// Shapes that are alike.
struct Cluster {
    /// What all have in common.
    tokens: Vec<String>,
    shapes: Vec<Shape>,
}

/// The templates of these messages, those of the most messages first.
pub fn mine<'a>(messages: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut shapes: HashMap<Vec<String>, Shape> = HashMap::new();
    for message in messages.take(MOST_MESSAGES) {
        add(&mut shapes, message, tokens(message));
    }
    let mut shapes: Vec<Shape> = shapes.into_values().collect();
    shapes.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.tokens.cmp(&b.tokens)));
    let mut leaves: BTreeMap<(usize, String), Vec<Cluster>> = BTreeMap::new();
    for shape in shapes {
        let leaf = leaves.entry((shape.tokens.len(), first_key(&shape.tokens))).or_default();
        join(leaf, shape);
    }
    let mut templates: Vec<Shape> = Vec::new();
    leaves.into_values().flatten().for_each(|cluster| divide(cluster.shapes, &mut templates));
    templates.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.tokens.cmp(&b.tokens)));
    templates.truncate(MOST_TEMPLATES);
    templates.into_iter().map(Shape::text).filter(|text| !text.is_empty()).collect()
}

fn add(shapes: &mut HashMap<Vec<String>, Shape>, message: &str, tokens: Vec<Token>) {
    let raw = |token: &Token| Some(message[token.range.clone()].to_owned()).filter(|raw| *raw != token.masked);
    let raw: Vec<Option<String>> = tokens.iter().map(raw).collect();
    let tokens: Vec<String> = tokens.into_iter().map(|token| token.masked).collect();
    match shapes.get_mut(&tokens) {
        Some(shape) => {
            shape.messages += 1;
            agree(&mut shape.raw, &raw);
        }
        None => {
            shapes.insert(tokens.clone(), Shape { tokens, raw, messages: 1 });
        }
    }
}

/// Keeps what two have in common.
fn agree(ours: &mut [Option<String>], theirs: &[Option<String>]) {
    ours.iter_mut().zip(theirs).filter(|(ours, theirs)| ours != theirs).for_each(|(ours, _)| *ours = None);
}

/// What the first token tells, if it is no parameter.
pub fn first_key(tokens: &[String]) -> String {
    tokens.first().filter(|token| !token.contains(PARAMETER)).cloned().unwrap_or_default()
}

fn join(leaf: &mut Vec<Cluster>, shape: Shape) {
    let mut best: Option<(usize, f64)> = None;
    for (position, cluster) in leaf.iter().enumerate() {
        let likeness = similarity(&cluster.tokens, &shape.tokens);
        if likeness >= SIMILARITY && best.is_none_or(|(_, most)| likeness > most) {
            best = Some((position, likeness));
        }
    }
    match best {
        Some((position, _)) => {
            let cluster = &mut leaf[position];
            unite(&mut cluster.tokens, &shape.tokens);
            cluster.shapes.push(shape);
        }
        None if leaf.len() < MOST_CLUSTERS => leaf.push(Cluster { tokens: shape.tokens.clone(), shapes: vec![shape] }),
        None => {}
    }
}

fn unite(ours: &mut [String], theirs: &[String]) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        if ours != theirs {
            *ours = common(ours, theirs);
        }
    }
}

/// Divides shapes by the words of a place where there are only a few: those are part of the message and no parameter.
fn divide(shapes: Vec<Shape>, templates: &mut Vec<Shape>) {
    let width = shapes.first().map_or(0, |shape| shape.tokens.len());
    let words = |place: usize| shapes.iter().map(|shape| shape.tokens[place].as_str()).collect::<BTreeSet<_>>();
    let few = (0..width).map(|place| (words(place), place)).filter(|(words, _)| words.len() > 1 && !are_any(words));
    let Some((_, place)) = few.min_by_key(|(words, place)| (words.len(), *place)) else {
        templates.extend(shapes.into_iter().reduce(|mut all, shape| {
            unite(&mut all.tokens, &shape.tokens);
            agree(&mut all.raw, &shape.raw);
            all.messages += shape.messages;
            all
        }));
        return;
    };
    let mut parts: BTreeMap<String, Vec<Shape>> = BTreeMap::new();
    for shape in shapes {
        parts.entry(shape.tokens[place].clone()).or_default().push(shape);
    }
    parts.into_values().for_each(|part| divide(part, templates));
}

/// Whether the words of a place may be any: there are many, or one of them is nothing but a parameter.
fn are_any(words: &BTreeSet<&str>) -> bool {
    let is_parameter = |word: &&str| word.contains(PARAMETER) && !word.replace(PARAMETER, "").contains(char::is_alphanumeric);
    words.len() >= MANY_WORDS || words.iter().any(is_parameter)
}

/// The share of tokens that agree, of those that are not parameters in both.
fn similarity(a: &[String], b: &[String]) -> f64 {
    let (mut same, mut counted) = (0, 0);
    for (a, b) in a.iter().zip(b) {
        if a == PARAMETER && b == PARAMETER {
            continue;
        }
        counted += 1;
        same += usize::from(a == b);
    }
    if counted == 0 { 1.0 } else { f64::from(same as u32) / f64::from(counted as u32) }
}

/// What two tokens have in common: a key before its value, else nothing.
fn common(a: &str, b: &str) -> String {
    let key = |token: &str| token.find(['=', ':']).map(|at| at + 1);
    match (key(a), key(b)) {
        (Some(length), Some(other)) if length == other && a.get(..length) == b.get(..length) => format!("{}{PARAMETER}", &a[..length]),
        _ => PARAMETER.to_owned(),
    }
}

impl Shape {
    /// The template: a name that only looks like a parameter, and is the same in all messages, stands as it is.
    fn text(self) -> String {
        let several = self.messages > 2;
        let token = |(token, raw): (String, Option<String>)| match raw {
            Some(raw) if several && is_name(&raw) => raw,
            _ => token,
        };
        self.tokens.into_iter().zip(self.raw).map(token).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a text with digits is a name all the same: `jk2_init()`.
fn is_name(text: &str) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.starts_with(|char: char| char.is_ascii_alphabetic())
        && !text.contains(['/', '\\', '='])
        && letters >= 3 * digits
        && text.trim_end_matches(|char: char| !char.is_ascii_alphanumeric()).ends_with(|char: char| char.is_ascii_alphabetic())
}
