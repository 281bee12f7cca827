//! Standard output that may end early: `colonnade inspect FILE | head` is no failure.

use std::io::{self, Write};

use colonnade_engine::Result;
use colonnade_protocol::{ErrorInfo, ErrorKind};

/// Prints a text.
///
/// # Errors
/// [`ErrorKind::Target`] where it cannot be written, but for a reader that has gone.
pub fn print(text: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(ErrorInfo::new(ErrorKind::Target, format!("standard output cannot be written: {error}"), ""))
        }
        _ => Ok(()),
    }
}
