//! The layout of a log's lines: one that is known ([`super::known`], [`super::w3c`]), pairs of keys and values, one whose
//! header is found from the lines ([`super::header`]), or none.

use std::collections::HashSet;

use super::known::{LAYOUTS, Layout};
use super::level;
use super::pairs::Pairs;
use super::pattern::Pattern;
use super::tabular::{are_cells, are_columns, are_rows, has_long_lines, is_tabular};
use crate::format::csv::detect::prose::Sentences;
use crate::format::wide;

/// The pattern of a text without any layout: a line is a row, as in Spark's reader of text.
pub const TEXT: &str = "%{GREEDYDATA:value}";
/// How sure one is of a layout whose header was found from the lines.
const BY_HEADER: f32 = 0.93;
/// How sure one is of a text without any layout that reads as sentences.
const BY_SENTENCES: f32 = 0.8;
/// Lines that a layout is tried on.
const MOST_LINES: usize = 600;
/// The least share of lines that must match a known layout.
const LEAST: f64 = 0.7;
/// The share by which another pattern of a layout must match more lines to be taken before a plainer one.
const BETTER: f64 = 0.004;

/// A layout found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub title: String,
    pub pattern: String,
    /// With what a record begins; empty: every line is one.
    pub start: String,
    pub comment: String,
    pub null_value: String,
    /// What stands for an empty text.
    pub empty_value: String,
    pub has_messages: bool,
    /// The share of the lines that match.
    pub share: f32,
    /// How sure one is of a layout that all lines match.
    pub most: f32,
}

impl Found {
    fn new(title: &str, pattern: impl Into<String>, share: f64, most: f32) -> Self {
        let nothing = String::new;
        Self {
            title: title.to_owned(),
            pattern: pattern.into(),
            start: nothing(),
            comment: nothing(),
            null_value: nothing(),
            empty_value: nothing(),
            has_messages: false,
            share: share as f32,
            most,
        }
    }

    /// Why it is this layout; `matching`: how many records its pattern matches.
    pub fn evidence(&self, matching: String) -> String {
        match (self.pattern == TEXT, self.most == BY_SENTENCES) {
            (false, _) => matching,
            (true, true) => "the lines read as sentences, and nothing divides them alike".to_owned(),
            (true, false) => "nothing divides the lines alike".to_owned(),
        }
    }

    /// Whether the log itself says its fields, and may say others further below.
    pub fn is_by_directive(&self) -> bool {
        self.title == super::w3c::TITLE
    }

    /// A pattern that a person gave.
    pub fn given(pattern: &str, lines: &[&str]) -> Self {
        let start = Pattern::compile("pattern", pattern).map(|compiled| start_of(&compiled, lines)).unwrap_or_default();
        Self { start, has_messages: true, ..Self::new("lines by a pattern", pattern, 1.0, 0.99) }
    }
}

/// How likely it is that lines are those of a log, 0 to 1.
pub fn likeness(lines: &[&str], name: &str) -> f32 {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let is_named = extension == "log" || extension == "logfmt";
    let filled = lines.iter().filter(|line| !line.trim().is_empty()).count();
    if filled == 0 {
        return 0.0;
    }
    let is_table = matches!(extension.as_str(), "csv" | "tsv" | "tab" | "psv" | "ssv" | "dsv");
    let found = find(lines, lines);
    // A timestamp may be the first cell of a table.
    let behind = ["%{TIMESTAMP:timestamp}", "%{TIME:time}"].iter().find_map(|moment| found.pattern.strip_prefix(moment));
    let is_cell = [",", ";", r"\s+"].iter().any(|mark| behind.is_some_and(|behind| behind.starts_with(mark)));
    let is_bare = behind.is_some_and(|behind| behind.starts_with("(?: ") || behind.starts_with("%{GREEDYDATA"));
    let has_level = found.pattern.contains("LOGLEVEL") || found.pattern.contains("(?<level>");
    // Some layouts are like nothing else; a host and a text may be anything.
    let is_loose = found.most <= BY_HEADER || found.pattern.contains("%{NOTSPACE:host}");
    let tabular = is_loose && !found.pattern.starts_with("%{LOGFMT") && is_tabular(lines, has_level)
        || is_loose && is_bare && are_columns(lines)
        || is_loose && are_rows(lines, &found.start)
        || !has_level && (is_cell || found.most <= BY_HEADER && are_cells(lines, found.pattern.contains("TIMESTAMP")));
    match found.pattern.as_str() {
        TEXT if is_table => 0.0,
        TEXT if Sentences::of(lines.iter().copied()) != Sentences::No => 0.55,
        TEXT if tabular => 0.0,
        TEXT if has_long_lines(lines) => 0.55,
        TEXT => {
            if is_named {
                0.5
            } else {
                0.0
            }
        }
        // What has a word for null is a layout of its own that nothing else looks like.
        _ if !found.null_value.is_empty() => found.most * found.share,
        _ if tabular => {
            if is_named {
                0.6
            } else {
                0.0
            }
        }
        _ if is_table => 0.6 * found.share,
        _ => found.most * found.share.max(if is_named { 0.9 } else { 0.0 }),
    }
}

/// The layout of lines, which are some of `all` those of a sample.
pub fn find(lines: &[&str], all: &[&str]) -> Found {
    let filled: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).take(MOST_LINES).collect();
    if let Some(found) = super::w3c::find(&filled).or_else(|| super::zeek::find(&filled)) {
        return found;
    }
    for layout in LAYOUTS {
        if let Some(found) = known(layout, &filled) {
            // What systemd's journal says of itself: `-- Logs begin at ... --`, `-- Reboot --`.
            let is_drawn = filled.first().is_some_and(|line| line.starts_with("-- ") && line.trim_end().ends_with(" --"));
            let comment = if is_drawn { "-- ".to_owned() } else { found.comment };
            return Found { comment, ..found };
        }
    }
    let of_pairs = filled.iter().filter(|line| is_pairs(line)).count();
    if !filled.is_empty() && of_pairs * 10 >= filled.len() * 9 && !keys_are_data(all) {
        let share = of_pairs as f64 / filled.len() as f64;
        return Found { ..Found::new("logfmt", "%{LOGFMT}", share, 0.95) };
    }
    let bytes: Vec<&[u8]> = filled.iter().map(|line| line.as_bytes()).collect();
    if let Some(header) = super::header::find(&bytes) {
        let (matching, starting) = match (Pattern::compile("pattern", &header.pattern), Pattern::compile("recordStart", &header.start)) {
            (Ok(pattern), Ok(start)) => (share(&pattern, &filled, false), share(&start, &filled, true)),
            _ => (0.0, 0.0),
        };
        if (matching >= 0.2 || header.is_sure && matching > 0.0) && matching >= starting * LEAST {
            let share = (matching / starting.max(0.001)).min(1.0);
            return Found {
                start: header.start,
                has_messages: true,
                ..Found::new("log with a header found from its lines", header.pattern, share, BY_HEADER)
            };
        }
    }
    let sure = if Sentences::of(filled.into_iter()) == Sentences::No { 0.5 } else { BY_SENTENCES };
    Found::new("plain text, a line a row", TEXT, 1.0, sure)
}

/// The pattern of a known layout that lines match best.
fn known(layout: &Layout, lines: &[&str]) -> Option<Found> {
    let mut best: Option<(Pattern, &str, f64)> = None;
    for text in layout.patterns {
        let Ok(pattern) = Pattern::compile("pattern", text) else { continue };
        let share = told(&pattern, lines);
        let needed = best.as_ref().map_or(0.2 * LEAST, |(_, _, best)| best + BETTER);
        if share >= needed && names_more(&pattern, lines) && names_clients(&pattern, lines) && names_containers(&pattern, lines) {
            best = Some((pattern, text, share));
        }
    }
    let (pattern, text, _) = best?;
    let share = share(&pattern, lines, false);
    let start = if layout.has_messages { start_of(&pattern, lines) } else { String::new() };
    let of_records = match Pattern::compile("recordStart", &start) {
        Ok(compiled) if !start.is_empty() => self::share(&compiled, lines, true),
        _ => 1.0,
    };
    let share = share / of_records.max(0.001);
    let found = Found {
        start,
        null_value: layout.null_value.to_owned(),
        has_messages: layout.has_messages,
        ..Found::new(layout.title, text, share.min(1.0), 0.97)
    };
    (share >= LEAST).then_some(found)
}

/// The share of lines that a pattern matches, wholly or from their beginning.
fn share(pattern: &Pattern, lines: &[&str], prefix: bool) -> f64 {
    let mut found = pattern.captures();
    let matches = |line: &&&str| {
        let line = line.trim_end().as_bytes();
        if prefix { pattern.begins(line, &mut found) } else { pattern.matches(line, &mut found) }
    };
    lines.iter().filter(matches).count() as f64 / lines.len().max(1) as f64
}

/// The share of lines that a pattern matches wholly, with their program where it has one.
fn told(pattern: &Pattern, lines: &[&str]) -> f64 {
    let program = pattern.fields.iter().position(|field| field == "program");
    let mut found = pattern.captures();
    let is_told = |line: &&&str| {
        pattern.matches(line.trim_end().as_bytes(), &mut found) && program.is_none_or(|program| found.get(program).is_some())
    };
    lines.iter().filter(is_told).count() as f64 / lines.len().max(1) as f64
}

/// Whether a host and a program are what they are named: neither a level, nor a number, nor absent in most lines.
fn names_more(pattern: &Pattern, lines: &[&str]) -> bool {
    let field = |name: &str| pattern.fields.iter().position(|field| field == name);
    let (Some(host), Some(program)) = (field("host"), field("program")) else { return true };
    let mut found = pattern.captures();
    let (mut matching, mut right, mut programs) = (0, 0, 0);
    for line in lines {
        if !pattern.matches(line.as_bytes(), &mut found) {
            continue;
        }
        matching += 1;
        let text = |field| found.get(field).and_then(|(from, to)| line.as_bytes().get(from..to)).unwrap_or_default();
        let is_word = |word: &[u8]| {
            word.first().is_some_and(u8::is_ascii_alphanumeric) && !word.iter().all(u8::is_ascii_digit) && !level::is_level(word)
        };
        let is_program = |word: &[u8]| !level::is_level(word) && !word.first().is_some_and(u8::is_ascii_digit);
        right += usize::from(is_word(text(host)) && is_program(text(program)));
        programs += usize::from(!text(program).is_empty());
    }
    right * 20 >= matching * 19 && programs * 2 >= matching
}

/// Whether the text in quotes behind a combined log's fields is what a proxy says of its clients: addresses, or nothing.
fn names_clients(pattern: &Pattern, lines: &[&str]) -> bool {
    let Some(field) = pattern.fields.iter().position(|field| field == "http_x_forwarded_for") else { return true };
    let mut found = pattern.captures();
    let (mut matching, mut right) = (0, 0);
    for line in lines {
        if !pattern.matches(line.trim_end().as_bytes(), &mut found) {
            continue;
        }
        let text = found.get(field).and_then(|(from, to)| line.get(from..to)).unwrap_or_default();
        matching += 1;
        right += usize::from(matches!(text, "" | "-" | "unknown") || text.contains(':') || text.matches('.').count() >= 3);
    }
    right * 20 >= matching * 19
}

/// Whether what is named before a bar are containers that print text, and no rows of a table: every bar stands behind one.
fn names_containers(pattern: &Pattern, lines: &[&str]) -> bool {
    let (Some(_), Some(message)) = (pattern.fields.iter().position(|field| field == "container"), pattern.rest_field()) else {
        return true;
    };
    let mut found = pattern.captures();
    let (mut matching, mut texts) = (0, 0);
    for line in lines {
        if pattern.matches(line.trim_end().as_bytes(), &mut found) {
            matching += 1;
            let text = found.get(message).and_then(|(from, to)| line.get(from..to)).unwrap_or_default();
            texts += usize::from(text.trim().contains(' ') && text.contains(char::is_alphabetic));
        } else if line.contains('|') {
            return false;
        }
    }
    texts * 2 >= matching
}

/// With what the records begin that a pattern matches: their timestamp or their level, if all of them do.
fn start_of(pattern: &Pattern, lines: &[&str]) -> String {
    const STARTS: &[&str] = &[
        "%{TIMESTAMP}",
        r"\[%{TIMESTAMP}",
        r"<\d+>",
        "%{LOGLEVEL}",
        r"[DIWEF]\d{4} %{TIME}",
        r"[VDIWEFSA]/",
        r"[DIWEFAU], \[%{TIMESTAMP}",
        r"\d+:[XCSM] %{TIMESTAMP}",
        r"\[ *\d+\.\d{6}\]",
        "# Time: %{TIMESTAMP}",
    ];
    let mut found = pattern.captures();
    let matching: Vec<&str> = lines.iter().copied().filter(|line| pattern.matches(line.trim_end().as_bytes(), &mut found)).collect();
    let all = |start: &&&str| Pattern::compile("recordStart", start).is_ok_and(|start| share(&start, &matching, true) >= 1.0);
    if matching.is_empty() { String::new() } else { STARTS.iter().find(all).map(|start| (*start).to_owned()).unwrap_or_default() }
}

/// Whether lines of pairs have so many keys, and few each, that these are no names.
fn keys_are_data(lines: &[&str]) -> bool {
    let (mut keys, mut values) = (HashSet::new(), 0);
    for line in lines {
        for key in Pairs::new(line.as_bytes()).filter_map(|pair| line.get(pair.key)) {
            keys.insert(key);
            values += 1;
        }
    }
    wide::are_data(keys.len(), lines.len() as u64, values)
}

/// Whether a line is pairs of keys and values, and no text with a `=` in it.
fn is_pairs(line: &str) -> bool {
    let mut pairs = Pairs::new(line.as_bytes());
    let (mut with, mut without) = (0, 0);
    for pair in pairs.by_ref() {
        *(if pair.value.is_some() { &mut with } else { &mut without }) += 1;
    }
    pairs.is_done() && with >= 2 && with >= 2 * without
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(lines: &[&str]) -> String {
        find(lines, lines).title
    }

    #[test]
    fn every_known_pattern_can_be_compiled_and_runs_in_the_scanner() {
        for pattern in LAYOUTS.iter().flat_map(|layout| layout.patterns) {
            assert!(Pattern::compile("pattern", pattern).unwrap().is_scanned(), "{pattern}");
        }
    }

    #[test]
    fn layouts_are_known_by_their_lines() {
        for (line, expected) in [
            (r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326"#, "web access log"),
            (r#"www.x.org:80 1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 - "-" "curl""#, "web access log"),
            ("Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown", "syslog"),
            ("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "syslog"),
            ("2024-01-01T00:00:00.123456+01:00 web1 nginx[12]: started", "syslog"),
            (r#"<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [ex@1 a="b]"] An event"#, "syslog (RFC 5424)"),
            ("I0102 15:04:05.123456    1234 file.go:12] started", "glog"),
            ("03-17 16:13:38.811  1702  2395 D WindowManager: printed", "Android log"),
            ("INFO:root:started", "Python log"),
            (
                r"[Tue Mar 05 09:58:04.472529 2024] [authz_core:error] [pid 542:tid 7] [client 10.0.0.1:5000] AH01630: denied",
                "Apache error log",
            ),
            (r"2024/03/05 09:58:03 [crit] 711#711: *6201 open() failed (2: No such file), client: 10.0.0.1", "nginx error log"),
            (
                r#"7f94 bucket [05/Mar/2024:09:58:06 +0000] 10.0.0.1 - 29BF REST.GET.OBJECT a/b.jpg "GET /b HTTP/1.1" 200 - 9 9 1 - "-" "S3/0.4" -"#,
                "S3 access log",
            ),
            ("2024-03-05T09:58:04.303346789Z stderr F it is up", "container log"),
            ("I, [2024-03-05T09:58:05.701488 #734]  INFO -- : up, at last", "Ruby log"),
            ("1:M 05 Mar 2024 09:58:02.195 * DB saved on disk", "Redis log"),
            ("[ 8838.892678] usb 1-1: new device", "kernel log"),
            ("# Time: 2024-05-01T10:00:00.000000Z", "MySQL slow query log"),
            (r#"ts=2024-01-01T00:00:00Z level=info msg="it is up" n=3"#, "logfmt"),
            ("2015-07-29 17:41:44,747 - INFO  [main:Foo@1] - up and running", "log with a header found from its lines"),
            ("2016-09-28 04:30:30, Info                  CBS    Loaded it", "log with a header found from its lines"),
            ("17/06/09 20:10:40 INFO executor.Backend: Registered it", "log with a header found from its lines"),
            ("It was the best of times", "plain text, a line a row"),
        ] {
            assert_eq!(title(&[line, line, line]), expected, "{line}");
        }
    }

    #[test]
    fn an_access_log_is_read_by_the_fields_it_has() {
        let fields = |lines: &[&str]| {
            let pattern = Pattern::compile("pattern", &find(lines, lines).pattern).unwrap();
            let mut found = pattern.captures();
            let line = lines.last().unwrap();
            assert!(pattern.matches(line.as_bytes(), &mut found), "{line}");
            let field = |(k, name): (usize, &String)| found.get(k).map(|(from, to)| format!("{name}={}", &line[from..to]));
            pattern.fields.iter().enumerate().filter_map(field).collect::<Vec<_>>().join("|")
        };
        let common = r#"10.0.0.1 - - [10/Oct/2023:13:55:01 +0000] "GET /a?\"b\" HTTP/1.1" 200 12"#;
        let read = r#"remote_host=10.0.0.1|ident=-|user=-|time=10/Oct/2023:13:55:01 +0000|method=GET|path=/a?\"b\"|protocol=HTTP/1.1|status=200|bytes=12"#;
        for (tail, expected) in [
            ("", ""),
            (r#" "-" "curl/7""#, "|referer=-|user_agent=curl/7"),
            (r#" "-" "curl/7" "-""#, "|referer=-|user_agent=curl/7|http_x_forwarded_for=-"),
            (r#" "-" "curl/7" "1.2.3.4""#, "|referer=-|user_agent=curl/7|http_x_forwarded_for=1.2.3.4"),
            (r#" "-" "curl/7" "0.1""#, r#"|referer=-|user_agent=curl/7|extra="0.1""#),
            (r#" "-" "curl/7" 0.012"#, "|referer=-|user_agent=curl/7|extra=0.012"),
            (r#" "-" "curl/7" rt=0.01"#, "|referer=-|user_agent=curl/7|extra=rt=0.01"),
            (r#" "-" "curl/7" "1.2.3.4" "0.1""#, r#"|referer=-|user_agent=curl/7|extra="1.2.3.4" "0.1""#),
            (r#" "-" "curl/7" rt=0.1 uct="0.1""#, r#"|referer=-|user_agent=curl/7|extra=rt=0.1 uct="0.1""#),
            (" 0.012", "|extra=0.012"),
        ] {
            let line = format!("{common}{tail}");
            assert_eq!(fields(&[line.as_str(); 20]), format!("{read}{expected}"), "{line}");
            let line = format!("www.ex.org:443 {common}{tail}");
            assert_eq!(fields(&[line.as_str(); 20]), format!("vhost=www.ex.org:443|{read}{expected}"), "{line}");
        }
        let ada = r#"10.0.0.1 - ada lovelace [10/Oct/2023:13:55:01 +0000] "-" 408 -"#;
        assert_eq!(
            fields(&[common, ada]),
            "remote_host=10.0.0.1|ident=-|user=ada lovelace|time=10/Oct/2023:13:55:01 +0000|path=-|status=408|bytes=-"
        );
    }

    #[test]
    fn what_systems_say_in_brackets_is_no_program() {
        let lines = [
            "Jul  1 09:00:55 host kernel[0]: en0: changed",
            "Jul  1 09:01:05 host com.apple.xpc.launchd[1] (com.apple.quicklook[42]): activated",
            "Jul  1 09:01:06 host QQ[12]: report",
        ];
        assert!(find(&lines, &lines).pattern.contains("%{DATA:context}"));
    }

    #[test]
    fn the_journal_speaks_of_itself_in_comments() {
        let lines =
            ["-- Logs begin at Mon 2024-03-04 10:00:00 UTC. --", "Mar 05 09:58:01 host sshd[1]: up", "Mar 05 09:58:02 host sshd[1]: down"];
        let found = find(&lines, &lines);
        assert_eq!((found.title.as_str(), found.comment.as_str()), ("syslog", "-- "));
    }

    #[test]
    fn levels_before_timestamps_are_logs_and_cells_in_quotes_are_none() {
        let likeness = |line: &str| likeness(&[line; 12], "x.txt");
        assert!(likeness("WARN  [main] 2024-03-05 09:58:03,335 Foo.java:276 - Enqueuing it") > 0.9);
        assert!(likeness("INFO  [05 Mar 2024 09:58:05,984] (com.acme.A:49) - hello") > 0.9);
        assert!(likeness(r#"date=2024-03-05 time=09:58:03 devname="FGT 60" msg="a, b" action=accept"#) > 0.9);
        let cells = r#"2024-03-05T09:58:02.473823Z my-elb 10.0.0.2:22690 10.0.0.1:80 0.1 0.7 0.2 200 200 0 29 "GET http://x.org:80/ HTTP/1.1" "curl/7.38.0" - -"#;
        assert_eq!(likeness(cells), 0.0);
        assert_eq!(likeness("2 123456 eni-12 10.0.0.1 10.0.0.2 443 5000 6 12 900 1709632681 1709632741 ACCEPT OK"), 0.0);
    }

    #[test]
    fn tables_are_no_logs() {
        let likeness = |text: &str| likeness(&text.lines().collect::<Vec<_>>(), "x.txt");
        assert_eq!(likeness("time,level,what\n2024-01-01 10:00:00,INFO,up\n2024-01-01 10:00:01,WARN,down\n"), 0.0);
        assert_eq!(likeness("2024-01-01 10:00:00,INFO,up\n2024-01-01 10:00:01,WARN,down\n"), 0.0);
        assert_eq!(likeness("a\tb\n1\t2\n"), 0.0);
        assert!(likeness("2016-09-28 04:30:30, Info   CBS   Loaded it\n2016-09-28 04:30:31, Info   CSI   Called it\n") > 0.9);
        assert_eq!(likeness("name\nada\nbob\n"), 0.0);
        assert!(likeness("2024-01-01 10:00:00,123 INFO it is up\n2024-01-01 10:00:01,001 WARN it is down, again\n") > 0.9);
    }
}
