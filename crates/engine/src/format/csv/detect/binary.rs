//! Step 1: is it text at all? Known file types and unprintable bytes are refused by name, with what to do.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;
use crate::sample::Sample;

const ZIP: &[u8] = b"PK\x03\x04";
/// First bytes, what has them, and what a person can do.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (ZIP, "a ZIP archive or an office document (xlsx, ods, docx)", "Unpack it, or save the sheet as CSV, and open that."),
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
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", EXPORT),
    (b"\x93NUMPY", "a NumPy array", EXPORT),
    (b"\x80\x04\x95", "a Python pickle", EXPORT),
    (b"\x80\x05\x95", "a Python pickle", EXPORT),
    (b"RDX2\n", "an R data file", EXPORT),
    (b"RDX3\n", "an R data file", EXPORT),
    (b"MATLAB 5.0 MAT-file", "a MATLAB data file", EXPORT),
    (b"CDF\x01", "a NetCDF file", EXPORT),
    (b"CDF\x02", "a NetCDF file", EXPORT),
    (SAS, "a SAS data set", EXPORT),
    (b"HEADER RECORD*******LIBRARY HEADER RECORD", "a SAS transport file", EXPORT),
    (b"$FL2@(#) ", "an SPSS data file", EXPORT),
    (b"$FL3@(#) ", "an SPSS data file", EXPORT),
    (b"<stata_dta>", "a Stata data file", EXPORT),
    (b"\0\x01\0\0Standard Jet DB", "an Access database", EXPORT),
    (b"\0\x01\0\0Standard ACE DB", "an Access database", EXPORT),
    (b"ElfFile\0", "a Windows event log", "Export it as XML or CSV, as by wevtutil qe, and open that."),
    (b"\0\0\x27\x0a\0\0\0\0", "a shapefile", "Export it as GeoJSON or CSV and open that."),
    (b"\xac\xed\0\x05", "serialized Java objects", EXPORT),
    (b"II*\0", "a TIFF image", "Open a text file."),
    (b"MM\0*", "a TIFF image", "Open a text file."),
    (b"RIFF", "a recording or an image (RIFF)", "Open a text file."),
];

/// Parts of documents that are packed as ZIP archives are, and what has them.
const PARTS: &[(&[u8], &str)] = &[
    (b"word/document.xml", "a Word document (docx)"),
    (b"application/vnd.oasis.opendocument.text", "a text document (odt)"),
    (b"ppt/presentation.xml", "a presentation (pptx)"),
];
const PASTE: &str = "Copy its table and paste it here, or save that as CSV and open it.";
const EXPORT: &str = "Export its table as CSV and open that.";
/// The first bytes of a `.sas7bdat`.
const SAS: &[u8] = b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c\x18\x1f\x10\x11";
/// What a DuckDB file has behind its first eight bytes.
const DUCKDB: (usize, &[u8]) = (8, b"DUCK");

/// The share of bytes that no text has, above which a file is refused.
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
    let head = &sample.head;
    let refused = |what: &str, hint: &str| Err(ErrorInfo::new(ErrorKind::UnknownFormat, format!("this is {what}, not text"), hint));
    let is_text = head.iter().take(512).all(|&byte| is_printable(byte) && byte.is_ascii());
    if is_text && !head.starts_with(b"%PDF-") {
        return Ok(());
    }
    let holds = |part: &[u8]| super::encoding::pieces(sample).any(|bytes| memchr::memmem::find(bytes, part).is_some());
    if let Some((_, what)) = PARTS.iter().find(|(part, _)| head.starts_with(ZIP) && holds(part)) {
        return refused(what, PASTE);
    }
    if let Some((_, what, hint)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return refused(what, hint);
    }
    if head.get(DUCKDB.0..).is_some_and(|rest| rest.starts_with(DUCKDB.1)) {
        return refused("a DuckDB database", EXPORT);
    }
    if is_dbase(sample) {
        return refused("a dBASE table (.dbf)", EXPORT);
    }
    if is_ebcdic(head) {
        return refused("text of a mainframe, in EBCDIC", "Write it again as UTF-8, as by iconv -f IBM037 -t UTF-8, and open that.");
    }
    Ok(())
}

/// Whether a header of dBASE stands at the start: version, the day of the last change, counts that make up the file's length,
/// and a line end behind the descriptions of its fields, each of 32 bytes.
fn is_dbase(sample: &Sample) -> bool {
    let Some((head, _)) = sample.head.split_first_chunk::<32>() else { return false };
    let records = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let (header, record) = (u16::from_le_bytes([head[8], head[9]]), u16::from_le_bytes([head[10], head[11]]));
    let is_version = matches!(head[0], 0x02 | 0x03 | 0x30..=0x32 | 0x43 | 0x63 | 0x83 | 0x8b | 0xcb | 0xf5 | 0xfb);
    let is_day = (1..=12).contains(&head[2]) && (1..=31).contains(&head[3]);
    let length = u64::from(header) + records * u64::from(record);
    let ends = |at: usize| sample.head.get(at) == Some(&b'\r');
    let is_closed = (64..=usize::from(header)).step_by(32).any(ends);
    is_version && is_day && header > 32 && record > 1 && is_closed && (length..=length + 1).contains(&sample.len)
}

/// Whether bytes are text in EBCDIC: nearly all are its letters, digits, marks or blanks, which are letters nowhere else, and
/// none is a line end or a blank of ASCII.
fn is_ebcdic(bytes: &[u8]) -> bool {
    let bytes = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let is_word =
        |byte: &u8| matches!(byte, 0x81..=0x89 | 0x91..=0x99 | 0xa2..=0xa9 | 0xc1..=0xc9 | 0xd1..=0xd9 | 0xe2..=0xe9 | 0xf0..=0xf9);
    let is_mark = |byte: &u8| matches!(byte, 0x40 | 0x4b..=0x50 | 0x5a..=0x61 | 0x6b..=0x6f | 0x79..=0x7f | 0x15 | 0x25 | 0x0d);
    let (words, marks) = (bytes.iter().filter(|byte| is_word(byte)).count(), bytes.iter().filter(|byte| is_mark(byte)).count());
    bytes.len() >= FEWEST && words * 2 > bytes.len() && marks > 0 && (words + marks) * 50 >= bytes.len() * 49 && !bytes.contains(&b'\n')
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
        // Control characters may stand in what is UTF-8 for certain.
        if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
            continue;
        }
        let padding: usize = bytes.chunk_by(|a, b| a == b).filter(|run| run[0] == 0 && run.len() >= PADDING).map(<[u8]>::len).sum();
        let unprintable = bytes.iter().filter(|&&byte| !is_printable(byte)).count() - padding;
        let text = bytes.len() - padding;
        if bytes.len() >= FEWEST && unprintable as f64 > text as f64 * MOST_UNPRINTABLE {
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
        assert!(refused(b"PK\x03\x04\x14\0\x06\0word/document.xml").is_some_and(|what| what.contains("Word")));
        assert!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").is_some_and(|what| what.contains("PNG")));
        assert!(refused(b"PAR1\x15\x04\x15\x10").is_some_and(|what| what.contains("Parquet")));
    }

    #[test]
    fn noise_is_refused_and_a_stray_nul_is_not() {
        let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(refused(&noise).is_some());
        assert_eq!(refused(b"a,b,c\n\0,2,3\n"), None);
        assert_eq!(refused("ä,\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{e}\u{f},control characters by name\n".as_bytes()), None);
        assert_eq!(refused(&[b"a,b\n1,2\n".repeat(9), vec![0; 4096], b"3,4\n".to_vec()].concat()), None);
        assert!(refused(&[0; 4096]).is_some());
        assert!(refused(&[noise[..300].to_vec(), vec![0; 4096]].concat()).is_some());
        assert_eq!(refused(b"ORC,Elf,Troll\n1,2,3\n"), None);
        assert!(refused(&[&b"\x04\x13\x9a\x01rows\x02"[..], &[0; 64]].concat()).is_some());
        assert_eq!(refused(&[&b"a,b\n1,2\n"[..], &[0; 64]].concat()), None);
    }

    #[test]
    fn data_of_other_programs_is_named() {
        let file = |start: &[u8]| refused(&[start, &[7; 100]].concat()).unwrap_or_default();
        assert!(file(b"\x93NUMPY\x01\0v\0{'descr': '<f8'}").contains("NumPy"));
        assert!(file(SAS).contains("SAS"));
        assert!(file(b"\0\x01\0\0Standard ACE DB\0").contains("Access"));
        assert!(file(b"\x12\x34\x56\x78\x9a\xbc\xde\xf0DUCK\x40").contains("DuckDB"));
        assert_eq!(refused(b"RIFF,RAFF\n1,2\n"), None);
    }

    #[test]
    fn a_dbase_table_is_known_by_its_header() {
        let field = [&b"NAME\0\0\0\0\0\0\0C\0\0\0\0\x0a"[..], &[0; 15]].concat();
        let head = [&b"\x03\x7c\x05\x01\x02\0\0\0\x41\0\x0b\0"[..], &[0; 20], &field, b"\r"].concat();
        let table = [head, format!("{:11}{:11}\x1a", " Ann", " Bo").into_bytes()].concat();
        assert!(refused(&table).is_some_and(|what| what.contains("dBASE")));
        assert!(!refused(&table[..table.len() - 9]).is_some_and(|what| what.contains("dBASE")));
    }

    #[test]
    fn text_of_a_mainframe_is_named_and_other_letters_are_not() {
        let ebcdic = b"\xc3\xe4\xe2\xe3\xd6\xd4\xc5\xd9\x40\xf0\xf0\xf0\xf1\x40\xe2\xd4\xc9\xe3\xc8\x25".repeat(3);
        assert!(refused(&ebcdic).is_some_and(|what| what.contains("EBCDIC")));
        for text in ["Имя;Город;Число Москва и другие города", "名前,年齢 山田太郎さんは三十一歳です。東京都に住んでいる"]
        {
            for encoding in [encoding_rs::KOI8_R, encoding_rs::WINDOWS_1251, encoding_rs::SHIFT_JIS, encoding_rs::GBK, encoding_rs::EUC_JP]
            {
                assert_eq!(refused(&encoding.encode(text).0), None, "{}", encoding.name());
            }
        }
    }
}
