//! What opening a file of typed columns finds: all of it is declared.

use std::borrow::Cow;

use arrow_schema::Fields;
use colonnade_protocol::message::SentencePart;
use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::report::Finding;
use colonnade_protocol::schema::ColumnEvidence;
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl, Origin, Place};

use super::types::{distinct, natural, remark};
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::{Blocks, Detection, OpenedBlocks};
use crate::settings::Settings;
use crate::words::counted;

/// What a format found in a file.
pub struct Source<'a> {
    pub fields: &'a Fields,
    pub blocks: Blocks,
    /// `Parquet, 3 row groups, zstd`: what stands before rows and columns in the sentence.
    pub words: String,
    pub findings: Vec<Finding>,
}

/// The options that every such format has.
pub fn options() -> Vec<OptionDecl> {
    let modes =
        [("PERMISSIVE", "keep the row, null what does not fit"), ("DROPMALFORMED", "reject the row"), ("FAILFAST", "stop at the first")];
    let modes = modes.into_iter().map(|(id, title)| (id.into(), title.into())).collect();
    vec![OptionDecl {
        id: "mode".into(),
        aliases: Cow::Borrowed(&[]),
        title: "Rows that do not fit".into(),
        kind: OptionKind::Choice(Cow::Owned(modes)),
        default: Some("PERMISSIVE".into()),
        help:
            "What becomes of a row with a value that does not fit the type chosen for it. Every one of them is listed, whatever is chosen."
                .into(),
        affects: Affects::Decode,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }]
}

/// A detection of what the file declares.
///
/// # Errors
/// [`ErrorKind::Empty`] for a file without columns.
pub fn opened(source: Source<'_>, settings: Settings) -> Result<OpenedBlocks> {
    if source.fields.is_empty() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file has no columns", "Choose another file."));
    }
    let mut columns: Vec<ColumnSpec> = Vec::new();
    let mut findings = source.findings;
    for field in source.fields {
        let name = distinct(field.name(), "column", columns.len(), |name| columns.iter().any(|column| column.name == name));
        if let Some(remark) = remark(field) {
            findings.push(Finding { what: format!("Column {name:?} {remark}"), fix: None });
        }
        columns.push(ColumnSpec {
            source_name: field.name().clone(),
            name,
            data_type: natural(field),
            pattern: None,
            origin: Origin::Detected { confidence: 1.0, evidence: format!("declared by the file: {}", field.data_type()) },
            evidence: ColumnEvidence::default(),
            late: None,
        });
    }
    let rows = source.blocks.rows();
    let text = format!("{}, {}, {}", source.words, counted(rows, "row"), counted(columns.len(), "column"));
    let detection = Detection {
        confidence: 1.0,
        sentence: vec![SentencePart { text, option: None }],
        settings,
        columns,
        findings,
        data_start: Place::row(0),
        skipped: 0,
        raw_lines: Vec::new(),
        estimated_rows: rows,
    };
    Ok(OpenedBlocks { detection, tables: Vec::new(), blocks: source.blocks })
}
