//! The options of the JSON readers, under Spark's names where Spark has one.
//!
//! Where these readers differ from Spark: columns come in the order in which they are seen (Spark sorts them by name), an
//! object that meets another kind of value becomes JSON text, a key given twice is reported and its last value taken
//! (Spark refuses the file), texts that are all dates or timestamps are read as such (as DuckDB does), and what is not JSON
//! by RFC 8259 but understood is repaired and listed, each kind by an option that declines it.

use std::borrow::Cow;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::option::{Affects, OptionKind};

use super::encoding::JsonEncoding;
use super::layout::ORIENT;
use super::path::RecordPath;
use super::repair::{LINE_BREAKS, Repair};
use crate::Result;
pub use crate::format::named::EVOLUTION;
use crate::format::text::options::prefers_decimal;
use crate::settings::Settings;

/// The option that says how characters are written.
pub const ENCODING: &str = "encoding";
/// The option that says whether the first of many arrays holds names.
pub const HEADER: &str = "header";
/// The option that says where in a document the records are.
pub const RECORD_PATH: &str = "recordPath";
/// The option that lets names of days be wrong.
pub const IGNORE_DAY_NAMES: &str = "ignoreDayNames";
/// The option that leaves out what never has a value.
pub const DROP_NULL_FIELDS: &str = "dropFieldIfAllNull";

/// Every option of the JSON Lines reader, in the order of its form.
pub fn of_lines() -> Vec<OptionDecl> {
    let orient = option(
        ORIENT,
        "A record is",
        choice(&[("records", "an object, a field a member"), ("value", "a value, in one column")]),
        None,
        Affects::Detect,
        "What the fields of a record are, in the words of pandas. Objects whose keys are data are values, in one column named value.",
    );
    std::iter::once(orient).chain(of_any()).collect()
}

/// The options of both readers.
fn of_any() -> impl Iterator<Item = OptionDecl> {
    of_records().into_iter().chain(of_repairs())
}

/// Every option of the reader of documents, in the order of its form.
pub fn of_documents() -> Vec<OptionDecl> {
    use Affects::Detect;
    let mut options = vec![
        option(
            ENCODING,
            "Encoding",
            choice(&JsonEncoding::names().map(|name| (name, name)).collect::<Vec<_>>()),
            None,
            Detect,
            "How characters are written. UTF-16 and UTF-32 are read by one worker.",
        ),
        option(
            RECORD_PATH,
            "Where the records are",
            OptionKind::Text { max_chars: 1000 },
            None,
            Detect,
            "A JSONPath: $ for whole values, each of them a row; $[*] for the elements of an array; $.data.items[*] for those of an array within objects; $.* for the members of an object whose names are data, with a column of these names.",
        ),
        option(
            ORIENT,
            "A record is",
            choice(&[
                ("records", "an object, a field a member"),
                ("values", "an array, a field an element"),
                ("value", "any value, in one column"),
            ]),
            None,
            Detect,
            "What the fields of a record are, in the words of pandas. Elements are columns named _c0, _c1, ...; any value is a column named value.",
        ),
        option(
            HEADER,
            "The first array holds names",
            OptionKind::Flag,
            None,
            Detect,
            "Whether the first of records that are arrays names the fields of the others.",
        ),
    ];
    for option in &mut options {
        option.aliases = match option.id.as_ref() {
            ENCODING => vec!["charset".into()].into(),
            RECORD_PATH => vec!["record_path".into()].into(),
            _ => Vec::new().into(),
        };
    }
    options.extend(of_any());
    options
}

fn choice(choices: &[(&'static str, &'static str)]) -> OptionKind {
    OptionKind::Choice(choices.iter().map(|&(id, title)| (id.into(), title.into())).collect::<Vec<_>>().into())
}

/// One for each repair: whether it is made.
fn of_repairs() -> Vec<OptionDecl> {
    let flag = |repair: Repair, title, on: bool, help| {
        let default = Some(if on { "true" } else { "false" });
        let mut declared = option(repair.option(), title, OptionKind::Flag, default, Affects::Schema, help);
        if repair == Repair::ControlCharacters {
            declared.aliases = vec!["allowUnescapedControlChars".into()].into();
        }
        declared
    };
    vec![
        flag(
            Repair::ControlCharacters,
            "Allow raw line breaks in texts",
            true,
            "Line breaks and other control characters may stand in texts as they are. Such a record is listed as repaired; otherwise it is rejected.",
        ),
        option(
            LINE_BREAKS,
            "Raw line breaks become",
            choice(&[("keep", "line breaks"), ("blank", "blanks")]),
            Some("keep"),
            Affects::Schema,
            "What a line break within a text is read as, where it stands there as it is.",
        ),
        flag(Repair::Commas, "Allow stray commas", true, "Commas may be doubled, missing, or stand behind the last value."),
        flag(Repair::Ellipsis, "Allow ellipses", true, "Three dots may stand for what is left out; they are dropped."),
        flag(
            Repair::Brackets,
            "Allow missing brackets at the end",
            true,
            "Brackets that are still open where the file ends are closed, unless it ends within a value.",
        ),
        flag(Repair::SingleQuotes, "Allow single quotes", true, "Texts and keys may stand in single quotes."),
        flag(Repair::Comments, "Allow comments", true, "Comments as in Java, // and /* */, are passed over."),
        flag(Repair::Specials, "Allow NaN and infinities", true, "NaN, Infinity, -Infinity and their short forms are numbers."),
        flag(Repair::Names, "Allow keys without quotes", true, "Keys may be plain words."),
        flag(
            Repair::Marks,
            "Allow byte order marks within",
            true,
            "Byte order marks between values are passed over, as files joined end to end have them.",
        ),
        flag(Repair::Words, "Allow Python's words", true, "True, False, None and undefined are true, false and null."),
        flag(
            Repair::Calls,
            "Allow calls around values",
            true,
            "ObjectId(\"...\"), NumberLong(5) and the like, as MongoDB's shell writes them, are the value within.",
        ),
        flag(Repair::LeadingZeros, "Allow zeros in front of numbers", false, "Numbers may begin with zeros or a plus, which are lost."),
        flag(
            Repair::Backslashes,
            "Allow a backslash before any character",
            false,
            "A backslash before a character that needs none is dropped.",
        ),
    ]
}

/// What holds for records wherever they stand.
fn of_records() -> Vec<OptionDecl> {
    use Affects::{Decode, Schema};
    let modes = choice(&[
        ("PERMISSIVE", "keep the record, null what does not fit"),
        ("DROPMALFORMED", "reject the record"),
        ("FAILFAST", "stop at the first"),
    ]);
    let evolution = choice(&[("addNewColumns", "a new column"), ("none", "nothing: they are not read")]);
    let text = |max_chars| OptionKind::Text { max_chars };
    vec![
        option(
            "mode",
            "Records that do not fit",
            modes,
            Some("PERMISSIVE"),
            Decode,
            "What becomes of a record with a value that does not fit its type, or a key given twice. What is no record is rejected in every mode but FAILFAST, unless there is a corrupt-record column to keep it in.",
        ),
        option(
            "columnNameOfCorruptRecord",
            "Corrupt-record column",
            text(200),
            Some(""),
            Schema,
            "A column of this name is added that holds the raw text of every record that did not fit; the list of rejects has them anyway.",
        )
        .empty_means("no such column"),
        option(
            "maxRecordBytes",
            "Longest record",
            OptionKind::Integer { min: 64, max: 1 << 29 },
            Some("16777216"),
            Decode,
            "A record longer than this many bytes is rejected. Memory grows with it.",
        ),
        option(
            EVOLUTION,
            "Fields that the sample does not have",
            evolution,
            Some("addNewColumns"),
            Schema,
            "What a field becomes that is first met far into the file, or that a given schema does not name: a new column behind the others, and the file is read again; or nothing.",
        ),
        option(
            "primitivesAsString",
            "Values as text",
            OptionKind::Flag,
            Some("false"),
            Schema,
            "Numbers and truth values become text, as they stand in the source.",
        ),
        prefers_decimal(),
        option(
            "inferTimestamp",
            "Find timestamps",
            OptionKind::Flag,
            Some("true"),
            Schema,
            "Texts that are all dates or timestamps are read as such: anywhere in the ISO forms, in the records' own fields also by other patterns. Spark keeps them as text by default, DuckDB does not.",
        ),
        option(
            IGNORE_DAY_NAMES,
            "Names of days may be wrong",
            OptionKind::Flag,
            None,
            Schema,
            "Dates are read whose day of the week is another than they say. Found from the data: where all texts of a field are dates but for that.",
        ),
        option(
            DROP_NULL_FIELDS,
            "Leave out empty fields",
            OptionKind::Flag,
            Some("false"),
            Schema,
            "The records' own fields that hold nothing but null, empty arrays and empty objects become no columns.",
        ),
        option(
            "dateFormat",
            "Date pattern",
            text(100),
            None,
            Schema,
            "The pattern of columns that are read as dates: yyyy-MM-dd, dd.MM.yyyy. Otherwise the ISO form.",
        ),
        option(
            "timestampFormat",
            "Timestamp pattern",
            text(100),
            None,
            Schema,
            "The pattern of columns that are read as timestamps with a zone: yyyy-MM-dd'T'HH:mm:ssXXX. Otherwise the ISO forms.",
        ),
        option(
            "timestampNTZFormat",
            "Wall-clock pattern",
            text(100),
            None,
            Schema,
            "The pattern of columns that are read as timestamps without a zone: yyyy-MM-dd HH:mm:ss. Otherwise the ISO forms.",
        ),
        option(
            "timeFormat",
            "Time pattern",
            text(100),
            None,
            Schema,
            "The pattern of columns that are read as times of day: HH:mm:ss. Otherwise the ISO form.",
        ),
        option(
            "timeZone",
            "Time zone",
            text(60),
            Some("UTC"),
            Schema,
            "The zone of timestamps that carry no offset where a column is read as timestamps with one.",
        ),
        option("locale", "Language of names", text(20), Some("en-US"), Schema, "The language of month and day names in dates."),
    ]
}

fn option(
    id: &'static str,
    title: &'static str,
    kind: OptionKind,
    default: Option<&'static str>,
    affects: Affects,
    help: &'static str,
) -> OptionDecl {
    let default = default.map(Cow::Borrowed);
    OptionDecl {
        id: id.into(),
        aliases: Cow::Borrowed(&[]),
        title: title.into(),
        kind,
        default,
        help: help.into(),
        affects,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

/// Whether fields beyond the schema become columns.
pub fn adds_columns(settings: &Settings) -> bool {
    settings.text(EVOLUTION) != "none"
}

/// Where the records are; whole values, where nobody says.
///
/// # Errors
/// Those of [`RecordPath::parse`].
pub fn record_path(settings: &Settings) -> Result<RecordPath> {
    settings.get(RECORD_PATH).map_or_else(|| Ok(RecordPath::default()), RecordPath::parse)
}
