use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use colonnade_protocol::Cause;
use colonnade_protocol::message::Overrides;

use crate::format::{Batch, Input};
use crate::table::Table;

fn opened(text: &str, options: &[(&str, &str)]) -> Table {
    let options = options.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    Table::open(text.as_bytes(), "dump.sql", &Overrides { options, columns: Vec::new() }).unwrap()
}

const MYSQL: &str = "-- MySQL dump 10.13\n/*!40103 SET TIME_ZONE='+00:00' */;\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` (\n  `id` int unsigned NOT NULL,\n  `t` timestamp NULL,\n  `s` varchar(9)\n) ENGINE=InnoDB;\n/*!40000 ALTER TABLE `a` DISABLE KEYS */;\nINSERT INTO `a` VALUES (1,'2024-01-01 10:00:00','x');\nCREATE TABLE `empty` (`e` json);\nCREATE TABLE `b` (`x` blob);\nINSERT INTO `b` VALUES (0x41),(NULL);\n";

#[test]
fn tables_of_a_dump_are_told_with_their_columns() {
    let table = opened(MYSQL, &[]);
    assert_eq!((table.format.id(), table.tables.as_slice()), ("dump", &["a".to_owned(), "b".to_owned(), "empty".to_owned()][..]));
    assert_eq!(types(&table), ["id bigint", "t timestamp", "s string"]);
    assert_eq!(types(&opened(MYSQL, &[("table", "b")])), ["x binary"]);
    let empty = opened(MYSQL, &[("table", "EMPTY")]);
    assert_eq!((types(&empty), empty.detection.estimated_rows), (vec!["e json".to_owned()], 0));
    assert_eq!(opened(MYSQL, &[("table", "b")]).name, "dump.sql · b");
}

#[test]
fn a_dump_in_utf_16_is_refused_in_words() {
    let bytes: Vec<u8> = format!("\u{feff}{MYSQL}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = Table::open(bytes.as_slice(), "dump.sql", &Overrides::default()).err().unwrap();
    assert!(error.what.contains("UTF-16") && error.hint.contains("iconv"), "{error}");
}

/// What the table's decoder makes of the text.
fn read(table: &Table, text: &str) -> Batch {
    let detection = &table.detection;
    let mut decoder = table.format.decoder(&detection.settings, &detection.columns).unwrap();
    let bytes = &text.as_bytes()[detection.data_start.byte as usize..];
    decoder.decode(Input { bytes, place: detection.data_start, limit: u64::MAX, at_end: true }).unwrap().batch
}

fn types(table: &Table) -> Vec<String> {
    table.detection.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect()
}

fn doubles(batch: &Batch, column: usize) -> &[f64] {
    batch.columns[column].as_primitive::<Float64Type>().values()
}

#[test]
fn a_real_keeps_its_digits_where_the_dialect_is_not_known() {
    let text = "BEGIN TRANSACTION;\nCREATE TABLE \"m\" (id integer, lat real, f float);\nINSERT INTO \"m\" VALUES(1,52.520008123456,3.141592653589793);\nCOMMIT;\n";
    let table = opened(text, &[]);
    assert_eq!(types(&table), ["id int", "lat double", "f double"]);
    assert_eq!(doubles(&read(&table, text), 1), [52.520008123456]);
}

#[test]
fn what_a_declared_float_would_bend_makes_it_a_double() {
    let dump = |values: &str| format!("-- PostgreSQL database dump\n\nCREATE TABLE m (lat real);\nINSERT INTO m VALUES {values};\n");
    assert_eq!(types(&opened(&dump("(52.520008), (1e-05), (NULL)"), &[])), ["lat float"]);
    let bent = dump("(0.1), (52.520008123456)");
    let table = opened(&bent, &[]);
    assert_eq!(types(&table), ["lat double"]);
    assert_eq!(doubles(&read(&table, &bent), 0), [0.1, 52.520008123456]);
}

#[test]
fn digits_that_sqlite3_prints_beyond_a_double_leave_it_one() {
    let text = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE m(lat real, u double precision, f float);\nINSERT INTO m VALUES(52.520008123456001667,0.12345678901230000557,3.1415926535897931159);\nINSERT INTO m VALUES(13.404954000000000036,2.5,1.0000000000000000047e+300);\nCOMMIT;\n";
    let table = opened(text, &[]);
    assert_eq!(types(&table), ["lat double", "u double", "f double"]);
    let batch = read(&table, text);
    assert!(batch.widened.is_empty(), "{:?}", batch.widened);
    assert_eq!(doubles(&batch, 0), [52.520008123456, 13.404954]);
    assert_eq!(doubles(&batch, 1), [0.1234567890123, 2.5]);
    assert_eq!(doubles(&batch, 2), [std::f64::consts::PI, 1e300]);
}

#[test]
fn every_zero_date_of_a_row_is_counted() {
    let text = "-- MySQL dump 10.13\nCREATE TABLE `a` (`id` int, `c` date, `e` date, `g` date);\nINSERT INTO `a` VALUES (1,'0000-00-00','0000-00-00','2024-01-02'),(2,'0000-00-00','2024-01-02');\n";
    let batch = read(&opened(text, &[]), text);
    assert_eq!((batch.counts.written, batch.counts.nulled_cells, batch.counts.repaired), (2, 3, 2));
    assert!(batch.rejects[0].reason.contains("column c") && batch.rejects[0].reason.contains("column e"), "{:?}", batch.rejects);
    assert_eq!(batch.rejects[1].cause, Cause::TooFewFields);
    let copied = "-- PostgreSQL database dump\nCREATE TABLE a (c date, e date);\nCOPY a (c, e) FROM stdin;\n0000-00-00\t0000-00-00\n\\.\n";
    assert_eq!(read(&opened(copied, &[]), copied).counts.nulled_cells, 2);
}
