//! Numbers, sizes and times as a person reads them.

use colonnade_protocol::Place;

/// `1234567` as `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 row`, `2 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Where a record stands: `line 1,234 · byte 56,789`, or `row 1,234` where the source has no lines.
pub fn place(place: &Place) -> String {
    match place.row_number() {
        Some(row) => format!("row {}", count(row)),
        None => format!("line {} \u{b7} byte {}", count(place.line), count(place.byte)),
    }
}

/// The same in short: its line or row. A value in the sample of a source with lines may be known by its byte alone.
pub fn short_place(place: &Place, has_lines: bool) -> String {
    match place.row_number() {
        Some(_) if has_lines => format!("byte {}", count(place.byte)),
        Some(row) => format!("row {}", count(row)),
        None => format!("line {}", count(place.line)),
    }
}

/// Bytes in decimal units, three figures: `84.2 MB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = match value {
        _ if unit == 0 => 0,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {}", UNITS[unit])
}

/// A large count in few characters: `1.2 M`.
pub fn short(n: f64) -> String {
    match n {
        n if n >= 999.5e6 => format!("{:.1} G", n / 1e9),
        n if n >= 999.5e3 => format!("{:.1} M", n / 1e6),
        n if n >= 999.5 => format!("{:.0} k", n / 1e3),
        n => format!("{n:.0}"),
    }
}

/// A time span: `850 ms`, `4.2 s`, `1 min 20 s`, `2 h 5 min`.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match milliseconds {
        0..=999 => format!("{milliseconds} ms"),
        1000..=9_999 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        10_000..=59_999 => format!("{seconds} s"),
        60_000..=3_599_999 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A share as per cent; never `100 %` or `0 %` unless it is exactly that.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    match part as f64 * 100.0 / whole as f64 {
        p if p < 0.1 => "<0.1 %".to_owned(),
        p if p < 9.95 => format!("{p:.1} %"),
        p if p > 99.0 => format!("{:.1} %", p.min(99.9)),
        p => format!("{p:.0} %"),
    }
}

/// A setting's value with what cannot be seen made visible: an empty text, blanks, control characters.
pub fn visible(value: &str) -> String {
    match value {
        "" => "none".to_owned(),
        " " => "space".to_owned(),
        "\t" | "\\t" => "tab".to_owned(),
        other => other.chars().map(|c| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() }).collect(),
    }
}

/// A sentence with its first letter raised.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1000, 19_999_999].map(count), ["0", "999", "1,000", "19,999,999"]);
    }

    #[test]
    fn sizes_keep_three_figures_and_never_show_1000() {
        assert_eq!([0, 999, 1000, 84_200_000, 999_600_000].map(bytes), ["0 B", "999 B", "1.00 kB", "84.2 MB", "1.00 GB"]);
    }

    #[test]
    fn a_share_is_called_whole_or_nothing_only_when_it_is() {
        assert_eq!(percent(199_999, 200_000), "99.9 %");
        assert_eq!(percent(1, 200_000), "<0.1 %");
        assert_eq!(percent(0, 5), "0 %");
        assert_eq!(percent(5, 5), "100 %");
        assert_eq!(percent(1, 3), "33 %");
    }

    #[test]
    fn a_place_without_line_is_a_row_only_where_there_are_no_lines() {
        assert_eq!([true, false].map(|has_lines| short_place(&Place { byte: 41_999, line: 0 }, has_lines)), ["byte 41,999", "row 42,000"]);
        assert_eq!(short_place(&Place { byte: 41_999, line: 7 }, true), "line 7");
    }

    #[test]
    fn time_spans_use_two_units_at_most() {
        assert_eq!([850, 4_200, 80_000, 7_500_000].map(duration), ["850 ms", "4.2 s", "1 min 20 s", "2 h 5 min"]);
    }
}
