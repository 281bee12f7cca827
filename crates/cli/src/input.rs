//! The files to read: as they were named, or out of what they are packed in.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use colonnade_engine::Result;
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_engine::unpack::{self, Budget, Codec, Member, Step, Unpacking};
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::columns;
use crate::file::FileSource;

const BUFFER: usize = 1 << 20;

/// A file to read.
#[derive(Clone)]
pub struct Input {
    /// The file's name, behind that of the archive it is a member of.
    pub name: String,
    pub source: FileSource,
    /// What it was packed in, from the outermost: "zip (deflate), gzip". Empty: nothing.
    packing: Vec<String>,
    /// What was wrong with that.
    damage: Option<ErrorInfo>,
}

impl Input {
    /// The files that a path names: itself, or what is packed in it.
    ///
    /// # Errors
    /// As the engine's; [`ErrorKind::Target`] where there is no room for what comes out.
    pub fn open(path: &Path, overrides: &Overrides) -> Result<Vec<Self>> {
        Self::of(path, FileSource::open(path)?, overrides)
    }

    /// The same without keeping the file open: a system lets a process have only so many.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_by_name(path: &Path, overrides: &Overrides) -> Result<Vec<Self>> {
        Self::of(path, FileSource::by_name(path)?, overrides)
    }

    fn of(path: &Path, source: FileSource, overrides: &Overrides) -> Result<Vec<Self>> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut budget = Budget::new(overrides.options.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        let outer = Self { name, source, packing: Vec::new(), damage: None };
        let mut inputs = Vec::new();
        outer.unpack(0, &mut budget, &mut inputs)?;
        Ok(inputs)
    }

    /// Bytes of it.
    pub fn bytes(&self) -> u64 {
        self.source.len()
    }

    /// Its table.
    ///
    /// # Errors
    /// As [`Table::open`] and [`columns::resolved`], and the damage of its packing under FAILFAST.
    pub fn table(&self, overrides: &Overrides) -> Result<Table> {
        let mut overrides = overrides.clone();
        let said = std::mem::take(&mut overrides.columns);
        let mut table = Table::open(&self.source, &self.name, &overrides)?;
        if !said.is_empty() {
            overrides.columns = columns::resolved(&said, &table.name, &table.detection.columns, columns::may_come(&table))?;
            table = Table::open(&self.source, &self.name, &overrides)?;
        }
        if !self.packing.is_empty() {
            table.unpacked_from(&self.packing.join(", "), self.damage.as_ref())?;
        }
        Ok(table)
    }

    fn unpack(self, archives: usize, budget: &mut Budget, into: &mut Vec<Self>) -> Result<()> {
        let Some(contents) = unpack::contents(&self.source, &self.name, budget.max_members())? else {
            into.push(self);
            return Ok(());
        };
        let archives = archives + usize::from(contents.packing.is_archive());
        if archives > unpack::MOST_ARCHIVES || self.packing.len() == unpack::MOST_LAYERS {
            return Err(unpack::too_deep(&self.name));
        }
        for skipped in &contents.skipped {
            eprintln!("{} / {}: skipped: {}", self.name, skipped.name, skipped.why);
        }
        let mut spool = Spool::default();
        let mut members = Vec::new();
        for member in &contents.members {
            let (range, damage) = match member.codec {
                Codec::Stored if !member.is_cut && member.crc32.is_none() => (None, None),
                // Only to see that its checksum is right.
                Codec::Stored if !member.is_cut => (None, drain(&self.source, member, budget, |_| Ok(()))?),
                _ => spool.take(&self.source, member, budget).map(|(range, damage)| (Some(range), damage))?,
            };
            members.push((member, range, damage));
        }
        self.source.unchanged()?;
        let spooled = spool.file()?;
        for (member, range, damage) in members {
            let source = match (range, &spooled) {
                (Some(range), Some(file)) => FileSource::within(Arc::clone(file), range).map_err(no_room)?,
                // Nothing was unpacked at all.
                (Some(_), None) => self.source.part(0..0),
                (None, _) => self.source.part(member.packed.clone()),
            };
            if let Some(error) = damage.as_ref().filter(|_| source.is_empty()) {
                return Err(error.clone());
            }
            let name = if contents.packing.is_archive() { format!("{} / {}", self.name, member.name) } else { self.name.clone() };
            let packing = [self.packing.as_slice(), &[contents.packing.words(member)]].concat();
            let listing = contents.damage.as_ref().map(|what| unpack::damaged(&self.name, what));
            Self { name, source, packing, damage: self.damage.clone().or(damage).or(listing) }.unpack(archives, budget, into)?;
        }
        Ok(())
    }
}

/// Unpacks a member to its end; gives back what was wrong with it.
fn drain(
    source: &FileSource,
    member: &Member,
    budget: &mut Budget,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Option<ErrorInfo>> {
    let mut unpacking = Unpacking::new(source.share(), member)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        match unpacking.step(&mut buffer, budget)? {
            Step::Bytes(n) => take(&buffer[..n])?,
            Step::End => return Ok(None),
            Step::Damaged(error) => return Ok(Some(error)),
        }
    }
}

/// A temporary file without a name: it is gone with the process, however that ends.
#[derive(Default)]
struct Spool {
    writer: Option<BufWriter<File>>,
    len: u64,
}

impl Spool {
    /// Unpacks a member to the end of the file; gives back where it is, and what was wrong with it.
    fn take(&mut self, source: &FileSource, member: &Member, budget: &mut Budget) -> Result<(std::ops::Range<u64>, Option<ErrorInfo>)> {
        let start = self.len;
        let damage = drain(source, member, budget, |bytes| {
            self.len += bytes.len() as u64;
            self.writer()?.write_all(bytes).map_err(no_room)
        })?;
        Ok((start..self.len, damage))
    }

    fn writer(&mut self) -> Result<&mut BufWriter<File>> {
        if self.writer.is_none() {
            let path = std::env::temp_dir().join(format!("colonnade-{}-unpacked", std::process::id()));
            let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).map_err(no_room)?;
            fs::remove_file(&path).map_err(no_room)?;
            self.writer = Some(BufWriter::with_capacity(BUFFER, file));
        }
        self.writer.as_mut().ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "no temporary file", ""))
    }

    fn file(self) -> Result<Option<Arc<File>>> {
        let file = self.writer.map(BufWriter::into_inner).transpose().map_err(|error| no_room(error.into_error()))?;
        Ok(file.map(Arc::new))
    }
}

fn no_room(error: std::io::Error) -> ErrorInfo {
    let what = format!("what is unpacked cannot be kept in {}: {error}", std::env::temp_dir().display());
    ErrorInfo::new(ErrorKind::Target, what, "Make room there, or name another folder in TMPDIR.")
}
