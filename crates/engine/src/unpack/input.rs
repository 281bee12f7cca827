//! A range of a source as a stream for the codecs, which keeps count and the source's own error.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::rc::Rc;

use colonnade_protocol::ErrorInfo;

use crate::source::SharedSource;

const BUFFER: usize = 256 << 10;

/// What is told of a stream from outside.
#[derive(Default)]
pub struct Watch {
    /// Where in the source the next byte is.
    pub at: Cell<u64>,
    /// Why the source could not be read.
    pub failed: RefCell<Option<ErrorInfo>>,
}

/// Bytes of a range, in order.
pub struct Input {
    source: SharedSource,
    /// Not read yet.
    range: Range<u64>,
    buffer: Vec<u8>,
    used: usize,
    watch: Rc<Watch>,
}

impl Input {
    pub fn new(source: SharedSource, range: Range<u64>) -> (Self, Rc<Watch>) {
        let watch = Rc::new(Watch::default());
        watch.at.set(range.start);
        (Self { source, range, buffer: Vec::new(), used: 0, watch: Rc::clone(&watch) }, watch)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            let count = usize::try_from(self.range.end.saturating_sub(self.range.start)).unwrap_or(BUFFER).min(BUFFER);
            self.buffer.resize(count, 0);
            self.used = 0;
            if count > 0 {
                match self.source.read_at(self.range.start, &mut self.buffer) {
                    Ok(n) => self.buffer.truncate(n),
                    Err(error) => {
                        self.buffer.clear();
                        *self.watch.failed.borrow_mut() = Some(error);
                        return Err(io::Error::other("the source cannot be read"));
                    }
                }
                self.range.start += self.buffer.len() as u64;
            }
        }
        Ok(self.buffer.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.used = (self.used + count).min(self.buffer.len());
        self.watch.at.set(self.range.start - (self.buffer.len() - self.used) as u64);
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let n = bytes.len().min(into.len());
        into[..n].copy_from_slice(&bytes[..n]);
        self.consume(n);
        Ok(n)
    }
}
