use std::collections::BTreeMap;

use colonnade_protocol::report::{Change, Finding};
use colonnade_protocol::schema::ColumnEvidence;
use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::*;
use crate::column::cells::CellText;
use crate::column::{ColumnParser, ColumnSpec};

fn evidence_of<T: AsRef<[u8]>>(cells: impl IntoIterator<Item = T>) -> TextEvidence {
    let cells = CellText::plain(cells);
    let mut evidence = TextEvidence::new(&Arc::new(CellRules::default()), UTF_8);
    evidence.observe(cells.cells(), &|row| Place { byte: row as u64 * 10, line: row as u64 + 1 });
    evidence
}

fn findings_of<T: AsRef<[u8]>>(name: &str, cells: impl IntoIterator<Item = T>) -> Vec<Finding> {
    findings([(name, &evidence_of(cells))])
}

/// `type` or `type pattern`.
fn inferred(cells: &[&str]) -> String {
    let (data_type, pattern, ..) = evidence_of(cells).conclude();
    pattern.map_or(data_type.to_string(), |pattern| format!("{data_type} {pattern}"))
}

fn reason(cells: &[&str]) -> String {
    match evidence_of(cells).conclude().2 {
        Origin::Detected { evidence, .. } => evidence,
        origin => panic!("{origin:?}"),
    }
}

#[test]
fn the_least_type_that_loses_nothing_is_found() {
    for (cells, expected) in [
        (&["1", "-20", "", "0"][..], "bigint"),
        (&["1", "2.50"], "double"),
        (&["1", "NaN", "2.5"], "double"),
        (&["NaN", "NaN"], "string"),
        (&["1e5", "2"], "double"),
        (&["01", "2"], "string"),
        (&["+1", "2"], "string"),
        (&["9007199254740993", "1"], "bigint"),
        (&["9007199254740993", "0.5"], "decimal(17,1)"),
        (&["12345678901234567890", "100000000000000000000"], "decimal(21,0)"),
        (&["12345678901234567.10", "1.5"], "decimal(19,2)"),
        (&["1234567890123456789012345678901234567890"], "string"),
        (&["true", "FALSE"], "boolean"),
        (&["true", "1"], "string"),
        (&["1", "0"], "bigint"),
        (&["2024-01-01", "2024-02-29"], "date"),
        (&["2024-01-01", "2024-02-30"], "string"),
        (&["2024-01-01", "2024-01-01 10:00"], "timestamp_ntz"),
        (&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], "timestamp"),
        (&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], "string"),
        (&["10:30", "23:59:59.5"], "time"),
        (&["", ""], "string"),
        (&["a", "1"], "string"),
        (&["123e4567-e89b-12d3-a456-426614174000"], "string"),
    ] {
        assert_eq!(inferred(cells), expected, "{cells:?}");
    }
}

#[test]
fn patterns_of_dates_are_found() {
    for (cells, expected) in [
        (&["15.03.2024", "01.02.2024"][..], "date dd.MM.yyyy"),
        (&["15.03.2024", "1.2.2024"], "date d.M.yyyy"),
        (&["1.2.2024", "15.03.2024"], "date d.M.yyyy"),
        (&["01/02/2024", "15/02/2024"], "date dd/MM/yyyy"),
        (&["01/02/2024", "02/15/2024"], "date MM/dd/yyyy"),
        (&["01/02/2024", "2/15/2024"], "date M/d/yyyy"),
        (&["01/02/2024", "12/11/2024"], "string"),
        (&["15/02/2024", "02/15/2024"], "string"),
        (&["2024-01-05", "2024-1-6"], "date yyyy-M-d"),
        (&["2024/01/05 10:30", "2024/01/06 10:30:15"], "timestamp_ntz yyyy/MM/dd H:mm[:ss[.SSSSSS]]"),
        (&["15/Mar/2024:10:30:59 +0000"], "timestamp dd/MMM/yyyy:HH:mm:ss Z"),
        (&["Mar 5, 2024", "Dec 15, 2024"], "date MMM d, yyyy"),
        (&["May 5, 2024", "June 15, 2024"], "date MMMM d, yyyy"),
        (&["15.03.24", "16.03.24"], "string"),
        (&["20240315", "20240316"], "bigint"),
        (&["1:30 PM", "11:15 AM"], "time h:mm a"),
    ] {
        assert_eq!(inferred(cells), expected, "{cells:?}");
    }
}

#[test]
fn a_convention_of_numbers_must_be_proven() {
    for (cells, expected) in [
        (&["1,5", "2"][..], "double #.##0,00"),
        (&["1.234,5", "1.234"], "double #.##0,00"),
        (&["1,234", "2,500"], "string"),
        (&["1,234", "2,5"], "double #.##0,00"),
        (&["1,234", "2,500.5"], "double #,##0.00"),
        (&["1,234", "1,234,567"], "bigint #,##0.00"),
        (&["1.234.567", "12"], "bigint #.##0,00"),
        (&["1.234", "2.5"], "double"),
        (&["1,5", "2.5"], "string"),
        (&["192.168.100.200", "127.100.100.100"], "string"),
        (&["555 123 456", "555 123 457"], "string"),
        (&["1 234,5", "7"], "double # ##0,00"),
        (&["1'234.50", "7"], "double #'##0.00"),
        (&["9.007.199.254.740.993,5", "7"], "decimal(17,1) #.##0,00"),
        (&["1,5", "NaN"], "double #.##0,00"),
    ] {
        assert_eq!(inferred(cells), expected, "{cells:?}");
    }
}

#[test]
fn every_value_fits_the_type_that_was_found() {
    for cells in [
        &["1,5", "1.234", "7", "-3,25"][..],
        &["2024/01/05 10:30", "2024/01/06 10:30:15"],
        &["12345678901234567.10", "1.5", "-0.00"],
        &["Mar 5, 2024", "Dec 15, 2024"],
        &["1e5", "-0", "inf"],
    ] {
        let (data_type, pattern, origin, evidence) = evidence_of(cells).conclude();
        let column = ColumnSpec { data_type, pattern, origin, evidence, ..ColumnSpec::text("c") };
        let parser = ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap();
        assert_ne!(column.data_type, LogicalType::String);
        for cell in cells {
            assert!(parser.fits(cell.as_bytes()), "{cell} in {}", column.data_type);
        }
    }
}

#[test]
fn reasons_are_numbers() {
    for (cells, expected) in [
        (&["1", "2", ""][..], "2 of 2 values are whole numbers"),
        (&["15.03.2024"], "1 of 1 values are dates written as dd.MM.yyyy"),
        (&["1", "2", "3", "x"], "3 of 4 values are whole numbers, \"x\" is not"),
        (&["01", "02"], "2 of 2 values begin with 0 or +, which a number would lose"),
        (&["01/02/2024"], "1 of 1 values can be read day first and month first"),
        (&["1,234"], "1 of 1 values can be read as #.##0,00 and as #,##0.00"),
        (&["a", "b"], "2 of 2 values are text"),
        (&["", ""], "none of 2 rows has a value"),
    ] {
        assert_eq!(reason(cells), expected, "{cells:?}");
    }
}

#[test]
fn the_first_misfits_are_kept_with_their_places() {
    let (.., evidence) = evidence_of(["1", "x", "2", "", "y", "z", "w"]).conclude();
    let integers = evidence.candidates.iter().find(|c| c.data_type == LogicalType::Int64).unwrap();
    assert_eq!((evidence.seen, evidence.nulls, integers.fits), (7, 1, 2));
    let misfits: Vec<_> = integers.misfits.iter().map(|misfit| (misfit.text.as_str(), misfit.place.line)).collect();
    assert_eq!(misfits, [("x", 2), ("y", 5), ("z", 6)]);
}

#[test]
fn an_empty_cell_in_quotes_speaks_against_no_type() {
    let mut cells = CellText::plain(["1"]);
    cells.push(b"", true);
    let mut evidence = TextEvidence::new(&Arc::new(CellRules::default()), UTF_8);
    evidence.observe(cells.cells(), &|_| Place::default());
    let (data_type, _, _, evidence) = evidence.conclude();
    assert_eq!((data_type, evidence.nulls), (LogicalType::Int64, 1));
}

/// How many values fit each type, by the broadest of its patterns: a stricter one may be unknown to a part.
fn most_fits(evidence: &ColumnEvidence) -> BTreeMap<String, u64> {
    let mut most = BTreeMap::new();
    for candidate in &evidence.candidates {
        let fits = most.entry(candidate.data_type.to_string()).or_default();
        *fits = candidate.fits.max(*fits);
    }
    most
}

#[test]
fn merged_evidence_is_that_of_the_whole() {
    let columns: [&[&str]; 5] = [
        &["1", "2.5", "x", "", "2024-01-01", "true"],
        &["15.03.2024", "1.2.2024", "NA", "16.03.2024", "x", "y"],
        &["1,5", "2,5", "1.234,5", "7", "8", "9"],
        &["01/02/2024", "15/02/2024", "x", "y", "01/02/2024", "z"],
        &["a", "b", "15.03.2024", "16.03.2024", "c", "1"],
    ];
    for cells in columns {
        for cut in 0..=cells.len() {
            let place = |base: usize| move |row: usize| Place { byte: 0, line: (base + row) as u64 };
            let rules = Arc::new(CellRules::default());
            let mut whole = TextEvidence::new(&rules, UTF_8);
            whole.observe(CellText::plain(cells).cells(), &place(0));
            let mut head = TextEvidence::new(&rules, UTF_8);
            head.observe(CellText::plain(&cells[..cut]).cells(), &place(0));
            let mut tail = TextEvidence::new(&rules, UTF_8);
            tail.observe(CellText::plain(&cells[cut..]).cells(), &place(cut));
            head.merge(&tail);
            let ((merged, _, _, a), (expected, _, _, b)) = (head.conclude(), whole.conclude());
            assert_eq!((merged, a.seen, a.nulls), (expected, b.seen, b.nulls), "{cells:?} cut at {cut}");
            assert_eq!(most_fits(&a), most_fits(&b), "{cells:?} cut at {cut}");
        }
    }
}

#[test]
fn two_orders_of_day_and_month_are_offered() {
    let findings = findings_of("when", ["01/02/2024", "03/04/2024"]);
    let changes: Vec<_> = findings.iter().map(|finding| finding.fix.clone().unwrap()).collect();
    assert_eq!(changes[0].title, "Read when day first (dd/MM/yyyy)");
    assert_eq!(changes[1].title, "Read when month first (MM/dd/yyyy)");
    let change = |pattern: &str| Change::ColumnType {
        column: "when".to_owned(),
        data_type: Some("date".to_owned()),
        pattern: Some(pattern.to_owned()),
    };
    assert_eq!(changes[0].change, change("dd/MM/yyyy"));
    assert_eq!(changes[1].change, change("MM/dd/yyyy"));
}

#[test]
fn dates_without_a_century_are_text_and_offered() {
    let findings = findings_of("when", ["15.03.24", "16.03.99"]);
    assert_eq!(findings[0].what, "when: the years of \"15.03.24\" and the other dates have two digits");
    assert_eq!(findings[0].fix.as_ref().unwrap().title, "Read when as d.M.yy, years from 2000 to 2099");
}

fn null_value(finding: &Finding) -> &str {
    match &finding.fix.as_ref().unwrap().change {
        Change::Option { id, value: Some(value) } if id == "nullValue" => value,
        change => panic!("{change:?}"),
    }
}

#[test]
fn words_for_null_are_offered() {
    let findings = findings_of("n", ["1", "NA", "2", "-", "NA"]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].what, "n: 3 values are NA, -; the others are whole numbers");
    assert_eq!(null_value(&findings[0]), r#"["NA","-"]"#);
    assert_eq!(null_value(&findings_of("n", ["1", "NA"])[0]), "NA");
}

#[test]
fn words_for_null_in_several_columns_are_one_finding() {
    let columns = [evidence_of(["1", "NA"]), evidence_of(["NA", "2024-01-01"]), evidence_of(["a", "NA"])];
    let findings = findings(["n", "day", "text"].into_iter().zip(&columns));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].what, "2 values of 2 columns (n, day) are NA; the others fit a type");
}

#[test]
fn words_for_null_are_offered_beside_those_in_force() {
    let rules = Arc::new(CellRules::default().with_null_values(["", "none"]));
    let mut evidence = TextEvidence::new(&rules, UTF_8);
    evidence.observe(CellText::plain(["none", "1", "?"]).cells(), &|_| Place::default());
    assert_eq!(null_value(&findings([("n", &evidence)])[0]), r#"["none","?"]"#);
}

#[test]
fn a_format_of_the_settings_is_looked_for_instead_of_the_iso_form() {
    let mut rules = CellRules::default();
    rules.date_format = Some("dd/MM/yyyy".to_owned());
    let infer = |cells: [&str; 2]| {
        let mut evidence = TextEvidence::new(&Arc::new(rules.clone()), UTF_8);
        evidence.observe(CellText::plain(cells).cells(), &|_| Place::default());
        let (data_type, pattern, ..) = evidence.conclude();
        (data_type, pattern)
    };
    assert_eq!(infer(["01/02/2024", "03/04/2024"]), (LogicalType::Date, Some("dd/MM/yyyy".to_owned())));
    assert_eq!(infer(["2024-01-02", "2024-01-03"]), (LogicalType::Date, Some("yyyy-MM-dd".to_owned())));
}

#[test]
fn days_are_timestamps_where_dates_are_not_preferred() {
    let mut rules = CellRules::default();
    rules.prefer_date = false;
    for (cells, pattern) in [(["2024-01-01"], None), (["15.03.2024"], Some("dd.MM.yyyy".to_owned()))] {
        let mut evidence = TextEvidence::new(&Arc::new(rules.clone()), UTF_8);
        evidence.observe(CellText::plain(cells).cells(), &|_| Place::default());
        let (data_type, found, ..) = evidence.conclude();
        assert_eq!((data_type, found), (LogicalType::TimestampNtz, pattern));
    }
}

#[test]
fn a_few_odd_values_are_named_and_the_type_is_offered() {
    let mut cells: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    cells.push("oops".to_owned());
    let findings = findings_of("n", &cells);
    assert_eq!(findings[0].what, "n: 40 of 41 values are whole numbers; 1 is not, first \"oops\" at line 41, byte 400");
    assert_eq!(findings[0].fix.as_ref().unwrap().title, "Read n as bigint");
    assert!(findings_of("n", &cells[..40]).is_empty());
    assert!(findings_of("n", ["a", "b", "1"]).is_empty());
}
