//! Values that a column's declared type holds in its database, and ours does not: `NaN` of a `numeric`, `infinity` of a date.

use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{LogicalType, Origin, Place};
use encoding_rs::Encoding;

use crate::Result;
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, Span, lattice};
use crate::words::{counted, placed};

/// Characters of a value that a finding quotes.
const QUOTED: usize = 60;

/// A column that is wider than it is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Beyond {
    column: String,
    declared: LogicalType,
    data_type: LogicalType,
    count: u64,
    first: String,
    place: Place,
}

impl Beyond {
    /// Widens a column of a declared type to what all of these cells fit, where one does not fit it. `at`: a row's place.
    ///
    /// # Errors
    /// Those of [`ColumnParser::new`].
    pub fn take(
        spec: &mut ColumnSpec,
        cells: Cells<'_>,
        (rules, encoding): (&Arc<CellRules>, &'static Encoding),
        at: &dyn Fn(usize) -> Place,
    ) -> Result<Option<Self>> {
        let misfits = ColumnParser::new(spec, rules, encoding)?.parse(cells).misfits;
        let values = || misfits.iter().map(|&row| cells.bytes(cells.iter().nth(row as usize).unwrap_or(Span::MISSING)));
        let (Some(&row), Some(value)) = (misfits.first(), values().next()) else { return Ok(None) };
        let (wide, _) = lattice::widen_all(spec, values(), rules);
        let found = Self {
            column: spec.name.clone(),
            declared: spec.data_type.clone(),
            data_type: wide.data_type.clone(),
            count: misfits.len() as u64,
            first: encoding.decode_without_bom_handling(value).0.chars().take(QUOTED).collect(),
            place: at(row as usize),
        };
        let origin = spec.origin.clone();
        *spec = ColumnSpec { data_type: wide.data_type, pattern: wide.pattern, origin, ..spec.clone() };
        if let Origin::Detected { evidence, .. } = &mut spec.origin {
            evidence.push_str(&format!(", which {:?} at {} does not fit", found.first, found.place));
        }
        Ok(Some(found))
    }

    fn finding(&self) -> Finding {
        let Self { column, declared, data_type, .. } = self;
        let are = if self.count == 1 { "does" } else { "do" };
        let what = format!(
            "{column}: {} of the first rows {are} not fit {declared}, which its declared type is here, first {:?} at {}; it is read as {data_type}",
            counted(self.count, "value"),
            self.first,
            placed(&self.place),
        );
        let change = Change::ColumnType { column: column.clone(), data_type: Some(declared.to_string()), pattern: None };
        Finding { what, fix: Some(Fix { title: format!("Read {column} as {declared}, null where a value does not fit"), change }) }
    }
}

/// What to tell of them.
pub fn findings(all: &[Beyond]) -> impl Iterator<Item = Finding> + '_ {
    all.iter().map(Beyond::finding)
}
