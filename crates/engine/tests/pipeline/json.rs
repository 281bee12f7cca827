use std::fmt::Write;

use colonnade_protocol::{Cause, ErrorKind, Outcome};

use colonnade_engine::Result;

use crate::driver::{self, Converted, Run, assert_same, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn convert(source: &[u8], options: &[(&str, &str)], run: Run) -> Result<Converted> {
    driver::convert(source, &[&[("format", "json")], options].concat(), run)
}

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 5].map(|workers| Run { unit_bytes, workers }))
}

/// Records with lists of others that look like them.
fn record(i: usize) -> String {
    let parts: Vec<_> = (0..i % 4).map(|k| format!("{{\"id\": {k}, \"n\": \"}},{{\"}}")).collect();
    format!("{{\"id\": {i}, \"name\": \"é {i}\", \"ok\": {}, \"parts\": [{}]}}", i.is_multiple_of(2), parts.join(", "))
}

fn pretty(text: &str, indentation: usize) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let text = serde_json::to_string_pretty(&value).unwrap();
    text.lines().map(|line| format!("{}{line}", " ".repeat(indentation))).collect::<Vec<_>>().join("\n")
}

/// The same records in every form of document.
fn documents(records: &[String]) -> Vec<(&'static str, String)> {
    let keyed = records.iter().enumerate().map(|(i, record)| format!("\"k{i}\": {record}")).collect::<Vec<_>>();
    let long = "x".repeat(700);
    vec![
        ("array", format!("[{}]", records.join(","))),
        ("a record a line", format!("[\n{}\n]\n", records.join(",\n"))),
        ("pretty array", format!("[\n{}\n]", records.iter().map(|r| pretty(r, 2)).collect::<Vec<_>>().join(",\n"))),
        (
            "within",
            format!(
                "{{\"meta\":{{\"long\":\"{long}\"}},\"data\":{{\"records\":[{}],\"n\":5}},\"end\":[1,\"{long}\"]}}",
                records.join(", ")
            ),
        ),
        ("keyed", format!("{{{}}}", keyed.join(",\n"))),
        ("one after another", records.concat()),
        ("lines", records.join("\n")),
        ("pretty, one after another", records.iter().map(|r| pretty(r, 0)).collect::<Vec<_>>().join("\r\n")),
        ("sequence", records.iter().map(|record| format!("\u{1e}{record}\n")).collect()),
        ("two arrays", format!("[{}]\n[{}]", records[..5].join(","), records[5..].join(","))),
    ]
}

#[test]
fn every_form_of_document_gives_the_same_rows_whatever_the_units() {
    let records: Vec<String> = (0..120).map(record).collect();
    let expected = convert(records.join("\n").as_bytes(), &[], ALONE).unwrap();
    assert_eq!(expected.schema, ["id bigint", "name string", "ok boolean", "parts array<struct<id:bigint,n:string>>"]);
    let expected_rows = rows(&expected.file);
    assert_eq!(expected_rows.len(), 120);
    for (what, text) in documents(&records) {
        let alone = convert(text.as_bytes(), &[], ALONE).unwrap();
        let keyed = usize::from(what == "keyed");
        assert_eq!(alone.schema[keyed..], expected.schema, "{what}");
        let without_key: Vec<_> = rows(&alone.file).into_iter().map(|row| row[keyed..].to_vec()).collect();
        assert_eq!(without_key, expected_rows, "{what}");
        assert_eq!((alone.totals.counts.written, alone.totals.counts.rejected, alone.totals.counts.repaired), (120, 0, 0), "{what}");
        if keyed == 1 {
            assert_eq!(rows(&alone.file)[7][0].as_deref(), Some("k7"));
        }
        for run in runs() {
            let converted = convert(text.as_bytes(), &[], run).unwrap();
            assert_same(&converted, &alone, format!("{what}, units of {} bytes, {} workers", run.unit_bytes, run.workers));
        }
    }
}

#[test]
fn records_of_several_arrays_are_one_table() {
    let records: Vec<String> = (0..120).map(record).collect();
    let expected = rows(&convert(records.join("\n").as_bytes(), &[], ALONE).unwrap().file);
    let page = |(n, rows): (usize, &[String])| format!("{{\"n\": {n}, \"rows\": [{}], \"more\": [{{\"id\": 1}}]}}", rows.join(", "));
    let pages: Vec<String> = records.chunks(12).enumerate().map(page).collect();
    let text = format!("{{\"pages\": [{}], \"end\": [{{\"rows\": [{{\"id\": 9}}]}}]}}", pages.join(", "));
    let options = [("recordPath", "$.pages[*].rows[*]")];
    let alone = convert(text.as_bytes(), &options, ALONE).unwrap();
    assert_eq!(rows(&alone.file), expected);
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &options, run).unwrap(), &alone, format!("units of {} bytes", run.unit_bytes));
    }
    let lists = format!("[{{\"page\": 1}}, [{}], [{}]]", records[..50].join(","), records[50..].join(","));
    let alone = convert(lists.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(rows(&alone.file), expected);
    for run in runs() {
        assert_same(&convert(lists.as_bytes(), &[], run).unwrap(), &alone, format!("units of {} bytes", run.unit_bytes));
    }
}

#[test]
fn what_makes_a_document_a_script_is_passed_over_and_told() {
    for text in ["callback([{\"a\":1},{\"a\":2}]);", ")]}',\n[{\"a\":1},{\"a\":2}]", "window.x = {\"data\":[{\"a\":1},{\"a\":2}]};\n"] {
        let converted = convert(text.as_bytes(), &[], ALONE).unwrap();
        assert_eq!((rows(&converted.file).len(), converted.totals.counts.rejected), (2, 0), "{text}");
        assert!(convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).is_err(), "{text}");
    }
}

#[test]
fn one_worker_or_many_give_the_same_bytes() {
    let records: Vec<String> = (0..200).map(record).collect();
    for (what, text) in documents(&records) {
        let file = |workers| convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers }).unwrap().file;
        let one = file(1);
        for workers in [2, 8] {
            assert!(file(workers) == one, "{what} with {workers} workers");
        }
    }
}

#[test]
fn other_encodings_are_read_with_and_without_marks() {
    let records: Vec<String> = (0..30).map(|i| record(i).replace('é', "😀")).collect();
    let text = format!("[{}]", records.join(",\n"));
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let utf32 = |bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(c as u32)).collect::<Vec<u8>>();
    let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
    for source in [
        marked(b"\xEF\xBB\xBF", text.clone().into_bytes()),
        utf16(u16::to_le_bytes),
        marked(b"\xFE\xFF", utf16(u16::to_be_bytes)),
        marked(b"\xFF\xFE\0\0", utf32(u32::to_le_bytes)),
        utf32(u32::to_be_bytes),
    ] {
        for unit_bytes in [500, u64::MAX] {
            let converted = convert(&source, &[], Run { unit_bytes, workers: 2 }).unwrap();
            assert_eq!(rows(&converted.file), rows(&expected.file));
        }
    }
    let mut broken = utf16(u16::to_le_bytes);
    let at = broken.windows(2).position(|pair| pair == 0xD83D_u16.to_le_bytes()).unwrap();
    broken.drain(at..at + 2);
    let converted = convert(&broken, &[], ALONE).unwrap();
    assert_eq!(converted.rejects.iter().map(|r| (r.cause, r.place.byte)).collect::<Vec<_>>(), [(Cause::InvalidEncoding, 2)]);
}

#[test]
fn a_broken_record_costs_that_record_in_every_form() {
    let mut records: Vec<String> = (0..60).map(record).collect();
    let broken = [
        (10, records[10].replace("\"id\": 10", "\"id\": tru")),
        (20, records[20].replace("\"name\": \"", "\"name\": ")),
        (30, records[30].replace("]}", "]")),
        (31, records[31].replace("\"ok\": false", "\"ok\": ")),
        (40, records[40].replace("]}", "]}}")),
    ];
    for (at, record) in broken {
        records[at] = record;
    }
    // Sane records stand for those that are put into their places.
    let stands: Vec<String> = (0..60).map(|i| format!("{{\"stand\":{i}}}")).collect();
    for (what, text) in documents(&stands).into_iter().filter(|(what, _)| !what.contains("pretty")) {
        let text = stands.iter().zip(&records).fold(text, |text, (stand, record)| text.replacen(stand, record, 1));
        let alone = convert(text.as_bytes(), &[], ALONE).unwrap();
        let at = usize::from(what == "keyed");
        let ids: Vec<String> = rows(&alone.file).into_iter().filter_map(|row| row[at].clone()).collect();
        let expected: Vec<String> = (0..60).filter(|i| ![10, 20, 30, 31].contains(i)).map(|i| i.to_string()).collect();
        let lost: Vec<_> = expected.iter().filter(|id| !ids.contains(id)).collect();
        assert!(lost.len() <= 1, "{what}: lost {lost:?}");
        assert!(ids.iter().all(|id| expected.contains(id)), "{what}: {ids:?}");
        let counts = alone.totals.counts;
        assert_eq!(counts.read, counts.written + counts.rejected, "{what}");
        assert!((4..=6).contains(&counts.rejected), "{what}: {counts:?}");
        for reject in &alone.rejects {
            assert!(text[reject.place.byte as usize..].starts_with(&reject.raw), "{what}: {reject:?}");
        }
        for run in runs() {
            assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &alone, format!("{what}, units of {} bytes", run.unit_bytes));
        }
    }
}

#[test]
fn a_byte_lost_anywhere_costs_the_record_that_it_is_in() {
    let records: Vec<String> = (1..6).map(|i| format!("{{\"id\":{i},\"v\":{{\"x\":\"n{i}\",\"t\":[\"p\",\"q\"]}}}}")).collect();
    let forms = [
        ("array", format!("[{}]", records.join(","))),
        ("pretty array", format!("[\n{}\n]", records.iter().map(|r| pretty(r, 2)).collect::<Vec<_>>().join(",\n"))),
        ("within", format!("{{\"meta\":{{\"n\":5}},\"data\":[{}],\"end\":true}}", records.join(","))),
        ("one after another", records.concat()),
    ];
    for (what, text) in forms {
        // Of the second record, and what stands between it and those beside it.
        let ids: Vec<usize> = (1..6).map(|i| text.match_indices(&format!("\"n{i}\"")).next().unwrap().0).collect();
        for at in ids[0] + 3..ids[2] - 15 {
            let mut broken = text.clone().into_bytes();
            broken.remove(at);
            let converted = convert(&broken, &[], ALONE).unwrap();
            let found = format!("{:?}", rows(&converted.file));
            for id in [4, 5] {
                assert!(found.contains(&format!("n{id}")), "{what} without the byte at {at} loses {id}: {found}");
            }
            let kept = (1..4).filter(|id| found.contains(&format!("n{id}"))).count();
            assert!(kept >= 1, "{what} without the byte at {at}: {found}");
        }
    }
}

#[test]
fn the_tweet_comes_out_right_told_nothing() {
    let tweet = "{\n  \"text\": \"RT@abcland: my best day\n...\",\n  \"created_at\": \"Fri Apr 15 10:05:45\n+0000 2020\",\n  \"retweet_count\": 0,\n  \"id_str\": \"561819028170009\",\n  \"entities\": {\n    \"user_mentions\": [],\n    \"hashtags\": []\n  }, ...\n}\n";
    let converted = convert(tweet.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(
        converted.schema,
        [
            "text string",
            "created_at timestamp",
            "retweet_count bigint",
            "id_str string",
            "entities struct<user_mentions:array<void>,hashtags:array<void>>"
        ]
    );
    let row: Vec<_> = rows(&converted.file).remove(0).into_iter().map(Option::unwrap).collect();
    let expected =
        ["RT@abcland: my best day\n...", "2020-04-15 10:05:45Z", "0", "561819028170009", "{\"user_mentions\":[],\"hashtags\":[]}"];
    assert_eq!(row, expected);
    assert_eq!(
        converted.rejects.iter().map(|r| (r.cause, r.outcome, r.place.line)).collect::<Vec<_>>(),
        [(Cause::Syntax, Outcome::Repaired, 1)]
    );
    let blank = convert(tweet.as_bytes(), &[("lineBreaksInText", "blank")], ALONE).unwrap();
    assert_eq!(rows(&blank.file)[0][0].as_deref(), Some("RT@abcland: my best day ..."));
    let text = convert(tweet.as_bytes(), &[("ignoreDayNames", "false")], ALONE).unwrap();
    assert_eq!(text.schema[1], "created_at string");
    let error = convert(tweet.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((error.kind, error.place.unwrap().line, error.place.unwrap().byte), (ErrorKind::Malformed, 2, 36));
    assert!(convert(tweet.as_bytes(), &[("allowEllipsis", "false")], ALONE).is_err());
}

#[test]
fn fail_fast_names_the_place_of_the_first_fault() {
    let text = "[\n  {\"a\": 1},\n  {\"a\": 2,\n   \"a\": x},\n  {\"a\": 3}\n]";
    let error = convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!(
        (error.kind, error.place.unwrap().line, error.place.unwrap().byte as usize),
        (ErrorKind::Malformed, 4, text.find('x').unwrap())
    );
    for (text, byte) in [("[{\"a\":1},]", 9), ("[{\"a\":1}", 8), ("[{\"a\":1}]]", 9), ("{\"d\":[{\"a\":1}{\"a\":2}]}", 13)] {
        let error = convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap();
        assert_eq!((error.kind, error.place.unwrap().byte), (ErrorKind::Malformed, byte), "{text}: {error}");
    }
    let asked = [("mode", "FAILFAST"), ("allowSingleQuotes", "true")];
    assert_eq!(rows(&convert(b"[{'a':1}]", &asked, ALONE).unwrap().file).len(), 1);
}

#[test]
fn arrays_and_values_are_rows_too() {
    let shown = |text: &str, options: &[(&str, &str)]| {
        let converted = convert(text.as_bytes(), options, ALONE).unwrap();
        let rows: Vec<String> = rows(&converted.file)
            .iter()
            .map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("null")).collect::<Vec<_>>().join("|"))
            .collect();
        (converted.schema.join(", "), rows.join(" "))
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(shown("[[1,\"x\"],[2.5,null],[3]]", &[]), pair("_c0 double, _c1 string", "1|x 2.5|null 3|null"));
    assert_eq!(shown("{\"columns\":[\"a\",\"b\"],\"data\":[[1,true],[2,false]]}", &[]), pair("a bigint, b boolean", "1|true 2|false"));
    assert_eq!(shown("[1,2,null,3]", &[]), pair("value bigint", "1 2 null 3"));
    assert_eq!(shown("true", &[]), pair("value boolean", "true"));
    assert_eq!(shown("{\"a\":{\"x\":1},\"b\":{\"x\":2}}", &[]), pair("key string, x bigint", "a|1 b|2"));
    assert_eq!(
        shown("{\"a\":{\"x\":1},\"b\":{\"x\":2}}", &[("recordPath", "$")]),
        pair("a struct<x:bigint>, b struct<x:bigint>", "{\"x\":1}|{\"x\":2}")
    );
    assert_eq!(shown("[{\"a\":1}]", &[("orient", "value")]), pair("value struct<a:bigint>", "{\"a\":1}"));
    assert_eq!(shown("{\"a\":[{\"b\":1},{\"b\":2}]}", &[("record_path", "$.a[*]")]), pair("b bigint", "1 2"));
    assert_eq!(shown("[{\"a\":1,\"b\":null,\"c\":[]}]", &[("dropFieldIfAllNull", "true")]), pair("a bigint", "1"));
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    for (text, kind) in [
        ("", ErrorKind::Empty),
        (" \n", ErrorKind::Empty),
        ("[]", ErrorKind::Empty),
        ("{}", ErrorKind::Empty),
        ("{\"data\":[]}", ErrorKind::Malformed),
        ("[", ErrorKind::Malformed),
        ("{\"a\":x}", ErrorKind::Malformed),
    ] {
        match convert(text.as_bytes(), &[], ALONE) {
            Err(error) => assert!(error.kind == kind || kind == ErrorKind::Malformed && error.kind == ErrorKind::Empty, "{text}: {error}"),
            Ok(converted) => assert_eq!(converted.schema, ["data array<void>"], "{text}"),
        }
    }
    let deep = "[".repeat(100_000);
    for text in [deep.clone(), format!("[{{\"a\":1}},{deep}"), format!("{{\"a\":{deep}"), "[{\"\":".repeat(50_000)] {
        if let Ok(converted) = convert(text.as_bytes(), &[], ALONE) {
            assert!(converted.totals.counts.rejected > 0);
        }
        assert_eq!(convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap().kind, ErrorKind::Malformed);
    }
}

#[test]
fn a_record_beyond_the_bound_is_rejected_wherever_it_is_cut() {
    let long = format!("{{\"a\":\"{}\\\"]}}\"}}", "x".repeat(3_000_000));
    let text = format!("[{{\"a\":\"1\"}},\n{long},\n{{\"a\":\"2\"}}]");
    let cut = convert(text.as_bytes(), &[("maxRecordBytes", "1000")], ALONE).unwrap();
    assert_eq!(cut.rejects.iter().map(|r| (r.cause, r.place.line)).collect::<Vec<_>>(), [(Cause::RecordTooLong, 2)]);
    assert_eq!(rows(&cut.file), [[Some("1".to_owned())], [Some("2".to_owned())]]);
    let whole = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(rows(&whole.file)[1][0].as_ref().unwrap().len(), 3_000_003);
}

#[test]
fn what_comes_late_widens_and_numbers_past_doubles_are_kept() {
    let mut text = "{\"items\":[".to_owned();
    for i in 0..30_000 {
        let comma = if i == 0 { "" } else { ",\n" };
        let _ = match i {
            20_000 => write!(text, "{comma}{{\"id\":0.5,\"late\":{{\"b\":1}}}}"),
            20_001 => write!(text, "{comma}{{\"id\":12345678901234567890,'late':null}}"),
            _ => write!(text, "{comma}{{\"id\":{i},\"at\":\"2024-01-0{}\"}}", 1 + i % 9),
        };
    }
    text += "]}";
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(expected.schema, ["id decimal(21,1)", "at date", "late struct<b:bigint>"]);
    assert_eq!(rows(&expected.file)[20_001][0].as_deref(), Some("12345678901234567890.0"));
    assert_eq!(expected.totals.counts.repaired, 1);
    for workers in [1, 4] {
        let converted = convert(text.as_bytes(), &[], Run { unit_bytes: 100_000, workers }).unwrap();
        assert_same(&converted, &expected, format!("{workers} workers"));
    }
}

#[test]
fn what_is_refused_for_want_of_a_declined_repair_says_which() {
    let refused = |given| convert(b"{\"a\": 1, \"b\": {\"c\": 2}, ...\n}\n", given, ALONE).err().unwrap().hint;
    assert!(refused(&[("allowEllipsis", "false")]).ends_with("may be what it needs: allowEllipsis."));
    assert!(refused(&[("mode", "FAILFAST")]).contains("another mode"));
}
