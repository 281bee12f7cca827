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
