//! The options of the log reader; those of text tables beside them.

use colonnade_protocol::option::Affects::Detect;
use colonnade_protocol::{OptionDecl, OptionKind};

use super::pattern::MOST_CHARS;
use crate::format::text::options::{encoding_option, fixed, found, record_options, text, value_options};

/// How a record is cut into fields.
pub const PATTERN: &str = "pattern";
/// With what a record begins.
pub const RECORD_START: &str = "recordStart";
/// The field whose templates are mined.
pub const TEMPLATES_OF: &str = "templatesOf";
/// With what a line begins that is no record.
pub const COMMENT: &str = "comment";
/// Whether the codes by which a terminal colours text are taken off.
pub const STRIP_COLORS: &str = "stripColors";
/// The templates found in the sample, one a line: no option of the form, but a part of how a source is read.
pub const TEMPLATES: &str = "templates";

/// Where a W3C log says other fields, and their names, a line each: as little an option of the form.
pub const SECTIONS: &str = "sections";

/// Whether the log goes on behind what was looked through for such places.
pub const SECTIONS_GO_ON: &str = "sectionsGoOn";
/// How much of a W3C log is looked through for them, in megabytes.
pub const FIELDS_WITHIN: &str = "fieldsWithin";

/// Every option of the log reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    let own = [
        found(
            PATTERN,
            &["regex", "grok"],
            "Pattern of a record",
            text(MOST_CHARS),
            Detect,
            "A regular expression with %{NAME:field} (grok) or (?<field>...) for each column, which the first line of a record matches as a whole. Filled in with what was found; %{LOGFMT} reads pairs of keys and values. A record that does not match is kept whole in the field that takes the rest of a line, and rejected where there is none.",
        ),
        found(
            RECORD_START,
            &[],
            "A record begins with",
            text(MOST_CHARS),
            Detect,
            "A pattern: lines that do not begin so go on the record before (stack traces).",
        )
        .empty_means("every line is a record"),
        found(
            TEMPLATES_OF,
            &[],
            "Templates of",
            text(200),
            Detect,
            "The field whose texts are told apart into template, template_id and parameters. Templates are learned from the sample and are the same for the whole file; a text that fits none has one of its own, in which numbers, addresses and paths are left out.",
        )
        .empty_means("none"),
        found(
            STRIP_COLORS,
            &["ansi"],
            "Take colours off",
            OptionKind::Flag,
            Detect,
            "Takes the escape codes off the records by which a terminal colours text. What is rejected is shown as it stands.",
        ),
        found(COMMENT, &[], "Comment", text(20), Detect, "Lines that begin with this text are no records.").empty_means("there are none"),
        fixed(
            FIELDS_WITHIN,
            &[],
            "Fields within, MB",
            OptionKind::Integer { min: 0, max: 1 << 30 },
            "64",
            Detect,
            "How many megabytes of a W3C log are looked through for lines that say other fields, before the first row is shown. Where one stands behind them, reading stops and says so. 0: all of it.",
        ),
        encoding_option(),
    ];
    own.into_iter().chain(record_options()).chain(value_options()).collect()
}
