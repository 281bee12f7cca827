use std::fmt::Write;

use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Cause, ErrorKind, Outcome};

use colonnade_engine::Result;

use crate::driver::{self, Converted, Run, assert_same, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn convert(source: &[u8], options: &[(&str, &str)], run: Run) -> Result<Converted> {
    driver::convert(source, &[&[("format", "jsonl")], options].concat(), run)
}

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 2, 5].map(|workers| Run { unit_bytes, workers }))
}

/// Posts as social media's programs give them: nested, with lists that are often empty, and fields that come and go.
fn posts(count: usize) -> String {
    let mut text = String::new();
    for i in 0..count {
        let tags: Vec<_> = (0..i % 4).map(|k| format!("{{\"text\":\"tag{k}\",\"indices\":[{k},{}]}}", k + 5)).collect();
        let geo = if i % 5 == 0 { ",\"geo\":{\"type\":\"Point\",\"coordinates\":[1.5,-2]}" } else { "" };
        let text_value = if i % 3 == 0 { "a \\\"quoted\\\" \\u00e9\\n {\\\"x\\\":1}" } else { "plain é" };
        let end = if i % 7 == 0 { "\r\n\n" } else { "\n" };
        let _ = write!(
            text,
            "{{\"id\":{},\"text\":\"{text_value}\",\"user\":{{\"id\":{i},\"name\":null}},\"tags\":[{}],\"ok\":{}{geo}}}{end}",
            1_700_000_000_000_000_001 + i as u64,
            tags.join(","),
            i % 2 == 0,
        );
    }
    text
}

#[test]
fn units_of_any_size_in_any_order_give_the_rows_of_one() {
    let text = posts(400);
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(
        expected.schema,
        [
            "id bigint",
            "text string",
            "user struct<id:bigint,name:void>",
            "tags array<struct<text:string,indices:array<bigint>>>",
            "ok boolean",
            "geo struct<type:string,coordinates:array<double>>"
        ]
    );
    assert_eq!((expected.totals.counts.written, expected.totals.counts.skipped), (400, 58));
    let row = &rows(&expected.file)[15];
    let expected_row = [
        "1700000000000000016",
        "a \"quoted\" é\n {\"x\":1}",
        r#"{"id":15,"name":null}"#,
        r#"[{"text":"tag0","indices":[0,5]},{"text":"tag1","indices":[1,6]},{"text":"tag2","indices":[2,7]}]"#,
        "false",
        r#"{"type":"Point","coordinates":[1.5,-2]}"#,
    ];
    assert_eq!(row.iter().map(|cell| cell.as_deref().unwrap_or("?")).collect::<Vec<_>>(), expected_row);
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn one_worker_or_many_give_the_same_bytes() {
    let text = posts(400);
    let one = convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers: 1 }).unwrap();
    for workers in [2, 3, 8] {
        assert!(convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers }).unwrap().file == one.file, "{workers} workers");
    }
}

/// Far more than the sample, with what is odd between its slices.
fn late(odd: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for i in 0..40_000 {
        match odd.iter().find(|(at, _)| *at == i) {
            Some((_, line)) => text += line,
            None => {
                let _ = write!(text, "{{\"id\":{i},\"user\":{{\"n\":{i}}},\"tags\":[]}}");
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn fields_and_types_that_come_late_are_not_lost_and_stand_in_one_order() {
    let text = late(&[
        (6_000, r#"{"id":6000.5,"zulu":{"b":1,"a":[]},"user":{"n":1,"y":true}}"#),
        (6_100, r#"{"id":1,"user":{"n":2,"x":"late"},"tags":[{"t":1}]}"#),
        (30_000, r#"{"id":2,"alpha":9007199254740993,"user":null}"#),
        (30_100, r#"{"id":3,"alpha":"text","zulu":{"a":["q"]}}"#),
    ]);
    let mut files = Vec::new();
    for run in
        [ALONE, Run { unit_bytes: 100_000, workers: 1 }, Run { unit_bytes: 100_000, workers: 3 }, Run { unit_bytes: 100_000, workers: 20 }]
    {
        let converted = convert(text.as_bytes(), &[], run).unwrap();
        assert_eq!(
            converted.schema,
            [
                "id double",
                "user struct<n:bigint,x:string,y:boolean>",
                "tags array<struct<t:bigint>>",
                "alpha string",
                "zulu struct<a:array<string>,b:bigint>"
            ]
        );
        let rows = rows(&converted.file);
        assert_eq!(rows.len(), 40_000);
        assert_eq!(rows[6000][0].as_deref(), Some("6000.5"));
        assert_eq!(rows[6000][4].as_deref(), Some(r#"{"a":[],"b":1}"#));
        assert_eq!(rows[6100][1].as_deref(), Some(r#"{"n":2,"x":"late","y":null}"#));
        assert_eq!((rows[30_000][1].as_deref(), rows[30_000][3].as_deref()), (None, Some("9007199254740993")));
        assert_eq!(rows[30_100][3].as_deref(), Some("text"));
        assert_eq!(rows[5][4], None);
        files.push(converted.file);
    }
    assert!(files[1] == files[2] && files[2] == files[3]);
}

#[test]
fn a_broken_line_costs_that_line_and_has_its_place() {
    let mut text = String::new();
    for i in 0..300 {
        match i {
            100 => text += "{\"a\":1,\"b\":}\n",
            120 => text += "\n[1,2]\r\n",
            200 => text += "{\"a\":1,\"a\":2,\"b\":\"x\"}\n",
            250 => text += "{\"a\":3,\"b\":\"\\ud800\"}\n",
            299 => text += "{\"a\":3,\"b\":\"cut",
            _ => text += &format!("{{\"a\":{i},\"b\":\"é{i}\"}}\n"),
        }
    }
    let mut expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    let grouped = expected.rejects.clone();
    expected.rejects.sort_by_key(|reject| reject.place);
    let places: Vec<_> = expected.rejects.iter().map(|r| (r.cause, r.outcome, r.place.line)).collect();
    assert_eq!(
        places,
        [
            (Cause::Syntax, Outcome::Rejected, 101),
            (Cause::NotARow, Outcome::Rejected, 122),
            (Cause::DuplicateKey, Outcome::Repaired, 202),
            (Cause::InvalidEncoding, Outcome::Repaired, 252),
            (Cause::Syntax, Outcome::Rejected, 301),
        ]
    );
    assert_eq!(expected.rejects[0].reason, "no JSON: no value begins here, at character 12");
    assert_eq!(expected.rejects[0].span, Some((11, 12)));
    for reject in &expected.rejects {
        assert_eq!(&text[reject.place.byte as usize..][..reject.raw.len()], reject.raw);
    }
    let counts = expected.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected, counts.repaired, counts.skipped), (300, 297, 3, 2, 1));
    assert_eq!(rows(&expected.file)[198], [Some("2".to_owned()), Some("x".to_owned())]);
    expected.rejects = grouped;
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn each_parse_mode_does_with_a_bad_line_what_its_name_says() {
    let text = "{\"a\":1}\n{\"a\":}\n{\"a\":\"x\"}\n{\"a\":4}\n";
    let schema = ("schema", "a bigint");
    let permissive = convert(text.as_bytes(), &[schema], ALONE).unwrap();
    assert_eq!(rows(&permissive.file), [[Some("1".to_owned())], [None], [Some("4".to_owned())]]);
    let counts = permissive.totals.counts;
    assert_eq!((counts.rejected, counts.repaired, counts.nulled_cells), (1, 1, 1));
    let dropped = convert(text.as_bytes(), &[schema, ("mode", "DROPMALFORMED")], ALONE).unwrap();
    assert_eq!((rows(&dropped.file).len(), dropped.totals.counts.rejected), (2, 2));
    let error = convert(text.as_bytes(), &[schema, ("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((error.kind, error.place.unwrap().line, error.place.unwrap().byte), (ErrorKind::Malformed, 2, 13));
    let kept = convert(text.as_bytes(), &[("columnNameOfCorruptRecord", "_corrupt_record")], ALONE).unwrap();
    assert_eq!(rows(&kept.file)[1], [None, Some("{\"a\":}".to_owned())]);
    assert_eq!(kept.totals.counts.written, 4);
}

#[test]
fn a_value_that_does_not_fit_is_quoted_and_marked_in_its_line() {
    let text = "{\"a\": 1, \"b\": [1]}\n{\"b\": [2], \"a\": \"n/a\"}\n{\"a\": 3, \"b\": {\"x\": \"é\"}}\n";
    let done = convert(text.as_bytes(), &[("schema", "a bigint, b array<int>")], ALONE).unwrap();
    let marked: Vec<_> = done
        .rejects
        .iter()
        .map(|reject| {
            let (from, to) = reject.span.unwrap();
            (reject.reason.as_str(), &reject.raw[from as usize..to as usize])
        })
        .collect();
    let expected = [(r#""n/a" in column a is no bigint"#, "n/a"), (r#""{\"x\": \"é\"}" in column b is no array<int>"#, r#"{"x": "é"}"#)];
    assert_eq!(marked, expected);
}

#[test]
fn a_schema_names_the_columns_that_are_read() {
    let text = "{\"a\":\"5\",\"b\":{\"x\":1},\"c\":[1],\"m\":{\"k\":1.5}}\n{\"d\":true,\"b\":7,\"m\":null}\n";
    let schema = [("schema", "b string, a int, m map<string,double>, n date")];
    let converted = convert(text.as_bytes(), &schema, ALONE).unwrap();
    assert_eq!(converted.schema, ["b string", "a int", "m map<string,double>", "n date"]);
    let rows = rows(&converted.file);
    let shown: Vec<_> = rows[0].iter().map(|cell| cell.as_deref().unwrap_or("null")).collect();
    assert_eq!(shown, [r#"{"x":1}"#, "5", r#"{"k":1.5}"#, "null"]);
    assert_eq!(rows[1][0].as_deref(), Some("7"));
    assert_eq!(converted.totals.counts.repaired, 0);
}

#[test]
fn a_line_beyond_the_bound_is_rejected_wherever_it_is_cut() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(3_000_000));
    let text = format!("{{\"a\":\"1\"}}\n{long}\n{{\"a\":\"2\"}}\n");
    let cut = convert(text.as_bytes(), &[("maxRecordBytes", "1000")], ALONE).unwrap();
    assert_eq!(cut.rejects.iter().map(|r| (r.cause, r.place.line)).collect::<Vec<_>>(), [(Cause::RecordTooLong, 2)]);
    assert_eq!(rows(&cut.file), [[Some("1".to_owned())], [Some("2".to_owned())]]);
    let whole = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(rows(&whole.file)[1][0].as_ref().unwrap().len(), 3_000_000);
}

#[test]
fn bytes_that_are_no_utf_8_are_read_as_windows_1252_and_listed() {
    let text = b"{\"name\":\"Zo\xEB\",\"n\":1}\n{\"name\":\"Zo\xC3\xAB\",\"n\":2}\n";
    let converted = convert(text, &[], ALONE).unwrap();
    assert_eq!(rows(&converted.file).iter().map(|row| row[0].as_deref()).collect::<Vec<_>>(), [Some("Zoë"), Some("Zoë")]);
    assert_eq!(converted.rejects.iter().map(|r| (r.cause, r.place.line)).collect::<Vec<_>>(), [(Cause::InvalidEncoding, 1)]);
}

#[test]
fn empty_objects_and_columns_without_values_are_kept_as_text() {
    let text = "{\"a\":{},\"b\":null,\"c\":[],\"d\":{\"e\":{}}}\n{\"a\":{},\"d\":{\"e\":null}}\n";
    let converted = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(converted.schema, ["a struct<>", "b void", "c array<void>", "d struct<e:struct<>>"]);
    let shown: Vec<_> = rows(&converted.file)[0].iter().map(|cell| cell.clone().unwrap_or("null".to_owned())).collect();
    assert_eq!(shown, ["{}", "null", "[]", r#"{"e":"{}"}"#]);
}

#[test]
fn an_option_of_another_format_is_ignored_and_told_one_of_none_is_refused() {
    let source = b"{\"a\":1}\n{\"a\":2}\n".as_slice();
    let open = |name: &str| {
        let options = vec![(name.to_owned(), ";".to_owned())];
        Table::open(source, "t.jsonl", &Overrides { options, columns: Vec::new() })
    };
    let findings = open("sep").unwrap().detection.findings;
    assert!(findings.iter().any(|finding| finding.what.contains("sep=; was ignored")), "{findings:?}");
    assert_eq!(open("seperator").err().unwrap().kind, ErrorKind::Usage);
    let findings = open("LINESEP").unwrap().detection.findings;
    assert!(findings.iter().any(|finding| finding.what.ends_with("where its brackets close, or its line does")), "{findings:?}");
    let error = open("SamplingRatio").err().unwrap();
    assert!(error.what.starts_with("Spark's SamplingRatio has no meaning here: types are found from"), "{error}");
    assert_eq!((error.kind, error.hint.as_str()), (ErrorKind::Usage, "Leave it out."));
}

#[test]
fn keys_that_are_data_make_a_map_which_widens_late_and_has_each_key_once() {
    let line = |i: usize| {
        let value = if i == 90_000 { "\"x\"".to_owned() } else { i.to_string() };
        let again = if i == 7 { ",\"7\":1" } else { "" };
        format!("{{\"id\":{i},\"m\":{{\"{i}\":{value},\"{}\":0{again}}}}}\n", i + 1)
    };
    let text: String = (0..100_000).map(line).collect();
    let converted = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(converted.schema, ["id bigint", "m map<string,string>"]);
    let rows = rows(&converted.file);
    assert_eq!(rows[7][1].as_deref(), Some(r#"{"7":"7","8":"0"}"#));
    assert_eq!(rows[90_000][1].as_deref(), Some(r#"{"90000":"x","90001":"0"}"#));
    let listed: Vec<_> = converted.rejects.iter().map(|r| (r.cause, r.place.line, r.reason.as_str())).collect();
    assert_eq!(listed, [(Cause::DuplicateKey, 8, "the key \"7\" is given twice; its first value was taken")]);
}
