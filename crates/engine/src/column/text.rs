//! Text: from the source's encoding to UTF-8, all cells of a column in one buffer.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::StringArray;
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use encoding_rs::{DecoderResult, Encoding, UTF_8, WINDOWS_1252};

use super::cells::{Cells, Span};
use super::parse::{Absent, ParsedColumn};
use super::rules::CellRules;

/// Cells up to this length are copied whole chunks at a time.
const CHUNK: usize = 16;

/// Reads a column as text. Bytes that are no text in the encoding are read as Windows-1252, and their rows listed.
pub(super) fn parse(cells: Cells<'_>, rules: &CellRules, encoding: &'static Encoding) -> ParsedColumn {
    let (values, offsets, absent) = gather(cells, rules);
    let as_it_is = if encoding == UTF_8 {
        simdutf8::basic::from_utf8(&values).is_ok() && (values.is_ascii() || starts_characters(&values, &offsets))
    } else {
        encoding.is_ascii_compatible() && values.is_ascii()
    };
    let (values, offsets, invalid) = if as_it_is { (values, offsets, Vec::new()) } else { decode(&values, &offsets, encoding) };
    let nulls = absent.null_buffer(offsets.len() - 1);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    // SAFETY: the values are UTF-8 as a whole and every offset starts a character: checked above for cells kept as they
    // are, by construction for decoded ones, each cell being the whole output of a decoder. There is a bit for each row.
    let array = unsafe { StringArray::new_unchecked(offsets, Buffer::from_vec(values), nulls) };
    ParsedColumn { array: Arc::new(array), misfits: absent.misfits, invalid }
}

/// A cell as text, and whether its bytes are text in the encoding; if not, they are read as Windows-1252.
pub fn decode_cell<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> (Cow<'a, str>, bool) {
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => (text, true),
        None => (WINDOWS_1252.decode_without_bom_handling(bytes).0, false),
    }
}

/// The bytes of all cells one after another, with the offset where each ends.
fn gather(cells: Cells<'_>, rules: &CellRules) -> (Vec<u8>, Vec<i32>, Absent) {
    let total: usize = cells.iter().map(Span::len).sum();
    let mut values = vec![0; total + CHUNK];
    let mut offsets = Vec::with_capacity(cells.rows() + 1);
    let mut absent = Absent::default();
    let mut end = 0;
    offsets.push(0);
    for (row, span) in cells.iter().enumerate() {
        let length = span.len();
        match cells.chunk::<CHUNK>(span) {
            Some(chunk) if length <= CHUNK => values[end..end + CHUNK].copy_from_slice(chunk),
            _ => values[end..end + length].copy_from_slice(cells.bytes(span)),
        }
        let bytes = &values[end..end + length];
        if rules.is_null_text(span, bytes) {
            absent.null(row);
        } else if !rules.is_empty_text(bytes) {
            end += length;
        }
        offsets.push(end as i32);
    }
    values.truncate(end);
    (values, offsets, absent)
}

fn starts_characters(values: &[u8], offsets: &[i32]) -> bool {
    offsets.iter().all(|&offset| values.get(offset as usize).is_none_or(|&byte| byte as i8 >= -0x40))
}

/// Decodes cell by cell; also gives the rows whose bytes are no text in the encoding.
fn decode(values: &[u8], offsets: &[i32], encoding: &'static Encoding) -> (Vec<u8>, Vec<i32>, Vec<u32>) {
    let mut decoded = vec![0; values.len() * 2];
    let mut ends = Vec::with_capacity(offsets.len());
    let mut invalid = Vec::new();
    let mut end = 0;
    ends.push(0);
    for (row, bounds) in offsets.windows(2).enumerate() {
        let bytes = &values[bounds[0] as usize..bounds[1] as usize];
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(usize::MAX);
        let room = room_for(most, end, &mut decoded);
        end += match decoder.decode_to_utf8_without_replacement(bytes, room, true) {
            (DecoderResult::InputEmpty, _, written) => written,
            _ => {
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
                room_for(text.len(), end, &mut decoded)[..text.len()].copy_from_slice(text.as_bytes());
                invalid.push(row as u32);
                text.len()
            }
        };
        ends.push(end as i32);
    }
    decoded.truncate(end);
    (decoded, ends, invalid)
}

/// The buffer from `end` on, grown if fewer than `count` bytes are left.
fn room_for(count: usize, end: usize, buffer: &mut Vec<u8>) -> &mut [u8] {
    if buffer.len() - end < count {
        buffer.resize((end + count).max(buffer.len() * 2), 0);
    }
    &mut buffer[end..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::cells::CellText;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use proptest::prelude::*;

    fn texts(column: &ParsedColumn) -> Vec<Option<&str>> {
        column.array.as_string::<i32>().iter().collect()
    }

    #[test]
    fn an_empty_cell_is_null_and_an_empty_cell_in_quotes_is_not() {
        let mut cells = CellText::plain(["a", ""]);
        cells.push(b"", true);
        cells.push_missing();
        let column = parse(cells.cells(), &CellRules::default(), UTF_8);
        assert_eq!(texts(&column), [Some("a"), None, Some(""), None]);
        assert_eq!((column.misfits.len(), column.nulls()), (0, 2));
    }

    #[test]
    fn a_null_value_in_quotes_is_text() {
        let mut cells = CellText::plain(["NA", "", "x"]);
        cells.push(b"NA", true);
        let column = parse(cells.cells(), &CellRules::default().with_null_values(["NA"]), UTF_8);
        assert_eq!(texts(&column), [None, Some(""), Some("x"), Some("NA")]);
    }

    #[test]
    fn resolved_escapes_come_from_the_scratch_buffer() {
        let spans = [Span::plain(0, 2), Span::scratch(1, 3, true)];
        let cells = Cells { text: b"ab", scratch: b"-xy", spans: &spans, stride: 1, column: 0 };
        assert_eq!(texts(&parse(cells, &CellRules::default(), UTF_8)), [Some("ab"), Some("xy")]);
    }

    #[test]
    fn a_cell_that_is_not_utf8_is_read_as_windows_1252_and_listed() {
        let cells = CellText::plain([b"caf\xC3\xA9".as_slice(), b"caf\xE9", b"\x80"]);
        let column = parse(cells.cells(), &CellRules::default(), UTF_8);
        assert_eq!(texts(&column), [Some("café"), Some("café"), Some("€")]);
        assert_eq!(column.invalid, [1, 2]);
    }

    #[test]
    fn halves_of_a_character_in_two_cells_are_not_text() {
        let cells = CellText::plain([b"\xC3".as_slice(), b"\xA9"]);
        let column = parse(cells.cells(), &CellRules::default(), UTF_8);
        assert_eq!(texts(&column), [Some("Ã"), Some("©")]);
        assert_eq!(column.invalid, [0, 1]);
    }

    #[test]
    fn other_encodings_are_decoded() {
        let cells = CellText::plain([b"na\xEFve".as_slice(), b"plain", b"\x81\x8d"]);
        let column = parse(cells.cells(), &CellRules::default(), WINDOWS_1252);
        assert_eq!(texts(&column), [Some("naïve"), Some("plain"), Some("\u{81}\u{8d}")]);
        let cells = CellText::plain([b"\x93\x8C\x8B\x9E".as_slice(), b"\x93"]);
        let column = parse(cells.cells(), &CellRules::default(), encoding_rs::SHIFT_JIS);
        assert_eq!(texts(&column), [Some("東京"), Some("“")]);
        assert_eq!(column.invalid, [1]);
    }

    #[test]
    fn text_that_grows_finds_room() {
        let bytes = [0x80; 100];
        let column = parse(CellText::plain([&bytes, &bytes]).cells(), &CellRules::default(), WINDOWS_1252);
        assert_eq!(texts(&column), [Some("€".repeat(100).as_str()); 2]);
    }

    proptest! {
        #[test]
        fn any_text_is_kept(cells in prop::collection::vec((".{0,40}", any::<bool>()), 0..50)) {
            let mut column = CellText::default();
            for (text, quoted) in &cells {
                column.push(text.as_bytes(), *quoted);
            }
            let expected: Vec<_> =
                cells.iter().map(|(text, quoted)| (*quoted || !text.is_empty()).then_some(text.as_str())).collect();
            let parsed = parse(column.cells(), &CellRules::default(), UTF_8);
            prop_assert_eq!(texts(&parsed), expected);
            prop_assert!(parsed.array.to_data().validate_full().is_ok());
        }

        #[test]
        fn any_bytes_become_valid_text(cells in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20)) {
            let column = CellText::plain(&cells);
            let parsed = parse(column.cells(), &CellRules::default(), UTF_8);
            prop_assert!(parsed.array.to_data().validate_full().is_ok());
            for (row, (cell, text)) in cells.iter().zip(texts(&parsed)).enumerate() {
                let is_invalid = std::str::from_utf8(cell).is_err();
                prop_assert_eq!(parsed.invalid.contains(&(row as u32)), is_invalid);
                if !cell.is_empty() && !is_invalid {
                    prop_assert_eq!(text.map(str::as_bytes), Some(cell.as_slice()));
                }
            }
        }
    }
}
