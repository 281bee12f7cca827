//! Step 7: lines that are comments.

use super::Guess;
use super::text::Text;
use super::tokens::Tokens;
use crate::format::csv::dialect::Dialect;

/// What comments begin with.
const PREFIXES: &[u8] = b"#%!";
const MOST_RECORDS: usize = 2000;

/// The comment prefix: lines begin with it, and those lines do not have the table's fields. A line that has them right
/// above the data is the header, prefix or not (`#CHROM`).
pub fn find(text: &Text, dialect: &Dialect) -> Guess<Option<u8>> {
    let head = &text.head().text;
    let dialect = Dialect { comment: None, ..dialect.clone() };
    let tokens = Tokens::cut(head, &dialect, MOST_RECORDS);
    let records: Vec<_> = tokens.records.iter().filter(|record| !record.blank).collect();
    for &prefix in PREFIXES {
        let marked = |start: usize| head.as_bytes().get(start) == Some(&prefix);
        let comments: Vec<_> = records.iter().filter(|record| marked(record.start)).collect();
        let others = records.len() - comments.len();
        if comments.is_empty() || others == 0 || dialect.separator.first() == Some(&prefix) {
            continue;
        }
        let width = usual_width(records.iter().filter(|record| !marked(record.start)).map(|record| record.width));
        if width < 2 && !is_remark_block(head, comments.iter().map(|record| record.start), records.len()) {
            continue;
        }
        let as_wide = comments.iter().filter(|record| record.width == width && width > 1).count();
        if as_wide * 10 > comments.len() {
            continue;
        }
        let sign = char::from(prefix);
        let evidence = format!("{} lines begin with {sign}, {as_wide} of them have the table's {width} fields", comments.len());
        return Guess::new(Some(prefix), 0.9, evidence);
    }
    Guess::new(None, 0.9, "no line looks like a comment")
}

/// In one column a comment is told only by a blank behind its sign and by standing on top.
fn is_remark_block(text: &str, starts: impl ExactSizeIterator<Item = usize>, records: usize) -> bool {
    let count = starts.len();
    count * 2 < records && text.starts_with(['#', '%', '!']) && starts.into_iter().all(|start| text[start + 1..].starts_with([' ', '#']))
}

fn usual_width(widths: impl Iterator<Item = usize>) -> usize {
    let mut widths: Vec<usize> = widths.collect();
    widths.sort_unstable();
    widths.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).map_or(0, |run| run[0])
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::sample::Sample;

    fn comment(text: &str) -> Option<u8> {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        find(&Text::read(&sample, UTF_8, 0), &Dialect::default()).value
    }

    #[test]
    fn lines_that_are_no_rows_are_comments() {
        assert_eq!(comment("# made by hand\na,b\n1,2\n# half way\n3,4\n"), Some(b'#'));
        assert_eq!(comment("a,b\n#1,2\n#2,3\n"), None);
    }

    #[test]
    fn a_header_with_a_sign_is_no_comment() {
        assert_eq!(comment("# energy (MeV), n\n0.0,1.0\n0.1,2.0\n"), None);
    }
}
