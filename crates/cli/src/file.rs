//! A native file as a source.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use colonnade_engine::Result;
use colonnade_engine::source::{SharedSource, Source};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::paths;

/// An open file or a range of one, read by position.
#[derive(Clone)]
pub struct FileSource {
    file: Handle,
    start: u64,
    len: u64,
}

#[derive(Clone)]
enum Handle {
    Open(Arc<File>),
    /// Opened for every read. Its length then tells whether it is still the same.
    Named(Arc<Path>, u64),
}

impl Handle {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Open(file) => file.read_at(buffer, offset),
            Self::Named(path, len) => {
                let file = File::open(path)?;
                if file.metadata()?.len() != *len {
                    return Err(io::Error::other("it has changed"));
                }
                file.read_at(buffer, offset)
            }
        }
    }
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// As [`paths::readable`], and [`ErrorKind::Source`] where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let (file, len) = open(path)?;
        Ok(Self { file: Handle::Open(Arc::new(file)), start: 0, len })
    }

    /// A file that is opened for every read, and not held open between them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn by_name(path: &Path) -> Result<Self> {
        let (_, len) = open(path)?;
        Ok(Self { file: Handle::Named(path.into(), len), start: 0, len })
    }

    /// A range of a file.
    pub fn within(file: Arc<File>, range: Range<u64>) -> Self {
        Self { file: Handle::Open(file), start: range.start, len: range.end.saturating_sub(range.start) }
    }

    /// A range of this source.
    pub fn part(&self, range: Range<u64>) -> Self {
        Self { file: self.file.clone(), start: self.start + range.start, len: range.end.saturating_sub(range.start) }
    }
}

fn open(path: &Path) -> Result<(File, u64)> {
    // Before it is opened: a pipe would wait for who writes to it.
    paths::readable(path)?;
    let failed = |error: io::Error| paths::source_error(path, &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    Ok((file, metadata.len()))
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let wanted = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(buffer.len()).min(buffer.len());
        let mut filled = 0;
        while filled < wanted {
            match self.file.read_at(&mut buffer[filled..wanted], self.start + offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let what = format!("the source cannot be read at byte {}: {error}", offset + filled as u64);
                    return Err(ErrorInfo::new(ErrorKind::Source, what, ""));
                }
            }
        }
        Ok(filled)
    }

    fn share(&self) -> SharedSource {
        Arc::new(self.clone())
    }
}
