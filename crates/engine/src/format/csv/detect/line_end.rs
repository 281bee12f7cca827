//! Step 7: what ends a record. Any of LF, CRLF and CR, unless the text mixes them and one alone makes better records.

use super::Guess;
use super::score::score;
use super::text::Text;
use crate::format::csv::dialect::{Dialect, LineEnd};

/// How much better the records must be.
const BETTER: f64 = 1.02;
const BYTES: usize = 48 * 1024;

/// Finds the line end.
pub fn find(text: &Text, dialect: &Dialect) -> Guess<LineEnd> {
    let head = &text.head().text;
    let (mut lf, mut crlf, mut cr) = (0_usize, 0_usize, 0_usize);
    for at in memchr::memchr2_iter(b'\n', b'\r', head.as_bytes()) {
        match (head.as_bytes()[at], head.as_bytes().get(at + 1)) {
            (b'\r', Some(b'\n')) => crlf += 1,
            (b'\r', _) => cr += 1,
            _ => lf += 1,
        }
    }
    lf -= crlf;
    let evidence = format!("{lf} LF, {crlf} CRLF, {cr} CR");
    let usual = [(lf, "\n"), (crlf, "\r\n"), (cr, "\r")].into_iter().max_by_key(|(count, _)| *count);
    let all = lf + crlf + cr;
    if let Some((count, usual)) = usual
        && count < all
        && count * 2 > all
    {
        let mut end = BYTES.min(head.len());
        while !head.is_char_boundary(end) {
            end -= 1;
        }
        let exact = Dialect { line_end: LineEnd::Exactly(usual.into()), ..dialect.clone() };
        let any = score(&[&head[..end]], dialect);
        let one = score(&[&head[..end]], &exact);
        let share = |score: super::score::Score| score.fitting as f64 / score.records.max(1) as f64;
        if one.width >= any.width && one.value > any.value * BETTER && share(one) > share(any) {
            return Guess::new(exact.line_end, 0.8, format!("{evidence}; only {} of them end whole records", count));
        }
    }
    Guess::new(LineEnd::Any, 0.99, evidence)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::sample::Sample;

    fn line_end(text: &str) -> LineEnd {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        find(&Text::read(&sample, UTF_8, 0), &Dialect::default()).value
    }

    #[test]
    fn mixed_line_ends_all_end_records() {
        assert_eq!(line_end("a,b\r\n1,2\n3,4\r5,6\r\n"), LineEnd::Any);
    }

    #[test]
    fn a_line_feed_within_values_ends_nothing() {
        let text = "id,note,n\r\n".to_owned() + &"1,two\nlines,2\r\n3,one,4\r\n5,other,5\r\n".repeat(9);
        assert_eq!(line_end(&text), LineEnd::Exactly(b"\r\n".to_vec()));
    }
}
