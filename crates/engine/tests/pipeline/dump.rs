use std::fmt::Write;

use colonnade_engine::Result;
use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Cause, ErrorKind, Outcome};

use crate::driver::{self, Converted, Run, assert_same, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn convert(source: &str, options: &[(&str, &str)], run: Run) -> Result<Converted> {
    driver::convert(source.as_bytes(), options, run)
}

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 2, 5].map(|workers| Run { unit_bytes, workers }))
}

/// A row whose text looks like what stands between rows.
fn note(i: usize) -> String {
    match i % 5 {
        0 => "a),(b".to_owned(),
        1 => "it\\'s; \\\\".to_owned(),
        2 => "x),\\n(9,\\n".to_owned(),
        3 => "line\nINSERT INTO `big` VALUES (7,".to_owned(),
        _ => format!("plain é {i}"),
    }
}

/// Two tables before and behind the one with many rows; its statements are long, and other tables' are among them.
fn mysql(count: usize) -> String {
    let mut text = String::from("-- MySQL dump\nCREATE TABLE `first` (`a` int);\nINSERT INTO `first` VALUES (1),(2);\n");
    text.push_str("CREATE TABLE `big` (`id` int unsigned, `note` text, `n` decimal(8,3), `at` datetime);\n");
    for chunk in (0..count).collect::<Vec<_>>().chunks(37) {
        let list = if chunk[0] % 2 == 0 { "" } else { " (`n`, `id`, `at`, `note`)" };
        let _ = write!(text, "INSERT INTO `big`{list} VALUES ");
        for (k, &i) in chunk.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            let (note, n) = (note(i), format!("{}.{:03}", i % 90, i % 1000));
            let _ = match list {
                "" => write!(text, "{comma}({i},'{note}',{n},NULL)"),
                _ => write!(text, "{comma}({n},{i},NULL,'{note}')"),
            };
        }
        text.push_str(";\n");
        text.push_str("INSERT INTO `other` VALUES ('(1,2),(3,4)'),('x');\nSET @a = 1;\n");
    }
    text.push_str("INSERT INTO `last` VALUES (1);\n");
    text
}

#[test]
fn tuples_cut_into_units_anywhere_give_the_rows_of_one() {
    let text = mysql(900);
    let table = [("table", "big")];
    let expected = convert(&text, &table, ALONE).unwrap();
    assert_eq!(expected.schema, ["id bigint", "note string", "n decimal(8,3)", "at timestamp_ntz"]);
    let counts = expected.totals.counts;
    assert_eq!((counts.written, counts.rejected, counts.skipped), (900, 0, 2 * 24));
    let row = |k: usize| rows(&expected.file)[k].iter().map(|cell| cell.clone().unwrap_or("null".to_owned())).collect::<Vec<_>>();
    assert_eq!(row(301), ["301", "it's; \\", "31.301", "null"]);
    assert_eq!(row(41), ["41", "it's; \\", "41.041", "null"]);
    for run in runs() {
        assert_same(&convert(&text, &table, run).unwrap(), &expected, run);
    }
}

fn postgresql(count: usize) -> String {
    let mut text = String::from("SET client_encoding = 'UTF8';\nCREATE TABLE public.a (id integer, ok boolean, s text);\n");
    text.push_str(
        "COPY public.zero (x) FROM stdin;\nINSERT INTO public.a VALUES (1, 't', 'no');\n\\.\n\nCOPY public.a (id, ok, s) FROM stdin;\n",
    );
    for i in 0..count {
        let ok = ["t", "f", "\\N"][i % 3];
        let s = if i % 4 == 0 { "tab\\tnew\\nline\\\\".to_owned() } else { format!("COPY public.a {i};") };
        let _ = writeln!(text, "{i}\t{ok}\t{s}");
    }
    text.push_str("\\.\n\nCOPY public.b (y) FROM stdin;\n5\n\\.\n");
    text
}

#[test]
fn lines_of_copy_cut_into_units_anywhere_give_the_rows_of_one() {
    let text = postgresql(800);
    let table = [("table", "a")];
    let expected = convert(&text, &table, ALONE).unwrap();
    assert_eq!(expected.schema, ["id int", "ok boolean", "s string"]);
    assert_eq!((expected.totals.counts.written, expected.totals.counts.rejected), (800, 0));
    let row = |k: usize| rows(&expected.file)[k].iter().map(|cell| cell.clone().unwrap_or("null".to_owned())).collect::<Vec<_>>();
    assert_eq!(row(4), ["4", "false", "tab\tnew\nline\\"]);
    for run in runs() {
        assert_same(&convert(&text, &table, run).unwrap(), &expected, run);
    }
}

#[test]
fn every_table_is_read_by_its_name() {
    let count = |table: &str| convert(&postgresql(10), &[("table", table)], ALONE).unwrap().totals.counts.written;
    assert_eq!((count("zero"), count("a"), count("b")), (1, 10, 1));
    let error = convert(&postgresql(10), &[("table", "c")], ALONE).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Usage);
    assert!(error.hint.contains("\"a\", \"zero\", \"b\""), "{error:?}");
}

#[test]
fn a_broken_tuple_costs_itself() {
    let text = "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1,'x'),(2,'y)z' x),(3,'a'),(4,'b),(5,'c'),(6,'d');\nINSERT INTO t VALUES (7,'e');\n";
    for run in [ALONE, Run { unit_bytes: 20, workers: 2 }] {
        let found = convert(text, &[], run).unwrap();
        let ids: Vec<_> = rows(&found.file).iter().map(|row| row[0].clone().unwrap()).collect();
        assert_eq!(ids, ["1", "3", "5", "6", "7"], "{run}");
        let rejected = found.totals.rejects.groups();
        assert_eq!(rejected.iter().map(|group| (group.cause, group.count)).collect::<Vec<_>>(), [(Cause::Syntax, 2)]);
        assert!(rejected[0].first.iter().all(|reject| reject.outcome == Outcome::Rejected && reject.place.line == 2));
    }
    let error = convert(text, &[("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((error.kind, error.place.map(|place| place.line)), (ErrorKind::Malformed, Some(2)));
}

/// A value that its declared type does not have widens the column, wherever it comes.
#[test]
fn what_does_not_fit_its_declared_type_widens_the_column() {
    let mut text = String::from("CREATE TABLE t (a int, b boolean);\n");
    (0..3000).for_each(|i| writeln!(text, "INSERT INTO t VALUES ({i}, true);").unwrap());
    text.push_str("INSERT INTO t VALUES (3000000000, 'maybe');\n");
    let found = convert(&text, &[], Run { unit_bytes: 5000, workers: 2 }).unwrap();
    assert_eq!((found.schema, found.totals.counts.written), (vec!["a bigint".to_owned(), "b string".to_owned()], 3001));
    let chosen = convert(&text, &[("mode", "DROPMALFORMED"), ("schema", "a int, b boolean")], ALONE).unwrap();
    assert_eq!(chosen.totals.counts.written, 3000);
}

/// A statement of many megabytes is read in pieces; one that is no data is passed over in pieces.
#[test]
fn statements_of_many_megabytes_are_read_in_pieces() {
    let mut text = String::from("CREATE TABLE t (a int, b text);\nINSERT INTO other VALUES ('");
    text.push_str(&"long; \\' (".repeat(300_000));
    text.push_str("');\nINSERT INTO t VALUES ");
    (0..100_000).for_each(|i| write!(text, "{}({i},'some text of a row; {i}')", if i > 0 { "," } else { "" }).unwrap());
    text.push_str(";\n");
    let options = [("format", "dump"), ("table", "t"), ("dialect", "mysql")];
    let found = convert(&text, &options, Run { unit_bytes: 1 << 20, workers: 2 }).unwrap();
    assert_eq!((found.totals.counts.written, found.totals.counts.rejected), (100_000, 0));
}

#[test]
fn beyond_what_is_looked_through_tables_are_found_by_name_and_read_to_the_end() {
    let mut text = String::from("CREATE TABLE a (x int);\nCREATE TABLE b (y int);\n");
    (0..200_000).for_each(|i| writeln!(text, "INSERT INTO a VALUES ({i});").unwrap());
    text.push_str("INSERT INTO b VALUES (1);\nINSERT INTO a VALUES (-1);\n");
    let within = [("tablesWithin", "1")];
    let found = convert(&text, &within, Run { unit_bytes: 1 << 20, workers: 2 }).unwrap();
    assert_eq!(found.totals.counts.written, 200_001);
    let table =
        Table::open(text.as_bytes(), "d.sql", &Overrides { options: vec![("tablesWithin".into(), "1".into())], columns: Vec::new() });
    let findings = table.unwrap().detection.findings;
    assert!(findings.iter().any(|finding| finding.what.contains("looked for in the first") && finding.fix.is_some()), "{findings:?}");
    assert_eq!(convert(&text, &[within[0], ("table", "b")], ALONE).unwrap().totals.counts.written, 1);
}
