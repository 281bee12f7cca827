use colonnade_protocol::ErrorKind;
use colonnade_protocol::message::Overrides;

use crate::Result;
use crate::table::Table;

/// A database of pages of 512 bytes: a table with row ids, and one without that has an entry over several pages.
const SMALL: &[u8] = include_bytes!("../../../../../tests/golden/sqlite-without-rowid/input.db");

fn open(bytes: &[u8], table: &str) -> Result<Table> {
    let options = vec![("table".to_owned(), table.to_owned())];
    Table::open(bytes, "data.bin", &Overrides { options, columns: Vec::new() })
}

#[test]
fn tables_are_told_by_the_schema() {
    let table = open(SMALL, "kv").unwrap();
    assert_eq!((table.format.id(), table.tables.as_slice()), ("sqlite", &["kv".to_owned(), "t".to_owned()][..]));
    assert_eq!(table.detection.estimated_rows, 41);
    assert_eq!(open(SMALL, "x").err().map(|error| error.kind), Some(ErrorKind::Usage));
}

#[test]
fn a_damaged_page_is_an_error_with_its_number() {
    let root = |bytes: &[u8]| (1..bytes.len() / 512).find(|page| matches!(bytes[page * 512], 2 | 5)).unwrap();
    let page = root(SMALL);
    let mut broken = SMALL.to_vec();
    broken[page * 512] = 99;
    let error = open(&broken, "kv").err().unwrap();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.what.contains(&format!("page {}", page + 1)), "{}", error.what);
    // Its right-most child is itself.
    let mut circle = SMALL.to_vec();
    circle[page * 512 + 8..page * 512 + 12].copy_from_slice(&(page as u32 + 1).to_be_bytes());
    let error = open(&circle, "kv").err().unwrap();
    assert!(error.what.contains("below itself"), "{}", error.what);
}

#[test]
fn a_file_that_was_cut_short_is_refused() {
    for length in [16, 99, 100, 511, 700, 1024] {
        let error = open(&SMALL[..length], "kv").err().unwrap();
        assert!(matches!(error.kind, ErrorKind::Malformed | ErrorKind::UnknownFormat), "{length}: {error}");
    }
}

#[test]
fn what_stands_beside_a_database_or_is_encrypted_is_told_in_words() {
    let told = |bytes: &[u8], name: &str| Table::open(bytes, name, &Overrides::default()).map(|_| ()).unwrap_err();
    let log = [b"\x37\x7f\x06\x82".as_slice(), &[0; 4092]].concat();
    let error = told(&log, "app.db-wal");
    assert!(error.what.contains("write-ahead log") && error.hint.contains("wal_checkpoint(TRUNCATE)"), "{error}");
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(8192)
    .collect();
    assert!(told(&noise, "App.DB").what.contains("encrypted"));
    assert!(!told(&noise, "app.bin").what.contains("encrypted"));
    assert!(!told(&noise[..8000], "app.db").what.contains("encrypted"));
}

#[test]
fn a_database_whose_tables_are_all_in_its_log_says_so() {
    // A database of one page without an entry, in WAL mode.
    let mut page = vec![0; 512];
    page[..16].copy_from_slice(b"SQLite format 3\0");
    page[16..24].copy_from_slice(&[2, 0, 2, 2, 0, 64, 32, 32]);
    page[100] = 13;
    let error = Table::open(page.as_slice(), "app.db", &Overrides::default()).map(|_| ()).unwrap_err();
    assert!(error.what.contains("-wal") && error.hint.contains("wal_checkpoint"), "{error}");
}
