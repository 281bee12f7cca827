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

/// An open file or a range of one, read by position.
#[derive(Clone)]
pub struct FileSource {
    file: Arc<File>,
    start: u64,
    len: u64,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where it cannot be opened or is a folder.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| ErrorInfo::new(ErrorKind::Source, format!("{} cannot be read: {error}", path.display()), "");
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(ErrorInfo::new(ErrorKind::Source, format!("{} is a folder", path.display()), "Name the files in it."));
        }
        Ok(Self { file: Arc::new(file), start: 0, len: metadata.len() })
    }

    /// A range of a file.
    pub fn within(file: Arc<File>, range: Range<u64>) -> Self {
        Self { file, start: range.start, len: range.end.saturating_sub(range.start) }
    }

    /// A range of this source.
    pub fn part(&self, range: Range<u64>) -> Self {
        Self::within(Arc::clone(&self.file), self.start + range.start..self.start + range.end)
    }
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
