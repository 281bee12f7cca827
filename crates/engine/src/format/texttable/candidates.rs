//! The layouts that a text may have: what divides its fields.

use super::layout::{Layout, RecordEnd, Separator};
use super::options;
use crate::format::csv::detect::tokens::is_rule;
use crate::format::text::options::unescape;
use crate::format::text::{comments, marks};
use crate::settings::Settings;

/// What tables begin with in TeX.
const TEX_TABLES: &[&str] = &[r"\begin{tabular", r"\begin{deluxetable", r"\begin{longtable", r"\startdata"];
/// What boxes are drawn with between columns, beside `|`.
const BARS: &[&str] = &["│", "┃"];

/// The layouts worth trying; what a person has set stays.
pub fn layouts(head: &str, settings: &Settings) -> Vec<Layout> {
    let comment = if settings.is_by_person("comment") {
        unescape(settings.text("comment"))
    } else {
        comments::prefix(head).unwrap_or_default().to_owned()
    };
    let mut given = options::layout(settings, 1).unwrap_or(Layout {
        separator: Separator::Blanks,
        quote: None,
        comment: Vec::new(),
        record_end: RecordEnd::Line,
    });
    given.comment = comment.into_bytes();
    if !settings.is_by_person("quote") {
        given.quote = quote(head);
    }
    if settings.is_by_person("sep") {
        return vec![given];
    }
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty() && !is_rule(line.as_bytes())).take(300).collect();
    let is_barred = |line: &&&str| marks::at_end(line).map_or(**line, |mark| line.trim_end().trim_end_matches(mark)).contains('|');
    let barred = lines.iter().filter(is_barred).count();
    let mut layouts = Vec::new();
    if barred * 10 >= lines.len() * 6 {
        layouts.push(Layout { separator: Separator::Text(b"|".to_vec()), ..given.clone() });
    }
    for bar in BARS.iter().filter(|bar| lines.iter().filter(|line| line.contains(**bar)).count() * 10 >= lines.len() * 6) {
        layouts.push(Layout { separator: Separator::Text(bar.as_bytes().to_vec()), ..given.clone() });
    }
    if lines.iter().any(|line| TEX_TABLES.iter().any(|begin| line.trim_start().starts_with(begin))) {
        layouts.push(Layout::tex());
    }
    layouts.push(given);
    layouts
}

/// The quote that stands around fields: the double one, unless only single ones do.
fn quote(head: &str) -> Option<u8> {
    let around = |quote: char| {
        let words = head.lines().take(300).flat_map(|line| line.split_ascii_whitespace());
        let (mut opened, mut closed) = (0, 0);
        for word in words {
            opened += usize::from(word.starts_with(quote));
            closed += usize::from(word.len() > 1 && word.ends_with(quote));
        }
        opened > 0 && opened == closed
    };
    if !around('"') && around('\'') { Some(b'\'') } else { Some(b'"') }
}

/// Whether a separator of CSV's stands in the lines, in so many tenths of them as often.
pub fn is_delimited(head: &str, tenths: usize) -> bool {
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(300).collect();
    [',', ';', '\t', ':'].into_iter().any(|separator| {
        let count = |line: &&str| if separator == ':' { colons(line) } else { line.matches(separator).count() };
        let counts: Vec<usize> = lines.iter().map(count).collect();
        let usual = counts.iter().copied().max_by_key(|n| counts.iter().filter(|m| *m == n).count()).unwrap_or(0);
        usual > 0 && counts.iter().filter(|n| **n == usual).count() * 10 >= lines.len() * tenths
    })
}

/// Colons between fields, which are several: a blank behind one, or a time of day, is none.
fn colons(line: &str) -> usize {
    let bytes = line.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_of_time = |at: usize| at > 0 && is_digit(at - 1) && is_digit(at + 1) && is_digit(at + 2) && !is_digit(at + 3);
    let count = memchr::memchr_iter(b':', bytes).filter(|&at| !is_of_time(at) && bytes.get(at + 1) != Some(&b' ')).count();
    if count >= 3 { count } else { 0 }
}
