use arrow_array::Array;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorKind, LogicalType, Place};
use proptest::prelude::*;

use super::Xml;
use crate::column::{ColumnSpec, display};
use crate::format::{Format, Input};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::table::Table;

fn sample(text: &[u8]) -> Sample {
    Sample { len: text.len() as u64, head: text.to_vec(), slices: Vec::new() }
}

/// Rows as text and what was listed, of a source that comes in pieces.
fn decoded(text: &[u8], columns: &[ColumnSpec], settings: &Settings, cuts: &[usize]) -> (Vec<String>, Vec<String>) {
    let mut decoder = Xml.decoder(settings, columns).unwrap();
    let (mut rows, mut listed) = (Vec::new(), Vec::new());
    let (mut at, mut line) = (0, 1);
    for &end in cuts.iter().chain([&text.len()]) {
        let place = Place { byte: at as u64, line };
        let at_end = end == text.len();
        let decoded = decoder.decode(Input { bytes: &text[at..end], place, limit: u64::MAX, at_end }).unwrap();
        assert!(decoded.batch.widened.is_empty());
        for row in 0..decoded.batch.rows {
            let mut shown = String::new();
            for column in &decoded.batch.columns {
                if column.is_valid(row) {
                    display::write_cell(column.as_ref(), row, &mut shown);
                }
                shown.push('|');
            }
            rows.push(shown);
        }
        listed.extend(decoded.batch.rejects.iter().map(|reject| format!("{} {}", reject.place, reject.raw)));
        at += decoded.consumed;
        line += decoded.lines;
        assert_eq!(decoded.done, at_end);
    }
    (rows, listed)
}

const DOCUMENT: &str = "\u{feff}<?xml version='1.0'?>\r\n<!DOCTYPE l [<!ENTITY e 'é&amp;'>]><l d='1'>\n<!-- <m/> --><m a='1'><b>x &e;</b><c/>\
    <b><![CDATA[<m>]]></b></m>\r\n...\n<m a=2><b>un <d>closed</m><m a='3'><b>y</b>\n<m a='4'>\u{1F600}<c>1</c></m><other><m a='5'/></other></l>";

#[test]
fn a_document_cut_anywhere_is_read_as_uncut() {
    let text = DOCUMENT.as_bytes();
    let detection = Xml.detect(&sample(text), Settings::new(&Xml.options(), []).unwrap()).unwrap();
    let (columns, settings) = (&detection.columns, &detection.settings);
    let whole = decoded(text, columns, settings, &[]);
    assert_eq!(whole.0.len(), 5);
    for cut in 0..text.len() {
        assert_eq!(decoded(text, columns, settings, &[cut]), whole, "cut at {cut}");
    }
}

#[test]
fn a_record_that_nests_too_deep_is_rejected_and_the_others_read() {
    let deep = |n: usize| format!("<r><x><k>1</k>{}t{}</x><x><k>2</k></x></r>", "<a>".repeat(n), "</a>".repeat(n));
    let read = |text: &str| {
        let detection = Xml.detect(&sample(text.as_bytes()), Settings::new(&Xml.options(), []).unwrap()).unwrap();
        assert!(!detection.findings.iter().any(|finding| finding.what.contains("not well-formed")), "{:?}", detection.findings);
        let row = detection.settings.text("rowTag").to_owned();
        let mut decoder = Xml.decoder(&detection.settings, &detection.columns).unwrap();
        let place = Place { byte: 0, line: 1 };
        let batch = decoder.decode(Input { bytes: text.as_bytes(), place, limit: u64::MAX, at_end: true }).unwrap().batch;
        let reasons: Vec<String> = batch.rejects.iter().map(|reject| reject.reason.clone()).collect();
        (row, batch.rows, batch.counts.repaired, reasons)
    };
    assert_eq!(read(&deep(1000)), ("x".to_owned(), 2, 0, Vec::new()));
    for n in [1100, 100_000] {
        let (row, rows, repaired, reasons) = read(&deep(n));
        assert_eq!((row.as_str(), rows, repaired, reasons.len()), ("x", 1, 0, 1), "{n}");
        assert!(reasons[0].contains("elements nest deeper than 1024"), "{reasons:?}");
        let (row, rows, repaired, reasons) = read(&format!("{}<k>t</k>{}", "<a>".repeat(n), "</a>".repeat(n)));
        assert_eq!((row.as_str(), rows, repaired, reasons.len()), ("a", 0, 0, 1), "{n}: {reasons:?}");
    }
}

#[test]
fn what_is_mended_beside_the_rows_is_listed_counted_and_refused_under_failfast() {
    let cases = [
        (
            "<?xml version='1.0' encoding='UTF-16'?><r><x><k>1</k></x><x><k>2</k></x></r>",
            "declaration names UTF-16LE, and the text is UTF-8",
        ),
        ("<r><x><k>1</k></x></r><?xml version='1.0'?><r><x><k>2</k></x></r>", "second root"),
    ];
    for (text, reason) in cases {
        let read = |options: &[(&str, &str)]| {
            let settings = Settings::new(&Xml.options(), options.iter().copied()).unwrap();
            let detection = Xml.detect(&sample(text.as_bytes()), settings).unwrap();
            let mut decoder = Xml.decoder(&detection.settings, &detection.columns).unwrap();
            let place = Place { byte: 0, line: 1 };
            decoder.decode(Input { bytes: text.as_bytes(), place, limit: u64::MAX, at_end: true })
        };
        let batch = read(&[]).unwrap().batch;
        assert_eq!((batch.rows, batch.counts.repaired), (2, batch.rejects.len() as u64), "{text}");
        assert!(batch.rejects.iter().any(|reject| reject.reason.contains(reason)), "{:?}", batch.rejects);
        assert_eq!(read(&[("mode", "FAILFAST")]).err().unwrap().kind, ErrorKind::Malformed, "{text}");
    }
    let cut = "<?xml version='1.0' encoding='UTF-16'?><r><x><k>1</k></x></r>";
    let settings = Settings::new(&Xml.options(), [("mode", "FAILFAST"), ("encoding", "UTF-8")]).unwrap();
    let detection = Xml.detect(&sample(cut.as_bytes()), settings).unwrap();
    assert_eq!(decoded(cut.as_bytes(), &detection.columns, &detection.settings, &[]).0.len(), 1);
}

#[test]
fn an_entity_that_is_long_and_used_often_is_refused_as_a_bomb() {
    let row = format!("<x>{}</x>", "&a;".repeat(2000));
    let text = format!("<!DOCTYPE r [<!ENTITY a \"{}\">]><r>{}</r>", "a".repeat(100_000), row.repeat(5));
    let error = Table::open(text.as_bytes(), "quad.xml", &Overrides::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Limit, "{error}");
}

proptest! {
    #[test]
    fn any_cuts_of_any_text_change_nothing(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["<m a='1'>", "<m a=2 b>", "</m>", "<b>", "</b>", "t", " & ", "&lt;", "<!-- -->", "<![CDATA[<]]>", "<", ">", "...", "\n", "<c/>", "é"]),
            0..30,
        ),
        cuts in prop::collection::vec(0..200_usize, 0..4),
        takes_all: bool,
    ) {
        let text = format!("<l>{}</l>", pieces.concat());
        let settings = Settings::new(&Xml.options(), [("rowTag", "m")]).unwrap();
        let text_column = |name: &str| ColumnSpec { data_type: LogicalType::String, origin: colonnade_protocol::Origin::Person, ..ColumnSpec::text(name) };
        let mut columns = ["_a", "b", "_VALUE", "xs_any"].map(text_column);
        if takes_all {
            columns[3].data_type = LogicalType::List(Box::new(LogicalType::String));
        }
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut < text.len()).collect();
        cuts.sort_unstable();
        let settings = { let mut settings = settings; settings.set("schemaEvolutionMode", "none"); settings };
        let whole = decoded(text.as_bytes(), &columns, &settings, &[]);
        prop_assert_eq!(decoded(text.as_bytes(), &columns, &settings, &cuts), whole);
    }
}

#[test]
fn elements_whose_names_are_data_are_refused_and_no_table_of_holes() {
    let rows = |count: usize, names: usize| -> String {
        let row = |k: usize| format!("<k{0}>1</k{0}>", k % names);
        format!("<r>{}</r>", (0..count).map(|k| format!("<row>{}</row>", row(k))).collect::<String>())
    };
    let detect = |text: String| Xml.detect(&sample(text.as_bytes()), Settings::new(&Xml.options(), []).unwrap());
    let error = detect(rows(1500, 1500)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
    assert!(error.what.contains("1500 different elements") && error.hint.contains("rowTag"), "{error}");
    assert_eq!(detect(rows(1500, 500)).unwrap().columns.len(), 500);
}
