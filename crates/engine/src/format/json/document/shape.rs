//! What a value is made of, as far as a sample shows it.

use crate::format::json::reader::{Kind, Reader};
use crate::format::json::widen::key_text;

/// Values are looked into so deep.
const DEPTH: usize = 10;
/// Members of an object that are looked at.
const MOST_MEMBERS: usize = 5000;
/// Broken elements of an array behind which others are looked for.
const MOST_BROKEN: usize = 20;
/// Elements of an array that are looked into.
const MOST_INNER: usize = 3;
/// Names that are kept of an array of texts.
const MOST_NAMES: usize = 2000;
/// Objects with so many members that are objects too are told to be keyed by less.
const MANY: usize = 8;
/// Members that the others are compared with.
const TRIED: usize = 3;

/// A value in outline.
#[derive(Debug, Clone)]
pub struct Shape {
    pub kind: Kind,
    /// Bytes of it in the sample.
    pub bytes: usize,
    /// Elements by kind, of an array.
    elements: [usize; 6],
    /// Elements that are texts, as long as all are; or what the elements call themselves, if they are objects that all do.
    pub names: Vec<String>,
    /// An array's first elements.
    pub inner: Vec<Shape>,
    /// Of an object.
    pub members: Vec<(String, Shape)>,
}

impl Shape {
    /// The outline of the value that is next; `ended`: it breaks off, and nothing behind it can be read.
    pub fn read(reader: &mut Reader<'_>, depth: usize, ended: &mut bool) -> Self {
        let start = reader.at();
        let kind = reader.peek().unwrap_or(Kind::Null);
        let mut shape = Self { kind, bytes: 0, elements: [0; 6], names: Vec::new(), inner: Vec::new(), members: Vec::new() };
        let read = match kind {
            Kind::Array => shape.read_elements(reader, depth),
            Kind::Object if depth < DEPTH => shape.read_members(reader, depth, ended),
            _ => reader.skip().is_ok(),
        };
        *ended |= !read;
        let end = if *ended { reader.text().len() } else { reader.at() };
        shape.bytes = end.saturating_sub(start);
        shape
    }

    fn read_elements(&mut self, reader: &mut Reader<'_>, depth: usize) -> bool {
        reader.open();
        let (mut first, mut broken) = (true, 0);
        loop {
            let element = reader.next_element(first).and_then(|is_one| {
                first = false;
                let Some(kind) = is_one.then(|| reader.peek()).transpose()? else { return Ok(None) };
                // One that breaks off counts too.
                self.elements[kind as usize] += 1;
                if self.inner.len() < MOST_INNER && self.count() <= MOST_INNER && depth < DEPTH {
                    self.inner.push(Self::read(&mut reader.clone(), depth + 1, &mut false));
                }
                reader.skip().map(|range| Some((kind, range)))
            });
            let (kind, range) = match element {
                Ok(Some(element)) => element,
                Ok(None) => return true,
                Err(error) if !error.cut && broken < MOST_BROKEN => {
                    let Some(next) = next_object(reader.text(), error.at) else { return false };
                    *reader = Reader::loosely(reader.text(), next);
                    (first, broken) = (true, broken + 1);
                    continue;
                }
                Err(_) => return false,
            };
            if self.names.len() + 1 == self.count() && self.names.len() < MOST_NAMES {
                self.names.extend(name_of(&mut Reader::new(reader.text(), range.start), kind));
            }
        }
    }

    fn read_members(&mut self, reader: &mut Reader<'_>, depth: usize, ended: &mut bool) -> bool {
        reader.open();
        let mut first = true;
        loop {
            let key = match reader.next_key(first) {
                Ok(Some(key)) => key,
                Ok(None) => return true,
                Err(_) => return false,
            };
            first = false;
            let name = key_text(reader.text(), &key);
            let _ = reader.peek();
            if self.members.len() < MOST_MEMBERS {
                self.members.push((name, Self::read(reader, depth + 1, ended)));
            } else {
                *ended |= reader.skip().is_err();
            }
            if *ended {
                return false;
            }
        }
    }

    /// How many elements of this kind an array has.
    pub fn of(&self, kind: Kind) -> usize {
        self.elements[kind as usize]
    }

    /// How many elements an array has.
    pub fn count(&self) -> usize {
        self.elements.iter().sum()
    }

    /// Whether the members are alike and their names data: objects with mostly the same members.
    pub fn is_keyed(&self) -> bool {
        let objects = || self.members.iter().map(|(_, member)| member);
        if self.members.len() < 2 || objects().any(|member| member.kind != Kind::Object) {
            return false;
        }
        // The last one may be cut.
        let compared = if self.members.len() > 3 { self.members.len() - 1 } else { self.members.len() };
        let least = match self.members.len() {
            2 => 100,
            // A key without a name is none.
            ..MANY if self.members.iter().all(|(name, _)| !name.is_empty()) => 60,
            _ => 30,
        };
        let are_like = |one: &Shape| {
            let has = |name: &String| one.members.iter().any(|(known, _)| known == name);
            let (same, all) = objects().take(compared).fold((0, 0), |(same, all), member| {
                let shared = member.members.iter().filter(|(name, _)| has(name)).count();
                (same + shared, all + member.members.len() + one.members.len() - shared)
            });
            !one.members.is_empty() && same * 100 >= all * least
        };
        // The first may be of another kind than all the rest.
        objects().take(TRIED).any(are_like)
    }
}

/// The name that an element of a list of names is, or that an object of a description has.
fn name_of(reader: &mut Reader<'_>, kind: Kind) -> Option<String> {
    let text = reader.text();
    match kind {
        Kind::String => Some(key_text(text, &reader.string().ok()?)),
        Kind::Object => {
            reader.open();
            let mut first = true;
            while let Some(key) = reader.next_key(first).ok()? {
                first = false;
                if key_text(text, &key).eq_ignore_ascii_case("name") && reader.peek() == Ok(Kind::String) {
                    return Some(key_text(text, &reader.string().ok()?));
                }
                reader.skip().ok()?;
            }
            None
        }
        _ => None,
    }
}

/// Where another object of an array begins, behind one that is broken.
fn next_object(text: &[u8], from: usize) -> Option<usize> {
    let blank = |byte: &&u8| !byte.is_ascii_whitespace();
    memchr::memchr_iter(b'{', text.get(from..)?).map(|at| from + at).find(|&at| {
        let mut before = text[..at].iter().rev().filter(blank);
        before.next() == Some(&b',') && before.next() == Some(&b'}')
    })
}
