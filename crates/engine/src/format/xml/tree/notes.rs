//! What reading a record takes along, and what it finds beside the values.

use std::ops::Range;

use super::super::entities::{Entities, Within};
use super::super::options::Shape;
use super::super::reader::{Attribute, Reader};
use super::Result;
use crate::column::Span;

/// What reading records takes and leaves behind beside the values.
pub struct Notes<'a> {
    pub shape: &'a Shape,
    pub entities: &'a Entities,
    /// Texts that do not stand in the source as they are.
    pub scratch: &'a mut Vec<u8>,
    /// The scratch buffer may grow up to here.
    pub most: usize,
    /// The text that is read is not the source's: every value is copied.
    pub copies: bool,
    pub odd: Odd,
    /// A value that does not fit was met, of whichever column.
    pub(super) misfit: bool,
    /// Blanks around texts are dropped, here.
    pub(super) trim: bool,
}

/// What a record has that the columns do not.
#[derive(Debug, Default)]
pub struct Odd {
    /// Columns with a value that does not fit.
    pub misfits: Vec<usize>,
    /// There is an element or attribute that is no column.
    pub unknown: bool,
    /// Elements that a wildcard of one text has no room for.
    pub crowded: usize,
}

impl<'a> Notes<'a> {
    /// For records that are read in this shape.
    pub fn new(shape: &'a Shape, entities: &'a Entities, scratch: &'a mut Vec<u8>, most: usize, copies: bool) -> Self {
        Self { shape, entities, scratch, most, copies, odd: Odd::default(), misfit: false, trim: shape.trim }
    }

    pub(super) fn resolve(&mut self, text: &[u8], range: &Range<usize>, within: Within) -> Result<()> {
        self.entities.resolve(&text[range.clone()], range.start, within, self.scratch, self.most)
    }

    /// Checks what is not wanted.
    pub(super) fn check(&mut self, text: &[u8], range: &Range<usize>, within: Within) -> Result<()> {
        let length = self.scratch.len();
        let result = self.resolve(text, range, within);
        self.scratch.truncate(length);
        result
    }

    pub(super) fn skip(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let text = reader.text();
        reader.skip_element(|range, is_attribute| self.check(text, &range, if is_attribute { Within::Attribute } else { Within::Content }))
    }

    pub(super) fn span(&mut self, text: &[u8], range: Range<usize>) -> Span {
        if !self.copies {
            return self.spanned(Span::plain(range.start, range.end));
        }
        let start = self.scratch.len();
        self.scratch.extend_from_slice(&text[range]);
        self.spanned(Span::scratch(start, self.scratch.len(), false))
    }

    pub(super) fn spanned(&self, span: Span) -> Span {
        match span.is_empty() && !self.shape.empty_is_null {
            true => Span::quoted(0, 0),
            false => span,
        }
    }

    pub(super) fn attribute_span(&mut self, text: &[u8], attribute: &Attribute) -> Result<Span> {
        if attribute.plain {
            return Ok(self.span(text, attribute.value.clone()));
        }
        let start = self.scratch.len();
        self.resolve(text, &attribute.value, Within::Attribute)?;
        Ok(self.spanned(Span::scratch(start, self.scratch.len(), false)))
    }
}
