//! The files that inputs name: themselves, and those in folders.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::union;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::paths;

/// Folders within folders that are gone into at most: links may lead in circles.
const DEEPEST: usize = 64;

/// Every file of the inputs, those of a folder in the order of their names. What is skipped of a folder is said.
///
/// # Errors
/// As [`paths::readable`]; [`ErrorKind::Source`] for a folder that cannot be read, [`ErrorKind::Empty`] for one that holds nothing to
/// read.
pub fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            paths::readable(input)?;
            files.push(input.clone());
            continue;
        }
        let before = files.len();
        walk(input, Path::new(""), 0, &mut files)?;
        if files.len() == before {
            let what = format!("the folder {} holds no file to read", input.display());
            return Err(ErrorInfo::new(ErrorKind::Empty, what, "Name another."));
        }
    }
    Ok(files)
}

fn walk(folder: &Path, within: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error: io::Error| {
        ErrorInfo::new(ErrorKind::Source, format!("the folder {} cannot be read: {error}", folder.join(within).display()), "")
    };
    let entries = fs::read_dir(folder.join(within)).map_err(failed)?;
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
    names.sort();
    for name in names {
        let inner = within.join(&name);
        let path = folder.join(&inner);
        if let Some(why) = union::skipped(&inner.to_string_lossy()) {
            eprintln!("{}: skipped: {why}", path.display());
        } else if path.is_file() {
            files.push(path);
        } else if !path.is_dir() {
            eprintln!("{}: skipped: it is no regular file", path.display());
        } else if depth < DEEPEST {
            walk(folder, &inner, depth + 1, files)?;
        } else {
            eprintln!("{}: skipped: folders are nested too deep", path.display());
        }
    }
    Ok(())
}
