use super::*;

fn fields(pattern: &str, line: &str) -> Option<Vec<(String, Option<String>)>> {
    let pattern = Pattern::compile("pattern", pattern).unwrap();
    let mut found = pattern.captures();
    pattern.matches(line.as_bytes(), &mut found).then(|| {
        let text = |field| found.get(field).map(|(from, to)| line[from..to].to_owned());
        pattern.fields.iter().enumerate().map(|(field, name)| (name.clone(), text(field))).collect()
    })
}

fn values(pattern: &str, line: &str) -> Vec<String> {
    fields(pattern, line)
        .unwrap_or_else(|| panic!("{pattern} does not match {line}"))
        .into_iter()
        .map(|(_, value)| value.unwrap_or("~".to_owned()))
        .collect()
}

#[test]
fn grok_names_and_named_groups_are_fields() {
    let line = "2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:Election@774] - Notification time out: 3200";
    assert_eq!(
        values(r"%{TIMESTAMP:ts} - %{LOGLEVEL:level} +\[%{DATA:thread}\] - %{GREEDYDATA:message}", line),
        ["2015-07-29 17:41:44,747", "INFO", "QuorumPeer[myid=1]/0:0:Election@774", "Notification time out: 3200"]
    );
    let named = r"^(?<Date>\S+) (?P<Time>\S+) - (?<Level>.*?)\s+\[(?<Node>.*?):(?<Component>.*?)@(?<Id>.*?)\] - (?<Content>.*)$";
    assert_eq!(
        values(named, line),
        ["2015-07-29", "17:41:44,747", "INFO", "QuorumPeer[myid=1]/0", "0:Election", "774", "Notification time out: 3200"]
    );
}

#[test]
fn a_character_may_be_given_by_its_number() {
    for pattern in [r"\x{FEFF}?%{GREEDYDATA:a}", r"(?:\x{FEFF}){0,2}%{GREEDYDATA:a}"] {
        assert_eq!(values(pattern, "\u{feff}b"), ["b"]);
        assert_eq!(values(pattern, "b"), ["b"]);
    }
    for pattern in [r"\x{}", r"\x{110000}", r"\x{41", r"\x41", r"\x{FFFFFFFFF}"] {
        assert!(Pattern::compile("pattern", pattern).is_err(), "{pattern}");
    }
}

#[test]
fn what_repeats_a_group_is_matched_by_a_regular_expression() {
    assert_eq!(
        values(
            r"(?<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) %{LOGLEVEL:level} %{TIMESTAMP:ts}",
            "00:1a:2b:3c:4d:5e warning 2024-01-01 10:00:00"
        ),
        ["00:1a:2b:3c:4d:5e", "warning", "2024-01-01 10:00:00"]
    );
    assert!(fields(r"(?:ab)+(?<x>é+)", "ababéé").is_some());
    assert!(fields(r"(?:ab)+(?<x>c)", "ababcd").is_none());
}

#[test]
fn a_choice_takes_the_first_way_that_leads_to_a_match() {
    let request = r#""(?:%{WORD:method} %{DATA:path}(?: %{HTTPVERSION:protocol})?|%{QUOTED:path})" %{INT:status}"#;
    assert_eq!(values(request, r#""GET /a b HTTP/1.1" 200"#), ["GET", "/a b", "HTTP/1.1", "200"]);
    assert_eq!(values(request, r#""GET /a" 200"#), ["GET", "/a", "~", "200"]);
    assert_eq!(values(request, r#""\x16\"\x03" 400"#), ["~", r#"\x16\"\x03"#, "~", "400"]);
    assert_eq!(values(r"(?:%{WORD:tag}: )?%{GREEDYDATA:m}", "no tag here"), ["~", "no tag here"]);
}

#[test]
fn a_pattern_matches_the_whole_line() {
    assert!(fields(r"(?<a>\d+)", "12 x").is_none());
    let pattern = Pattern::compile("recordStart", r"%{TIMESTAMP}").unwrap();
    assert!(pattern.begins(b"2024-01-01 10:00:00 x", &mut pattern.captures()));
    assert!(!pattern.begins(b"  at x", &mut pattern.captures()));
}

#[test]
fn what_is_no_pattern_is_refused_with_what_and_where() {
    for (text, what) in [
        ("%{NOPE:x}", "%{NOPE} is not known"),
        ("(?<x>a", "never closed by )"),
        ("[a-", "never closed by ]"),
        ("a)", "there is no group that this ) closes (at character 1)"),
        ("*a", "nothing that * repeats"),
        ("%{INT:x", "never closed by }"),
        ("(?=a)b", "only (?:...)"),
        (r"a\qb", r"\q is not known"),
        ("%{INT:}", "has no name"),
        ("(?:a){9999}", "goes up to 1000"),
    ] {
        let error = Pattern::compile("pattern", text).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.what.contains(what), "{text}: {}", error.what);
    }
}

#[test]
fn going_back_is_bounded() {
    let pattern = Pattern::compile("pattern", "%{DATA:a} %{DATA:b} %{DATA:c} %{DATA:d} %{DATA:e}!").unwrap();
    let line = " ".repeat(20_000);
    assert!(!pattern.matches(line.as_bytes(), &mut pattern.captures()));
}

#[test]
fn bytes_that_are_no_text_do_not_move_what_is_found() {
    let pattern = Pattern::compile("pattern", r"(?:ab)*(?<x>.*) (?<y>\w+)").unwrap();
    let mut found = pattern.captures();
    assert!(pattern.matches(b"ab\xE9\xE9 cd", &mut found));
    assert_eq!((found.get(0), found.get(1)), (Some((2, 4)), Some((5, 7))));
}
