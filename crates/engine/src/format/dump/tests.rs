use colonnade_protocol::message::Overrides;

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
    let types =
        |table: &Table| table.detection.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect::<Vec<_>>();
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
