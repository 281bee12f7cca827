//! Where output goes: files beside their final names, lists of rejects and reports, and which table goes where.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::job::Job;
use colonnade_engine::output::segment::{SegmentMeta, frame};
use colonnade_engine::output::{self, OUTPUTS, OutputOptions, name};
use colonnade_protocol::report::OutputFile;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::interrupt;
use crate::job::Segment;
use crate::paths::{Paths, target_error};

/// A file being written beside its final name.
pub struct Target {
    file: BufWriter<File>,
    place: PathBuf,
    temporary: PathBuf,
    done: bool,
    /// What stands at the file's start.
    head: Vec<u8>,
    segments: Vec<SegmentMeta>,
}

impl Target {
    /// Of the file at `place`, which is no link.
    pub fn create(place: &Path, head: Vec<u8>) -> Result<Self> {
        let mut temporary = place.as_os_str().to_owned();
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = interrupt::create(&temporary).map_err(|error| target_error(place, &error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let mut target = Self { file, place: place.to_owned(), temporary, done: false, head: Vec::new(), segments: Vec::new() };
        target.restart(head)?;
        Ok(target)
    }

    pub fn restart(&mut self, head: Vec<u8>) -> Result<()> {
        self.segments.clear();
        self.io(|file| {
            file.seek(SeekFrom::Start(0))?;
            file.get_ref().set_len(0)?;
            file.write_all(&head)
        })?;
        self.head = head;
        Ok(())
    }

    pub fn append(&mut self, segment: &output::segment::Segment) -> Result<()> {
        self.io(|file| file.write_all(&segment.body))?;
        self.segments.push(segment.meta.clone());
        Ok(())
    }

    /// Puts the file in its place; `name` is the one it goes by.
    pub fn finish(mut self, name: &Path, job: &Job<Segment>, options: &OutputOptions, source: &str) -> Result<OutputFile> {
        let metadata = [("colonnade.source".to_owned(), source.to_owned())];
        let frame = frame(job.columns(), options, self.segments.iter(), &metadata)?;
        if frame.head != self.head {
            let what = "the head of the file changed while it was written";
            return Err(ErrorInfo::new(ErrorKind::Internal, what, "Please report this."));
        }
        self.io(|file| {
            file.write_all(&frame.tail)?;
            file.flush()
        })?;
        fs::rename(&self.temporary, &self.place).map_err(|error| target_error(name, &error))?;
        interrupt::settled(&self.temporary);
        self.done = true;
        Ok(frame.file(name.display().to_string()))
    }

    fn io(&mut self, act: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
        act(&mut self.file).map_err(|error| target_error(&self.temporary, &error))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.done {
            // Nothing better can be done with a file that cannot be removed.
            let _ = fs::remove_file(&self.temporary);
            interrupt::settled(&self.temporary);
        }
    }
}

/// A text that is written beside the tables: the rejects, the report.
pub struct ListFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl ListFile {
    /// Begins the file anew with `head`.
    ///
    /// # Errors
    /// As [`target_error`].
    pub fn create(path: &Path, head: &str) -> Result<Self> {
        let file = File::create(path).map_err(|error| target_error(path, &error))?;
        let mut file = Self { path: path.to_owned(), file: BufWriter::new(file) };
        file.append(head)?;
        Ok(file)
    }

    pub fn append(&mut self, lines: &str) -> Result<()> {
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.flush());
        written.map_err(|error| target_error(&self.path, &error))
    }
}

/// Where each table goes: into the one file that was named, or into a file of its own in the folder.
pub struct Outputs {
    output: PathBuf,
    extension: &'static str,
    one_file: bool,
    taken: Vec<PathBuf>,
    paths: Paths,
}

/// Where a table goes.
pub struct Place {
    /// As the person calls it.
    pub name: PathBuf,
    /// The file itself, where that is a link.
    pub file: PathBuf,
}

impl Outputs {
    /// Of so many tables, or of several inputs of which nobody knows yet.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for an output that cannot hold them, or is another file of `paths`.
    pub fn new(inputs: usize, output: &Path, extension: &'static str, paths: Paths) -> Result<Self> {
        let one_file = inputs == 1 && !output.is_dir();
        if one_file {
            paths.table(output)?;
        } else {
            Self::check_folder(output, &format!("{inputs} inputs"))?;
        }
        Ok(Self { output: output.to_owned(), extension, one_file, taken: Vec::new(), paths })
    }

    /// The file for a table of an input of which `tables` are converted.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of(&mut self, input: &str, table: Option<&str>, tables: usize) -> Result<Place> {
        if self.one_file && tables > 1 {
            Self::check_folder(&self.output, &format!("the {tables} tables of {}", input.split(" / ").next().unwrap_or(input)))?;
            self.one_file = false;
        }
        if self.one_file {
            return self.place(self.output.clone());
        }
        fs::create_dir_all(&self.output).map_err(|error| target_error(&self.output, &error))?;
        let stem = name::stem(input, table);
        let path = self.output.join(name::file(&stem, self.extension, |name| !self.taken.contains(&self.output.join(name))));
        self.taken.push(path.clone());
        self.place(path)
    }

    fn place(&self, name: PathBuf) -> Result<Place> {
        let file = self.paths.table(&name)?;
        Ok(Place { name, file })
    }

    fn check_folder(output: &Path, what: &str) -> Result<()> {
        if format_of(output).is_some() && !output.is_dir() {
            let what = format!("{what} cannot go into one file");
            let hint = "Name a folder with -o: it gets one file for each table. Or put them together by --union shape or --union all.";
            return Err(ErrorInfo::new(ErrorKind::Usage, what, hint));
        }
        Ok(())
    }
}

/// The output format that a file's extension names.
pub fn format_of(output: &Path) -> Option<&'static str> {
    let extension = output.extension()?.to_str()?;
    let named = |format: &&output::OutputFormat| extension.eq_ignore_ascii_case(format.extension);
    match OUTPUTS.iter().find(named) {
        Some(format) => Some(format.id),
        None => [("ndjson", "jsonl"), ("feather", "arrow"), ("ipc", "arrow")]
            .into_iter()
            .find(|(other, _)| extension.eq_ignore_ascii_case(other))
            .map(|(_, id)| id),
    }
}

pub fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "table".into(), |stem| stem.to_string_lossy().into_owned())
}
