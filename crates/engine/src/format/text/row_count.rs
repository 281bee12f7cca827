//! The number of rows that a database's client writes below a query's result: `(15 rows)`, `15 rows selected.`, `only showing top 20 rows`

use crate::format::csv::detect::text::Text;
use crate::format::csv::dialect::LineEnd;

/// Whether a line says how many rows stand above it.
pub fn is_row_count(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"(").or_else(|| line.strip_prefix(b"only showing top ")).unwrap_or(line);
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = line.get(digits..).unwrap_or_default().trim_ascii_start().to_ascii_lowercase();
    digits > 0 && line.len() < 60 && [b"row".as_slice(), b"record"].iter().any(|word| is_counted(&rest, word))
}

/// `rows`, `row(s)`, `rows in set`, `records selected.`
fn is_counted(rest: &[u8], word: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(word) else { return false };
    let rest = rest.strip_prefix(b"(s)").or_else(|| rest.strip_prefix(b"s")).unwrap_or(rest);
    let rest = rest.trim_ascii_start();
    rest.is_empty()
        || [b")".as_slice(), b"in set", b"selected", b"affected", b"returned", b"fetched"].iter().any(|end| rest.starts_with(end))
}

/// Where the line with the number of rows begins, if one stands at the end of the source.
pub fn find(text: &Text) -> Option<u64> {
    let head = text.head();
    let trimmed = head.text.trim_end();
    let start = trimmed.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    if !text.is_whole || !is_row_count(&trimmed.as_bytes()[start..]) {
        return None;
    }
    let line = head.text[..start].lines().count() as u64;
    let verbatim = head.offset + start as u64;
    Some(if head.verbatim { verbatim } else { head.line_offset(line, &LineEnd::Any, text.encoding) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_count_rows_in_their_own_words() {
        for line in [
            "(15 rows)",
            "(1 row)",
            "15 rows in set (0.00 sec)",
            "15 rows selected.",
            "(20 row(s) affected)",
            "  3 record(s) selected.",
            "only showing top 20 rows",
        ] {
            assert!(is_row_count(line.as_bytes()), "{line}");
        }
        for line in ["15 rowing boats", "row 15", "15", "15 recorders", "15 rows of seats"] {
            assert!(!is_row_count(line.as_bytes()), "{line}");
        }
    }
}
