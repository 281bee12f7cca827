//! csvkit's examples: the tables that their names and its documentation say they are.

use std::path::Path;

use crate::Score;
use crate::read;

/// File, names (`None`: it has no header), rows; a cell that is missing or null is empty.
type Expected = (&'static str, Option<&'static [&'static str]>, &'static [&'static [&'static str]]);

const ABC: Option<&[&str]> = Some(&["a", "b", "c"]);

const TABLES: &[Expected] = &[
    (
        "bad.csv",
        Some(&["column_a", "column_b", "column_c"]),
        &[&["1", "27", ""], &["", "I'm too short!", ""], &["0", "mixed types.... uh oh", "17"]],
    ),
    (
        "bad_skip_lines.csv",
        Some(&["column_a", "column_b", "column_c"]),
        &[&["1", "27", ""], &["", "I'm too short!", ""], &["0", "mixed types.... uh oh", "17"]],
    ),
    ("dummy.csv", ABC, &[&["1", "2", "3"]]),
    ("dummy.tsv", ABC, &[&["1", "2", "3"]]),
    ("dummy3.csv", ABC, &[&["1", "2", "3"], &["1", "4", "5"]]),
    ("dummy_col_shuffled_ragged.csv", Some(&["b", "c", "a", "d"]), &[&["2", "3", "1", "4"]]),
    ("foo1.csv", Some(&["id", "name", "age"]), &[&["1", "Jake", "22"], &["2", "Howard", "21"]]),
    ("join_a.csv", ABC, &[&["1", "b", "c"], &["2", "b", "c"], &["3", "b", "c"]]),
    ("mac_newlines.csv", ABC, &[&["1", "2", "3"], &["Once upon\ra time", "5", "6"]]),
    ("no_header_row.csv", None, &[&["1", "2", "3"]]),
    ("no_header_row3.csv", None, &[&["1", "2", "3"], &["4", "5", "6"]]),
    ("null_byte.csv", ABC, &[&["\0", "2", "3"]]),
    ("optional_quote_characters.csv", ABC, &[&["1", "2", "3"]]),
    ("sniff_limit.csv", ABC, &[&["1", "2", "3"]]),
    ("sort_ints_nulls.csv", ABC, &[&["1", "2", "3"], &["4", "", "6"], &["5", "1", "7"]]),
    ("test_date_format.csv", Some(&["a"]), &[&["02/01/2014"], &["31/12/2012"]]),
    ("test_header_newline.csv", Some(&["start end", "b", "c"]), &[&["d", "e", "f"]]),
    ("test_latin1.csv", ABC, &[&["1", "2", "3"], &["4", "5", "©"]]),
    ("test_literal_order.csv", Some(&["a", "b"]), &[&["192", "1"], &["27", "2"], &["3", "3"]]),
    ("test_locale.csv", ABC, &[&["1,7", "200.000.000", ""]]),
    ("test_no_leading_zeroes.csv", ABC, &[&["01", "00.11", "0.1"]]),
    ("test_precision.csv", Some(&["a"]), &[&["1.234567"]]),
    ("test_skip_lines.csv", ABC, &[&["1", "2", "3"]]),
    ("test_utf16_big.csv", ABC, &[&["1", "2", "3"], &["4", "5", "ʤ"]]),
    ("test_utf16_little.csv", ABC, &[&["1", "2", "3"], &["4", "5", "ʤ"]]),
    ("test_utf8.csv", Some(&["foo", "bar", "baz"]), &[&["1", "2", "3"], &["4", "5", "ʤ"]]),
    ("test_utf8_bom.csv", Some(&["foo", "bar", "baz"]), &[&["1", "2", "3"], &["4", "5", "ʤ"]]),
];

/// One point a file. Not here: test_empty_columns.csv, in whose three lines nothing tells the header from a row.
pub fn score(folder: &Path) -> Score {
    let files = TABLES.iter().map(|&(name, names, rows)| {
        let (points, why) = match read::table(&std::fs::read(folder.join(name)).unwrap_or_default(), read::AS_TEXT) {
            Ok(table) => {
                let tidy = |name: &String| name.split_whitespace().collect::<Vec<_>>().join(" ");
                let ours = table.names.as_ref().map(|names| names.iter().map(tidy).collect::<Vec<_>>());
                let right = ours.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>()) == names.map(<[_]>::to_vec)
                    && table
                        .rows
                        .iter()
                        .map(|row| row.iter().map(String::as_str).collect::<Vec<_>>())
                        .eq(rows.iter().map(|row| row.to_vec()));
                (f64::from(right), format!("{ours:?} {:?}", table.rows))
            }
            Err(error) => (0.0, error.to_string()),
        };
        (name.to_owned(), points, why)
    });
    Score::of(1.0, files.collect())
}
