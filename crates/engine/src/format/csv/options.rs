//! The options of the CSV reader, under Spark's names where Spark has one.
//!
//! Where this reader differs from Spark: separator, quote, escape, header, encoding and types are found from the data
//! unless a person says otherwise (Spark's fixed defaults are `,` `"` `\` `false` `UTF-8` and text), a quoted value may
//! hold line breaks, and an empty quoted value is an empty string rather than null.

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};
use encoding_rs::Encoding;

use super::dialect::{Dialect, LineEnd};
use crate::Result;
use crate::format::text::options::{
    self, ellipsis_option, encoding_option, found, record_options, table_options, text, unescape, value_options,
};
use crate::format::text::transcode::Reading;
use crate::settings::Settings;

/// Every option of the CSV reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    let mut options = dialect_options();
    options.extend(table_options());
    options.extend(separator_options());
    options.extend(record_options());
    options.push(ellipsis_option());
    options.extend(value_options());
    options
}

fn dialect_options() -> Vec<OptionDecl> {
    use Affects::Detect;
    vec![
        encoding_option(),
        found(
            "sep",
            &["delimiter"],
            "Separator",
            text(8),
            Detect,
            "What stands between two fields: one or a few characters. \\t is a tab, \\u0001 a control character.",
        ),
        found(
            "quote",
            &[],
            "Quote",
            text(4),
            Detect,
            "The character around values that hold separators or line breaks.",
        )
        .empty_means("quotes mean nothing"),
        found(
            "escape",
            &[],
            "Escape",
            text(4),
            Detect,
            "What makes a quote inside quotes plain text: the quote itself (doubled, as RFC 4180 says) or a character before it, such as \\\\.",
        )
        .empty_means("nothing does"),
        found("comment", &[], "Comment", text(4), Detect, "Lines that begin with this character are skipped.").empty_means("no line is a comment"),
        found("lineSep", &[], "Line end", text(8), Detect, "What ends a record outside quotes.").empty_means("LF, CRLF and CR, also mixed"),
    ]
}

fn separator_options() -> Vec<OptionDecl> {
    use Affects::Detect;
    vec![
        found(
            "trailingSeparator",
            &[],
            "Records end with a separator",
            OptionKind::Flag,
            Detect,
            "Every record ends with a separator that opens no field.",
        ),
        found(
            "mergeSeparators",
            &[],
            "Runs of separators are one",
            OptionKind::Flag,
            Detect,
            "For tables aligned with blanks: several separators in a row count as one, and those at a line's start as none.",
        ),
        found(
            "ignoreLeadingWhiteSpace",
            &[],
            "Drop blanks before values",
            OptionKind::Flag,
            Detect,
            "Blanks and tabs before a value do not belong to it.",
        ),
        found(
            "ignoreTrailingWhiteSpace",
            &[],
            "Drop blanks after values",
            OptionKind::Flag,
            Detect,
            "Blanks and tabs after a value do not belong to it.",
        ),
    ]
}

/// The dialect of a text that these settings say; what they leave open is as RFC 4180 has it.
///
/// # Errors
/// [`ErrorKind::Usage`] for an empty separator, a quote, escape or comment that is not one ASCII character, or two of
/// them that are the same.
pub fn dialect(settings: &Settings) -> Result<Dialect> {
    let base = Dialect::default();
    let separator = settings.get("sep").map_or(base.separator, |text| unescape(text).into_bytes());
    if separator.is_empty() {
        return Err(ErrorInfo::new(ErrorKind::Usage, "the separator (sep) is empty", "Give one character or more; a tab is \\t."));
    }
    let quote = byte_setting(settings, "quote", base.quote)?;
    let escape = byte_setting(settings, "escape", base.escape)?;
    let comment = byte_setting(settings, "comment", base.comment)?;
    for (name, byte) in [("quote", quote), ("escape", escape), ("comment", comment)] {
        if byte.is_some() && separator.first().copied() == byte {
            return Err(ErrorInfo::new(ErrorKind::Usage, format!("{name} and sep begin with the same character"), "Change one of them."));
        }
    }
    if comment.is_some() && comment == quote {
        return Err(ErrorInfo::new(ErrorKind::Usage, "comment and quote are the same character", "Change one of them."));
    }
    let line_end = match settings.text("lineSep") {
        "" => LineEnd::Any,
        text => LineEnd::Exactly(unescape(text).into_bytes()),
    };
    Ok(Dialect {
        separator,
        quote,
        escape: quote.and(escape),
        comment,
        line_end,
        merge_separators: settings.flag("mergeSeparators"),
        trim_leading: settings.flag("ignoreLeadingWhiteSpace"),
        trim_trailing: settings.flag("ignoreTrailingWhiteSpace"),
        trailing_separator: settings.flag("trailingSeparator"),
    })
}

/// The same for the bytes that are cut: where each character is one byte, separator and line end are those of the
/// encoding; all other text is cut as UTF-8.
///
/// # Errors
/// Those of [`dialect`], and [`ErrorKind::Usage`] for a separator or line end that the encoding does not have.
pub fn dialect_of_source(settings: &Settings) -> Result<Dialect> {
    let (mut dialect, encoding) = (dialect(settings)?, options::encoding(settings)?);
    if encoding.is_single_byte() {
        let line_end = match &mut dialect.line_end {
            LineEnd::Any => None,
            LineEnd::Exactly(text) => Some(text),
        };
        for mark in std::iter::once(&mut dialect.separator).chain(line_end) {
            let text = String::from_utf8_lossy(mark);
            let (bytes, _, unmappable) = encoding.encode(&text);
            if unmappable {
                let what = format!("{text:?} cannot be written in {}", encoding.name());
                return Err(ErrorInfo::new(ErrorKind::Usage, what, "Give another separator (sep), line end (lineSep) or encoding."));
            }
            *mark = bytes.into_owned();
        }
    }
    Ok(dialect)
}

/// How the bytes become text that this dialect cuts.
///
/// # Errors
/// Those of [`dialect`] and [`options::encoding`].
pub fn reading(settings: &Settings) -> Result<Reading> {
    let dialect = dialect_of_source(settings)?;
    let line_end = match &dialect.line_end {
        LineEnd::Any => &[][..],
        LineEnd::Exactly(text) => text,
    };
    let marks = dialect.separator.iter().chain(line_end).copied().chain(dialect.quote).chain(dialect.escape).chain(dialect.comment);
    Ok(Reading::of(options::encoding(settings)?, marks))
}

/// The names that a record is compared with to find the header again: those of a header of one row over several columns.
pub(super) fn header_names<'a>(settings: &Settings, names: impl Iterator<Item = &'a str>, encoding: &'static Encoding) -> Vec<Vec<u8>> {
    if settings.integer("headerRows") != 1 {
        return Vec::new();
    }
    let names: Vec<Vec<u8>> = names.map(|name| encoding.encode(name).0.into_owned()).collect();
    if names.len() > 1 { names } else { Vec::new() }
}

fn byte_setting(settings: &Settings, id: &str, default: Option<u8>) -> Result<Option<u8>> {
    let Some(text) = settings.get(id) else { return Ok(default) };
    match unescape(text).as_bytes() {
        [] => Ok(None),
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(Some(*byte)),
        _ => Err(ErrorInfo::new(
            ErrorKind::Usage,
            format!("{id}={text:?} is not one ASCII character"),
            "Give one character, or nothing for none.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[(&str, &str)]) -> Settings {
        Settings::new(&declared(), given.iter().copied()).unwrap()
    }

    #[test]
    fn a_dialect_says_what_the_settings_say() {
        let dialect =
            dialect(&settings(&[("delimiter", "\\t"), ("quote", "'"), ("escape", "\\"), ("comment", "#"), ("lineSep", "\\r")])).unwrap();
        assert_eq!(dialect.separator, b"\t");
        assert_eq!((dialect.quote, dialect.escape, dialect.comment), (Some(b'\''), Some(b'\\'), Some(b'#')));
        assert_eq!(dialect.line_end, LineEnd::Exactly(b"\r".to_vec()));
    }

    #[test]
    fn an_unusable_dialect_is_refused() {
        assert!(dialect(&settings(&[("sep", "")])).is_err());
        assert!(dialect(&settings(&[("quote", "''")])).is_err());
        assert!(dialect(&settings(&[("sep", "\""), ("quote", "\"")])).is_err());
        assert_eq!(dialect(&settings(&[("quote", "")])).unwrap().escape, None);
    }
}
