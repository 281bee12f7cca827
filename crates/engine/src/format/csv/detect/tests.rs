use super::*;
use crate::format::csv::options;

fn found(text: &str, given: &[(&str, &str)]) -> CsvDetection {
    let settings = Settings::new(&options::declared(), given.iter().copied()).unwrap();
    detect(&Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() }, &settings).unwrap()
}

fn names(found: &CsvDetection) -> Vec<&str> {
    found.columns.iter().map(|column| column.name.as_str()).collect()
}

fn sentence(found: &CsvDetection) -> String {
    found.sentence.iter().map(|part| part.text.as_str()).collect()
}

#[test]
fn a_plain_table_is_described() {
    let found = found("id;name;price\n1;Ann;1,5\n2;Bob;2,25\n", &[]);
    assert_eq!(found.dialect.separator, b";");
    assert_eq!(names(&found), ["id", "name", "price"]);
    assert_eq!(found.data_start, Place { byte: 14, line: 2 });
    assert_eq!(sentence(&found), "Semicolon-separated, UTF-8, header on line 1, 3 columns; 97 % sure: 2 of 2 lines have 3 fields.");
}

#[test]
fn titles_and_notes_are_not_rows() {
    let text = "Sales report\nJanuary, all shops\n\nshop,day,sum\nA,2024-01-01,5\nB,2024-01-02,7\nC,2024-01-03,7\n\n(3 rows affected)\n";
    let found = found(text, &[]);
    assert_eq!(names(&found), ["shop", "day", "sum"]);
    assert_eq!(found.settings.get("skipRows"), Some("3"));
    assert_eq!(found.table_end, Some(text.find("\n\n(3").unwrap() as u64 + 1));
    assert_eq!(found.findings.len(), 1);
}

#[test]
fn a_person_is_believed() {
    let text = "a;b,c\n1;2,3\n4;5,6\n";
    assert_eq!(found(text, &[("sep", ";"), ("header", "false")]).data_start.line, 1);
    assert_eq!(names(&found(text, &[("sep", ";"), ("skipRows", "1")])), ["_c0", "_c1"]);
    assert_eq!(names(&found(text, &[("sep", ";"), ("skipRows", "1"), ("header", "true")])), ["1", "2,3"]);
}

#[test]
fn a_trailing_separator_opens_no_column() {
    let found = found("a;b\n1;2;\n3;4;\n", &[]);
    assert!(found.dialect.trailing_separator);
    assert_eq!(names(&found), ["a", "b"]);
}

#[test]
fn an_empty_last_column_is_offered_to_be_dropped() {
    let text = "a;b;\n1;2;\n3;4;\n";
    let as_it_is = found(text, &[]);
    assert_eq!(names(&as_it_is), ["a", "b", "_c2"]);
    assert_eq!(as_it_is.findings.len(), 1);
    assert_eq!(names(&found(text, &[("trailingSeparator", "true")])), ["a", "b"]);
}

#[test]
fn row_names_as_r_writes_them_have_a_column() {
    let found = found("\"mpg\",\"cyl\"\n\"Mazda\",21,6\n\"Fiat\",32.4,4\n", &[]);
    assert_eq!(names(&found), ["_c0", "mpg", "cyl"]);
    assert!(found.findings[0].what.starts_with("the header has 2 names for 3 columns"));
}

#[test]
fn one_column_needs_no_separator() {
    let found = found("city\nParis\nLondon\nNew York\n", &[]);
    assert_eq!(names(&found), ["city"]);
    assert_eq!(found.data_start.line, 2);
}

#[test]
fn nothing_to_read_is_said() {
    for text in ["", "\n\n", " \n", "# a\n"] {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        let result = detect(&sample, &Settings::default());
        assert!(text == "# a\n" || result.is_err_and(|error| error.kind == ErrorKind::Empty), "{text:?}");
    }
}

#[test]
fn words_in_cells_are_no_columns() {
    let rows: String = (0..60).map(|i| format!("{i};Anna Maria \"{i}\" x\n")).collect();
    assert_eq!(found(&format!("id;name\n{rows}"), &[]).dialect.separator, b";");
}

#[test]
fn one_stray_quote_does_not_unseat_a_separator() {
    let rows: String = (0..900)
        .map(|i| if i == 77 { "77,\"never closed,1\n".to_owned() } else { format!("{i},name {i},{}\n", f64::from(i) / 4.0) })
        .collect();
    assert_eq!(found(&format!("id,name,x\n{rows}"), &[]).dialect.separator, b",");
}

fn whatever(bytes: Vec<u8>) {
    let settings = Settings::new(&options::declared(), []).unwrap();
    let sample = Sample::read(bytes.as_slice()).unwrap();
    if let Ok(found) = detect(&sample, &settings) {
        assert!(found.data_start.byte <= bytes.len() as u64);
        assert!(found.table_end.is_none_or(|end| end <= bytes.len() as u64 && end >= found.data_start.byte));
        assert!(!found.columns.is_empty());
        assert!((0.0..=1.0).contains(&found.confidence));
        assert_eq!(options::dialect(&found.settings).unwrap(), found.dialect);
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_described_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        whatever(bytes);
    }

    #[test]
    fn any_text_is_described_or_refused(text in "[ab1é,;\"'#=: \\t\\r\\n\\\\|-]{0,300}", wide: bool) {
        let bytes = if wide { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { text.into_bytes() };
        whatever(bytes);
    }
}

#[test]
fn a_first_row_that_comes_again_is_a_row_where_all_is_text() {
    let text = "red,apple\nyellow,banana\nred,cherry\ngreen,apple\nred,apple\n";
    assert_eq!(found(text, &[]).header_rows, 0);
    assert_eq!(found("id,v\n1,2\n3,4\nid,v\n5,6\n", &[]).header_rows, 1);
}

#[test]
fn a_name_above_values_of_one_column_is_its_name() {
    type Value = fn(usize) -> String;
    let columns: [(&str, Value); 10] = [
        ("created", |i| format!("2024-01-{:02} 03:{:02}:05", 1 + i % 28, i % 60)),
        ("t", |i| format!("{:02}:04:{:02}", i % 24, i % 60)),
        ("price", |i| format!("{i},50")),
        ("fullname", |i| format!("First{i} Last{i}")),
        ("address", |i| format!("{i} Main Street")),
        ("mac", |i| format!("00:1a:2b:3c:4d:{:02x}", i % 256)),
        ("path", |i| format!("C:\\Users\\x{i}")),
        ("url", |i| format!("https://example.org/a/{i}?x=1")),
        ("email", |i| format!("user{i}@example.org")),
        ("ratio", |i| format!("{i}:{}", i + 1)),
    ];
    for (name, value) in columns {
        for count in [1, 3, 300] {
            let rows: String = (0..count).map(|i| value(i) + "\n").collect();
            let found = found(&format!("{name}\n{rows}"), &[]);
            assert_eq!(names(&found), [name], "{count} rows");
            assert_eq!((found.header_rows, found.data_start.line), (1, 2), "{name}, {count} rows");
        }
    }
}

#[test]
fn a_title_above_a_divided_table_names_no_column() {
    assert_eq!(names(&found("Sales\na,b\nx,1\ny,2\nz,3\n", &[])), ["a", "b"]);
    assert_eq!(found("Users\nroot:x:0:root\nann:x:10:users\nbob:x:11:users\nkim:x:12:users\n", &[]).columns.len(), 4);
    assert_eq!(found("Matrix\n1 2 3\n4 5 6\n7 8 9\n3 4 5\n", &[]).columns.len(), 3);
}

#[test]
fn a_separator_of_two_bytes_keeps_a_value_that_holds_one() {
    assert_eq!(names(&found("a||b||c\n1||x,y||3\n2||p||4\n3||q|r||5\n", &[])), ["a", "b", "c"]);
    assert_eq!(names(&found("a|x|b|y|c\n1||2||3\n4||5||6\n", &[])), ["a", "x", "b", "y", "c"]);
}

#[test]
fn a_value_alone_is_a_row_and_names_beside_each_other_are_names() {
    assert_eq!((found("hello\n", &[]).header_rows, found("hello", &[]).header_rows), (0, 0));
    assert_eq!(names(&found("id,name,age\n", &[])), ["id", "name", "age"]);
    assert_eq!(found("id,name,age\n", &[]).header_rows, 1);
}

#[test]
fn a_list_keeps_its_first_value_and_a_column_its_name() {
    let urls = found("https://e.org/0\nhttps://e.org/1\nhttps://e.org/2\n", &[]);
    assert_eq!((urls.header_rows, urls.data_start.line, urls.findings.len()), (0, 1, 0));
    let mails = found("email\na@b.org\nd@e.org\n", &[]);
    assert_eq!((names(&mails), mails.header_rows, mails.findings.len()), (vec!["email"], 1, 0));
    let open = found("plum\napple\npear\n", &[]);
    assert_eq!((open.header_rows, open.findings.len()), (0, 1));
    let by_person = found("plum\napple\npear\n", &[("header", "true")]);
    assert_eq!((names(&by_person), by_person.findings.len()), (vec!["plum"], 0));
}
