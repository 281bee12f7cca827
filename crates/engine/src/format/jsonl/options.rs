//! The options of the JSON Lines reader, under Spark's names where Spark has one.
//!
//! Where this reader differs from Spark: columns come in the order in which they are seen (Spark sorts them by name), an
//! object that meets another kind of value becomes JSON text, a key given twice is reported and its last value taken
//! (Spark refuses the file), and what is not JSON by RFC 8259 is refused (Spark takes single quotes).

use std::borrow::Cow;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::option::{Affects, OptionKind};

use crate::settings::Settings;

/// The option that says whether fields beyond the schema become columns.
pub const EVOLUTION: &str = "schemaEvolutionMode";

/// Every option of the JSON Lines reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    use Affects::{Decode, Schema};
    let choice = |choices: &[(&'static str, &'static str)]| {
        OptionKind::Choice(choices.iter().map(|&(id, title)| (id.into(), title.into())).collect::<Vec<_>>().into())
    };
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
            "What becomes of a record with a value that does not fit its type, or a key given twice. A line that is no JSON object is rejected in every mode but FAILFAST, unless there is a corrupt-record column to keep it in.",
        ),
        option(
            "columnNameOfCorruptRecord",
            "Corrupt-record column",
            text(200),
            Some(""),
            Schema,
            "A column of this name is added that holds the raw text of every record that did not fit. Empty: no such column; the list of rejects has them anyway.",
        ),
        option(
            "maxRecordBytes",
            "Longest record",
            OptionKind::Integer { min: 64, max: 1 << 29 },
            Some("16777216"),
            Decode,
            "A line longer than this many bytes is rejected. Memory grows with it.",
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
        option(
            "prefersDecimal",
            "Prefer decimals",
            OptionKind::Flag,
            Some("false"),
            Schema,
            "Numbers with a fraction become exact decimals rather than doubles.",
        ),
        option(
            "inferTimestamp",
            "Find timestamps",
            OptionKind::Flag,
            Some("false"),
            Schema,
            "Texts in the ISO forms become dates and timestamps. Off by default, as in Spark: JSON says that they are text.",
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
    OptionDecl { id: id.into(), aliases: Cow::Borrowed(&[]), title: title.into(), kind, default, help: help.into(), affects }
}

/// Whether fields beyond the schema become columns.
pub fn adds_columns(settings: &Settings) -> bool {
    settings.text(EVOLUTION) != "none"
}
