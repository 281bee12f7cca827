//! Which element is a row: the one that repeats, on the highest level that holds most of the document.
//!
//! A path (`/log/message`) repeats where one element has several of it. The highest that covers half of the document is
//! taken, else the one that covers most. Elements with text between them are prose and no rows. In a document where
//! nothing repeats, the row is what a chain of elements that have nothing but each other comes to.

use std::collections::HashMap;

use super::chars::trimmed;
use super::reader::{Event, Reader};

/// A path holds so much of the document's bytes if its elements are taken for the rows.
const ENOUGH: f64 = 0.5;
/// One text to so many elements is no prose.
const FEW: usize = 3;
/// Different paths that are counted.
const MOST_PATHS: usize = 5000;

/// An attribute's name, and its value as it stands between the quotes.
pub type RawAttribute = (Vec<u8>, Vec<u8>);

/// What a document's beginning shows of its elements.
#[derive(Debug, Default)]
pub struct Paths {
    paths: Vec<Path>,
    /// Bytes within the root.
    bytes: usize,
}

/// All elements with the same names from the root down.
#[derive(Debug, Default)]
pub struct Path {
    pub name: Vec<u8>,
    parent: Option<usize>,
    depth: usize,
    pub count: usize,
    /// The most of them in one parent.
    most: usize,
    /// Bytes within them.
    bytes: usize,
    /// Those with elements or attributes within.
    composed: usize,
    /// Texts between their elements, and their elements.
    texts: usize,
    parts: usize,
    children: HashMap<Vec<u8>, usize>,
    attributes: Vec<RawAttribute>,
}

/// An element that is open.
struct Open {
    path: usize,
    start: usize,
    counts: HashMap<usize, usize>,
    texts: usize,
    has_parts: bool,
}

impl Paths {
    /// Counts the elements of a text that is well-formed, as far as it goes.
    pub fn of(xml: &[u8]) -> Self {
        let mut paths = Self::default();
        let mut reader = Reader::new(xml, 0, true);
        reader.takes_any_character = true;
        reader.begins_within = true;
        let mut open: Vec<Open> = Vec::new();
        loop {
            match reader.next() {
                Ok(Event::Start(name)) => {
                    let start = name.start;
                    let Some(path) = paths.path(&xml[name], open.last().map(|open| open.path)) else { break };
                    if let Some(parent) = open.last_mut() {
                        *parent.counts.entry(path).or_default() += 1;
                        parent.has_parts = true;
                    }
                    let mut has_parts = false;
                    while let Ok(Some(attribute)) = reader.attribute() {
                        has_parts = true;
                        let known = &mut paths.paths[path];
                        if known.count == 0 {
                            known.attributes.push((xml[attribute.name].to_vec(), xml[attribute.value].to_vec()));
                        }
                    }
                    paths.paths[path].count += 1;
                    open.push(Open { path, start, counts: HashMap::new(), texts: 0, has_parts });
                }
                Ok(Event::End) => {
                    if let Some(closed) = open.pop() {
                        paths.close(closed, reader.at);
                    }
                }
                Ok(Event::Text(text)) => {
                    if let Some(parent) = open.last_mut() {
                        let content = trimmed(&xml[text.range]);
                        parent.texts += usize::from(!content.is_empty() && !is_ellipsis(content));
                    }
                }
                Ok(Event::Doctype) => {}
                Ok(Event::Eof) | Err(_) => break,
            }
        }
        let end = reader.at;
        while let Some(closed) = open.pop() {
            paths.close(closed, end);
        }
        paths.bytes = paths.paths.iter().filter(|path| path.parent.is_none()).map(|path| path.bytes).sum();
        paths
    }

    fn path(&mut self, name: &[u8], parent: Option<usize>) -> Option<usize> {
        let known = match parent {
            Some(parent) => self.paths[parent].children.get(name).copied(),
            None => self.paths.iter().position(|path| path.parent.is_none() && path.name == name),
        };
        if known.is_some() || self.paths.len() >= MOST_PATHS {
            return known;
        }
        let depth = parent.map_or(0, |parent| self.paths[parent].depth + 1);
        self.paths.push(Path { name: name.to_vec(), parent, depth, ..Path::default() });
        if let Some(parent) = parent {
            let position = self.paths.len() - 1;
            self.paths[parent].children.insert(name.to_vec(), position);
        }
        Some(self.paths.len() - 1)
    }

    fn close(&mut self, closed: Open, end: usize) {
        for (path, count) in &closed.counts {
            self.paths[*path].most = self.paths[*path].most.max(*count);
        }
        let path = &mut self.paths[closed.path];
        path.bytes += end.saturating_sub(closed.start);
        path.composed += usize::from(closed.has_parts);
        path.texts += if closed.counts.is_empty() { 0 } else { closed.texts };
        path.parts += closed.counts.values().sum::<usize>();
    }

    /// The document's root, with its attributes as they stand there.
    pub fn root(&self) -> Option<(&[u8], &[RawAttribute])> {
        self.paths.first().map(|root| (root.name.as_slice(), root.attributes.as_slice()))
    }

    /// The element of this name that stands highest.
    pub fn named(&self, is: impl Fn(&[u8]) -> bool) -> Option<&Path> {
        self.paths.iter().filter(|path| is(&path.name)).min_by_key(|path| path.depth)
    }

    /// Whether an element of this name stands within another of it.
    pub fn is_within_itself(&self, is: impl Fn(&[u8]) -> bool) -> bool {
        self.paths.iter().any(|path| is(&path.name) && self.above(path).iter().any(|above| is(&above.name)))
    }

    /// The element that is a row, and other elements that repeat.
    pub fn rows(&self) -> Option<(&Path, Vec<&Path>)> {
        let is_candidate = |path: &&Path| {
            let Some(parent) = path.parent.map(|parent| &self.paths[parent]) else { return false };
            // Elements that are one text each are rows only where there is nothing else.
            path.most > 1 && !parent.is_prose() && (path.composed > 0 || parent.parent.is_none() && parent.children.len() == 1)
        };
        let mut candidates: Vec<&Path> = self.paths.iter().filter(is_candidate).collect();
        candidates.sort_by_key(|path| (path.depth, usize::MAX - path.bytes));
        let enough = self.bytes as f64 * ENOUGH;
        let best = candidates.iter().copied().find(|path| path.bytes as f64 >= enough);
        let best = best.or_else(|| candidates.iter().copied().max_by_key(|path| path.bytes)).or_else(|| self.single())?;
        // A row's name stands for the highest element that has it.
        let best = self.above(best).into_iter().find(|above| above.name == best.name).unwrap_or(best);
        let others = candidates.into_iter().filter(|path| path.name != best.name).take(3).collect();
        Some((best, others))
    }

    /// Where a chain of elements ends that have nothing but one element each.
    fn single(&self) -> Option<&Path> {
        let mut path = self.paths.first()?;
        loop {
            let mut children = path.children.values();
            let (Some(&only), None) = (children.next(), children.next()) else { return Some(path) };
            let child = &self.paths[only];
            if path.is_prose() || child.most > 1 || child.children.is_empty() {
                return Some(path);
            }
            path = child;
        }
    }

    /// The names above an element, from the root down.
    pub fn above(&self, path: &Path) -> Vec<&Path> {
        let mut above = Vec::new();
        let mut next = path.parent;
        while let Some(parent) = next {
            above.push(&self.paths[parent]);
            next = self.paths[parent].parent;
        }
        above.reverse();
        above
    }

    /// Elements that stand beside an element, with how many of each.
    pub fn beside(&self, path: &Path) -> Vec<(&[u8], usize)> {
        let Some(parent) = path.parent else { return Vec::new() };
        let mut beside: Vec<(&[u8], usize)> = self.paths[parent]
            .children
            .values()
            .map(|&child| (self.paths[child].name.as_slice(), self.paths[child].count))
            .filter(|(name, _)| *name != path.name.as_slice())
            .collect();
        beside.sort_unstable();
        beside
    }
}

impl Path {
    /// Whether it has attributes that are no declarations of namespaces and schemas.
    pub fn has_data(&self) -> bool {
        self.attributes.iter().any(|(name, _)| is_data(name))
    }

    /// Whether there is text between its elements: a tag that is broken leaves some too.
    fn is_prose(&self) -> bool {
        self.texts * FEW > self.parts
    }

    pub fn repeats(&self) -> bool {
        self.most > 1
    }
}

/// Whether a root's attribute says something of the data, and not how the document is to be read.
pub fn is_data(name: &[u8]) -> bool {
    !(name.starts_with(b"xmlns") || name.starts_with(b"xml:") || name.starts_with(b"xsi:"))
}

/// Whether a text stands for what was left out.
pub fn is_ellipsis(text: &[u8]) -> bool {
    let mut words = text.split(|&byte| super::chars::is_blank(byte)).filter(|word| !word.is_empty());
    !text.is_empty() && words.all(|word| word == "\u{2026}".as_bytes() || word.len() >= 3 && word.iter().all(|&byte| byte == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(xml: &str) -> String {
        let paths = Paths::of(xml.as_bytes());
        paths.rows().map_or(String::new(), |(row, _)| String::from_utf8_lossy(&row.name).into_owned())
    }

    #[test]
    fn the_highest_element_that_repeats_and_covers_most_is_a_row() {
        for (xml, expected) in [
            ("<c><b><a>1</a><a>2</a></b><b><a>3</a></b></c>", "b"),
            ("<log date='x'><message id='1'><text>hi</text></message> ... </log>", "message"),
            ("<note><to>a</to><from>b</from></note>", "note"),
            ("<gpx><meta k='a'/><meta k='b'/><trk><seg><pt lat='1'/><pt lat='2'/><pt lat='3'/><pt lat='4'/></seg></trk></gpx>", "pt"),
            ("<r><d><x>1</x><y>2</y></d></r>", "d"),
            ("<p>some <b>bold</b> and <b>more</b> text</p>", "p"),
            ("<a/>", "a"),
            ("<r>a id='1'><a id='2'><x>1</x></a><a id='3'><x>2</x></a><a id='4'><x>3</x></a></r>", "a"),
            ("<r>this <i>a<u/></i> and <i>b<u/></i></r>", "r"),
            ("<tags><tag>1</tag><tag>2</tag></tags>", "tag"),
            ("<book><title>t</title><author>a</author><author>b</author></book>", "book"),
        ] {
            assert_eq!(row(xml), expected, "{xml}");
        }
    }

    #[test]
    fn a_row_is_the_highest_element_of_its_name() {
        let paths = Paths::of(b"<p><d><k>T</k><d><k>0</k><d><k>n</k><i>0</i></d><k>1</k><d><k>n</k><i>1</i></d></d></d></p>");
        let (row, others) = paths.rows().unwrap();
        assert_eq!((row.name.as_slice(), row.count, row.depth, others.len()), (&b"d"[..], 1, 1, 0));
        assert_eq!(paths.named(|name| name == b"d").map(|named| named.depth), Some(row.depth));
    }
}
