//! Files that are no database, but of one: its logs, and one that is encrypted.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::sample::Sample;

/// What a file begins with that stands beside a database (<https://www.sqlite.org/fileformat2.html>, sections 3 and 4.1, and
/// <https://www.sqlite.org/walformat.html>, section 2.1), what it is, and what a person can do.
const BESIDE: [(&[u8], &str, &str); 5] = [
    (b"\x37\x7f\x06\x82", LOG, OPEN_DATABASE),
    (b"\x37\x7f\x06\x83", LOG, OPEN_DATABASE),
    (
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7",
        "SQLite's rollback journal (-journal): what pages of a database were before a change that was not completed",
        "Open the database beside it once with sqlite3, which undoes the change, and then open it here.",
    ),
    (b"\x18\xe2\x2d\0", MEMORY, OPEN_BESIDE),
    (b"\0\x2d\xe2\x18", MEMORY, OPEN_BESIDE),
];
const LOG: &str = "SQLite's write-ahead log (-wal): the last changes of a database, without the rest of it";
const OPEN_DATABASE: &str =
    "In the database beside it run PRAGMA wal_checkpoint(TRUNCATE), or close its program: all is then in the database. Open that.";
const MEMORY: &str = "the memory that SQLite's programs share (-shm), which holds no rows";
const OPEN_BESIDE: &str = "Open the database beside it.";
/// What databases' names end with.
const ENDINGS: [&str; 6] = [".db", ".db3", ".sqlite", ".sqlite3", ".s3db", ".sqlitedb"];
/// Bytes that are enough to tell noise by.
const FEWEST: usize = 1024;
/// The most that the counts of byte values of noise differ from even ones, as a sum of squares over the expected: its mean is
/// 255, with a deviation of 23.
const MOST_UNEVEN: f64 = 400.0;

/// The error of a file beside a database.
pub fn beside(head: &[u8]) -> Option<ErrorInfo> {
    let (_, what, hint) = BESIDE.iter().find(|(magic, ..)| head.starts_with(magic))?;
    Some(ErrorInfo::new(ErrorKind::UnknownFormat, format!("this is {what}"), *hint))
}

/// The error of a database that is encrypted: its name is one's, its length is one of whole pages, and all of it is noise, the
/// header too.
pub fn encrypted(sample: &Sample, name: &str) -> Option<ErrorInfo> {
    let name = name.to_ascii_lowercase();
    let is_named = ENDINGS.iter().any(|ending| name.ends_with(ending));
    (is_named && sample.len.is_multiple_of(512) && is_noise(&sample.head)).then(|| {
        let what = "this looks like an SQLite database that is encrypted: its name is one's, and its bytes are noise from the first on";
        let hint = "Export it decrypted with its key, as by SQLCipher's sqlcipher_export, and open that.";
        ErrorInfo::new(ErrorKind::UnknownFormat, what, hint)
    })
}

fn is_noise(bytes: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let expected = bytes.len() as f64 / 256.0;
    let uneven: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    bytes.len() >= FEWEST && uneven < MOST_UNEVEN
}
