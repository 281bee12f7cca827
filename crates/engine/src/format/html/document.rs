//! A document as its tables: tags and text to cells, as HTML's standard builds tables, without a tree of the rest.

use std::collections::HashSet;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::cells::CellText;
use super::grid::{Grid, Growing, MOST_CELLS};
use crate::Result;

/// Tables within tables.
const DEEPEST: usize = 64;
/// Characters of a table's name.
const LONGEST_NAME: usize = 120;
/// Elements that begin and end a line of their own.
const BLOCKS: [&[u8]; 27] = [
    b"p",
    b"div",
    b"li",
    b"ul",
    b"ol",
    b"dl",
    b"dd",
    b"dt",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"pre",
    b"hr",
    b"section",
    b"article",
    b"header",
    b"footer",
    b"blockquote",
    b"figure",
    b"figcaption",
    b"address",
    b"details",
    b"summary",
    b"fieldset",
];
/// Elements whose text no browser shows.
const UNSEEN: [&[u8]; 7] = [b"script", b"style", b"template", b"noscript", b"title", b"noembed", b"noframes"];
/// Elements without an end.
const VOID: [&[u8]; 14] =
    [b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source", b"track", b"wbr"];

/// The tables of a document that hold a value.
pub struct Document {
    tables: Vec<Grid>,
    /// How many tables have none.
    pub empty: u64,
}

impl Document {
    /// Reads a document. `fill`: a merged cell's value goes to all of its places.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for more cells than can be held, or tables within tables without end; [`ErrorKind::Empty`] for a
    /// document without a table.
    pub fn read(text: &str, fill: bool) -> Result<Self> {
        let mut reader = Reader { fill, ..Reader::default() };
        let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| reader.take(event).err());
        emitter.naively_switch_states(true);
        if let Some(Ok(error)) = Tokenizer::new_with_emitter(text, emitter).next() {
            return Err(error);
        }
        reader.finish()
    }

    /// The tables' names, each one once.
    pub fn names(&self) -> Vec<String> {
        self.tables.iter().map(|grid| grid.name.clone()).collect()
    }

    /// Takes a table out of the document; an empty one where there is none.
    pub fn take(&mut self, at: usize) -> Grid {
        self.tables.get_mut(at).map(std::mem::take).unwrap_or_default()
    }
}

/// A start tag as far as it is read.
#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    attribute: Vec<u8>,
    columns: u32,
    rows: Option<u32>,
    id: String,
    hidden: bool,
}

#[derive(Default)]
struct Reader {
    fill: bool,
    tag: Option<Tag>,
    /// The tables that are open, the innermost last, with their numbers.
    open: Vec<(usize, Growing)>,
    /// Each with its number in the order in which they begin.
    done: Vec<(usize, Grid)>,
    /// Cells of tables that are done.
    cells: usize,
    /// The element whose text is not seen, and how many of its name are open.
    unseen: Option<(Vec<u8>, u32)>,
    /// Tables that have begun.
    begun: usize,
}

impl Reader {
    fn take(&mut self, event: CallbackEvent<'_>) -> Result<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => self.tag = Some(Tag { name: name.to_vec(), columns: 1, ..Tag::default() }),
            CallbackEvent::AttributeName { name } => {
                if let Some(tag) = &mut self.tag {
                    tag.hidden |= name == b"hidden";
                    tag.attribute.clear();
                    tag.attribute.extend_from_slice(name);
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(tag) = &mut self.tag {
                    tag.set(value);
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                if let Some(tag) = self.tag.take() {
                    self.start(&tag)?;
                }
            }
            CallbackEvent::EndTag { name } => self.end(name)?,
            CallbackEvent::String { value } => self.text(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag) -> Result<()> {
        let is_table = matches!(&*tag.name, b"table" | b"caption" | b"thead" | b"tbody" | b"tfoot" | b"tr" | b"td" | b"th");
        if let Some((name, depth)) = &mut self.unseen {
            // An element that is never closed hides no more than its cell.
            if !is_table || UNSEEN.contains(&name.as_slice()) {
                *depth += u32::from(*name == tag.name);
                return Ok(());
            }
            self.unseen = None;
        }
        if UNSEEN.contains(&tag.name.as_slice()) || (tag.hidden && !is_table && !VOID.contains(&tag.name.as_slice())) {
            self.unseen = Some((tag.name.clone(), 1));
            return Ok(());
        }
        if tag.name == b"table" {
            return self.open_table(tag);
        }
        let Some((_, table)) = self.open.last_mut() else { return Ok(()) };
        if is_table && tag.name != b"caption" {
            table.end_caption();
        }
        match &*tag.name {
            b"caption" => {
                table.close_row()?;
                let buffer = String::new();
                let text = CellText::at(&buffer);
                table.caption = Some((buffer, text));
            }
            b"thead" => table.section(true)?,
            b"tbody" | b"tfoot" => table.section(false)?,
            b"tr" => table.open_row()?,
            b"td" | b"th" => table.open_cell(tag.name == b"th", tag.columns, tag.rows.unwrap_or(1))?,
            name => {
                if let Some((text, _)) = table.open_text() {
                    break_at(text, name);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, name: &[u8]) -> Result<()> {
        let is_table = matches!(name, b"table" | b"caption" | b"thead" | b"tbody" | b"tfoot" | b"tr" | b"td" | b"th");
        if let Some((unseen, depth)) = &mut self.unseen {
            *depth -= u32::from(unseen == name);
            let is_over = *depth == 0 || (is_table && !UNSEEN.contains(&unseen.as_slice()));
            if is_over {
                self.unseen = None;
            }
            if !is_over || !is_table {
                return Ok(());
            }
        }
        let Some((_, table)) = self.open.last_mut() else { return Ok(()) };
        match name {
            b"table" => return self.close_table(),
            b"caption" => table.end_caption(),
            b"thead" | b"tbody" | b"tfoot" => table.section(false)?,
            b"tr" => table.close_row()?,
            b"td" | b"th" => table.close_cell()?,
            name => {
                if let Some((text, _)) = table.open_text() {
                    break_at(text, name);
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, value: &[u8]) {
        let (None, Some((_, table))) = (&self.unseen, self.open.last_mut()) else { return };
        let value = String::from_utf8_lossy(value);
        match table.open_text() {
            Some((text, buffer)) => text.add(&value, buffer),
            None => table.stray(&value),
        }
    }

    fn open_table(&mut self, tag: &Tag) -> Result<()> {
        if let Some((_, table)) = self.open.last_mut() {
            if let Some((text, _)) = table.open_text() {
                text.break_block();
                table.grid.nested += 1;
            } else {
                // A table that begins between cells ends the one before it.
                self.close_table()?;
            }
        }
        if self.open.len() >= DEEPEST {
            let what = format!("tables stand within tables more than {DEEPEST} deep");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Save the table that is wanted as CSV, and open that."));
        }
        let held: usize = self.open.iter().map(|(_, table)| table.grid.size()).sum();
        let mut table = Growing::new(self.fill, MOST_CELLS.saturating_sub(self.cells + held));
        table.grid.name.clone_from(&tag.id);
        self.open.push((self.begun, table));
        self.begun += 1;
        Ok(())
    }

    fn close_table(&mut self) -> Result<()> {
        let Some((order, mut table)) = self.open.pop() else { return Ok(()) };
        table.end_caption();
        table.close_row()?;
        let size = table.grid.size();
        self.cells += size;
        self.open.iter_mut().for_each(|(_, outer)| outer.room = outer.room.saturating_sub(size));
        self.done.push((order, table.grid));
        Ok(())
    }

    fn finish(mut self) -> Result<Document> {
        while !self.open.is_empty() {
            self.close_table()?;
        }
        let mut tables = self.done;
        let all = tables.len();
        tables.retain(|(_, grid)| !grid.rows.is_empty());
        let empty = (all - tables.len()) as u64;
        tables.sort_by_key(|(order, grid)| (!grid.is_tabular(), *order));
        if tables.is_empty() {
            let what = if all == 0 { "this HTML document has no table" } else { "no table of this HTML document holds a value" };
            return Err(ErrorInfo::new(ErrorKind::Empty, what, "Choose another file; what a script adds to a page is not in its file."));
        }
        let mut taken = HashSet::new();
        for (order, grid) in &mut tables {
            grid.name = name(&grid.name, *order, &mut taken);
        }
        Ok(Document { tables: tables.into_iter().map(|(_, grid)| grid).collect(), empty })
    }
}

impl Growing {
    /// A caption names its table.
    fn end_caption(&mut self) {
        if let Some((caption, _)) = self.caption.take().filter(|(caption, _)| !caption.is_empty()) {
            self.grid.name = caption;
        }
    }
}

impl Tag {
    fn set(&mut self, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        match &*self.attribute {
            b"colspan" => self.columns = number(&value).unwrap_or(1),
            b"rowspan" => self.rows = number(&value),
            b"id" => self.id = value.trim().to_owned(),
            b"style" => {
                let style: String = value.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
                self.hidden |= style.contains("display:none");
            }
            _ => {}
        }
    }
}

/// The digits that a text begins with, as HTML reads numbers.
fn number(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..digits)?.parse().ok()
}

fn break_at(text: &mut CellText, name: &[u8]) {
    if name == b"br" {
        text.break_line();
    } else if BLOCKS.contains(&name) {
        text.break_block();
    }
}

/// A name that no other table has: its own, or its number in the document.
fn name(own: &str, order: usize, taken: &mut HashSet<String>) -> String {
    let own: String = own.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
    let stem = if own.is_empty() { format!("Table {}", order + 1) } else { own };
    let mut name = stem.clone();
    let mut count = 1;
    while !taken.insert(name.to_lowercase()) {
        count += 1;
        name = format!("{stem} ({count})");
    }
    name
}
