//! Step 1: is it text at all? Known file types and unprintable bytes are refused by name, with what to do.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;
use crate::sample::Sample;

/// First bytes, what has them, and what a person can do.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive or an office document (xlsx, ods, docx)", "Unpack it, or save the sheet as CSV, and open that."),
    (b"\x1f\x8b", "a gzip-compressed file", "Unpack it and open the file inside."),
    (b"\x1f\x9d", "a compressed file (.Z)", "Unpack it and open the file inside."),
    (b"BZh", "a bzip2-compressed file", "Unpack it and open the file inside."),
    (b"\xfd7zXZ\0", "an xz-compressed file", "Unpack it and open the file inside."),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file", "Unpack it and open the file inside."),
    (b"\x5d\0\0", "an LZMA-compressed file (.lzma)", "Unpack it, as by xz -d, and open the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and open the file inside."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it and open the file inside."),
    (b"PAR1", "a Parquet file", "It is in columns already."),
    (b"ORC", "an ORC file", "It is in columns already."),
    (b"Obj\x01", "an Avro file", "Open the data it was made from."),
    (b"ARROW1", "an Arrow file", "It is in columns already."),
    (b"SQLite format 3\0", "an SQLite database", "Export a table as CSV and open that."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document (xls, doc)", "Save the sheet as CSV and open that."),
    (b"PGDMP", "a PostgreSQL dump in pg_dump's own format", "Let pg_restore -f FILE.sql write it as SQL, and open that."),
    (b"FEA1", "a Feather file of version 1", "Write it again as Feather of version 2 or as Parquet."),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", "Open a text file."),
    (b"\xff\xd8\xff", "a JPEG image", "Open a text file."),
    (b"GIF8", "a GIF image", "Open a text file."),
    (b"%PDF-", "a PDF document", "Copy its table into a text file or a sheet, and open that."),
    (b"\x7fELF", "a program", "Open a text file."),
    (b"MZ\x90\0", "a Windows program", "Open a text file."),
    (b"\0asm", "a WebAssembly module", "Open a text file."),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Export a table as CSV and open that."),
];

/// The share of bytes that no text has, above which a file is refused. (Valid UTF-8 without NUL is text, come what may.)
const MOST_UNPRINTABLE: f64 = 0.05;
/// Fewer bytes than this are too few to refuse a file by.
const FEWEST: usize = 32;

/// So many NUL bytes in a row are padding, as a write that was cut short leaves: no sign of what the rest is.
pub const PADDING: usize = 8;

/// Refuses files of other kinds, known by their first bytes.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] with what the file is.
pub fn refuse_known(sample: &Sample) -> Result<()> {
    if let Some((_, what, hint)) = MAGIC.iter().find(|(magic, ..)| sample.head.starts_with(magic)) {
        let is_text = sample.head.iter().take(512).all(|&byte| is_printable(byte) && byte.is_ascii());
        if !is_text || sample.head.starts_with(b"%PDF-") {
            return Err(ErrorInfo::new(ErrorKind::UnknownFormat, format!("this is {what}, not text"), *hint));
        }
    }
    Ok(())
}

/// Refuses what is no text. To be asked after UTF-16 has been ruled out: its text is full of NUL bytes.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] with how much of it cannot be text.
pub fn refuse_unprintable(sample: &Sample) -> Result<()> {
    let refused = |unprintable: usize, bytes: &[u8]| {
        Err(ErrorInfo::new(
            ErrorKind::UnknownFormat,
            format!("this is not text: {unprintable} of {} bytes are unprintable", bytes.len()),
            "Open a text file, or set the encoding if it is one.",
        ))
    };
    if sample.head.len() >= FEWEST && sample.head.iter().all(|byte| *byte == 0) {
        return refused(sample.head.len(), &sample.head);
    }
    for bytes in std::iter::once(&sample.head).chain(sample.slices.iter().map(|slice| &slice.bytes)) {
        if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
            continue;
        }
        let padding: usize = bytes.chunk_by(|a, b| a == b).filter(|run| run[0] == 0 && run.len() >= PADDING).map(<[u8]>::len).sum();
        let unprintable = bytes.iter().filter(|&&byte| !is_printable(byte)).count() - padding;
        let text = bytes.len() - padding;
        if text >= FEWEST && unprintable as f64 > text as f64 * MOST_UNPRINTABLE {
            return refused(unprintable, bytes);
        }
    }
    Ok(())
}

/// Whether text may hold the byte; every byte of 128 and more may be a letter of some encoding. Separators of old data
/// formats (0x01, 0x1c to 0x1f), form feed and escape count as text.
fn is_printable(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r' | 0x01 | 0x0b | 0x0c | 0x1a..=0x1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> Option<String> {
        let sample = Sample { len: bytes.len() as u64, head: bytes.to_vec(), slices: Vec::new() };
        refuse_known(&sample).and_then(|()| refuse_unprintable(&sample)).err().map(|error| error.what)
    }

    #[test]
    fn files_of_other_kinds_are_refused_by_name() {
        assert!(refused(b"PK\x03\x04\x14\0\x06\0").is_some_and(|what| what.contains("ZIP")));
        assert!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").is_some_and(|what| what.contains("PNG")));
        assert!(refused(b"PAR1\x15\x04\x15\x10").is_some_and(|what| what.contains("Parquet")));
    }

    #[test]
    fn noise_is_refused_and_a_stray_nul_is_not() {
        let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(refused(&noise).is_some());
        assert_eq!(refused(b"a,b,c\n\0,2,3\n"), None);
        assert_eq!(refused(&[b"a,b\n1,2\n".repeat(9), vec![0; 4096], b"3,4\n".to_vec()].concat()), None);
        assert!(refused(&[0; 4096]).is_some());
        assert!(refused(&[noise[..300].to_vec(), vec![0; 4096]].concat()).is_some());
        assert_eq!(refused(b"ORC,Elf,Troll\n1,2,3\n"), None);
    }
}
