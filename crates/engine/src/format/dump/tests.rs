use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Cause, Place};

use crate::format::{Batch, Detection, Input};
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

/// The text in UTF-16, with its mark.
fn wide(text: &str, units: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(units).collect()
}

#[test]
fn a_dump_in_utf_16_is_read_with_its_places_wherever_a_unit_begins() {
    let text = "-- MySQL dump 10.13\nCREATE TABLE `a` (`id` int, `s` varchar(9));\nINSERT INTO `a` VALUES (1,'\u{e9}'),(2,'\u{1f600},('),(3,'it''s');\nINSERT INTO `a` VALUES (4,'0000');\n";
    for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
        let table = Table::open(bytes.as_slice(), "dump.sql", &Overrides::default()).unwrap();
        let Detection { settings, columns, data_start, .. } = &table.detection;
        assert_eq!(types(&table), ["id int", "s string"]);
        let read = |from: usize, limit: u64| {
            let mut decoder = table.format.decoder(settings, columns).unwrap();
            let input = Input { bytes: &bytes[from..], place: Place { byte: from as u64, line: 0 }, limit, at_end: true };
            decoder.decode(input).unwrap()
        };
        let begin = data_start.byte as usize;
        let all = read(begin, u64::MAX);
        let starts: Vec<usize> = all.batch.starts.iter().map(|&start| start as usize).collect();
        let texts: Vec<&str> = all.batch.columns[1].as_string::<i32>().iter().flatten().collect();
        assert_eq!(texts, ["\u{e9}", "\u{1f600},(", "it's", "0000"]);
        let open = if bytes[0] == 0xff { [b'(', 0] } else { [0, b'('] };
        assert!(starts.iter().all(|&start| bytes[start..start + 2] == open), "{starts:?}");
        let mut decoder = table.format.decoder(settings, columns).unwrap();
        assert_eq!(decoder.find_record(&bytes[begin..], starts[1] + 2 - begin, true), Some(starts[2] - begin));
        let (first, rest) = (read(begin, starts[2] as u64), read(starts[2], u64::MAX));
        assert_eq!((first.batch.rows, begin + first.consumed, rest.batch.rows), (2, starts[2], 2));
    }
}

#[test]
fn an_encoding_of_one_byte_is_the_one_that_the_dump_declares() {
    let dump = |letter: &[u8]| {
        let head = b"-- MySQL dump 10.13\n/*!40101 SET NAMES latin1 */;\nCREATE TABLE `a` (`s` text);\nINSERT INTO `a` VALUES ('";
        [head.as_slice(), letter, b"');\n"].concat()
    };
    for (letter, encoding) in [(b"\xe9".as_slice(), "windows-1252"), ("\u{e9}".as_bytes(), "UTF-8")] {
        let bytes = dump(letter);
        let table = Table::open(bytes.as_slice(), "dump.sql", &Overrides::default()).unwrap();
        let batch = read_bytes(&table, &bytes);
        assert_eq!((table.detection.settings.text("encoding"), batch.columns[0].as_string::<i32>().value(0)), (encoding, "\u{e9}"));
    }
}

/// What the table's decoder makes of the text.
fn read(table: &Table, text: &str) -> Batch {
    read_bytes(table, text.as_bytes())
}

fn read_bytes(table: &Table, bytes: &[u8]) -> Batch {
    let detection = &table.detection;
    let mut decoder = table.format.decoder(&detection.settings, &detection.columns).unwrap();
    let bytes = &bytes[detection.data_start.byte as usize..];
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

/// The texts of the table's first column, however the dump is cut into two units.
fn texts(text: &str, options: &[(&str, &str)]) -> Vec<String> {
    let table = opened(text, options);
    let Detection { settings, columns, data_start, .. } = &table.detection;
    let texts = |batch: &Batch| {
        let column = batch.columns[0].as_string::<i32>();
        column.iter().map(|text| text.unwrap_or("~").to_owned()).collect::<Vec<_>>()
    };
    let all = read(&table, text);
    let begin = data_start.byte as usize;
    for (row, &start) in all.starts.iter().enumerate() {
        let mut decoder = table.format.decoder(settings, columns).unwrap();
        let bytes = &text.as_bytes()[start as usize..];
        let rest = decoder.decode(Input { bytes, place: Place { byte: start, line: 0 }, limit: u64::MAX, at_end: true }).unwrap().batch;
        assert_eq!(texts(&rest), texts(&all)[row..], "{}", &text[begin..]);
    }
    texts(&all)
}

#[test]
fn rows_of_assignments_are_rows_of_their_table() {
    let text = "-- MySQL dump 10.13\nCREATE TABLE `a` (`s` text, `id` int);\nINSERT INTO `a` SET `s`='x, (', id=1;\nINSERT IGNORE a SET id = 2, s = 'y' ON DUPLICATE KEY UPDATE s='(q)';\nREPLACE INTO a SET id=3;\nINSERT INTO a VALUES ('z',4);\n";
    assert_eq!(texts(text, &[]), ["x, (", "y", "~", "z"]);
}

#[test]
fn tables_of_one_name_are_told_apart_by_the_database_or_schema_in_use() {
    let my = "-- MySQL dump 10.13\nUSE `d1`;\nCREATE TABLE `a` (`s` text);\nINSERT INTO a VALUES ('1');\nUSE `d2`;\nCREATE TABLE `a` (`x` text);\nINSERT INTO `a` VALUES ('two');\nUSE d1;\nINSERT INTO a VALUES ('3');\n";
    assert_eq!((texts(my, &[("table", "a")]), texts(my, &[("table", "d2.a")])), (vec!["1".into(), "3".into()], vec!["two".into()]));
    let pg = "-- PostgreSQL database dump\nSET search_path = s1, pg_catalog;\nCREATE TABLE a (s text);\nCOPY a (s) FROM stdin;\n1\n\\.\nSET search_path = s2, pg_catalog;\nCREATE TABLE a (t text);\nCOPY a (t) FROM stdin;\nx\n\\.\n";
    assert_eq!((texts(pg, &[("table", "a")]), texts(pg, &[("table", "s2.a")])), (vec!["1".to_owned()], vec!["x".to_owned()]));
}

#[test]
fn lines_of_a_copy_are_read_as_its_options_say() {
    let text = "-- PostgreSQL database dump\nCREATE TABLE a (s text, id int);\nCOPY a (s, id) FROM stdin WITH (FORMAT csv, HEADER);\ns,id\n\"a, \"\"b\"\"\n2\",1\n,2\n\"\",\n\\.\n\nCOPY a FROM stdin WITH DELIMITER '|' NULL 'nix';\nx\\|y|4\nnix|5\n\\.\n";
    assert_eq!(texts(text, &[]), ["a, \"b\"\n2", "~", "", "x|y", "~"]);
}

#[test]
fn a_script_of_sql_server_is_told_by_name() {
    let text = "USE [db]\r\nGO\r\nCREATE TABLE [dbo].[t](\r\n\t[id] [int] NOT NULL\r\n) ON [PRIMARY]\r\nGO\r\nINSERT [dbo].[t] ([id]) VALUES (1)\r\nGO\r\n";
    let unended = "INSERT [dbo].[t] ([id]) VALUES (1)\n\nINSERT [dbo].[t] ([id]) VALUES (2)\n";
    for bytes in [text.as_bytes().to_vec(), wide(text, u16::to_le_bytes), unended.into()] {
        let error = Table::open(bytes.as_slice(), "t.sql", &Overrides::default()).map(|_| ()).unwrap_err();
        assert!(error.what.contains("SQL Server") && error.hint.contains("CSV"), "{error}");
    }
}

/// The numbers of the table's first column.
fn numbers(text: &str) -> Vec<i32> {
    let table = opened(text, &[]);
    assert_eq!(table.format.id(), "dump", "{text}");
    read(&table, text).columns[0].as_primitive::<arrow_array::types::Int32Type>().values().to_vec()
}

#[test]
fn a_dump_is_told_by_its_statements_whatever_stands_among_them() {
    let (before, behind) = ("CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n", "INSERT INTO t VALUES (2);\n");
    for among in [
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN INSERT INTO t VALUES (42); END; $$ LANGUAGE plpgsql;\n",
        "DO $do$ BEGIN INSERT INTO t VALUES (42); END $do$;\n/* INSERT INTO t VALUES (43); */\n-- INSERT INTO t VALUES (44);\n",
        "CREATE PROCEDURE p() BEGIN IF 1 THEN INSERT INTO t VALUES (42); END IF; BEGIN SELECT CASE WHEN 1 THEN 2 END; END; INSERT INTO t VALUES (43); END;\n",
        "CREATE FUNCTION f(x int) RETURNS int RETURN x + 1;\n",
        "DELIMITER $$\nCREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (42); END $$\nDELIMITER ;\n",
        "prompt Loading T...\nset feedback off\nREM INSERTING into T\n",
        "SIGNAL x; -- of a database that nobody knows\n",
        "/\n",
    ] {
        assert_eq!(numbers(&[before, among, behind].concat()), [1, 2], "{among}");
    }
    for above in [
        "\\connect db\n",
        "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n",
    ] {
        assert_eq!(numbers(&[above, before, behind].concat()), [1, 2], "{above}");
    }
    for text in
        ["insert;name\n1;x\n2;y\n", "with;from\n1;x\n2;y\n", "id;cmd\n1;INSERT INTO t VALUES (1)\n2;y\n", "rem;prompt\nset;x\n/;y\n"]
    {
        assert_eq!(opened(text, &[]).format.id(), "csv", "{text}");
    }
}

#[test]
fn bits_of_mysql_are_numbers_however_they_are_spelled() {
    let dump = |values: &str| {
        let head = "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `t` (`b` bit(64), `m` bit(12), `o` bit(1));\nINSERT INTO `t` VALUES ";
        format!("{head}{values};\n").replace('\u{aa}', "?")
    };
    let plain = "('\\0\\0\\0\\0\\0\\0\\0\u{f}','\\n\u{aa}','\u{1}'),(NULL,NULL,NULL)";
    let hex = "(0x000000000000000F,0x0AAA,0x01),(NULL,NULL,NULL)";
    let binary = "(_binary '\\0\\0\\0\\0\\0\\0\\0\u{f}',_binary '\\n\u{aa}',_binary '\u{1}'),(NULL,NULL,NULL)";
    let digits = "(b'1111',b'101010101010',b'1'),(NULL,NULL,NULL)";
    let numbers = "(15,2730,1),(NULL,NULL,NULL)";
    for values in [plain, hex, binary, digits, numbers] {
        let text = dump(values);
        let table = opened(&text, &[]);
        assert_eq!(types(&table), ["b decimal(20,0)", "m bigint", "o boolean"], "{values}");
        // A byte that is no text.
        let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xaa } else { byte }).collect();
        let batch = read_bytes(&table, &bytes);
        assert_eq!(batch.columns[0].as_primitive::<arrow_array::types::Decimal128Type>().value(0), 15, "{values}");
        assert_eq!(batch.columns[1].as_primitive::<arrow_array::types::Int64Type>().value(0), 2730, "{values}");
        assert!(batch.columns[2].as_boolean().value(0) && batch.columns[1].null_count() == 1 && batch.rejects.is_empty(), "{values}");
    }
    let full = dump("(0xFFFFFFFFFFFFFFFF,'',b'0')");
    let batch = read(&opened(&full, &[]), &full);
    assert_eq!(batch.columns[0].as_primitive::<arrow_array::types::Decimal128Type>().value(0), i128::from(u64::MAX));
}

#[test]
fn values_that_a_declared_type_does_not_hold_here_are_told() {
    let text = "-- PostgreSQL database dump\nCREATE TABLE t (id integer, n numeric(12,4), d date, m timestamp with time zone);\nCOPY t (id, n, d, m) FROM stdin;\n1\t1.5\t2024-05-01\t2024-05-01 10:00:00+02\n2\tNaN\tinfinity\t0044-03-15 10:00:00+00 BC\n3\t\\N\tinfinity\t2024-05-01 10:00:00+02\n\\.\n";
    let table = opened(text, &[]);
    assert_eq!(types(&table), ["id int", "n string", "d string", "m string"]);
    let told: Vec<&str> = table.detection.findings.iter().map(|finding| finding.what.as_str()).collect();
    let told_of = |column: &str| told.iter().find(|what| what.starts_with(&format!("{column}: "))).copied().unwrap_or_default().to_owned();
    assert!(told_of("n").contains("1 value") && told_of("n").contains("\"NaN\" at line 5"), "{told:?}");
    assert!(told_of("d").contains("2 values") && told_of("d").contains("infinity") && told_of("m").contains("BC"), "{told:?}");
    assert!(told_of("id").is_empty() && table.detection.findings.iter().filter(|finding| finding.fix.is_some()).count() >= 3);
    let sentence: String = table.detection.sentence.iter().map(|part| part.text.as_str()).collect();
    assert!(sentence.contains("the types of 1 as declared"), "{sentence}");
    let plain = text.replace("NaN", "7").replace("infinity", "2024-01-01").replace(" BC", "");
    assert!(opened(&plain, &[]).detection.findings.is_empty());
}

#[test]
fn rows_that_oracle_s_tools_write_are_read() {
    let text = "REM INSERTING into EMP\nSET DEFINE OFF;\nInsert into EMP (NAME,ID,HIRED,AT) values ('A',1,to_date('17-DEC-80','DD-MON-RR'),to_timestamp('01-MAY-24 10.00.00.500000000 PM','DD-MON-RR HH.MI.SSXFF AM'));\nInsert into EMP (NAME,ID,HIRED,AT) values ('B',2,null,null);\n";
    assert_eq!(texts(text, &[]), ["A", "B"]);
    let table = opened(text, &[]);
    assert_eq!(types(&table)[2..], ["HIRED date", "AT timestamp_ntz"]);
    let batch = read(&table, text);
    assert_eq!(batch.columns[2].as_primitive::<arrow_array::types::Date32Type>().value(0), 4003);
    assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
    let odd = text.replace("17-DEC-80", "17-XII-80");
    assert_eq!(read(&opened(&odd, &[]), &odd).counts.nulled_cells, 1);
}
