//! Random access to a source's bytes. The browser's Blob and a native file implement it elsewhere.

use std::sync::Arc;

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// A source that a reader holds for itself.
pub type SharedSource = Arc<dyn Source + Send + Sync>;

/// Bytes that can be read from any offset.
pub trait Source {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Fills `buffer` from `offset` on; fewer bytes come back only at the end of the source.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] when the bytes cannot be read: the file changed, vanished or is not permitted.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize>;

    /// Another handle on the same bytes, for a reader that lives by itself.
    fn share(&self) -> SharedSource;

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Any source, for who knows of none in particular.
pub(crate) struct Borrowed<'a, S: ?Sized>(pub &'a S);

impl<S: Source + ?Sized> Source for Borrowed<'_, S> {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        self.0.read_at(offset, buffer)
    }

    fn share(&self) -> SharedSource {
        self.0.share()
    }
}

/// Bytes in memory: pasted text, samples, tests.
impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let Some(rest) = usize::try_from(offset).ok().and_then(|start| self.get(start..)) else {
            return Err(ErrorInfo::new(ErrorKind::Source, format!("read past the end, at byte {offset}"), ""));
        };
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    /// A copy: what is in memory is small.
    fn share(&self) -> SharedSource {
        Arc::new(self.to_vec())
    }
}

/// Bytes that a reader holds.
impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }

    fn share(&self) -> SharedSource {
        self.as_slice().share()
    }
}
