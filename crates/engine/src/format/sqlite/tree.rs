//! B-trees: their entries in order (<https://www.sqlite.org/fileformat2.html>, sections 1.5 and 1.6).

use colonnade_protocol::ErrorInfo;

use super::malformed;
use super::pager::{HEADER, Pager, number, varint};
use crate::Result;

/// Deeper than any tree of 2^32 pages is.
const DEEPEST: usize = 40;
/// The longest entry that is read.
const LONGEST: u64 = 256 << 20;

/// An entry of a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 0 in the tree of a table without row ids.
    pub rowid: i64,
    /// The record, or what is wrong with it.
    pub record: std::result::Result<Vec<u8>, String>,
}

/// A page of a tree.
struct Node {
    number: u32,
    bytes: Vec<u8>,
    /// Where its own header is.
    header: usize,
    is_leaf: bool,
    is_index: bool,
    cells: usize,
    /// The next cell, and whether its left child was gone into.
    at: usize,
    went_left: bool,
}

/// Goes over the entries below a page in their order.
pub struct Cursor {
    stack: Vec<Node>,
    /// Pages that may still be gone into: those of the file, each once.
    left: u32,
}

impl Node {
    fn read(pager: &mut Pager, page: u32) -> Result<Self> {
        let bytes = pager.page(page)?;
        let header = if page == 1 { HEADER } else { 0 };
        let kind = bytes.get(header).copied().unwrap_or_default();
        let (is_leaf, is_index) = match kind {
            2 => (false, true),
            5 => (false, false),
            10 => (true, true),
            13 => (true, false),
            kind => return Err(malformed(format!("page {page} is no page of a table: its kind is {kind}"))),
        };
        let cells = number::<2>(&bytes, header + 3) as usize;
        let node = Self { number: page, header, is_leaf, is_index, cells, at: 0, went_left: false, bytes };
        if node.pointers() + 2 * cells > node.bytes.len() {
            return Err(malformed(format!("page {page} claims {cells} entries, more than it has room for")));
        }
        Ok(node)
    }

    fn pointers(&self) -> usize {
        self.header + if self.is_leaf { 8 } else { 12 }
    }

    /// The bytes of a cell, to the page's end.
    fn cell(&self, at: usize) -> &[u8] {
        let offset = number::<2>(&self.bytes, self.pointers() + 2 * at) as usize;
        self.bytes.get(offset..).unwrap_or_default()
    }

    /// The child left of a cell, or the right-most.
    fn child(&self, at: usize) -> u32 {
        if at < self.cells { number::<4>(self.cell(at), 0) } else { number::<4>(&self.bytes, self.header + 8) }
    }
}

impl Cursor {
    /// Before the first entry below a page.
    pub fn below(pager: &Pager) -> Self {
        Self { stack: Vec::new(), left: pager.count }
    }

    /// Goes into a page.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Malformed`], with the page, where the tree is none.
    pub fn enter(&mut self, pager: &mut Pager, page: u32) -> Result<()> {
        if self.left == 0 || self.stack.len() >= DEEPEST || self.stack.iter().any(|node| node.number == page) {
            return Err(circle(page));
        }
        self.left -= 1;
        let node = Node::read(pager, page)?;
        self.stack.push(node);
        Ok(())
    }

    /// Skips up to `most` entries without reading them; how many.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub fn skip(&mut self, pager: &mut Pager, most: u64) -> Result<u64> {
        let mut skipped = 0;
        while skipped < most {
            match self.stack.last_mut() {
                Some(node) if node.is_leaf && node.at < node.cells => {
                    let step = (most - skipped).min((node.cells - node.at) as u64);
                    node.at += step as usize;
                    skipped += step;
                }
                _ => {
                    if self.step(pager)?.is_none() {
                        break;
                    }
                    skipped += 1;
                }
            }
        }
        Ok(skipped)
    }

    /// The next entry.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub fn next(&mut self, pager: &mut Pager) -> Result<Option<Entry>> {
        let Some(at) = self.step(pager)? else { return Ok(None) };
        let Some(node) = self.stack.last() else { return Ok(None) };
        let (is_index, is_leaf, page) = (node.is_index, node.is_leaf, node.number);
        let cell = node.cell(at);
        let cell = if is_leaf { cell } else { cell.get(4..).unwrap_or_default() };
        let damaged = |what: &str| Entry { rowid: 0, record: Err(format!("page {page}, entry {}: {what}", at + 1)) };
        let Some((length, first)) = varint(cell) else { return Ok(Some(damaged("it is beyond its page"))) };
        let (rowid, used) = match varint(cell.get(first..).unwrap_or_default()) {
            _ if is_index => (0, first),
            Some((rowid, used)) => (rowid as i64, first + used),
            None => return Ok(Some(damaged("it is beyond its page"))),
        };
        let local = local_bytes(length, pager.usable, is_index);
        if length > LONGEST || length > u64::from(pager.count) * pager.page_size as u64 {
            return Ok(Some(Entry { rowid, ..damaged(&format!("it claims {length} bytes")) }));
        }
        let Some(bytes) = cell.get(used..used + local) else { return Ok(Some(Entry { rowid, ..damaged("it is beyond its page") })) };
        let mut record = bytes.to_vec();
        let mut overflow = if (local as u64) < length { number::<4>(cell, used + local) } else { 0 };
        while (record.len() as u64) < length {
            let Ok(page) = pager.page(overflow) else {
                return Ok(Some(Entry { rowid, ..damaged(&format!("it goes on in page {overflow}, which is not there")) }));
            };
            let wanted = (length as usize - record.len()).min(pager.usable - 4);
            record.extend_from_slice(page.get(4..4 + wanted).unwrap_or_default());
            overflow = number::<4>(&page, 0);
        }
        Ok(Some(Entry { rowid, record: Ok(record) }))
    }

    /// Goes to the next entry: its cell in the page on top.
    fn step(&mut self, pager: &mut Pager) -> Result<Option<usize>> {
        loop {
            let Some(node) = self.stack.last_mut() else { return Ok(None) };
            if node.is_leaf {
                if node.at < node.cells {
                    node.at += 1;
                    return Ok(Some(node.at - 1));
                }
                self.stack.pop();
                continue;
            }
            if !node.went_left && node.at <= node.cells {
                node.went_left = true;
                let child = node.child(node.at);
                self.enter(pager, child)?;
                continue;
            }
            if node.at >= node.cells {
                self.stack.pop();
                continue;
            }
            node.went_left = false;
            node.at += 1;
            if node.is_index {
                return Ok(Some(node.at - 1));
            }
        }
    }
}

/// Bytes of an entry that stand in its page; the rest overflows.
fn local_bytes(length: u64, usable: usize, is_index: bool) -> usize {
    let most = if is_index { (usable - 12) * 64 / 255 - 23 } else { usable - 35 };
    if length <= most as u64 {
        return length as usize;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let local = least + ((length - least as u64) % (usable as u64 - 4)) as usize;
    if local <= most { local } else { least }
}

/// A part of a tree whose rows follow each other: the page above them, and how many there are.
pub type Part = (u32, u64);

/// The parts of the tree below `root`, with the entries of each counted: the pages above its leaves, where a table has row ids.
///
/// # Errors
/// As [`Cursor::enter`].
pub fn parts(pager: &mut Pager, root: u32) -> Result<Vec<Part>> {
    let (mut parts, mut waiting) = (Vec::new(), vec![root]);
    // Every page stands in one place: more are a circle.
    let mut left = pager.count;
    while let Some(page) = waiting.pop() {
        let node = Node::read(pager, page)?;
        let has_leaves = node.is_leaf || node.is_index || Node::read(pager, node.child(0))?.is_leaf;
        if has_leaves {
            let mut cursor = Cursor { stack: Vec::new(), left };
            cursor.enter(pager, page)?;
            let count = cursor.skip(pager, u64::MAX)?;
            left = cursor.left;
            parts.push((page, count));
        } else {
            left = left.checked_sub(1).filter(|&left| left as usize > waiting.len() + node.cells).ok_or_else(|| circle(page))?;
            waiting.extend((0..=node.cells).rev().map(|at| node.child(at)));
        }
    }
    Ok(parts)
}

/// Whether the tree below a page has no entry.
///
/// # Errors
/// As [`Cursor::enter`].
pub fn is_empty(pager: &mut Pager, root: u32) -> Result<bool> {
    let node = Node::read(pager, root)?;
    Ok(node.is_leaf && node.cells == 0)
}

fn circle(page: u32) -> ErrorInfo {
    malformed(format!("page {page} is below itself, or stands in two places"))
}
