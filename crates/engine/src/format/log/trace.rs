//! Lines that go on a record, known by what they look like: those of stack traces, and what is set in.

use super::header::words;
use super::{header, level, stamp};

/// What lines of stack traces begin with that are not set in: Java's, .NET's, Python's, Go's, Rust's, PHP's.
const BEGINNINGS: &[&str] = &[
    "Traceback (most recent call last)",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Caused by: ",
    "Suppressed: ",
    "at ",
    "...",
    "File \"",
    "goroutine ",
    "created by ",
    "stack backtrace:",
    "note: run with `RUST_BACKTRACE",
    "thread '",
    "--- End of ",
    "Stack trace:",
    "[stacktrace]",
    "\"}",
];

/// How names of what is thrown end, behind a name.
const THROWN: &[&str] = &["Error", "Exception", "Throwable", "Warning", "Interrupt", "Failure"];

/// The lines without those that go on the record before them: stack traces may be nearly all lines of a log, and tell nothing
/// of its layout. `is_within`: the lines come from the middle of a log, and the first may go on a record.
pub fn left_out<'a>(lines: impl Iterator<Item = &'a str>, mut is_within: bool) -> impl Iterator<Item = &'a str> {
    lines.filter(move |line| {
        if is_within && goes_on(line) {
            return false;
        }
        is_within |= begins(line);
        true
    })
}

/// Whether lines have a record among them, on which others may go.
pub fn has_record<'a>(mut lines: impl Iterator<Item = &'a str>) -> bool {
    lines.any(begins)
}

/// Whether a line may be the first of a record: a moment, or a level with a text behind it.
fn begins(line: &str) -> bool {
    let bytes = line.as_bytes();
    let has_level = |text: &[u8]| level::scan(text).is_some_and(|end| text.len() > end + 2);
    let is_set_in = bytes.first().is_none_or(|byte| byte.is_ascii_whitespace());
    !is_set_in
        && (header::first_stamp(bytes).is_some() || header::first_time(bytes) || has_level(bytes.strip_prefix(b"[").unwrap_or(bytes)))
}

/// Whether a line looks like one that goes on a record.
fn goes_on(line: &str) -> bool {
    let text = line.trim_ascii_start();
    if text.len() < line.len() && !text.is_empty() {
        // Records may be set in too, as numbers and levels are.
        let bytes = text.as_bytes();
        return header::first_stamp(bytes).is_none() && !header::first_time(bytes) && level::scan(bytes).is_none();
    }
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) || is_thrown(text) || is_call(text) || is_frame(text)
}

/// A frame as PHP and Ruby say it: `#0 /app/a.php(12): f()`, ``/app/a.rb:12:in `f'``.
fn is_frame(line: &str) -> bool {
    if line.split_once(":in ").is_some_and(|(place, _)| words::is_source(place.as_bytes())) {
        return true;
    }
    let digits = line.strip_prefix('#').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    digits > 0 && line[1 + digits..].starts_with(' ')
}

/// What was thrown: `java.lang.IllegalStateException: boom`, `ValueError: bad`, `KeyboardInterrupt`.
fn is_thrown(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default().trim_ascii_end();
    let name = name.strip_prefix("Exception in thread ").and_then(|rest| rest.rsplit(' ').next()).unwrap_or(name);
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$');
    name.starts_with(|char: char| char.is_ascii_alphabetic())
        && name.bytes().all(of_name)
        && (name.contains('.') || THROWN.iter().any(|thrown| name.len() > thrown.len() && name.ends_with(thrown)))
}

/// A function that was called, as Go says it: `main.(*Server).run(0xc000, {0x1, 0x2})`.
fn is_call(line: &str) -> bool {
    let line = line.trim_ascii_end();
    let Some((name, _)) = line.split_once('(').filter(|_| line.ends_with(')')) else { return false };
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-');
    name.contains('.') && name.bytes().all(of_name) && stamp::scan(line.as_bytes()).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> Vec<&str> {
        left_out(text.lines(), false).collect()
    }

    #[test]
    fn traces_are_left_out_behind_a_record() {
        for trace in [
            "java.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException\n\t... 3 more",
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f(1)\nValueError: bad note",
            "goroutine 1 [running]:\nmain.(*T).run(0xc000, {0x1, 0x2})\n\t/a/main.go:12 +0x1d\ncreated by main.main",
            "/a.rb:3:in `f': no (RuntimeError)\n\tfrom /a.rb:9:in `<main>'",
            "[stacktrace]\n#0 /a.php(12): f()\n#1 {main}\n\"} ",
            "System.InvalidOperationException: no\n   at A.B() in C:\\a.cs:line 3",
        ] {
            let text = format!("2024-05-01 10:00:00 ERROR failed\n{trace}\n2024-05-01 10:00:01 INFO up");
            assert_eq!(left(&text), ["2024-05-01 10:00:00 ERROR failed", "2024-05-01 10:00:01 INFO up"], "{trace}");
            assert_eq!(left(trace), trace.lines().collect::<Vec<_>>());
        }
    }

    #[test]
    fn records_that_are_set_in_are_records() {
        for text in ["WARNING it is late\n   INFO it is up", "12 2024-05-01 10:00:00 a\n 3 2024-05-01 10:00:01 b", "10:00:00 a\n 9:00:00 b"]
        {
            assert_eq!(left(text).len(), 2, "{text}");
        }
        assert_eq!(left("Error: a\nWarning: b\nError: c").len(), 3);
    }
}
