use colonnade_protocol::message::{Cell, Overrides};
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use super::codec::Packing;
use super::integers::Integers;
use super::runs::{Bits, Bytes};
use super::stream::{self, Stream};
use crate::source::Source;
use crate::table::Table;
use crate::view::{self, Window};

/// Three stripes of 20 rows.
const STRIPES: &[u8] = include_bytes!("../../../../../tests/golden/orc-stripes/input.orc");

fn open(bytes: &[u8]) -> crate::Result<Table> {
    Table::open(bytes, "data.bin", &Overrides::default())
}

fn refused(bytes: &[u8]) -> ErrorInfo {
    let table = match open(bytes) {
        Ok(table) => table,
        Err(error) => return error,
    };
    cells(&table, bytes, 0, 60).expect_err("it is read")
}

fn cells(table: &Table, bytes: &[u8], first: u64, count: usize) -> crate::Result<Vec<String>> {
    let window = Window { from_row: first, offset: first, first, count, from_column: 0, to_column: 1 };
    let rows = view::rows(bytes, &table.read_plan(), window)?;
    Ok(rows.rows.iter().map(|row| if let Cell::Text(text) = &row[0] { text.clone() } else { String::new() }).collect())
}

/// A stream of bytes as they are.
fn stream(bytes: &[u8]) -> Stream {
    let packing = Packing::new(0, 0).unwrap();
    Stream::new(stream::Place { source: bytes.share(), packing, at: 0, length: bytes.len() as u64, ahead: 3 })
}

fn numbers(bytes: &[u8], count: usize, is_signed: bool) -> Vec<i64> {
    let mut numbers = Vec::new();
    Integers::new(stream(bytes), is_signed, true).read(count, &mut numbers).unwrap();
    numbers
}

/// <https://orc.apache.org/specification/ORCv1/#run-length-encoding>
#[test]
fn the_examples_of_the_specification_are_read() {
    assert_eq!(numbers(&[0x0a, 0x27, 0x10], 5, false), [10_000; 5]);
    let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
    assert_eq!(numbers(&direct, 4, false), [23_713, 43_806, 57_005, 48_879]);
    let patched = [
        0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96,
        0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
    ];
    let expected =
        [2030, 2000, 2020, 1_000_000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140, 2150, 2160, 2170, 2180, 2190];
    assert_eq!(numbers(&patched, 20, false), expected);
    let deltas = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
    assert_eq!(numbers(&deltas, 10, false), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
    let mut first = Vec::new();
    Integers::new(stream(&[0x61, 0x00, 0x07, 0xfb, 0x02, 0x03, 0x04, 0x07, 0x0b]), false, false).read(105, &mut first).unwrap();
    assert_eq!((&first[..2], &first[98..]), (&[7, 7][..], &[7, 7, 2, 3, 4, 7, 11][..]));
    let mut bytes = Bytes::new(stream(&[0x61, 0x00, 0xfe, 0x44, 0x45]));
    let read: Vec<u8> = (0..102).map(|_| bytes.byte().unwrap()).collect();
    assert_eq!((&read[..100], &read[100..]), (&[0; 100][..], &[0x44, 0x45][..]));
    let bits: Vec<bool> = Bits::new(stream(&[0xff, 0x80])).read(8).unwrap().iter().collect();
    assert_eq!(bits, [true, false, false, false, false, false, false, false]);
}

#[test]
fn a_run_that_ends_early_or_contradicts_itself_is_an_error() {
    for bytes in [&[][..], &[0x5e], &[0x5e, 0x03, 0x5c], &[0xc6, 0x00, 0x02, 0x02], &[0xff; 9], &[0x8e, 0x13, 0xff, 0xff, 0, 0, 0]] {
        for is_second in [false, true] {
            let read = Integers::new(stream(bytes), true, is_second).read(600, &mut Vec::new());
            assert_eq!(read.err().map(|error| error.kind), Some(ErrorKind::Malformed), "{bytes:x?}");
        }
    }
}

#[test]
fn any_row_is_reached() {
    let table = open(STRIPES).unwrap();
    assert_eq!((table.format.id(), table.detection.estimated_rows), ("orc", 60));
    for first in [0, 1, 19, 20, 33, 59] {
        let wanted: Vec<String> = (first..60).map(|row| row.to_string()).collect();
        assert_eq!(cells(&table, STRIPES, first, 60).unwrap(), wanted, "from row {first}");
    }
}

#[test]
fn a_file_that_was_cut_short_is_refused() {
    for length in [10, 100, STRIPES.len() / 2, STRIPES.len() - 1] {
        let error = refused(&STRIPES[..length]);
        assert!(matches!(error.kind, ErrorKind::Malformed | ErrorKind::UnknownFormat | ErrorKind::Empty), "{length}: {error}");
    }
}

#[test]
fn a_text_that_begins_as_one_is_text() {
    assert_eq!(open(b"ORC,Elf,Troll\n1,2,3\n4,5,6\n").unwrap().format.id(), "csv");
}

/// A file of a postscript and a footer, neither packed.
fn file(postscript: &[u8], footer: &[u8]) -> Vec<u8> {
    let mut file = [b"ORC".as_slice(), footer].concat();
    let postscript = [postscript, &[0x82, 0xf4, 0x03, 3], b"ORC"].concat();
    file.extend_from_slice(&postscript);
    file.push(postscript.len() as u8);
    file
}

#[test]
fn what_a_tail_claims_is_no_room_that_is_made() {
    const HUGE: [u8; 9] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    // A footer of 2^63 bytes, one of a gigabyte, chunks of as much.
    assert_eq!(refused(&file(&[&[0x08][..], &HUGE].concat(), &[])).kind, ErrorKind::Limit);
    assert_eq!(refused(&file(&[0x08, 0x7f], &[])).kind, ErrorKind::Malformed);
    assert_eq!(refused(&file(&[&[0x10, 1, 0x18][..], &HUGE].concat(), &[])).kind, ErrorKind::Malformed);
    assert!(refused(&file(&[0x10, 3], &[])).what.contains("LZO"));
    // One column `a`: a struct of a long, and a stripe that lies outside, or has more rows than it can.
    let types = [0x22, 8, 8, 12, 0x12, 1, 1, 0x1a, 1, b'a', 0x22, 2, 8, 4];
    let with = |stripe: &[u8]| {
        let footer = [&types[..], &[0x1a, stripe.len() as u8], stripe].concat();
        refused(&file(&[0x08, footer.len() as u8], &footer))
    };
    assert!(with(&[&[0x08][..], &HUGE].concat()).what.contains("outside"));
    assert!(with(&[&[0x18][..], &HUGE].concat()).what.contains("outside"));
    let error = with(&[&[0x28][..], &HUGE].concat());
    assert_eq!((error.kind, error.place), (ErrorKind::Malformed, Some(Place::row(0))), "{}", error.what);
    // A struct within itself, one that names its children out of order, and a map without a value.
    for types in
        [&[0x22, 7, 8, 12, 0x12, 1, 0, 0x1a, 0][..], &[0x22, 7, 8, 12, 0x12, 1, 9, 0x1a, 0], &[0x22, 5, 8, 11, 0x12, 1, 1, 0x22, 0]]
    {
        assert_eq!(refused(&file(&[0x08, types.len() as u8], types)).kind, ErrorKind::Malformed);
    }
}

#[test]
fn types_that_nest_too_deep_are_refused() {
    // Lists of lists.
    let types: Vec<u8> = (1..=120).flat_map(|child| [0x22, 5, 8, 10, 0x12, 1, child]).chain([0x22, 2, 8, 4]).collect();
    let length = types.len() as u16;
    assert_eq!(refused(&file(&[0x08, (length & 127) as u8 | 128, (length >> 7) as u8], &types)).kind, ErrorKind::Limit);
}
