//! Which paths can be read and written, and that nothing is written over what is read.

use std::collections::HashMap;
use std::fs;
use std::io::{self, ErrorKind as Io};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_protocol::{ErrorInfo, ErrorKind};

/// Links that are followed at most to a file that is not there yet.
const MOST_LINKS: usize = 40;

/// The paths of a run, each by the file it leads to, with what the file is to the run: "an input".
#[derive(Default)]
pub struct Paths {
    known: HashMap<Identity, &'static str>,
}

/// A file, whatever path leads to it.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    There {
        device: u64,
        inode: u64,
    },
    /// The path at which it would be made.
    NotYet(PathBuf),
}

impl Paths {
    /// Takes note of files that are read.
    pub fn read(&mut self, files: &[PathBuf]) {
        self.known.extend(files.iter().map(|file| (Identity::of(file), "an input")));
    }

    /// Takes note of a list that is written beside the tables (`--report`). What is no regular file may be written to: a terminal, a pipe.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a file of the run.
    pub fn list(&mut self, file: &Path, what: &'static str) -> Result<()> {
        self.free(file)?;
        if !fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
            self.known.insert(Identity::of(file), what);
        }
        Ok(())
    }

    /// The place of a table: the file itself where the path is a link to it.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a file of the run, and for what is no regular file: it would be replaced by one.
    pub fn table(&self, output: &Path) -> Result<PathBuf> {
        let metadata = fs::metadata(output);
        if metadata.as_ref().is_ok_and(|metadata| !metadata.is_file()) {
            let what = format!("{} is no regular file: a table is written beside it and put in its place", output.display());
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Name a file with -o."));
        }
        self.free(output)?;
        Ok(target(output))
    }

    fn free(&self, file: &Path) -> Result<()> {
        let Some(is) = self.known.get(&Identity::of(file)) else { return Ok(()) };
        let what = format!("{} cannot be written: it is {is} of the same run", file.display());
        Err(ErrorInfo::new(ErrorKind::Usage, what, "Name another file."))
    }
}

impl Identity {
    fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(metadata) => Self::There { device: metadata.dev(), inode: metadata.ino() },
            Err(_) => Self::NotYet(target(path)),
        }
    }
}

/// Where links lead, be it to a file that is not there yet.
fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(link) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(link);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// That an input can be read as a file is: by position, more than once.
///
/// # Errors
/// [`ErrorKind::Usage`] for what is not there or is no file, [`ErrorKind::Source`] for what the system does not let one see.
pub fn readable(input: &Path) -> Result<()> {
    let usage = |what: String, hint: &str| Err(ErrorInfo::new(ErrorKind::Usage, what, hint));
    match fs::metadata(input) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(metadata) if metadata.is_dir() => usage(format!("{} is a folder", input.display()), "Name the files in it."),
        Ok(_) => unreadable(&input.display().to_string()),
        Err(error) if error.kind() == Io::NotFound && input == Path::new("-") => unreadable("the standard input"),
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => {
            usage(format!("{} cannot be read: {error}", input.display()), "Name a file that is there.")
        }
        Err(error) => Err(source_error(input, &error)),
    }
}

fn unreadable(name: &str) -> Result<()> {
    let what = format!("{name} is no regular file: it is read by position, in parts");
    Err(ErrorInfo::new(ErrorKind::Usage, what, "Save it to a file first."))
}

/// An error of what is read.
pub fn source_error(path: &Path, error: &io::Error) -> ErrorInfo {
    let hint = match error.kind() {
        Io::PermissionDenied => "Ask for the right to read it.",
        _ => "",
    };
    ErrorInfo::new(ErrorKind::Source, format!("{} cannot be read: {error}", path.display()), hint)
}

/// An error of what is written: an unusable argument where it could not be written to begin with.
pub fn target_error(path: &Path, error: &io::Error) -> ErrorInfo {
    let (kind, hint) = match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => (ErrorKind::Target, "Make room, or choose another disk."),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => (ErrorKind::Usage, "Choose a place that you may write to."),
        Io::NotFound | Io::NotADirectory => (ErrorKind::Usage, "Choose a folder that is there, or make it first."),
        Io::AlreadyExists | Io::IsADirectory | Io::InvalidFilename => (ErrorKind::Usage, "Choose another name."),
        _ => (ErrorKind::Target, ""),
    };
    ErrorInfo::new(kind, format!("{} cannot be written: {error}", path.display()), hint)
}
