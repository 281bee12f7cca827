//! JSON Lines: one object a row, members in the order of the columns.

use arrow_array::{Array, ArrayRef};
use serde::{Deserialize, Serialize};

use super::RowWriter;
use super::value::write_json;
use crate::column::json::write_string;

/// How JSON Lines is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JsonLinesOptions {
    /// Whether members that are null are left out, as Spark does.
    pub ignore_null_fields: bool,
}

/// Writes rows as objects.
pub struct JsonLinesRows {
    options: JsonLinesOptions,
    /// Each column's name as a JSON string, with the colon behind it.
    names: Vec<String>,
}

impl JsonLinesRows {
    /// A writer of rows with columns of these names.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, options: JsonLinesOptions) -> Self {
        let quoted = |name| {
            let mut out = String::new();
            write_string(name, &mut out);
            out.push(':');
            out
        };
        Self { options, names: names.map(quoted).collect() }
    }
}

impl RowWriter for JsonLinesRows {
    fn row(&mut self, columns: &[ArrayRef], row: usize, out: &mut String) {
        out.push('{');
        let mut first = true;
        for (name, column) in self.names.iter().zip(columns) {
            if self.options.ignore_null_fields && column.is_null(row) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            out.push_str(name);
            write_json(column, row, out);
        }
        out.push_str("}\n");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{Int64Builder, ListBuilder};
    use arrow_array::{BinaryArray, Decimal128Array, Float64Array, StringArray};

    use super::*;

    #[test]
    fn every_value_is_json_that_reads_back() {
        let mut lists = ListBuilder::new(Int64Builder::new());
        lists.append_value([Some(1), None]);
        lists.append_null();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("é\u{1}\"\\\n"), None])),
            Arc::new(Float64Array::from(vec![f64::NAN, 1e300])),
            Arc::new(Decimal128Array::from(vec![150, -5]).with_precision_and_scale(9, 2).unwrap()),
            Arc::new(lists.finish()),
            Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..], b"abc"])),
        ];
        let mut rows = JsonLinesRows::new(["s", "x", "d", "l", "b"].into_iter(), JsonLinesOptions::default());
        let mut out = String::new();
        rows.row(&columns, 0, &mut out);
        rows.row(&columns, 1, &mut out);
        assert_eq!(
            out,
            "{\"s\":\"é\\u0001\\\"\\\\\\n\",\"x\":\"NaN\",\"d\":1.50,\"l\":[1,null],\"b\":\"AP8=\"}\n\
             {\"s\":null,\"x\":1e300,\"d\":-0.05,\"l\":null,\"b\":\"YWJj\"}\n"
        );
        for line in out.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let mut short = String::new();
        JsonLinesRows::new(["s", "x"].into_iter(), JsonLinesOptions { ignore_null_fields: true }).row(&columns[..2], 1, &mut short);
        assert_eq!(short, "{\"x\":1e300}\n");
    }
}
