//! A native file as a source.

use std::fs::{self, File, Metadata};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};
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
    Open(Arc<File>, Stamp),
    /// Opened for every read.
    Named(Arc<Path>, Stamp),
}

/// What tells whether a file is still the one that was opened.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stamp {
    device: u64,
    inode: u64,
    len: u64,
    /// Seconds, and nanoseconds within the second.
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino(), len: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

impl Handle {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Open(file, _) => file.read_at(buffer, offset),
            Self::Named(path, stamp) => {
                let file = File::open(path)?;
                if Stamp::of(&file.metadata()?) != *stamp {
                    return Err(io::Error::other("it has changed"));
                }
                file.read_at(buffer, offset)
            }
        }
    }

    /// Whether it is what it was when it was opened.
    fn is_unchanged(&self) -> io::Result<bool> {
        Ok(match self {
            Self::Open(file, stamp) => Stamp::of(&file.metadata()?) == *stamp,
            Self::Named(path, stamp) => Stamp::of(&fs::metadata(path)?) == *stamp,
        })
    }
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// As [`paths::readable`], and [`ErrorKind::Source`] where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let (file, stamp) = open(path)?;
        Ok(Self { file: Handle::Open(Arc::new(file), stamp), start: 0, len: stamp.len })
    }

    /// A file that is opened for every read, and not held open between them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn by_name(path: &Path) -> Result<Self> {
        let (_, stamp) = open(path)?;
        Ok(Self { file: Handle::Named(path.into(), stamp), start: 0, len: stamp.len })
    }

    /// A range of a file.
    ///
    /// # Errors
    /// Those of asking for its length.
    pub fn within(file: Arc<File>, range: Range<u64>) -> io::Result<Self> {
        let stamp = Stamp::of(&file.metadata()?);
        Ok(Self { file: Handle::Open(file, stamp), start: range.start, len: range.end.saturating_sub(range.start) })
    }

    /// A range of this source.
    pub fn part(&self, range: Range<u64>) -> Self {
        Self { file: self.file.clone(), start: self.start + range.start, len: range.end.saturating_sub(range.start) }
    }

    /// That the file has the length and time of change that it had when it was opened: what was read then is of one state of it.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where it has others.
    pub fn unchanged(&self) -> Result<()> {
        let what = match self.file.is_unchanged() {
            Ok(true) => return Ok(()),
            Ok(false) => "the source changed while it was read".to_owned(),
            Err(error) => format!("the source cannot be looked at again: {error}"),
        };
        Err(ErrorInfo::new(ErrorKind::Source, what, "Convert it once nothing writes to it, or convert a copy of it."))
    }
}

fn open(path: &Path) -> Result<(File, Stamp)> {
    // Before it is opened: a pipe would wait for who writes to it.
    paths::readable(path)?;
    let failed = |error: io::Error| paths::source_error(path, &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    Ok((file, Stamp::of(&metadata)))
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
