use std::fmt::Write;

use colonnade_protocol::{Cause, ErrorKind, Outcome};
use proptest::prelude::*;

use colonnade_engine::Result;

use crate::driver::{self, Converted, Run, assert_same, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn convert(source: &[u8], options: &[(&str, &str)], run: Run) -> Result<Converted> {
    driver::convert(source, &[&[("format", "log")], options].concat(), run)
}

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 2, 5].map(|workers| Run { unit_bytes, workers }))
}

/// A program's log: stack traces below some records, blank lines, and a line that is like none.
fn program(count: usize) -> String {
    let mut text = String::new();
    for i in 0..count {
        let level = ["INFO", "WARN", "ERROR"][i % 3];
        let end = if i % 5 == 0 { "\r\n" } else { "\n" };
        let _ = write!(
            text,
            "2024-01-{:02} 10:{:02}:00,{:03} {level} [worker-{}] Served block blk_{} to /10.0.0.{}{end}",
            i % 28 + 1,
            i % 60,
            i % 1000,
            i % 4,
            i * 7919,
            i % 250
        );
        if i % 3 == 2 {
            let _ = write!(text, "java.lang.IllegalStateException: é {i}\n\tat a.b.C(C.java:{i})\n\nCaused by: x\n");
        }
        if i % 50 == 49 {
            text.push_str("2024-01-01 no such record\n");
        }
    }
    text
}

#[test]
fn stack_traces_are_joined_to_their_record_wherever_the_source_is_cut() {
    let text = program(200);
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    let schema = [
        "timestamp timestamp_ntz",
        "level string",
        "thread string",
        "message string",
        "template string",
        "template_id string",
        "parameters array<string>",
    ];
    assert_eq!(expected.schema, schema);
    assert_eq!(expected.totals.counts.written, 200);
    let row = rows(&expected.file)[2].clone();
    assert_eq!(row[0].as_deref(), Some("2024-01-03 10:02:00.002"));
    assert_eq!(
        row[3].as_deref(),
        Some("Served block blk_15838 to /10.0.0.2\njava.lang.IllegalStateException: é 2\n\tat a.b.C(C.java:2)\n\nCaused by: x")
    );
    assert_eq!(row[4].as_deref(), Some("Served block blk_<*> to <*>"));
    assert_eq!(row[6].as_deref(), Some(r#"["15838","/10.0.0.2"]"#));
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn a_record_whose_first_line_is_its_moment_alone_has_its_message_without_a_line_break() {
    let text: String =
        (10..40).map(|n| format!("2024-05-01T10:00:{n}Z\r\n\r\nThread 1 advanced to {n}\r\n  Current log# {n}\r\n")).collect();
    for run in runs() {
        let converted = convert(text.as_bytes(), &[], run).unwrap();
        let row = rows(&converted.file)[0].clone();
        assert_eq!(row[1].as_deref(), Some("Thread 1 advanced to 10\r\n  Current log# 10"));
        assert_eq!(row[2].as_deref(), Some("Thread <*> advanced to <*>"));
    }
}

#[test]
fn the_mark_of_utf_8_before_a_message_is_none_of_it() {
    let line =
        "<165>1 2003-10-11T22:14:15.003Z host app - ID47 - \u{feff}An event\n<165>1 2003-10-11T22:14:16.003Z host app - ID47 - Another\n";
    let converted = convert(line.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(converted.schema[8], "message string");
    assert_eq!(rows(&converted.file).iter().map(|row| row[8].clone().unwrap()).collect::<Vec<_>>(), ["An event", "Another"]);
}

#[test]
fn one_worker_or_many_give_the_same_bytes() {
    let text = program(300);
    for unit_bytes in [500, 4000] {
        let one = convert(text.as_bytes(), &[], Run { unit_bytes, workers: 1 }).unwrap();
        for workers in [2, 5] {
            assert!(one.file == convert(text.as_bytes(), &[], Run { unit_bytes, workers }).unwrap().file, "{workers} workers");
        }
    }
}

#[test]
fn a_record_that_does_not_match_goes_by_the_parse_mode() {
    let text = "a 1\nno\nb 2\n";
    let pattern = ("pattern", r"%{WORD:name} %{INT:n}");
    let kept = convert(text.as_bytes(), &[pattern], ALONE).unwrap();
    assert_eq!((kept.totals.counts.written, kept.totals.counts.rejected), (2, 1));
    assert_eq!((kept.rejects[0].cause, kept.rejects[0].place.line, kept.rejects[0].raw.as_str()), (Cause::Syntax, 2, "no"));
    let beside = convert(text.as_bytes(), &[pattern, ("columnNameOfCorruptRecord", "corrupt")], ALONE).unwrap();
    assert_eq!(rows(&beside.file)[1], [None, None, Some("no".to_owned())]);
    let failed = convert(text.as_bytes(), &[pattern, ("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((failed.kind, failed.place.unwrap().line), (ErrorKind::Malformed, 2));

    let message = ("pattern", r"%{INT:n} %{GREEDYDATA:message}");
    let kept = convert(b"1 up\nx\n2 down\n", &[message, ("templatesOf", "")], ALONE).unwrap();
    assert_eq!(rows(&kept.file)[1], [None, Some("x".to_owned())]);
    assert_eq!((kept.rejects[0].outcome, kept.totals.counts.repaired), (Outcome::Repaired, 1));
    let dropped = convert(b"1 up\nx\n2 down\n", &[message, ("mode", "DROPMALFORMED")], ALONE).unwrap();
    assert_eq!((dropped.totals.counts.written, dropped.totals.counts.rejected), (2, 1));
}

#[test]
fn a_record_longer_than_the_bound_costs_itself() {
    let trace = "\tat a.package.of.Some.method\n".repeat(12);
    let text = format!(
        "2024-01-01 10:00:00 INFO one\n{trace}2024-01-01 10:00:01 INFO two\n2024-01-01 10:00:02 WARN {}\n2024-01-01 10:00:03 INFO four\n",
        "x".repeat(300)
    );
    let options = [("maxRecordBytes", "200")];
    let expected = convert(text.as_bytes(), &options, ALONE).unwrap();
    assert_eq!((expected.totals.counts.written, expected.totals.counts.rejected), (2, 2));
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &options, run).unwrap(), &expected, run);
    }
}

#[test]
fn keys_that_the_sample_does_not_have_become_columns() {
    let mut text = "level=info n=1\n".repeat(40_000);
    text.insert_str(300_000, "level=warn late=\"a \\\"b\\\"\" n=2\n");
    let converted = convert(text.as_bytes(), &[], Run { unit_bytes: 100_000, workers: 2 }).unwrap();
    assert_eq!(converted.schema, ["level string", "n bigint", "late string"]);
    let late: Vec<_> = rows(&converted.file).into_iter().filter_map(|row| row[2].clone()).collect();
    assert_eq!(late, ["a \"b\""]);
}

#[test]
fn keys_that_are_no_text_or_look_like_ours_become_columns_too() {
    let mut text = b"level=info n=1\n".repeat(40_000);
    text.splice(300_000..300_000, b"caf\xe9=1 %template=x n=2\n".iter().copied());
    let converted = convert(&text, &[("format", "log")], Run { unit_bytes: 100_000, workers: 2 }).unwrap();
    assert_eq!(converted.schema, ["level string", "n bigint", "café bigint", "%template string"]);
    let late: Vec<_> = rows(&converted.file).into_iter().filter(|row| row[3].is_some()).collect();
    assert_eq!(late, [[None, Some("2"), Some("1"), Some("x")].map(|cell| cell.map(str::to_owned))]);
}

#[test]
fn utf_16_is_read_as_utf_8_is() {
    let text = program(60);
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (expected, converted) = (convert(text.as_bytes(), &[], ALONE).unwrap(), convert(&utf16, &[], ALONE).unwrap());
    assert_eq!(rows(&converted.file), rows(&expected.file));
    let cut = convert(&utf16, &[], Run { unit_bytes: 700, workers: 2 }).unwrap();
    assert_eq!(rows(&cut.file), rows(&expected.file));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn lines_of_any_kind_cut_anywhere_are_read_as_uncut(
        lines in prop::collection::vec(prop_oneof![
            Just("2024-01-01 10:00:00 INFO a b 1".to_owned()),
            Just("2024-01-01 10:00:00 WARN".to_owned()),
            Just("  at x".to_owned()),
            Just(String::new()),
            Just("2024-01-01 broken".to_owned()),
            "[a-z 0-9=\"\\[\\]]{0,40}",
        ], 1..60),
        unit_bytes in 40_u64..900,
        crlf in any::<bool>(),
    ) {
        let mut text = "2024-01-01 10:00:00 INFO first record\n2024-01-01 10:00:01 WARN second 2\n".to_owned();
        text.push_str(&lines.join(if crlf { "\r\n" } else { "\n" }));
        let options = [("maxRecordBytes", "120")];
        let expected = convert(text.as_bytes(), &options, ALONE).unwrap();
        let run = Run { unit_bytes, workers: 3 };
        assert_same(&convert(text.as_bytes(), &options, run).unwrap(), &expected, run);
    }
}
