//! Documents as tables, told nothing.

use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorKind, LogicalType};

use super::document::Document;
use super::grid::Grid;
use crate::column::display;
use crate::format::FORMATS;
use crate::sample::Sample;
use crate::source::Source;
use crate::table::Table;
use crate::{Result, view};

fn open(html: &str, options: &[(&str, &str)]) -> Result<Table> {
    let options = options.iter().map(|&(id, value)| (id.to_owned(), value.to_owned())).collect();
    Table::open(html.as_bytes(), "x.html", &Overrides { options, columns: Vec::new() })
}

fn shown(grid: &Grid) -> Vec<Vec<&str>> {
    (0..grid.rows.len()).map(|row| grid.cells(row).iter().map(|&cell| grid.cell_text(cell)).collect()).collect()
}

fn only(html: &str) -> Grid {
    Document::read(html, true).unwrap().take(0)
}

fn read(table: &Table, html: &str) -> crate::format::Batch {
    let read = table.read_plan();
    let blocks = table.format.blocks().unwrap();
    let mut reader = blocks.reader(&html.as_bytes().share(), &read.settings, &read.columns).unwrap();
    reader.read(table.detection.data_start.byte, 1000).unwrap().batch
}

fn rows(table: &Table, html: &str) -> Vec<Vec<String>> {
    let batch = read(table, html);
    let cell = |row: usize, column: &arrow_array::ArrayRef| {
        let mut text = String::new();
        display::write_cell(column.as_ref(), row, &mut text);
        text
    };
    (0..batch.rows).map(|row| batch.columns.iter().map(|column| cell(row, column)).collect()).collect()
}

fn kinds(table: &Table) -> Vec<(String, LogicalType)> {
    table.detection.columns.iter().map(|column| (column.name.clone(), column.data_type.clone())).collect()
}

const PEOPLE: &str = "<!DOCTYPE html><html><body><p>Before</p><table id=people><caption>The <b>people</b></caption>\
<thead><tr><th>Name<th>Born<th>Height</thead>\
<tbody><tr><td>Ada &amp; co<td>1815-12-10<td>1.65</tr><tr><td>Liu<td>1990-01-02<td>1.8<tr><td>&Eacute;va<td>&nbsp;<td>1.7</table></body></html>";

#[test]
fn a_table_is_found_with_its_names_and_types() {
    let table = open(PEOPLE, &[]).unwrap();
    assert_eq!((table.format.id(), &*table.tables), ("html", &["The people".to_owned()][..]));
    let expected = [("Name", LogicalType::String), ("Born", LogicalType::Date), ("Height", LogicalType::Double)];
    assert_eq!(kinds(&table), expected.map(|(name, kind)| (name.to_owned(), kind)));
    let expected = [["Ada & co", "1815-12-10", "1.65"], ["Liu", "1990-01-02", "1.8"], ["\u{c9}va", "", "1.7"]];
    assert_eq!(rows(&table, PEOPLE), expected);
    let window = view::first_batch(PEOPLE.as_bytes(), &table.read_plan(), table.detection.data_start.byte, 1 << 20).unwrap();
    assert_eq!(window.len(), 3);
}

#[test]
fn tags_may_be_left_out_and_markup_is_no_text() {
    let html = "<TABLE><TR><TD>a<br>b</TD><td><p>one</p><p>two <i>three</i>\n  four</p><tr><td><script>alert('<td>x')</script>c\
<td><span style='display: none'>0007</span>7<td><!-- no --><a href=x onclick=y>link</a><img src=x onerror=alert(1)></table>";
    assert_eq!(shown(&only(html)), [vec!["a\nb", "one\ntwo three four"], vec!["c", "7", "link"]]);
}

#[test]
fn merged_cells_fill_their_places() {
    let html = "<table><tr><td rowspan=2>r<td colspan=2>c<tr><td>1<td>2<tr><td>3<td rowspan=9>4<td>5<tr><td>6<td>7</table>";
    assert_eq!(shown(&only(html)), [["r", "c", "c"], ["r", "1", "2"], ["3", "4", "5"], ["6", "4", "7"]]);
    let grid = Document::read(html, false).unwrap().take(0);
    assert_eq!(shown(&grid), [["r", "c", ""], ["", "1", "2"], ["3", "4", "5"], ["6", "", "7"]]);
    assert_eq!(grid.filled, 0);
    let to_the_end = "<table><tbody><tr><td rowspan=0>a<td>1<tr><td>2<tbody><tr><td>b<td>3</table>";
    assert_eq!(shown(&only(to_the_end)), [["a", "1"], ["a", "2"], ["b", "3"]]);
}

#[test]
fn names_over_several_rows_are_joined() {
    let html = "<table><tr><th rowspan=2>City<th colspan=2>People<tr><th>2020<th>2021<tr><td>Rome<td>1<td>2<tr><td>Oslo<td>3<td>4</table>";
    let table = open(html, &[]).unwrap();
    let names: Vec<_> = kinds(&table).into_iter().map(|column| column.0).collect();
    assert_eq!(names, ["City", "People 2020", "People 2021"]);
    assert_eq!(rows(&table, html).len(), 2);
}

#[test]
fn a_header_without_tags_is_found_by_what_it_is_unlike() {
    let html = "<table><tr><td>id<td>amount<tr><td>1<td>2.5<tr><td>2<td>3.5<tr><td>3<td>4.5</table>";
    let table = open(html, &[]).unwrap();
    assert_eq!(kinds(&table), [("id".to_owned(), LogicalType::Int64), ("amount".to_owned(), LogicalType::Double)]);
    let table = open(html, &[("header", "false")]).unwrap();
    assert_eq!(rows(&table, html).len(), 4);
}

#[test]
fn titles_and_headings_are_no_rows() {
    let html = "<table><tr><td colspan=3>Sales of 2020<tr><th>a<th>b<th>c<tr><td>1<td>2<td>3<tr><td colspan=3>North<tr><td>4<td>5<td>6<tr><td>7<td>8</table>";
    let table = open(html, &[]).unwrap();
    assert!(table.detection.findings.iter().any(|finding| finding.what.contains("Sales of 2020")), "{:?}", table.detection.findings);
    assert_eq!(kinds(&table), ["a", "b", "c"].map(|name| (name.to_owned(), LogicalType::Int64)));
    let batch = read(&table, html);
    let listed: Vec<_> = batch.rejects.iter().map(|reject| (reject.place.byte, &*reject.reason, &*reject.raw)).collect();
    let heading = (3, "one cell across all columns: a heading or a note, not a row", "North");
    assert_eq!(listed, [heading, (5, "2 of 3 cells: the others are null", "7\t8")]);
    assert_eq!((batch.counts.read, batch.counts.written, batch.counts.rejected, batch.counts.repaired), (4, 3, 1, 1));
    let error = open(html, &[("mode", "FAILFAST")]).and_then(|table| {
        let read = table.read_plan();
        table.format.blocks().unwrap().reader(&html.as_bytes().share(), &read.settings, &read.columns)?.read(2, 100).map(|_| ())
    });
    assert_eq!(error.unwrap_err().place.and_then(|place| place.row_number()), Some(4));
}

#[test]
fn names_that_come_again_are_no_row() {
    let html = "<table><tr><th>a<th>b<tr><td>1<td>2<tr><th>a<th>b<tr><th>Sum<td>3</table>";
    let table = open(html, &[]).unwrap();
    let batch = read(&table, html);
    assert_eq!(batch.rejects.iter().map(|reject| (reject.place.byte, &*reject.reason)).collect::<Vec<_>>(), [(2, "the header again")]);
    assert_eq!(rows(&table, html), [["1", "2"], ["Sum", "3"]]);
}

#[test]
fn bytes_that_are_no_text_are_listed() {
    let html =
        [&b"<meta charset=utf-8><table><tr><th>a<th>b<tr><td>1<td>\xff\xfe<tr><td>2<td>"[..], "\u{fffd}</table>".as_bytes()].concat();
    let table = Table::open(html.as_slice(), "x.html", &Overrides::default()).unwrap();
    let read = table.read_plan();
    let mut reader = table.format.blocks().unwrap().reader(&html.share(), &read.settings, &read.columns).unwrap();
    let batch = reader.read(table.detection.data_start.byte, 10).unwrap().batch;
    assert_eq!((batch.rows, batch.counts.repaired), (2, 2));
    assert_eq!(batch.rejects[0].reason, "bytes that are no text in UTF-8; U+FFFD stands for them");
}

#[test]
fn a_longer_row_loses_what_is_beyond_and_says_so() {
    let html = "<table><tr><th>a<th>b<tr><td>1<td>2<tr><td>3<td>4<td>5<tr><td>6<td>7<tr><td>8<td>9<tr><td>10<td>11<td></table>";
    let table = open(html, &[]).unwrap();
    let batch = read(&table, html);
    assert_eq!(batch.rejects.iter().map(|reject| &*reject.raw).collect::<Vec<_>>(), ["3\t4\t5"]);
    assert_eq!(rows(&table, html), [["1", "2"], ["3", "4"], ["6", "7"], ["8", "9"], ["10", "11"]]);
}

#[test]
fn tables_within_tables_are_tables_of_their_own() {
    let html = "<table id=layout><tr><td>Menu<td>Text <table><tr><th>a<th>b<tr><td>1<td>2</table> behind</table><table></table><table><tr><td> </table>";
    let mut document = Document::read(html, true).unwrap();
    assert_eq!((document.names(), document.empty), (vec!["Table 2".to_owned(), "layout".to_owned()], 2));
    assert_eq!(shown(&document.take(0)), [["a", "b"], ["1", "2"]]);
    let layout = document.take(1);
    assert_eq!((shown(&layout), layout.nested), (vec![vec!["Menu", "Text\nbehind"]], 1));
}

#[test]
fn equal_names_are_told_apart() {
    let one = "<table id=t><tr><td>1<td>2<tr><td>3<td>4</table>";
    let names = Document::read(&one.repeat(3), true).unwrap().names();
    assert_eq!(names, ["t", "t (2)", "t (3)"]);
}

#[test]
fn encodings_are_declared_or_found() {
    let body = "<table><tr><th>n<th>w<tr><td>1<td>\u{e9}t\u{e9}</table>";
    let latin = encoding_rs::WINDOWS_1252.encode(body).0.into_owned();
    let declared = [&b"<html><meta http-equiv=Content-Type content='text/html; charset=windows-1252'>"[..], &latin].concat();
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(body.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [declared, latin, wide, body.as_bytes().to_vec()] {
        let table = Table::open(bytes.as_slice(), "x", &Overrides::default()).unwrap();
        assert_eq!(table.format.id(), "html", "{:?}", table.detection.sentence);
        let read = table.read_plan();
        let mut reader = table.format.blocks().unwrap().reader(&bytes.share(), &read.settings, &read.columns).unwrap();
        let batch = reader.read(table.detection.data_start.byte, 10).unwrap().batch;
        let mut text = String::new();
        display::write_cell(batch.columns[1].as_ref(), 0, &mut text);
        assert_eq!(text, "\u{e9}t\u{e9}", "{}", table.detection.settings.text("encoding"));
    }
}

#[test]
fn what_a_clipboard_holds_is_html_and_other_markup_is_not() {
    let likely = |text: &str, name: &str| {
        let format = FORMATS.iter().find(|format| format.id() == "html").unwrap();
        format.confidence(&Sample::read(text.as_bytes()).unwrap(), name)
    };
    for text in [
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\r\n<body>\r\n<!--StartFragment-->\r\n<table><tr><td>1</td></tr></table>",
        "<meta charset='utf-8'><google-sheets-html-origin><style></style><table xmlns=\"http://www.w3.org/1999/xhtml\"><tbody><tr><td>1",
        "<table><tr><td>1</table>",
        "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><table><tr><td>1</td></tr></table></html>",
    ] {
        assert!(likely(text, "pasted table.html") > 0.98, "{text}");
    }
    for text in ["<table><row><a>1</a></row></table>", "<a><b>1</b></a>", "a,b\n<table>,<td>\n", "<log><tr>1</tr></log>"] {
        assert!(likely(text, "x") < 0.1, "{text}");
    }
}

#[test]
fn a_document_without_a_value_is_said_to_have_none() {
    for html in ["<!doctype html><p>Hello", "<html><table><tr><td> </table>"] {
        assert_eq!(open(html, &[]).err().map(|error| error.kind), Some(ErrorKind::Empty), "{html}");
    }
}

#[test]
fn claims_beyond_bounds_are_refused() {
    let wide = format!("<table>{}</table>", "<tr><td colspan=1000 rowspan=65534>x".repeat(9000));
    assert_eq!(open(&wide, &[]).err().map(|error| error.kind), Some(ErrorKind::Limit));
    let deep = "<table><tr><td>".repeat(10_000);
    assert_eq!(open(&deep, &[]).err().map(|error| error.kind), Some(ErrorKind::Limit));
    let side_by_side = format!("<table><tr>{}</table>", "<td colspan=1000>x".repeat(30));
    assert_eq!(open(&side_by_side, &[]).err().map(|error| error.kind), Some(ErrorKind::Limit));
}

#[test]
fn names_that_are_far_wider_than_many_rows_are_refused() {
    let html = format!("<table><tr>{}{}</table>", "<th colspan=1000>x".repeat(20), "<tr><td>1".repeat(20_000));
    assert_eq!(open(&html, &[]).err().map(|error| error.kind), Some(ErrorKind::Limit));
}

#[test]
fn claims_within_bounds_take_no_time() {
    // A cell that reaches down far to the right of short rows; names without end.
    let right = format!("<table><tr>{}<td rowspan=65534>x{}</table>", "<td>".repeat(999), "<tr><td>1".repeat(100));
    let names = format!("<table><thead>{}</thead><tr><td>1</table>", "<tr><td>a".repeat(20_000));
    for html in [right, names] {
        open(&html, &[]).unwrap();
    }
}

#[test]
fn a_document_cut_anywhere_is_read_as_far_as_it_goes() {
    for end in 0..PEOPLE.len() {
        let Some(cut) = PEOPLE.get(..end).filter(|cut| cut.contains("<table")) else { continue };
        if let Ok(table) = open(cut, &[]) {
            rows(&table, cut);
        }
    }
}

#[test]
fn a_copied_piece_is_html_whatever_tag_it_begins_with() {
    let table = "<table><tr><td>id</td><td>v</td></tr><tr><td>01</td><td>1,5</td></tr><tr><td>02</td><td>2,5</td></tr></table>";
    for (before, behind) in
        [("<google-sheets-html-origin>", ""), ("<b style=\"x\">", "</b>"), ("<font size=2><br>", "</font>"), ("<x-y a=1>", "</x-y>")]
    {
        let text = format!("{before}{table}{behind}");
        let found = Table::open(text.as_bytes(), "pasted", &Overrides::default()).unwrap();
        assert_eq!((found.format.id(), rows(&found, &text).len()), ("html", 2), "{before}");
    }
    for text in ["<article><table><tr><td>1</td></tr></table></article>", "<my-list><row><a>1</a></row><row><a>2</a></row></my-list>"] {
        let id = Table::open(text.as_bytes(), "x.xml", &Overrides::default()).unwrap().format.id();
        assert_eq!(id, "xml", "{text}");
    }
}
