//! What stands around the records: which elements are open there, and whether all of it is in order.

use super::chars::trimmed;
use super::mend;
use super::reader::{MAX_DEPTH, Reader, too_deep};
use super::repair::{Kind, Repair};
use super::rows::is_ellipsis;

/// An element around the records.
#[derive(Debug)]
struct Open {
    name: Vec<u8>,
    has_rows: bool,
}

/// Elements that are open around the records.
#[derive(Debug, Default)]
pub struct Outside {
    open: Vec<Open>,
    /// Everything since the document's start was seen. Else some elements are open of which nothing is known.
    from_start: bool,
    /// The document had its root.
    has_root: bool,
    /// End tags of elements that were opened before what was seen.
    closed: usize,
    any_rows: bool,
    /// Elements that are open within the deepest one that is known.
    beyond: usize,
}

/// Something that is not in order between the records.
#[derive(Debug)]
pub enum Odd {
    /// Mended in this way.
    Mended(Repair),
    /// Text that belongs to no record.
    Text,
    /// What stands for records that were left out.
    Ellipsis,
}

impl Outside {
    /// At the start of a document.
    pub fn of_document() -> Self {
        Self { from_start: true, ..Self::default() }
    }

    /// Names of the elements that are open, as far as they are known.
    pub fn names(&self) -> Vec<Vec<u8>> {
        self.open.iter().map(|open| open.name.clone()).collect()
    }

    /// Whether a document type may stand here.
    pub fn is_before_root(&self) -> bool {
        self.from_start && self.open.is_empty() && !self.has_root
    }

    /// A record begins; what is odd about that.
    pub fn row(&mut self, at: usize) -> Option<Repair> {
        self.any_rows = true;
        match self.open.last_mut() {
            Some(parent) => {
                parent.has_rows = true;
                None
            }
            None => self.begins_root(at),
        }
    }

    fn begins_root(&mut self, at: usize) -> Option<Repair> {
        let second = self.from_start && self.has_root;
        self.has_root = true;
        second.then(|| Repair::other(at, "a second root element"))
    }

    /// Another element begins, or is there whole.
    pub fn start(&mut self, name: &[u8], at: usize, is_whole: bool) -> Option<Repair> {
        let odd = if self.open.is_empty() { self.begins_root(at) } else { None };
        if self.open.len() >= MAX_DEPTH {
            self.beyond += usize::from(!is_whole);
            return (self.beyond == 1).then(|| Repair::other(at, too_deep(at).what));
        }
        if !is_whole {
            self.open.push(Open { name: name.to_vec(), has_rows: false });
        }
        odd
    }

    /// An end tag; what is odd about it, and how many elements without rows it closes.
    pub fn end(&mut self, name: &[u8], at: usize) -> (Vec<Repair>, u64) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return (Vec::new(), 0);
        }
        match self.open.iter().rposition(|open| open.name == name) {
            Some(depth) => {
                let odd = self.open[depth + 1..].iter().rev().map(|open| Repair::end_tag(at, &open.name));
                let odd = odd.collect();
                let skipped = self.open[depth..].iter().filter(|open| !open.has_rows).count() as u64;
                self.open.truncate(depth);
                (odd, skipped)
            }
            None if !self.from_start && self.open.is_empty() => {
                self.closed += 1;
                (Vec::new(), 0)
            }
            None => (vec![Repair::other(at, format!("</{}>, which closes nothing, is dropped", String::from_utf8_lossy(name)))], 0),
        }
    }

    /// Text between the records; what is odd about it.
    pub fn text(&self, content: &[u8], at: usize, is_cdata: bool) -> Option<Odd> {
        let content = trimmed(content);
        let beside_root = self.from_start && self.open.is_empty();
        if content.is_empty() && !(is_cdata && beside_root) {
            return None;
        }
        if beside_root {
            let what = if self.has_root { "text behind the root element" } else { "text before the root element" };
            return Some(if is_ellipsis(content) { Odd::Ellipsis } else { Odd::Mended(Repair::other(at, what)) });
        }
        let among_rows = self.open.last().map_or(self.closed == 0, |open| open.has_rows);
        match is_ellipsis(content) {
            true => Some(Odd::Ellipsis),
            false => among_rows.then_some(Odd::Text),
        }
    }

    /// The source ends; what is missing.
    pub fn finish(&mut self, at: usize) -> Vec<Repair> {
        if self.from_start && !self.has_root {
            return vec![Repair::other(at, "there is no element")];
        }
        let mut missing: Vec<Repair> = self.open.drain(..).rev().map(|open| Repair::end_tag(at, &open.name)).collect();
        if missing.is_empty() && !self.from_start && self.closed == 0 && self.any_rows {
            missing.push(Repair { kind: Kind::EndTags, ..Repair::other(at, "the root element is never closed") });
        }
        missing
    }
}

/// Where to go on behind a start tag that is not well-formed, what it was mended to, and how.
pub fn mended_tag(
    text: &[u8],
    at: usize,
    whole: bool,
    entities: &super::entities::Entities,
) -> Option<(usize, bool, Vec<u8>, Vec<Repair>)> {
    let mended = mend::start_tag(text, at, whole, entities)?;
    let mut reader = Reader::new(&mended.xml, 0, true);
    let name = match reader.next() {
        Ok(super::reader::Event::Start(name)) => mended.xml[name].to_vec(),
        _ => Vec::new(),
    };
    Some((mended.end, mended.empty, name, mended.repairs))
}
