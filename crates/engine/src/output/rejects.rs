//! The rejects file: every record that was rejected or repaired, as CSV (RFC 4180, UTF-8).

use std::fmt::Write;

use colonnade_protocol::{Outcome, Reject};

use crate::column::ColumnSpec;
use crate::decisions::reason;

/// The file's first line. A record has a line and a byte, or a row where its source has no lines.
pub const HEADER: &str = "outcome,cause,file,line,byte,row,column,reason,raw\r\n";

/// Appends the line of a reject of `file`, or of that file of a table of several which it names. A text that a spreadsheet would run as a formula is kept as it stands in the source: this
/// file is for reading back.
pub fn write(reject: &Reject, file: &str, columns: &[ColumnSpec], out: &mut String) {
    let outcome = match reject.outcome {
        Outcome::Rejected => "rejected",
        Outcome::Repaired => "repaired",
    };
    let column = reject.column.and_then(|column| columns.get(column as usize)).map_or("", |column| &column.name);
    // Writing to a String cannot fail.
    let _ = write!(out, "{outcome},{},", reject.cause.title());
    field(reject.file.as_deref().unwrap_or(file), ",", out);
    let _ = match reject.place.row_number() {
        Some(row) => write!(out, ",,{row},"),
        None => write!(out, "{},{},,", reject.place.line, reject.place.byte),
    };
    field(column, ",", out);
    field(&reason(reject), ",", out);
    field(&reject.raw, "\r\n", out);
}

fn field(text: &str, end: &str, out: &mut String) {
    if text.contains([',', '"', '\n', '\r']) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\"{}\"{end}", text.replace('"', "\"\""));
    } else {
        out.push_str(text);
        out.push_str(end);
    }
}

#[cfg(test)]
mod tests {
    use colonnade_protocol::{Cause, Place};

    use super::*;

    #[test]
    fn a_raw_record_stays_one_field() {
        let place = Place { byte: 40, line: 3 };
        let raw = "a,\"b\"\r\nc".to_owned();
        let reject = Reject {
            outcome: Outcome::Repaired,
            cause: Cause::TypeMismatch,
            file: Some("a,b.csv".into()),
            place,
            column: Some(0),
            reason: "\"x\" is no int".into(),
            raw,
            span: None,
            decisions: Vec::new(),
        };
        let mut out = String::new();
        let in_rows =
            Reject { file: None, place: Place::row(40), raw: String::new(), reason: String::new(), column: None, ..reject.clone() };
        write(&reject, "all", &[ColumnSpec::text("n")], &mut out);
        write(&in_rows, "b.sqlite", &[], &mut out);
        let in_rows = "repaired,not of the column's type,b.sqlite,,,41,,,\r\n";
        let (out, row) = out.split_at(out.len() - in_rows.len());
        assert_eq!(row, in_rows);
        assert_eq!(out, "repaired,not of the column's type,\"a,b.csv\",3,40,,n,\"\"\"x\"\" is no int\",\"a,\"\"b\"\"\r\nc\"\r\n");
    }
}
