use std::fmt::Write;

use colonnade_protocol::ErrorKind;
use colonnade_protocol::message::{Cell, Overrides};

use crate::source::Source;
use crate::table::Table;
use crate::view::{self, Window};

fn open(text: &str, options: &[(&str, &str)]) -> crate::Result<Table> {
    let options = options.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    Table::open(text.as_bytes(), "data.json", &Overrides { options, columns: Vec::new() })
}

fn schema(table: &Table) -> String {
    let columns = table.detection.columns.iter().map(|column| format!("{} {}", column.name, column.data_type));
    columns.collect::<Vec<_>>().join(", ")
}

fn rows(table: &Table, text: &str, first: u64, count: usize) -> crate::Result<Vec<String>> {
    let window = Window { from_row: first, offset: first, first, count, from_column: 0, to_column: table.detection.columns.len() };
    let cell = |cell: &Cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Text(text) | Cell::Misfit(text) => text.clone(),
    };
    let rows = view::rows(text.as_bytes(), &table.read_plan(), window)?;
    Ok(rows.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|")).collect())
}

fn read(text: &str) -> (String, String, Vec<String>) {
    let table = open(text, &[]).unwrap();
    (table.format.id().to_owned(), schema(&table), rows(&table, text, 0, 100).unwrap())
}

#[test]
fn rows_are_read_across_the_columns() {
    for text in [
        r#"{"a":[1,2,null],"b":["x","y, ]}\"","z"],"c":[[1],[],[2,3]]}"#,
        "{\n  \"a\" : [ 1 , 2,\n null ] ,\n \"b\":[\"x\", \"y, ]}\\\"\" ,\"z\"],\"c\":[[ 1 ],[],[2,\n3]]\n}\n",
        r#"{"a":{"0":1,"1":2,"2":null},"b":{"0":"x","1":"y, ]}\"","2":"z"},"c":{"0":[1],"1":[],"2":[2,3]}}"#,
    ] {
        let (format, schema, rows) = read(text);
        assert_eq!((format.as_str(), schema.as_str()), ("jsoncolumns", "a bigint, b string, c array<bigint>"), "{text}");
        assert_eq!(rows, ["1|x|[1]", "2|y, ]}\"|[]", "-|z|[2,3]"], "{text}");
    }
}

#[test]
fn names_of_rows_are_a_column_where_they_are_more_than_numbers() {
    let (_, schema, rows) = read(r#"{"n":{"10":1,"20":2},"t":{"10":"x","20":"y"}}"#);
    assert_eq!((schema.as_str(), rows), ("key string, n bigint, t string", vec!["10|1|x".to_owned(), "20|2|y".to_owned()]));
}

#[test]
fn columns_may_stand_within_the_document() {
    let text = r#"{"place":"Rome","unit":{"t":"C"},"hourly":{"time":["2024-01-01T00:00","2024-01-01T01:00"],"t":[1.5,2]},"end":[]}"#;
    let table = open(text, &[]).unwrap();
    assert_eq!(table.detection.settings.text("recordPath"), "$.hourly.*");
    assert_eq!(schema(&table), "time timestamp_ntz, t double");
    assert_eq!(rows(&table, text, 1, 5).unwrap(), ["2024-01-01 01:00:00|2"]);
}

#[test]
fn a_person_may_have_the_records_instead() {
    let text = r#"{"a":[1,2],"b":["x","y"]}"#;
    let table = open(text, &[("format", "json")]).unwrap();
    assert_eq!(
        (schema(&table).as_str(), rows(&table, text, 0, 9).unwrap()),
        ("a array<bigint>, b array<string>", vec!["[1,2]|[\"x\",\"y\"]".to_owned()])
    );
    let lists = open(r#"{"k":{"x":1,"y":2},"l":{"x":3,"y":4}}"#, &[("format", "jsoncolumns"), ("orient", "columns")]).unwrap();
    assert_eq!(schema(&lists), "key string, k bigint, l bigint");
}

#[test]
fn a_column_that_ends_early_is_listed_dropped_or_refused() {
    let text = r#"{"a":[1,2,3],"b":["x","y"]}"#;
    let table = open(text, &[]).unwrap();
    assert_eq!(rows(&table, text, 0, 9).unwrap(), ["1|x", "2|y", "3|-"]);
    let dropped = open(text, &[("mode", "DROPMALFORMED")]).unwrap();
    assert_eq!(rows(&dropped, text, 0, 9).unwrap(), ["1|x", "2|y"]);
    let strict = open(text, &[("mode", "FAILFAST")]).unwrap();
    let blocks = strict.format.blocks().unwrap();
    let mut reader = blocks.reader(&text.as_bytes().share(), &strict.detection.settings, &strict.detection.columns).unwrap();
    let error = reader.read(0, 9).unwrap_err();
    assert_eq!((error.kind, error.place.and_then(|place| place.row_number())), (ErrorKind::Malformed, Some(3)));
    assert!(error.what.contains("\"b\" ends after 2 of 3"), "{}", error.what);
}

#[test]
fn any_row_of_a_long_document_is_reached() {
    let count = 30_000;
    let column = |value: &dyn Fn(u64) -> String| (0..count).map(value).collect::<Vec<_>>().join(",");
    let mut text = String::from("{");
    let _ = write!(text, "\"n\":[{}],\"t\":[{}]", column(&|n| n.to_string()), column(&|n| format!("\"text {n}\"")));
    text.push_str("}\n");
    let table = open(&text, &[]).unwrap();
    assert_eq!((table.format.id(), table.detection.estimated_rows), ("jsoncolumns", count));
    for first in [0, 1, 4095, 17_000, count - 2] {
        assert_eq!(rows(&table, &text, first, 2).unwrap(), [format!("{first}|text {first}"), format!("{}|text {}", first + 1, first + 1)]);
    }
}

#[test]
fn what_is_cut_or_does_not_fit_together_is_an_error() {
    let forced = |text: &str, orient: &str| {
        let table = open(text, &[("format", "jsoncolumns"), ("orient", orient)]);
        table.and_then(|table| rows(&table, text, 0, 100)).unwrap_err()
    };
    for text in [r#"{"a":[1,2],"b":["x","#, r#"{"a":[1,2"#, r#"{"a":[1 2]}"#, "[1,2]", r#"{"a":[,]}"#, "{", r#"{"a":["x]}"#] {
        assert_eq!(forced(text, "list").kind, ErrorKind::Malformed, "{text}");
    }
    assert_eq!(forced(r#"{"a":1}"#, "list").kind, ErrorKind::Empty);
    let error = forced(r#"{"a":{"0":1,"1":2},"b":{"0":1,"2":2}}"#, "columns");
    assert!(error.what.contains("\"2\" where those before it have \"1\""), "{}", error.what);
    let deep = format!("{{\"a\":[{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    let table = open(&deep, &[("format", "jsoncolumns")]);
    assert!(table.is_err_and(|error| error.kind == ErrorKind::Malformed || error.kind == ErrorKind::Limit));
}
