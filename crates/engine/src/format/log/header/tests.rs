use super::*;

fn found(lines: &[&str]) -> (String, String) {
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    find(&lines).map(|header| (header.pattern, header.start)).unwrap_or_default()
}

#[test]
fn headers_of_usual_logs_are_found() {
    for (lines, pattern) in [
        (
            &[
                "2015-10-18 18:01:47,978 INFO [main] org.apache.App: Created it",
                "2015-10-18 18:01:48,001 WARN [Thread 2] org.apache.Other: It is late",
            ][..],
            r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level} \[%{DATA:thread}\] %{NOTSPACE:logger}:(?: %{GREEDYDATA:message})?",
        ),
        (
            &["081109 203615 148 INFO dfs.Data$Node: one two", "081109 203807 222 WARN dfs.FSName: three four"],
            r"%{TIMESTAMP:timestamp} %{INT:pid} %{LOGLEVEL:level} %{NOTSPACE:component}:(?: %{GREEDYDATA:message})?",
        ),
        (
            &["[10.30 16:49:06] chrome.exe - proxy open", "[10.30 16:49:07] chrome.exe *64 - q1 close - late"],
            r"\[%{TIMESTAMP:timestamp}\] %{DATA:component} -(?: %{GREEDYDATA:message})?",
        ),
        (
            &["20171223-22:15:29:606|Step_LSC|30002312|onStep 3579", "20171223-22:15:29:615|Step_XX|30002312|flush now"],
            r"%{TIMESTAMP:timestamp}\|(?<component>[^|]+)\|(?<pid>[^|]+)\|%{GREEDYDATA:message}",
        ),
        (
            &[
                "[Sat Oct 11 14:32:52.123456 2014] [core:error] [pid 12:tid 5] down",
                "[Sat Oct 11 14:32:53.123456 2014] [mpm_event:notice] [pid 12:tid 7] up",
            ],
            r"\[%{TIMESTAMP:timestamp}\] \[%{WORD:component}:%{LOGLEVEL:level}\] \[%{DATA:thread}\](?: %{GREEDYDATA:message})?",
        ),
        (
            &["[2024-03-05 09:58:06,037: WARNING/Fork-1] Task a ended", "[2024-03-05 09:58:08,708: INFO/Main] Task b ended"],
            r"\[%{TIMESTAMP:timestamp}: %{LOGLEVEL:level}/%{DATA:thread}\](?: %{GREEDYDATA:message})?",
        ),
        (
            &["[2024-03-05 09:58:04,842] WARNING in app.db: failed", "[2024-03-05 09:58:06,260] INFO in app: up, at last"],
            r"\[%{TIMESTAMP:timestamp}\] %{LOGLEVEL:level} %{NOTSPACE:field_1} %{NOTSPACE:component}:(?: %{GREEDYDATA:message})?",
        ),
        (
            &[
                "05-Mar-2024 09:58:04.435 INFO [main] org.a.Catalina.start Server up",
                "05-Mar-2024 09:58:07.350 INFO [main] org.a.Host.stop It is down",
            ],
            r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level} \[%{DATA:thread}\] %{NOTSPACE:logger}(?: %{GREEDYDATA:message})?",
        ),
        (
            &[
                "[2024-03-05 09:58:01,333] WARN Log is loaded for it (kafka.A)",
                "[2024-03-05 09:58:04,639] INFO Log is loaded for it (kafka.B)",
            ],
            r"\[%{TIMESTAMP:timestamp}\] %{LOGLEVEL:level}(?: %{GREEDYDATA:message})?",
        ),
        (
            &["20171223-22:15:29:606|Step_LSC|30002312|on 3579", "20171223-22:5:9:15|Step_XX|30002312|flush now"],
            r"%{TIMESTAMP:timestamp}\|(?<component>[^|]+)\|(?<pid>[^|]+)\|%{GREEDYDATA:message}",
        ),
    ] {
        assert_eq!(found(lines).0, pattern);
    }
}

#[test]
fn a_record_begins_with_its_timestamp() {
    assert_eq!(found(&["[2024-01-01 10:00:00] INFO a b", "[2024-01-01 10:00:01] WARN c d", "  at x.y"]).1, r"\[%{TIMESTAMP}");
}

#[test]
fn a_value_in_brackets_is_not_a_field() {
    for (lines, pattern) in [
        (["INFO {\"u\":1,\"o\":{}}", "INFO {\"u\":2,\"o\":{}}"], r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level}(?: %{GREEDYDATA:message})?"),
        (
            ["INFO [main] {'u': 1} a", "WARN [main] {'u': 2} b"],
            r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level} \[%{DATA:thread}\](?: %{GREEDYDATA:message})?",
        ),
        (["INFO [{\"u\":1},{}]", "INFO [{\"u\":2},{}]"], r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level}(?: %{GREEDYDATA:message})?"),
        (["INFO {u=1, v=2}", "INFO {u=2, v=3}"], r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level}(?: %{GREEDYDATA:message})?"),
        (
            ["INFO {core/db} up", "INFO {core/net} down"],
            r"%{TIMESTAMP:timestamp} %{LOGLEVEL:level} \{%{DATA:component}\}(?: %{GREEDYDATA:message})?",
        ),
    ] {
        let lines = lines.map(|line| format!("2024-05-01 10:00:00 {line}"));
        assert_eq!(found(&[&lines[0], &lines[1], &lines[0]]).0, pattern);
    }
}

#[test]
fn fields_in_brackets_are_named_after_what_they_hold_or_not_at_all() {
    for (lines, pattern) in [
        (["[0.001s][info ][gc]", "[12.345s][error][gc]"], r"\[%{DATA:uptime}\]\[%{LOGLEVEL:level} *\]\[%{DATA:field_1}\]"),
        (["{task.py:12} INFO -", "{other.py:345} INFO -"], r" \{%{DATA:source}\} %{LOGLEVEL:level} -"),
        (
            ["[ INFO][o.e.n.Node  ] [n-1]", "[ERROR][o.e.c.Other ] [n-1]"],
            r"\[ *%{LOGLEVEL:level}\]\[%{DATA:logger} *\] \[%{DATA:field_1}\]",
        ),
        (["[           main] INFO", "[nio-8080-exec-1] INFO"], r"\[ *%{DATA:thread}\] %{LOGLEVEL:level}"),
        ([" app.ERROR:", " app.db.INFO:"], r" %{NOTSPACE:channel}\.%{LOGLEVEL:level}:"),
        (["[7] db@app LOG:", "[8] db@app STATEMENT:"], r" \[%{INT:pid}\] %{NOTSPACE:field_1} (?<level>[A-Z]+\d?):"),
    ] {
        let blank = if lines[0].starts_with('{') || lines[0].contains('@') { " " } else { "" };
        let lines = lines.map(|line| format!("[2024-05-01 10:00:00]{blank}{line} it is up"));
        let expected = format!(r"\[%{{TIMESTAMP:timestamp}}\]{pattern}(?: %{{GREEDYDATA:message}})?");
        assert_eq!(found(&[&lines[0], &lines[1], &lines[0]]).0, expected);
    }
}

#[test]
fn prose_has_no_header() {
    assert_eq!(found(&["It was the best of times,", "it was the worst of times,", "it was the age of wisdom"]).0, "");
}

#[test]
fn a_time_of_day_and_letters_in_brackets_begin_records_too() {
    let (found, _) = found(&[
        "[10:00:00.000] <E> {core/db} query took 0 ms",
        "[10:00:01.200] <W> {core/net} session 1 opened, by u1",
        "[10:00:02.000] <E> {core/db} query took 27 ms",
    ]);
    assert_eq!(found, r"\[%{TIME:time}\] <(?<level>[A-Z])> \{%{DATA:component}\}(?: %{GREEDYDATA:message})?");
}

#[test]
fn a_number_that_is_another_in_each_line_is_no_process() {
    let lines = |number: fn(usize) -> usize| -> Vec<String> {
        (10..30).map(|k| format!("2024-05-01 10:00:{k} {:>6} {} one thing", number(k), if k % 2 == 0 { "path/a b" } else { "c" })).collect()
    };
    let pattern = |lines: Vec<String>| found(&lines.iter().map(String::as_str).collect::<Vec<_>>()).0;
    assert!(pattern(lines(|k| k * 1000)).contains("%{INT:number}"));
    assert!(pattern(lines(|k| k % 3 + 900)).contains("%{INT:pid}"));
}
