//! Ctrl+C: what is being written beside its place is removed, and the process ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use colonnade_engine::Result;
use colonnade_protocol::{ErrorInfo, ErrorKind};

/// What a shell says of a process that Ctrl+C ended.
const INTERRUPTED: i32 = 130;

/// Files that are not in their place yet.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl+C (and what asks a process to end) removes unfinished files first; a second one does not wait for that.
///
/// # Errors
/// [`ErrorKind::Internal`] where the system takes no handler.
pub fn watch() -> Result<()> {
    let asked = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            process::exit(INTERRUPTED);
        }
        // In a thread of its own, so that this one hears of the second.
        thread::spawn(|| {
            // Held to the end: no file is begun any more.
            let unfinished = unfinished();
            for file in unfinished.iter() {
                let _ = fs::remove_file(file);
            }
            eprintln!("colonnade: interrupted");
            process::exit(INTERRUPTED);
        });
    };
    ctrlc::set_handler(asked).map_err(|error| ErrorInfo::new(ErrorKind::Internal, format!("Ctrl+C cannot be heard: {error}"), ""))
}

/// Makes a file that is removed where the process is interrupted before it is [`settled`].
///
/// # Errors
/// As [`File::create`].
pub fn create(file: &Path) -> io::Result<File> {
    let mut unfinished = unfinished();
    let created = File::create(file)?;
    unfinished.insert(file.to_owned());
    Ok(created)
}

/// The file was put into its place, or is gone.
pub fn settled(file: &Path) {
    unfinished().remove(file);
}

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
