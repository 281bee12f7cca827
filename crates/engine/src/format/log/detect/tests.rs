use colonnade_protocol::report::{Change, Finding};

use super::*;
use crate::format::Format;
use crate::format::log::Log;

fn sample(text: &[u8]) -> Sample {
    Sample::read(text).unwrap()
}

fn found(text: &str, given: &[(&str, &str)]) -> Detection {
    let settings = Settings::new(&Log.options(), given.iter().copied()).unwrap();
    detect(None, &sample(text.as_bytes()), settings).unwrap()
}

fn schema(text: &str) -> Vec<String> {
    let pattern = |column: &ColumnSpec| column.pattern.as_ref().map(|pattern| format!(" {pattern}")).unwrap_or_default();
    found(text, &[]).columns.iter().map(|column| format!("{} {}{}", column.name, column.data_type, pattern(column))).collect()
}

#[test]
fn an_access_log_has_typed_columns() {
    let text = concat!(
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326 \"-\" \"Mozilla/4.08 [en]\"\n",
        "::1 - - [10/Oct/2000:13:55:37 +0200] \"-\" 408 - \"http://x/\" \"-\"\n",
    );
    assert_eq!(
        schema(text),
        [
            "remote_host string",
            "ident string",
            "user string",
            "time timestamp dd/MMM/yyyy:HH:mm:ss Z",
            "method string",
            "path string",
            "protocol string",
            "status bigint",
            "bytes bigint",
            "referer string",
            "user_agent string"
        ]
    );
}

#[test]
fn logfmt_has_a_column_a_key() {
    let text = "ts=2024-01-01T00:00:00Z level=info msg=\"it is up\" n=3\nts=2024-01-01T00:00:01Z level=warn n=4 slow\n";
    assert_eq!(schema(text), ["ts timestamp", "level string", "msg string", "n bigint", "slow boolean"]);
}

#[test]
fn timestamps_of_their_own_forms_are_timestamps() {
    let text = "2005-06-03-15.42.50.675872 INFO one two\n2005-06-03-15.42.51.000001 WARN one three\n";
    assert_eq!(schema(text)[0], "timestamp timestamp_ntz yyyy-MM-dd-HH.mm.ss.SSSSSS");
    let found = found("Jun 14 15:16:01 combo sshd[1]: a\nJun 14 15:16:02 combo su[2]: b\n", &[]);
    assert_eq!(found.columns[0].data_type, colonnade_protocol::LogicalType::String);
    assert!(found.findings.iter().any(|finding| finding.what.contains("tell no year")), "{:?}", found.findings);
}

#[test]
fn the_pattern_that_was_found_is_offered() {
    let found =
        found("2015-07-29 17:41:44,747 - INFO  [main] - Time out: 32\n2015-07-29 17:41:45,001 - WARN  [a[b]] - Time out: 64\n", &[]);
    assert_eq!(
        found.settings.text("pattern"),
        r"%{TIMESTAMP:timestamp} - %{LOGLEVEL:level} +\[%{DATA:thread}\] -(?: %{GREEDYDATA:message})?"
    );
    assert_eq!(found.settings.text("recordStart"), "%{TIMESTAMP}");
    assert_eq!(found.settings.text("templates"), "Time out: <*>");
    assert_eq!(
        found.sentence.iter().map(|part| part.text.as_str()).collect::<String>(),
        "Log with a header found from its lines, UTF-8, 4 fields, 1 template of message; 93 % sure: 2 of 2 records match the pattern."
    );
}

#[test]
fn a_pattern_that_is_none_is_refused_with_its_place() {
    let settings = Settings::new(&Log.options(), [("pattern", "%{INT:a} (?<b>x")]).unwrap();
    let error = detect(None, &sample(b"1 x\n"), settings).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage);
    assert!(error.what.contains("never closed by ) (at character 15)"), "{}", error.what);
}

#[test]
fn prose_is_one_column_with_a_row_a_line() {
    let text = "It was the best of times, it was the worst of times,\n\nit was the age of wisdom, it was the age of foolishness\n";
    let found = found(text, &[]);
    assert_eq!(schema(text), ["value string"]);
    assert_eq!(found.estimated_rows, 3);
    assert!(found.confidence <= 0.8);
}

#[test]
fn a_log_may_be_stack_traces_for_the_most_part() {
    let java =
        "java.lang.IllegalStateException: boom\n".to_owned() + &"\tat a.b.C.d(C.java:12)\n".repeat(40) + "Caused by: x.Y\n\t... 3 more\n";
    let python =
        "Traceback (most recent call last):\n".to_owned() + &"  File \"a.py\", line 1, in f\n    f(1)\n".repeat(20) + "ValueError: bad\n";
    let go = "goroutine 1 [running]:\n".to_owned() + &"main.f(0xc000, {0x1})\n\t/a/main.go:12 +0x1d\n".repeat(20) + "exit status 2\n";
    for trace in [java, python, go] {
        let text: String = (10..30).map(|n| format!("2024-05-01 10:00:{n},123 ERROR [main] a.b.C - failed {n}\n{trace}")).collect();
        assert!(likeness(&sample(text.as_bytes()), "x") > 0.9, "{trace}");
        let found = found(&text, &[]);
        assert_eq!(found.estimated_rows, 20, "{trace}");
        assert_eq!(found.settings.text("templates"), "failed <*>", "{trace}");
        assert!(found.confidence > 0.9);
    }
}

#[test]
fn texts_that_are_not_set_in_go_on_records_too_where_a_moment_and_a_level_begin_them() {
    let body = "<?xml version=\"1.0\"?>\n<soap:Envelope>\n".to_owned() + &"<item>one, two</item>\n".repeat(30) + "</soap:Envelope>\n";
    let text: String = (10..40).map(|n| format!("2024-05-01 10:00:{n},123 INFO [main] a.b.C - Request {n}:\n{body}")).collect();
    assert!(likeness(&sample(text.as_bytes()), "x") > 0.9);
    assert_eq!(found(&text, &[]).estimated_rows, 30);
    // A text that has such lines further below is none.
    let text = format!("How to read a log\n{}{text}", "It has lines.\n".repeat(30));
    assert_eq!(found(&text, &[]).settings.text("pattern"), layout::TEXT);
}

fn timestamps(lines: &[&str]) -> (String, Vec<Finding>) {
    let text: String = lines.iter().map(|line| format!("{line} INFO it is up\n")).collect();
    let found = found(&text, &[]);
    let column = &found.columns[0];
    let data_type = format!("{} {}", column.data_type, column.pattern.as_deref().unwrap_or_default());
    (data_type.trim_end().to_owned(), found.findings)
}

#[test]
fn years_of_two_digits_are_told_by_the_order_of_the_lines_or_asked_for_once() {
    let (data_type, findings) = timestamps(&["17/06/09 20:10:40", "17/06/09 20:10:41", "17/06/10 00:00:01"]);
    assert_eq!((data_type.as_str(), findings), ("timestamp_ntz yy/MM/dd HH:mm:ss", Vec::new()));
    let (data_type, findings) = timestamps(&["17/06/09 20:10:40", "17/06/09 20:10:41"]);
    assert_eq!(data_type, "string");
    let said: Vec<&str> = findings.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        said,
        [
            "timestamp: the years of \"17/06/09 20:10:40\" and the other timestamps have two digits, and nothing tells whether they are written as yy/MM/dd HH:mm:ss, or as dd/MM/yy HH:mm:ss; they stay text"
        ]
    );
    assert_eq!(findings[0].fix.as_ref().unwrap().title, "Read timestamp as yy/MM/dd HH:mm:ss, years from 2000 to 2099");
}

#[test]
fn timestamps_that_are_none_are_counted_by_themselves() {
    let (data_type, findings) = timestamps(&["2024-05-01 10:00:00", "2016-12-31 23:59:60", "2024-05-01 10:00:01"]);
    assert_eq!(data_type, "string");
    assert_eq!(findings.len(), 1);
    assert_eq!(
        findings[0].what,
        "timestamp: of 3 timestamps 1 is a leap second (:60), which no timestamp holds, first \"2016-12-31 23:59:60\"; the column stays text"
    );
    assert_eq!(findings[0].fix.as_ref().unwrap().title, "Read timestamp as timestamp_ntz");
}

#[test]
fn nanoseconds_may_be_cut() {
    let (data_type, findings) = timestamps(&["2024-05-01T10:00:00.123456789Z", "2024-05-01T10:00:00.123456000Z"]);
    assert_eq!(data_type, "string");
    assert_eq!(findings.len(), 1);
    assert!(findings[0].what.contains("of 2 timestamps 1 is finer than a microsecond"), "{}", findings[0].what);
    let fix = findings[0].fix.as_ref().unwrap();
    assert_eq!(fix.title, "Read timestamp, cut to microseconds");
    assert_eq!(fix.change, Change::ColumnType { column: "timestamp".to_owned(), data_type: Some("timestamp".to_owned()), pattern: None });
}

#[test]
fn pairs_whose_keys_are_data_are_lines_of_text() {
    let lines = |keys: usize| (0..2000).map(|k| format!("ts={k} k{}=1\n", k % keys)).collect::<String>();
    assert_eq!(schema(&lines(2000)), ["value string"]);
    assert_eq!(schema(&lines(200)).len(), 201);
}

#[test]
fn colours_of_a_terminal_are_taken_off_and_told() {
    let line = |second: u32, colour: u32, level: &str| {
        format!("\u{1b}[90m2024-05-01T10:00:0{second}Z\u{1b}[0m \u{1b}[{colour}m{level}\u{1b}[0m app: it is \u{1b}[1mup\u{1b}[0m\n")
    };
    let text = line(0, 32, "INFO") + &line(1, 33, "WARN") + "  goes \u{1b}[4mon\u{1b}[0m\n" + &line(2, 32, "INFO");
    assert!(likeness(&sample(text.as_bytes()), "x.txt") > 0.85);
    let found = found(&text, &[]);
    let names: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..2], ["timestamp", "level"]);
    assert_eq!(found.columns[0].data_type, colonnade_protocol::LogicalType::Timestamp);
    assert!(found.settings.flag(options::STRIP_COLORS) && !found.settings.text(options::TEMPLATES).contains('\u{1b}'));
    assert!(found.findings.iter().any(|finding| finding.what.contains("colour")), "{:?}", found.findings);
    assert!(!self::found("2024-05-01T10:00:00Z INFO up\n", &[]).settings.flag(options::STRIP_COLORS));
}
