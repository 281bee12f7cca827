//! The options that every reader of text tables has, under Spark's names where Spark has one.

use std::borrow::Cow;

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};
use encoding_rs::Encoding;

use crate::Result;
use crate::decisions::Told;
use crate::format::ParseMode;
use crate::settings::Settings;

/// The option that names the column of raw texts.
pub const CORRUPT_COLUMN: &str = "columnNameOfCorruptRecord";

/// Whether there is a column for the raw text of what did not fit: the last one.
pub fn has_corrupt_column(settings: &Settings) -> bool {
    !settings.text(CORRUPT_COLUMN).is_empty()
}

/// Whether what is not a row is kept as one, for the corrupt-record column.
pub fn keeps_all(settings: &Settings) -> bool {
    has_corrupt_column(settings) && ParseMode::of(settings) == ParseMode::Permissive
}

/// How bytes are read as text.
pub fn encoding_option() -> OptionDecl {
    found(
        "encoding",
        &["charset"],
        "Encoding",
        text(40),
        Affects::Detect,
        "How the bytes are read as text: a name of the WHATWG Encoding Standard (UTF-8, windows-1252, Shift_JIS, UTF-16LE, ...).",
    )
}

/// Where the table stands in its source.
pub fn table_options() -> Vec<OptionDecl> {
    use Affects::Detect;
    vec![
        found(
            "skipRows",
            &["skipLines"],
            "Lines to skip",
            lines(),
            Detect,
            "Lines above the header (or above the first record) that are not part of the table: titles, notes, blank lines.",
        ),
        found(
            "header",
            &[],
            "Header",
            OptionKind::Flag,
            Detect,
            "Whether the first record holds the columns' names. Without one they are _c0, _c1, ...",
        ),
        found(
            "headerRows",
            &[],
            "Header rows",
            OptionKind::Integer { min: 0, max: 20 },
            Detect,
            "How many records the header spans; names that stand above each other are joined with a blank.",
        ),
        found(
            "tableEnd",
            &[],
            "Table ends at byte",
            OptionKind::Integer { min: 0, max: i64::MAX },
            Detect,
            "Records that begin at or after this byte are no rows: footnotes, blank rows, a second table. 0: the table ends with the file.",
        ),
    ]
}

/// What becomes of records that do not fit.
pub fn record_options() -> Vec<OptionDecl> {
    use Affects::{Decode, Schema};
    let modes = [
        ("PERMISSIVE", "keep the record, null what does not fit"),
        ("DROPMALFORMED", "reject the record"),
        ("FAILFAST", "stop at the first"),
    ];
    let modes = modes.into_iter().map(|(id, title)| (id.into(), title.into())).collect();
    vec![
        fixed(
            "mode",
            &[],
            "Records that do not fit",
            OptionKind::Choice(Cow::Owned(modes)),
            "PERMISSIVE",
            Decode,
            "What becomes of a record with too few or too many fields or a value that does not fit its type. Every one of them is listed with its place, whatever is chosen.",
        ),
        fixed(
            CORRUPT_COLUMN,
            &[],
            "Corrupt-record column",
            text(200),
            "",
            Schema,
            "A column of this name is added that holds the raw text of every record that did not fit; the list of rejects has them anyway.",
        )
        .empty_means("no such column"),
        fixed(
            "maxRecordBytes",
            &[],
            "Longest record",
            OptionKind::Integer { min: 64, max: (1 << 29) - 1 },
            "16777216",
            Decode,
            "A record longer than this many bytes is rejected: a quote that is never closed then costs one line and not the file. Memory grows with it.",
        ),
        fixed(
            "maxColumns",
            &[],
            "Most columns",
            OptionKind::Integer { min: 1, max: 1 << 20 },
            "20480",
            Affects::Detect,
            "A table with more columns is refused.",
        ),
    ]
}

/// The option that makes rows of records that are nothing but an ellipsis.
pub const KEEP_ELLIPSES: &str = "keepEllipses";

/// Whether what stands for rows that were left out is a row.
pub fn ellipsis_option() -> OptionDecl {
    fixed(
        KEEP_ELLIPSES,
        &[],
        "Ellipses are rows",
        OptionKind::Flag,
        "false",
        Affects::Decode,
        "A record that is nothing but three dots or the like stands for rows that were left out: it is listed, and no row. true: it is a row like any other.",
    )
}

/// How such records are told of, and what can be decided instead.
pub fn told(option: &str) -> Option<Told> {
    let (one, many) = ("record that is nothing but an ellipsis", "records that are nothing but an ellipsis");
    (option == KEEP_ELLIPSES).then(|| Told::new(one, many, "read as no row", &[["Keep as rows", KEEP_ELLIPSES, "true"]]))
}

/// How values are read, and which types are found.
pub fn value_options() -> Vec<OptionDecl> {
    use Affects::Schema;
    vec![
        fixed(
            "inferSchema",
            &[],
            "Find types",
            OptionKind::Flag,
            "true",
            Schema,
            "Finds each column's type from its values. false: every column is text.",
        ),
        fixed(
            "preferDate",
            &[],
            "Prefer dates",
            OptionKind::Flag,
            "true",
            Schema,
            "Values that are days without a time become dates rather than timestamps.",
        ),
        fixed("nullValue", &[], "Null", text(100), "", Schema, "The text that stands for null, beside the empty unquoted field."),
        fixed(
            "emptyValue",
            &[],
            "Empty text",
            text(100),
            "",
            Schema,
            "The text that stands for an empty string, beside the empty quoted field.",
        ),
        fixed("nanValue", &[], "Not a number", text(100), "NaN", Schema, "The text that stands for NaN in a floating-point column."),
        fixed("positiveInf", &[], "Infinity", text(100), "Inf", Schema, "The text that stands for positive infinity."),
        fixed("negativeInf", &[], "Negative infinity", text(100), "-Inf", Schema, "The text that stands for negative infinity."),
        found(
            "dateFormat",
            &[],
            "Date pattern",
            text(100),
            Schema,
            "The pattern of dates in Spark's letters: yyyy-MM-dd, dd.MM.yyyy. Otherwise found for each column.",
        ),
        found(
            "timestampFormat",
            &[],
            "Timestamp pattern",
            text(100),
            Schema,
            "The pattern of timestamps with a zone: yyyy-MM-dd'T'HH:mm:ssXXX. Otherwise found for each column.",
        ),
        found(
            "timestampNTZFormat",
            &[],
            "Wall-clock pattern",
            text(100),
            Schema,
            "The pattern of timestamps without a zone: yyyy-MM-dd HH:mm:ss. Otherwise found for each column.",
        ),
        found(
            "timeFormat",
            &[],
            "Time pattern",
            text(100),
            Schema,
            "The pattern of times of day: HH:mm:ss. Otherwise found for each column.",
        ),
        fixed(
            "timeZone",
            &[],
            "Time zone",
            text(60),
            "UTC",
            Schema,
            "The zone of timestamps that carry no offset where a column is read as timestamps with one.",
        ),
        fixed("locale", &[], "Language of names", text(20), "en-US", Schema, "The language of month and day names in dates."),
    ]
}

/// Whether numbers become decimals, for formats whose numbers are doubles by themselves.
pub fn prefers_decimal() -> OptionDecl {
    fixed(
        "prefersDecimal",
        &[],
        "Prefer decimals",
        OptionKind::Flag,
        "false",
        Affects::Schema,
        "Numbers with a fraction become exact decimals rather than doubles.",
    )
}

/// Any text of so many characters.
pub fn text(max_chars: u32) -> OptionKind {
    OptionKind::Text { max_chars }
}

fn lines() -> OptionKind {
    OptionKind::Integer { min: 0, max: 1_000_000 }
}

/// An option whose value is found from the data.
pub fn found(
    id: &'static str,
    aliases: &[&'static str],
    title: &'static str,
    kind: OptionKind,
    affects: Affects,
    help: &'static str,
) -> OptionDecl {
    let aliases = aliases.iter().map(|&alias| alias.into()).collect();
    OptionDecl {
        id: id.into(),
        aliases: Cow::Owned(aliases),
        title: title.into(),
        kind,
        default: None,
        help: help.into(),
        affects,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

/// An option with a default.
pub fn fixed(
    id: &'static str,
    aliases: &[&'static str],
    title: &'static str,
    kind: OptionKind,
    default: &'static str,
    affects: Affects,
    help: &'static str,
) -> OptionDecl {
    OptionDecl { default: Some(default.into()), ..found(id, aliases, title, kind, affects, help) }
}

/// The encoding that these settings say; UTF-8 where they say nothing.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name that the WHATWG Encoding Standard does not have.
pub fn encoding(settings: &Settings) -> Result<&'static Encoding> {
    let label = settings.get("encoding").unwrap_or("UTF-8");
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        ErrorInfo::new(
            ErrorKind::Usage,
            format!("encoding={label:?} is not known"),
            "Give a name of the WHATWG Encoding Standard, such as windows-1252.",
        )
    })
}

/// The text that an option's notation means: `\t` `\n` `\r` `\0` `\\` `\u0001` `\x01`; any other backslash is itself.
pub fn unescape(notation: &str) -> String {
    let mut text = String::with_capacity(notation.len());
    let mut rest = notation;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let hex = |digits: usize| rest.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let (meant, used) = match rest.chars().next() {
            Some('t') => ('\t', 1),
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('0') => ('\0', 1),
            Some('\\') => ('\\', 1),
            Some('u') if hex(4).is_some() => (hex(4).unwrap_or_default(), 5),
            Some('x') if hex(2).is_some() => (hex(2).unwrap_or_default(), 3),
            _ => ('\\', 0),
        };
        text.push(meant);
        rest = &rest[used..];
    }
    text.push_str(rest);
    text
}

/// The notation of a text, so that [`unescape`] gives it back.
pub fn escape(text: &str) -> String {
    let mut notation = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => notation.push_str("\\t"),
            '\n' => notation.push_str("\\n"),
            '\r' => notation.push_str("\\r"),
            '\\' => notation.push_str("\\\\"),
            c if c.is_control() => notation.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => notation.push(c),
        }
    }
    notation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_comes_back() {
        for text in ["\t", ",", "||", "\\", "\u{1}", "\0x", "a\\tb", "\r\n", "§"] {
            assert_eq!(unescape(&escape(text)), text);
        }
        assert_eq!(unescape("\\x1f|\\q"), "\u{1f}|\\q");
    }
}
