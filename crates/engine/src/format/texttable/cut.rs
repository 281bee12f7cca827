//! Cuts a text table into the cells of its columns.

use colonnade_protocol::Cause;

use super::layout::{Layout, RecordEnd, visible};
use crate::column::{Cells, Span};
use crate::format::csv::detect::tokens::is_rule;
use crate::format::lines::{count_line_ends, line_at};
use crate::format::text::{Cutter, OddRecord, Reached, Tokens, is_ellipsis};
use crate::words::counted;

/// Cuts records of a known number of columns.
pub struct TableCutter {
    pub layout: Layout,
    pub columns: usize,
    pub max_record_bytes: usize,
    /// What is no row is kept as one all the same, for the corrupt-record column.
    pub keep_all: bool,
    /// A line that is nothing but an ellipsis is a record like any other.
    pub keep_ellipses: bool,
    /// The header's names, where a record that repeats them is no row.
    pub header: Vec<Vec<u8>>,
    /// The records' ends were guessed: each record that needed them is listed as repaired.
    pub repairs: bool,
}

impl TableCutter {
    /// What was done to the record's lines, where that was a guess.
    fn repair(&self, text: &[u8], start: usize, end: usize, next: usize) -> Option<String> {
        let lines = count_line_ends(text[start..end].trim_ascii_end()) + 1;
        let marked = match &self.layout.record_end {
            RecordEnd::Text { end: mark, .. } if text[end..next.max(end)].starts_with(mark) => Some(visible(mark)),
            _ => None,
        };
        let joined = (lines > 1).then(|| format!("{lines} lines joined to one record"));
        match (self.repairs, joined, marked) {
            (false, ..) | (true, None, None) => None,
            (true, Some(joined), None) => Some(joined),
            (true, None, Some(mark)) => Some(format!("the record ends with {mark}, which was taken off")),
            (true, Some(joined), Some(mark)) => Some(format!("{joined}; it ends with {mark}, which was taken off")),
        }
    }

    /// Whether a line that is not whole yet may be a comment, drawn or dots.
    fn may_be_no_row(&self, line: &[u8]) -> bool {
        let drawn = |byte: &u8| b"-=+|: \t.\xe2\x80\xa6".contains(byte);
        self.layout.is_comment(line) || self.layout.comment.starts_with(line.trim_ascii_start()) || line.iter().all(drawn)
    }

    fn is_header(&self, text: &[u8], first_span: usize, tokens: &Tokens) -> bool {
        if self.header.len() != self.columns || tokens.spans.len() - first_span != self.columns {
            return false;
        }
        let cells = Cells { text, scratch: &tokens.scratch, spans: &tokens.spans[first_span..], stride: self.columns, column: 0 };
        cells.spans.iter().zip(&self.header).all(|(span, name)| cells.bytes(*span) == name.as_slice())
    }

    /// Makes a row of the record's fields, or lists it.
    fn row(&self, text: &[u8], (start, end, next): (usize, usize, usize), tokens: &mut Tokens) {
        let (first_span, first_scratch) = (tokens.spans.len(), tokens.scratch.len());
        self.layout.fields(text, start, end, &mut tokens.spans, &mut tokens.scratch);
        let fields = tokens.spans.len() - first_span;
        if fields == 0 {
            tokens.skipped += 1;
            return;
        }
        if self.is_header(text, first_span, tokens) {
            tokens.scratch.truncate(first_scratch);
            tokens.reject_header(start, end, first_span);
            return;
        }
        tokens.spans.resize(first_span + self.columns, Span::MISSING);
        let repair = self.repair(text, start, end, next);
        let row = tokens.starts.len() as u32;
        tokens.starts.push(start as u32);
        let (cause, wrong) = match fields.cmp(&self.columns) {
            std::cmp::Ordering::Equal => (Cause::RecordEnd, None),
            std::cmp::Ordering::Less => (Cause::TooFewFields, Some("the missing are null".to_owned())),
            std::cmp::Ordering::Greater => (Cause::TooManyFields, Some(format!("the last {} dropped", fields - self.columns))),
        };
        let wrong =
            wrong.map(|what| format!("{} where the table has {}; {what}", counted(fields, "field"), counted(self.columns, "column")));
        let reasons: Vec<String> = wrong.into_iter().chain(repair).collect();
        if !reasons.is_empty() {
            let reason = reasons.join("; ");
            tokens.odd.push(OddRecord { row: Some(row), start: start as u32, end: end as u32, cause, reason, span: None, by: None });
        }
    }
}

impl Cutter for TableCutter {
    fn columns(&self) -> usize {
        self.columns
    }

    fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.clear();
        let mut at = 0;
        if tokens.within_long_line {
            let Some((_, next)) = line_at(text, 0, at_end) else { return Reached { consumed: text.len(), done: at_end } };
            tokens.within_long_line = false;
            at = next;
        }
        while at < limit && at < text.len() {
            let line = line_at(text, at, at_end);
            if let Some((end, next)) = line {
                let line = &text[at..end];
                let none = line.trim_ascii().is_empty() || self.layout.is_comment(line) || is_rule(line);
                let ellipsis = !none && is_ellipsis(line);
                if none || ellipsis && !(self.keep_all || self.keep_ellipses) {
                    if ellipsis {
                        tokens.reject_ellipsis(at, end);
                    }
                    tokens.skipped += u64::from(none);
                    at = next;
                    continue;
                }
                if ellipsis {
                    self.row(text, (at, end, next), tokens);
                    at = next;
                    continue;
                }
            }
            let record = if line.is_none() && self.may_be_no_row(&text[at..]) { None } else { self.layout.record(text, at, at_end) };
            let (end, next) = record.unwrap_or((text.len(), text.len()));
            if end - at > self.max_record_bytes {
                tokens.reject_too_long(at, end, self.max_record_bytes);
                tokens.within_long_line = record.is_none() && !text.ends_with(b"\n");
            } else if record.is_none() {
                return Reached { consumed: at, done: false };
            } else {
                self.row(text, (at, end, next), tokens);
            }
            at = next;
        }
        Reached { consumed: at, done: at >= limit || at_end }
    }

    fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.reject_lines(text, limit, at_end, self.max_record_bytes)
    }

    fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        self.layout.find_record(text, from, at_end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Separator;
    use super::*;

    fn cutter(separator: Separator, record_end: RecordEnd) -> TableCutter {
        let layout = Layout { separator, quote: Some(b'"'), comment: b"#".to_vec(), record_end };
        TableCutter { layout, columns: 3, max_record_bytes: 1000, keep_all: false, keep_ellipses: false, header: Vec::new(), repairs: true }
    }

    fn rows(text: &[u8], tokens: &Tokens) -> Vec<Vec<String>> {
        let cells = Cells { text, scratch: &tokens.scratch, spans: &tokens.spans, stride: 3, column: 0 };
        let show = |span: &Span| if span.is_missing() { "-".to_owned() } else { String::from_utf8_lossy(cells.bytes(*span)).into_owned() };
        tokens.spans.chunks(3).map(|row| row.iter().map(show).collect()).collect()
    }

    type Listed = Vec<(Option<u32>, String)>;

    fn read(cutter: &TableCutter, text: &str) -> (Vec<Vec<String>>, Listed) {
        let mut tokens = Tokens::default();
        let reached = cutter.run(text.as_bytes(), usize::MAX, true, &mut tokens);
        assert_eq!((reached.consumed, reached.done), (text.len(), true));
        (rows(text.as_bytes(), &tokens), tokens.odd.iter().map(|odd| (odd.row, odd.reason.clone())).collect())
    }

    fn mark(end: &str) -> RecordEnd {
        RecordEnd::Text { end: end.as_bytes().to_vec(), joins: true }
    }

    #[test]
    fn runs_of_blanks_are_one_separator_and_quotes_hold_blanks() {
        let (rows, odd) = read(&cutter(Separator::Blanks, RecordEnd::Line), "# x\n 1\t\"a \"\"b\"\"\"  3 \n----- ---\n4 it\"s 6\n");
        assert_eq!(rows, [["1", "a \"b\"", "3"], ["4", "it\"s", "6"]]);
        assert_eq!(odd, []);
    }

    #[test]
    fn bars_may_stand_at_the_ends() {
        let (rows, _) = read(&cutter(Separator::Text(b"|".to_vec()), RecordEnd::Line), "| 1 | x y |   |\n|---|---|---|\n4|5|6\n");
        assert_eq!(rows, [["1", "x y", ""], ["4", "5", "6"]]);
    }

    #[test]
    fn a_bar_behind_a_backslash_is_none() {
        let cutter = cutter(Separator::Text(b"|".to_vec()), RecordEnd::Line);
        let mut tokens = Tokens::default();
        let text = b"| 1 | c \\| d | 4 |\n| 2 | e \\\\| 5 |\n";
        cutter.run(text, usize::MAX, true, &mut tokens);
        assert_eq!(rows(text, &tokens), [["1", "c | d", "4"], ["2", "e \\\\", "5"]]);
        assert!(tokens.odd.is_empty());
    }

    #[test]
    fn records_go_on_to_their_mark() {
        let (rows, odd) = read(&cutter(Separator::Blanks, mark("\\n")), "01 AB\n28\\n\n02 X 39\\n\n...\n");
        assert_eq!(rows, [["01", "AB", "28"], ["02", "X", "39"]]);
        let reasons: Vec<_> = odd.iter().map(|(row, reason)| (*row, reason.as_str())).collect();
        let expected = [
            (Some(0), "2 lines joined to one record; it ends with \\n, which was taken off"),
            (Some(1), "the record ends with \\n, which was taken off"),
            (None, "an ellipsis, not a row"),
        ];
        assert_eq!(reasons, expected);
    }

    #[test]
    fn a_record_with_a_field_too_many_or_too_few_is_kept_and_listed() {
        let (rows, odd) = read(&cutter(Separator::Blanks, RecordEnd::Line), "1 2\n1 2 3 4\n");
        assert_eq!(rows, [["1", "2", "-"], ["1", "2", "3"]]);
        assert_eq!(odd[1].1, "4 fields where the table has 3 columns; the last 1 dropped");
    }

    #[test]
    fn a_record_that_never_ends_costs_itself() {
        let text = format!("1 2 3;\n{}\n4 5 6;\n", "x ".repeat(600));
        let (rows, odd) = read(&cutter(Separator::Blanks, mark(";")), &text);
        assert_eq!((rows.len(), odd.len()), (1, 2));
        assert!(odd[1].1.starts_with("longer than maxRecordBytes"));
    }

    proptest::proptest! {
        #[test]
        fn a_text_cut_anywhere_reads_as_whole(text in "([ab1]{0,3}| |\t|\n|\r\n|\r|;|\"|#|\\.\\.\\.|---|\\\\n|é){0,60}", cut in 0..200_usize) {
            let ends = [RecordEnd::Line, RecordEnd::BlankLine, RecordEnd::Full(3), mark(";"), mark("\\n"), RecordEnd::Text { end: b";".to_vec(), joins: false }];
            for end in ends {
                for separator in [Separator::Blanks, Separator::Text(b";".to_vec())] {
                    let cutter = cutter(separator, end.clone());
                    let (whole, odd) = read(&cutter, &text);
                    let bytes = text.as_bytes();
                    let cut = cut.min(bytes.len());
                    let mut tokens = Tokens::default();
                    let reached = cutter.run(&bytes[..cut], usize::MAX, false, &mut tokens);
                    let mut read = rows(&bytes[..cut], &tokens);
                    let mut listed = tokens.odd.len();
                    cutter.run(&bytes[reached.consumed..], usize::MAX, true, &mut tokens);
                    read.extend(rows(&bytes[reached.consumed..], &tokens));
                    listed += tokens.odd.len();
                    proptest::prop_assert_eq!(&read, &whole, "{:?} cut at {}", &cutter.layout, cut);
                    proptest::prop_assert_eq!(listed, odd.len());
                }
            }
        }
    }
}
