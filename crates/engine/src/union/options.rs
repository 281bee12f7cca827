//! The options of a table of several files.

use std::borrow::Cow;

use colonnade_protocol::{Affects, OptionDecl, OptionKind};

pub(super) const SOURCE_FILE: &str = "sourceFile";
pub(super) const PARTITIONS: &str = "hivePartitioning";
pub(super) const PARTITION_TYPES: &str = "partitionColumnTypeInference";

/// The names that these options go by: of no meaning to a file that is a table by itself.
pub const IDS: [&str; 5] = [SOURCE_FILE, "filename", PARTITIONS, "hive_partitioning", PARTITION_TYPES];

/// Which columns a table of several files has beside those of the files.
pub fn options() -> Vec<OptionDecl> {
    vec![
        OptionDecl {
            id: SOURCE_FILE.into(),
            aliases: Cow::Borrowed(&[Cow::Borrowed("filename")]),
            title: "Source file column".into(),
            kind: OptionKind::Text { max_chars: 255 },
            default: Some("_source_file".into()),
            help: "The name of the column that says which file a row is from.".into(),
            affects: Affects::Schema,
            empty: Cow::Borrowed("no such column"),
            synonyms: Cow::Borrowed(&[]),
        },
        OptionDecl {
            id: PARTITIONS.into(),
            aliases: Cow::Borrowed(&[Cow::Borrowed("hive_partitioning")]),
            title: "Partition values from the path".into(),
            kind: OptionKind::Flag,
            default: Some("true".into()),
            help: "Whether folders named like year=2024 become columns.".into(),
            affects: Affects::Schema,
            empty: Cow::Borrowed(""),
            synonyms: Cow::Borrowed(&[]),
        },
        OptionDecl {
            id: PARTITION_TYPES.into(),
            aliases: Cow::Borrowed(&[]),
            title: "Types of partition values".into(),
            kind: OptionKind::Flag,
            default: Some("true".into()),
            help: "Whether partition values that are all numbers or dates become such; else they are text. One with a leading zero keeps all text."
                .into(),
            affects: Affects::Schema,
            empty: Cow::Borrowed(""),
            synonyms: Cow::Borrowed(&[]),
        },
    ]
}
