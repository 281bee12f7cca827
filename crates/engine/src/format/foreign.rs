//! Sources that a build without every format should leave to the one that has them.
//!
//! A page fetches the other formats' module only when a file needs it, so this is a light look that knows none of them. It
//! is generous: a wrong yes costs a fetch, after which every format is asked anyway; a wrong no would show the file as
//! something that it is not.

use colonnade_protocol::ErrorKind;
use colonnade_protocol::message::Overrides;

use super::json::wrapper;
use super::{FORMATS, KNOWN, LIGHT};
use crate::Result;
use crate::source::Source;
use crate::table::{FORMAT, Table, given};

/// Bytes at the start that are looked at.
const LOOK: usize = 8 * 1024;
/// Below this, the reader that was chosen is not sure of what it reads.
const SURE: f32 = 0.8;
/// Separators of what is CSV without a question. Blanks and colons stand in logs and aligned text too.
const COMMON_SEPARATORS: [&str; 4] = [",", ";", "\t", "|"];
/// Packed files that may pass for text: text is all that is in them, but for this.
const LZ4: &[u8] = &[4, 0x22, 0x4d, 0x18];
const TAR: (usize, &[u8]) = (257, b"ustar");
/// What a log begins with that names its fields itself, between tabs.
const ZEEK: &[u8] = b"#separator ";
/// What the lines of a database's dump begin with.
const SQL: [&[u8]; 14] = [
    b"INSERT INTO ",
    b"CREATE TABLE ",
    b"DROP TABLE ",
    b"COPY ",
    b"BEGIN TRANSACTION;",
    b"PRAGMA foreign_keys",
    b"-- MySQL dump",
    b"-- MariaDB dump",
    b"-- PostgreSQL database",
    b"-- phpMyAdmin SQL Dump",
    b"-- Dump",
    b"INSERT [",
    b"USE [",
    b"REM INSERTING into ",
];

/// Whether a source is likely to be of a format that this build lacks. `opened` is what it made of the source.
///
/// # Errors
/// Those of the source.
pub fn is_likely(source: &(impl Source + ?Sized), overrides: &Overrides, opened: &Result<Table>) -> Result<bool> {
    if let Some(id) = given(overrides, FORMAT) {
        return Ok(KNOWN.iter().skip(LIGHT).any(|(known, _)| known.eq_ignore_ascii_case(id)));
    }
    let table = match opened {
        Ok(table) => table,
        // What is no option of the formats here may be one of the others.
        Err(error) => return Ok(matches!(error.kind, ErrorKind::UnknownFormat | ErrorKind::Usage)),
    };
    if is_unsure(table) {
        return Ok(true);
    }
    let mut head = vec![0; LOOK.min(usize::try_from(source.len()).unwrap_or(LOOK))];
    let read = source.read_at(0, &mut head)?;
    head.truncate(read);
    Ok(table.format.id() == FORMATS[0].id() && is_marked(&head))
}

/// Whether the reader that was chosen has doubts, or reads what others may read better.
fn is_unsure(table: &Table) -> bool {
    let found = &table.detection;
    let well_suited = if table.format.id() == FORMATS[0].id() {
        found.columns.len() > 1 && COMMON_SEPARATORS.contains(&unescaped(found.settings.text("sep")))
    } else {
        // A line of JSON alone may be a document with its records within.
        found.estimated_rows > 1
    };
    found.confidence < SURE || !well_suited
}

/// Settings spell a tab as `\t`.
fn unescaped(separator: &str) -> &str {
    if separator == "\\t" { "\t" } else { separator }
}

/// Whether a text that CSV would be content with begins as other formats do: markup, JSON, SQL, a log's moments.
fn is_marked(head: &[u8]) -> bool {
    // Marks are ASCII, which UTF-16 writes with zeros between.
    let is_wide = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    let narrow: Vec<u8> = if is_wide { head.iter().skip(2).copied().filter(|&byte| byte != 0).collect() } else { Vec::new() };
    let head = if is_wide { narrow.as_slice() } else { head };
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if head.starts_with(LZ4) || head.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1)) {
        return true;
    }
    if matches!(text.first(), Some(b'<' | b'{' | b'['))
        || text.starts_with(ZEEK)
        || wrapper::before(text) > 0
        || wrapper::comments(text) > 0
    {
        return true;
    }
    let mut lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).take(20).peekable();
    if lines.peek().is_none() {
        return false;
    }
    let (mut seen, mut logged, mut drawn) = (0, 0, 0);
    for line in lines {
        if SQL.iter().any(|start| line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))) {
            return true;
        }
        let is_logged = begins_with_a_moment(line);
        // The lines behind it may all go on its record.
        if is_logged && seen == 0 {
            return true;
        }
        seen += 1;
        logged += usize::from(is_logged);
        drawn += usize::from(has_drawn_bars(line.trim_ascii()));
    }
    logged * 2 > seen || drawn * 2 > seen
}

/// Whether a line is a drawn rule, or bars in it are drawn between cells and do not only separate them: a blank or the line's
/// edge is beside each.
fn has_drawn_bars(line: &[u8]) -> bool {
    if line.starts_with(b"+-") || line.starts_with(b"+=") {
        return true;
    }
    let is_blank = |at: Option<usize>| at.and_then(|at| line.get(at)).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'+' | b':'));
    let mut bars = memchr::memchr_iter(b'|', line).peekable();
    bars.peek().is_some() && bars.all(|at| is_blank(at.checked_sub(1)) && is_blank(Some(at + 1)))
}

/// Whether a line begins with a clock time that a blank or bracket ends, as a log's does: in a table a separator would.
/// Logs write a comma before milliseconds: `2015-10-18 18:01:47,978 INFO`.
fn begins_with_a_moment(line: &[u8]) -> bool {
    let Some(colon) = line.iter().take(32).position(|&byte| byte == b':') else { return false };
    let (before, clock) = line.split_at(colon.saturating_sub(2));
    let is_stamp = |byte: &u8| byte.is_ascii_alphanumeric() || b"-/. [<>,T".contains(byte);
    let digits = |range: std::ops::Range<usize>| clock.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    if !(before.iter().all(is_stamp) && digits(0..2) && digits(3..5) && digits(6..8) && clock.get(5) == Some(&b':')) {
        return false;
    }
    let mut behind = clock.iter().skip(8).skip_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    matches!(behind.next(), Some(b' ' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(source: &[u8], name: &str, overrides: &Overrides) -> bool {
        let opened = Table::open_among(&FORMATS[..LIGHT], source, name, overrides);
        is_likely(source, overrides, &opened).unwrap()
    }

    fn text_wants(text: &str) -> bool {
        wants(text.as_bytes(), "x", &Overrides::default())
    }

    #[test]
    fn tables_and_json_lines_stay() {
        for text in [
            "id,name,at\n1,Ada,2020-01-01 10:00:00\n2,Liu,2020-01-02 11:30:00\n",
            "at;x\n2020-01-01 10:00:00;1,5\n2020-01-02 10:00:00;2,5\n",
            "2020-01-01 10:00:00,1,a\n2020-01-02 10:00:00,2,b\n2020-01-03 10:00:00,3,c\n",
            "a\tb\n1\t2\n3\t4\n",
            "a|b|c\n1||x y\n2|p|\n",
            "{\"a\":1}\n{\"a\":2}\n",
        ] {
            assert!(!text_wants(text), "{text}");
        }
    }

    #[test]
    fn what_looks_like_another_format_goes() {
        for text in [
            "<?xml version=\"1.0\"?>\n<r><a>1, 2</a></r>\n",
            "[\n {\"a\": 1, \"b\": 2},\n {\"a\": 3, \"b\": 4}\n]\n",
            "{\"a\": [{\"b\": 1}, {\"b\": 2}]}\n",
            "{\n \"a\": 1,\n \"b\": 2\n}\n",
            "CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1,2);\nINSERT INTO t VALUES (3,4);\n",
            "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a, b);\nINSERT INTO t VALUES(1,2);\n",
            "--\n-- PostgreSQL database dump\n--\n\nSET a = 1, 2;\nSET b = 2, 3;\n",
            "2015-10-18 18:01:47,978 INFO [main] Created, at once\n2015-10-18 18:01:48,963 INFO [main] Executing, with tokens\n",
            "Jun 14 15:16:01 combo sshd: failed\nJun 14 15:16:02 combo sshd: check pass\n",
            "# 1 NUMBER\n# 2 FLUX\n1 0.5\n2 0.25\n",
            "id name\nage\\n\n01 AB\n28\\n\n02 XYZ 39\\n\n...\n",
            "name        city   age\nAnn Smith   Rome     4\nBo          Oslo    31\nCy de Wit   Bonn   102\n",
            "2024-05-01 10:00:00 ERROR a, b\njava.lang.Error: c, d\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n\tat a.B.e(B.java:3)\n",
            "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 23 \"-\" \"Mozilla/5.0 (KHTML, like Gecko)\"\n1.2.3.5 - - [10/Oct/2000:13:55:37 -0700] \"GET /b HTTP/1.0\" 404 - \"-\" \"Mozilla/5.0 (KHTML, like Gecko)\"\n",
            "| id | name |\n|---:|------|\n| 01 | a b  |\n| 02 | c    |\n",
            "+----+------+\n| id | name |\n+----+------+\n|  1 | N1   |\n|  2 | N2   |\n+----+------+\n",
            "web_1  | GET /a, b\ndb_1   | ready\nweb_1  | GET /c, d\n",
            "level=info msg=\"one, two\" n=3\nlevel=warn msg=\"three, four\" n=4\n",
            "It was a dark night.\nNobody came, and nobody left.\n",
            "<table><tr><td>a, b</td><td>c</td></tr></table>",
            "\u{feff}<!DOCTYPE html>\n<title>a, b</title>\n<p>c, d\n",
            "SQLite format 3\0\u{2}\0\u{1}\u{1}\0@  \0\0\0\u{1}",
            "PK\u{3}\u{4}\u{14}\0\u{6}\0",
            "ORC\n\u{3}\0\0\0\u{12}\u{4}\u{8}\u{5}P\0\u{1}\u{8}\u{1}\u{82}\u{3}ORC\u{16}",
            "#separator \\x09\n#fields\ta\tb\n#types\tint\tint\n1\t2\n3\t4\n",
        ] {
            assert!(text_wants(text), "{text}");
        }
    }

    #[test]
    fn a_dump_in_utf_16_is_told_and_a_table_in_it_stays() {
        let wide = |text: &str| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert!(wants(&wide("-- MySQL dump 10.13, x\nSET a = 1, 2;\n"), "x", &Overrides::default()));
        assert!(!wants(&wide("a,b\n1,2\n3,4\n"), "x.csv", &Overrides::default()));
    }

    #[test]
    fn a_persons_word_decides() {
        let said = |id: &str| Overrides { options: vec![("FORMAT".to_owned(), id.to_owned())], columns: Vec::new() };
        for (id, there) in KNOWN.iter().zip(1..) {
            assert_eq!(wants(b"a,b\n1,2\n", "x", &said(id.0)), there > LIGHT, "{}", id.0);
            assert_eq!(wants(b"<a>1</a>", "x", &said(id.0)), there > LIGHT, "{}", id.0);
        }
        assert!(!wants(b"a,b\n1,2\n", "x", &said("nonsense")));
    }

    /// What another format owns is not missed, and next to no CSV is taken for it.
    #[test]
    fn files_of_all_kinds_are_told_apart() {
        let Some(shared) = std::env::var_os("COLONNADE_SHARED") else { return };
        let wanted = |(folder, extensions): &(&str, &[&str])| {
            let files = files(&std::path::Path::new(&shared).join(folder), extensions);
            let (yes, no): (Vec<_>, Vec<_>) = files.iter().partition(|(name, bytes)| wants(bytes, name, &Overrides::default()));
            println!("{folder}: {} are of another format, {} are not", yes.len(), no.len());
            (yes.len(), no.into_iter().filter(|(_, bytes)| !is_empty(bytes)).map(|(name, _)| name.clone()).collect::<Vec<_>>())
        };
        let missed: Vec<_> = FOREIGN.iter().flat_map(|kind| wanted(kind).1).collect();
        assert!(missed.is_empty(), "{missed:?}");
        let (taken, kept) = CSV.iter().map(wanted).fold((0, 0), |sum, (yes, no)| (sum.0 + yes, sum.1 + no.len()));
        assert!(taken * 10 <= kept, "{taken} CSV files of {}", taken + kept);
    }

    fn is_empty(bytes: &[u8]) -> bool {
        let opened = Table::open_among(&FORMATS[..LIGHT], bytes, "x", &Overrides::default());
        opened.is_err_and(|error| error.kind == ErrorKind::Empty)
    }

    const FOREIGN: [(&str, &[&str]); 9] = [
        ("corpora/loghub", &["log"]),
        ("corpora/xmlconf", &["xml"]),
        ("corpora/spark-xml", &["xml"]),
        ("corpora/vega-datasets", &["json", "arrow", "parquet"]),
        ("corpora/jsontestsuite", &["json"]),
        ("corpora/calamine", &["xlsx", "xls", "xlsb", "ods"]),
        ("corpora/parquet-testing", &["parquet"]),
        ("corpora/avro", &["avro"]),
        ("samples", &["xml", "json", "txt"]),
    ];
    const CSV: [(&str, &[&str]); 5] = [
        ("corpora/csv-spectrum", &["csv"]),
        ("corpora/csvkit", &["csv", "tsv"]),
        ("corpora/pollock", &["csv"]),
        ("corpora/readr", &["csv", "tsv"]),
        ("corpora/vega-datasets", &["csv", "tsv"]),
    ];

    fn files(folder: &std::path::Path, extensions: &[&str]) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                found.extend(files(&path, extensions));
            } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
                let mut bytes = std::fs::read(&path).unwrap_or_default();
                bytes.truncate(1 << 16);
                found.push((path.display().to_string(), bytes));
            }
        }
        found
    }
}
