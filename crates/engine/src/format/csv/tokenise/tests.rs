use super::*;
use crate::format::text::OddRecord;

fn rows_of(tokeniser: &Tokeniser, text: &[u8], tokens: &Tokens) -> Vec<Vec<Option<String>>> {
    let cells = Cells { text, scratch: &tokens.scratch, spans: &tokens.spans, stride: tokeniser.columns, column: 0 };
    let show = |span: &Span| (!span.is_missing()).then(|| String::from_utf8_lossy(cells.bytes(*span)).into_owned());
    tokens.spans.chunks(tokeniser.columns).map(|row| row.iter().map(show).collect()).collect()
}

fn read(dialect: Dialect, columns: usize, text: &str) -> (Vec<Vec<Option<String>>>, Vec<OddRecord>) {
    let tokeniser = Tokeniser::new(dialect, columns, 1 << 20);
    let mut tokens = Tokens::default();
    let reached = tokeniser.run(text.as_bytes(), usize::MAX, true, &mut tokens);
    assert_eq!(reached, Reached { consumed: text.len(), done: true });
    (rows_of(&tokeniser, text.as_bytes(), &tokens), tokens.odd)
}

fn row(cells: &[&str]) -> Vec<Option<String>> {
    cells.iter().map(|cell| Some((*cell).to_owned())).collect()
}

#[test]
fn rfc_4180() {
    let (rows, odd) = read(Dialect::default(), 3, "1,\"a \"\"b\"\", c\",\r\n2,\"x\ny\",z\r\n3,,\"\"");
    assert_eq!(rows, [row(&["1", "a \"b\", c", ""]), row(&["2", "x\ny", "z"]), row(&["3", "", ""])]);
    assert_eq!(odd, []);
}

#[test]
fn every_line_end_ends_a_record_and_blank_lines_are_none() {
    let (rows, _) = read(Dialect::default(), 2, "1,2\n3,4\r5,6\r\n\n\r\n7,8\r");
    assert_eq!(rows, [row(&["1", "2"]), row(&["3", "4"]), row(&["5", "6"]), row(&["7", "8"])]);
}

#[test]
fn a_backslash_escapes_a_quote() {
    let dialect = Dialect { escape: Some(b'\\'), ..Dialect::default() };
    let (rows, odd) = read(dialect, 2, "\"a\\\"b\",\"c\\\\\"\n\"8\\'9\",x\n");
    assert_eq!(rows, [row(&["a\"b", "c\\"]), row(&["8\\'9", "x"])]);
    assert_eq!(odd, []);
}

#[test]
fn separators_may_be_long_and_line_ends_given() {
    let dialect = Dialect { separator: b"||".to_vec(), line_end: LineEnd::Exactly(b"\\n".to_vec()), ..Dialect::default() };
    let (rows, _) = read(dialect, 3, "a|b||c\nd||\\ne||\"||\"||f\\n");
    assert_eq!(rows, [row(&["a|b", "c\nd", ""]), row(&["e", "||", "f"])]);
}

#[test]
fn merged_separators_align_tables() {
    let dialect = Dialect { separator: b" ".to_vec(), merge_separators: true, ..Dialect::default() };
    let (rows, odd) = read(dialect, 3, "  a  b   c\nd e f   \n");
    assert_eq!(rows, [row(&["a", "b", "c"]), row(&["d", "e", "f"])]);
    assert_eq!(odd, []);
}

#[test]
fn blanks_at_the_end_of_the_text_and_lines_of_blanks_are_no_cells() {
    let dialect = Dialect { separator: b" ".to_vec(), merge_separators: true, ..Dialect::default() };
    for text in ["a b c\n   \nd e f  ", "a b c  \n  \n\nd e f\n    "] {
        let (rows, odd) = read(dialect.clone(), 3, text);
        assert_eq!((rows, odd), (vec![row(&["a", "b", "c"]), row(&["d", "e", "f"])], vec![]), "{text:?}");
    }
}

#[test]
fn short_and_long_records_become_listed_rows() {
    let (rows, odd) = read(Dialect::default(), 3, "1,2\n1,2,3,4\n1,2,3\n");
    assert_eq!(rows[0], [Some("1".into()), Some("2".into()), None]);
    assert_eq!(rows[1..], [row(&["1", "2", "3"]), row(&["1", "2", "3"])]);
    let causes: Vec<_> = odd.iter().map(|odd| (odd.row, odd.cause)).collect();
    assert_eq!(causes, [(Some(0), Cause::TooFewFields), (Some(1), Cause::TooManyFields)]);
}

#[test]
fn the_header_again_is_no_row() {
    let text = b"1,2\nid,\"name\"\nid,x\n3,4\n";
    let tokeniser = Tokeniser::new(Dialect::default(), 2, 1 << 20).knowing_header(vec![b"id".to_vec(), b"name".to_vec()]);
    let mut tokens = Tokens::default();
    tokeniser.run(text, usize::MAX, true, &mut tokens);
    assert_eq!(rows_of(&tokeniser, text, &tokens), [row(&["1", "2"]), row(&["id", "x"]), row(&["3", "4"])]);
    assert_eq!(tokens.odd.iter().map(|odd| (odd.cause, odd.row)).collect::<Vec<_>>(), [(Cause::NotARow, None)]);
}

#[test]
fn an_ellipsis_is_no_row() {
    let (rows, odd) = read(Dialect::default(), 3, "1,2,3\n...\n...\n");
    assert_eq!(rows, [row(&["1", "2", "3"])]);
    assert_eq!(odd.iter().map(|odd| (odd.row, odd.cause)).collect::<Vec<_>>(), [(None, Cause::NotARow); 2]);
}

#[test]
fn an_unclosed_quote_costs_its_line_only() {
    let (rows, odd) = read(Dialect::default(), 2, "1,x\n5,\"oops\n6,x\n7,x\n");
    assert_eq!(rows, [row(&["1", "x"]), row(&["5", "\"oops"]), row(&["6", "x"]), row(&["7", "x"])]);
    assert_eq!(odd.iter().map(|odd| (odd.row, odd.cause)).collect::<Vec<_>>(), [(Some(1), Cause::UnclosedQuote)]);
    let (rows, odd) = read(Dialect::default(), 2, "5,\"oops\n6,\"x\"\n7,\"y\nz\"\n");
    assert_eq!(rows, [row(&["5", "\"oops"]), row(&["6", "x"]), row(&["7", "y\nz"])]);
    assert_eq!(odd.len(), 1);
}

#[test]
fn a_stray_quote_is_text() {
    let (rows, _) = read(Dialect::default(), 3, "a,\"\"https://x\",c\n1,\"07:15,\"An, b\"\n1,2,8 Wt.\"x\n\"a\"b\",2,3\n");
    assert_eq!(
        rows,
        [row(&["a", "\"https://x", "c"]), row(&["1", "\"07:15", "An, b"]), row(&["1", "2", "8 Wt.\"x"]), row(&["a\"b", "2", "3"])]
    );
}

#[test]
fn a_text_cut_anywhere_reads_as_whole() {
    let texts = [
        "1,\"a \"\"b\"\", c\"\r\n2,\"x\ny\"\r\n3,\r\n\r\n4,z\r5,\"\"\n6,\"oops\n7,\"y\"\n8,\"a\"b\",\n9\n",
        "1,x\n2,\"never closed\n3,y\n4,z",
    ];
    for text in texts {
        let text = text.as_bytes();
        let tokeniser = Tokeniser::new(Dialect::default(), 2, 1 << 20);
        let mut whole = Tokens::default();
        tokeniser.run(text, usize::MAX, true, &mut whole);
        let expected = rows_of(&tokeniser, text, &whole);
        for cut in 0..=text.len() {
            let mut tokens = Tokens::default();
            let reached = tokeniser.run(&text[..cut], usize::MAX, false, &mut tokens);
            let mut rows = rows_of(&tokeniser, &text[..cut], &tokens);
            let mut odd = tokens.odd.len();
            assert!(!reached.done);
            tokeniser.run(&text[reached.consumed..], usize::MAX, true, &mut tokens);
            rows.extend(rows_of(&tokeniser, &text[reached.consumed..], &tokens));
            odd += tokens.odd.len();
            assert_eq!(rows, expected, "cut at {cut}");
            assert_eq!(odd, whole.odd.len(), "cut at {cut}");
        }
    }
}

#[test]
fn a_record_beyond_the_bound_is_rejected_alone() {
    let long = "x".repeat(5000);
    let text = format!("1,2\n{long},3\n4,5\n6,\"open {long}\n");
    let tokeniser = Tokeniser::new(Dialect::default(), 2, 1000);
    let mut tokens = Tokens::default();
    let mut rows = Vec::new();
    let mut causes = Vec::new();
    let mut from = 0;
    for end in (500..text.len() + 500).step_by(500) {
        let end = end.min(text.len());
        let part = &text.as_bytes()[from..end];
        let reached = tokeniser.run(part, usize::MAX, end == text.len(), &mut tokens);
        rows.extend(rows_of(&tokeniser, part, &tokens));
        causes.extend(tokens.odd.iter().map(|odd| odd.cause));
        from += reached.consumed;
    }
    assert_eq!(rows, [row(&["1", "2"]), row(&["4", "5"])]);
    assert_eq!(causes, [Cause::RecordTooLong; 2]);
}

/// Rows, skipped lines and causes of a text that comes in two pieces.
fn in_pieces(tokeniser: &Tokeniser, text: &[u8], cut: usize) -> (Vec<Vec<Option<String>>>, u64, Vec<Cause>) {
    let (mut tokens, mut rows, mut skipped, mut causes) = (Tokens::default(), Vec::new(), 0, Vec::new());
    let mut from = 0;
    for (end, at_end) in [(cut, false), (text.len(), true)] {
        let reached = tokeniser.run(&text[from..end], usize::MAX, at_end, &mut tokens);
        rows.extend(rows_of(tokeniser, &text[from..end], &tokens));
        skipped += tokens.skipped;
        causes.extend(tokens.odd.iter().map(|odd| odd.cause));
        from += reached.consumed;
    }
    (rows, skipped, causes)
}

#[test]
fn a_line_end_that_is_cut_ends_a_line_beyond_the_bound_once() {
    let long = "x".repeat(300);
    for (line_end, text) in
        [(LineEnd::Any, format!("1,2\r\n{long}\r\n3,4\r\n")), (LineEnd::Exactly(b"||".to_vec()), format!("1,2||{long}||3,4||"))]
    {
        let tokeniser = Tokeniser::new(Dialect { line_end, ..Dialect::default() }, 2, 100);
        let expected = (vec![row(&["1", "2"]), row(&["3", "4"])], 0, vec![Cause::RecordTooLong]);
        for cut in 0..=text.len() {
            assert_eq!(in_pieces(&tokeniser, text.as_bytes(), cut), expected, "cut at {cut}");
        }
    }
}

#[test]
fn a_stray_quote_over_lines_is_read_the_same_wherever_a_piece_ends() {
    let text = format!("1,\"a\"b\n{}\nc\"\n2,x\n", "y\n".repeat(80));
    for bound in [20, 64, 1000] {
        let tokeniser = Tokeniser::new(Dialect::default(), 2, bound);
        let expected = in_pieces(&tokeniser, text.as_bytes(), 0);
        for cut in 0..=text.len() {
            assert_eq!(in_pieces(&tokeniser, text.as_bytes(), cut), expected, "bound {bound}, cut at {cut}");
        }
    }
}
