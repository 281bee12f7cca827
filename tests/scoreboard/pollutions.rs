//! Whole-file pollutions of the kinds that Pollock found in 3,712 real files, made here from its source file: other
//! encodings, separators, quotes, line ends, titles, notes, second tables, and every row pollution at every place.

use std::path::Path;

use crate::Score;
use crate::pollock::{TEXT, points};
use crate::read;

type Rows = Vec<Vec<String>>;

/// Writes records as CSV.
struct Writer {
    separator: &'static str,
    quote: char,
    escape: char,
    line_end: &'static str,
    quote_all: bool,
}

const PLAIN: Writer = Writer { separator: ",", quote: '"', escape: '"', line_end: "\r\n", quote_all: false };

impl Writer {
    fn text(&self, rows: &[Vec<String>]) -> String {
        rows.iter().map(|row| row.iter().map(|cell| self.cell(cell)).collect::<Vec<_>>().join(self.separator) + self.line_end).collect()
    }

    fn cell(&self, cell: &str) -> String {
        let special = cell.contains(self.separator) || cell.contains(self.quote) || cell.contains(['\n', '\r', ',']);
        if !special && !self.quote_all {
            return cell.to_owned();
        }
        let escaped: String = cell.chars().flat_map(|c| if c == self.quote { vec![self.escape, c] } else { vec![c] }).collect();
        format!("{0}{escaped}{0}", self.quote)
    }
}

/// The mean over all of them.
pub fn score(folder: &Path) -> Score {
    let source = read::truth(&std::fs::read(folder.join("clean/source.csv")).unwrap_or_default());
    let mut files = Vec::new();
    let mut judge = |name: String, bytes: &[u8], truth: &Rows| {
        let (points, why) = points(bytes, truth, None, &TEXT);
        files.push((name, points, why));
    };
    for (name, writer) in dialects() {
        judge(name, writer.text(&source).as_bytes(), &source);
    }
    for (name, text) in replaced(&source) {
        judge(name.to_owned(), text.as_bytes(), &source);
    }
    for (name, text, truth) in shapes(&source) {
        judge(name.to_owned(), text.as_bytes(), &truth);
    }
    for (name, bytes, truth) in encoded(&source) {
        judge(name.to_owned(), &bytes, &truth);
    }
    for row in (1..source.len()).step_by(7) {
        for column in 0..source[0].len() {
            for (name, text) in row_pollutions(&source, row, column) {
                judge(name, text.as_bytes(), &source);
            }
            let (text, truth) = extra_quote(&source, row, column);
            judge(format!("extra quote, row {row} column {column}"), text.as_bytes(), &truth);
        }
    }
    Score::of(10.0, files)
}

fn dialects() -> Vec<(String, Writer)> {
    let separators = [";", "\t", "|", ":", ", ", "||", "\u{1}", "^", "~", " | ", "; "];
    let mut all: Vec<_> =
        separators.into_iter().map(|separator| (format!("separator {separator:?}"), Writer { separator, ..PLAIN })).collect();
    all.push(("separator blank, all quoted".to_owned(), Writer { separator: " ", quote_all: true, ..PLAIN }));
    for line_end in ["\n", "\r", "\r\n"] {
        all.push((format!("line end {line_end:?}"), Writer { line_end, ..PLAIN }));
    }
    for (quote, escape) in [('"', '\\'), ('\'', '\''), ('\'', '\\'), ('`', '`')] {
        all.push((format!("quote {quote} escape {escape}"), Writer { quote, escape, ..PLAIN }));
        all.push((
            format!("quote {quote} escape {escape}, all quoted"),
            Writer { quote, escape, quote_all: true, separator: ";", ..PLAIN },
        ));
    }
    all
}

/// One character of the dialect put in place of another, whatever else it means in the text.
fn replaced(source: &Rows) -> Vec<(&'static str, String)> {
    let text = PLAIN.text(source);
    let outside = |separator: &str| {
        let parts = text.split('"').enumerate().map(|(k, part)| if k % 2 == 0 { part.replace(',', separator) } else { part.to_owned() });
        parts.collect::<Vec<_>>().join("\"")
    };
    let quotes = source.iter().map(|row| {
        let cell = |cell: &String| if cell.contains([',', '"']) { format!("'{cell}'") } else { cell.clone() };
        row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
    });
    let bare = source.iter().map(|row| {
        let cell = |cell: &String| if cell.contains([',', '"']) { format!("\"{cell}\"") } else { cell.clone() };
        row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
    });
    vec![
        ("blanks for separators", outside(" ")),
        ("tabs for separators", outside("\t")),
        ("single quotes, none escaped", quotes.collect()),
        ("no quote escaped", bare.collect()),
    ]
}

fn shapes(source: &Rows) -> Vec<(&'static str, String, Rows)> {
    let text = PLAIN.text(source);
    let body = PLAIN.text(&source[1..]);
    let header = PLAIN.text(&source[..1]);
    let joined = |times: usize| {
        let mut rows = source.clone();
        rows[0].iter_mut().for_each(|name| *name = vec![name.as_str(); times].join(" "));
        rows
    };
    let cut = |width: usize| source.iter().map(|row| row[..width].to_vec()).collect::<Rows>();
    let wide: Rows = source.iter().map(|row| [row.as_slice(), &["more".to_owned()]].concat()).collect();
    let padded = format!("{},,,,,,,,\r\n", "Shop report");
    vec![
        ("no trailing newline", text.trim_end().to_owned(), source.clone()),
        ("double trailing newline", format!("{text}\r\n"), source.clone()),
        ("no header", body.clone(), source[1..].to_vec()),
        ("header only", header.clone(), source[..1].to_vec()),
        ("one data row", PLAIN.text(&source[..2]), source[..2].to_vec()),
        ("no payload", String::new(), Vec::new()),
        ("two header rows", format!("{header}{text}"), joined(2)),
        ("three header rows", format!("{header}{header}{text}"), joined(3)),
        ("preamble of a line", format!("Report of the shop\r\n{text}"), source.clone()),
        ("preamble, padded", format!("{padded}{text}"), source.clone()),
        ("preamble of three lines, padded, blank", format!("{padded}{padded}{padded},,,,,,,,\r\n{text}"), source.clone()),
        (
            "preamble of three lines, blank line",
            format!("Report\r\nof the shop, 2018\r\nall rights reserved\r\n\r\n{text}"),
            source.clone(),
        ),
        ("preamble of comments", format!("# made by hand\r\n# on a day, in a year\r\n{text}"), source.clone()),
        ("footnotes", format!("{text}Source: the shop's own records\r\n* not all of it is right\r\n"), source.clone()),
        ("footnotes below a blank line", format!("{text}\r\nSource: the shop's own records\r\n"), source.clone()),
        ("blank rows below", format!("{text},,,,,,,,\r\n,,,,,,,,\r\n,,,,,,,,\r\n"), source.clone()),
        ("second table, narrower", format!("{text}{}", PLAIN.text(&cut(8))), source.clone()),
        ("second table, much narrower, blank line", format!("{text}\r\n{}", PLAIN.text(&cut(3))), source.clone()),
        ("second table, wider", format!("{text}{}", PLAIN.text(&wide)), source.clone()),
        ("the same file twice", format!("{text}{text}"), [source.as_slice(), &source[1..]].concat()),
        ("second table, same width, blank line", format!("{text}\r\n{text}"), source.clone()),
    ]
}

fn encoded(source: &Rows) -> Vec<(&'static str, Vec<u8>, Rows)> {
    let mut rows = source.clone();
    for row in rows.iter_mut().skip(1).step_by(5) {
        row[5].push_str(" für Zoë, 10 £");
    }
    let text = PLAIN.text(&rows);
    let utf16 = |unit: fn(u16) -> [u8; 2], bom: bool| -> Vec<u8> {
        let bom = bom.then_some(0xfeff);
        bom.into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    vec![
        ("UTF-8", text.clone().into_bytes(), rows.clone()),
        ("UTF-8 with mark", [b"\xef\xbb\xbf", text.as_bytes()].concat(), rows.clone()),
        ("Latin-1", text.chars().map(|c| c as u8).collect(), rows.clone()),
        ("UTF-16LE", utf16(u16::to_le_bytes, false), rows.clone()),
        ("UTF-16BE with mark", utf16(u16::to_be_bytes, true), rows.clone()),
    ]
}

/// A quote too many before a cell: it belongs to the text.
fn extra_quote(source: &Rows, row: usize, column: usize) -> (String, Rows) {
    let mut cells: Vec<String> = source[row].iter().map(|cell| PLAIN.cell(cell)).collect();
    cells[column].insert(0, '"');
    let text = format!("{}{}\r\n{}", PLAIN.text(&source[..row]), cells.join(","), PLAIN.text(&source[row + 1..]));
    let mut truth = source.clone();
    truth[row][column].insert(0, '"');
    (text, truth)
}

/// A separator too many, one too few, blanks for separators: in one row.
fn row_pollutions(source: &Rows, row: usize, column: usize) -> Vec<(String, String)> {
    let cells: Vec<String> = source[row].iter().map(|cell| PLAIN.cell(cell)).collect();
    let mut more = cells.clone();
    more.insert(column, String::new());
    let mut less = cells.clone();
    if column > 0 {
        let cell = less.remove(column);
        less[column - 1].push_str(&cell);
    }
    let lines = [("more separators", more.join(",")), ("less separators", less.join(",")), ("blanks between", cells.join(" "))];
    let (above, below) = (PLAIN.text(&source[..row]), PLAIN.text(&source[row + 1..]));
    lines.into_iter().map(|(name, line)| (format!("{name}, row {row} column {column}"), format!("{above}{line}\r\n{below}"))).collect()
}
