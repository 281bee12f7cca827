//! Batches of a file's own types as batches of the table's.

use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::Fields;
use arrow_select::filter::filter;
use colonnade_protocol::{Cause, Counts, ErrorInfo, ErrorKind, LogicalType, Origin, Outcome, Place, Reject};
use encoding_rs::UTF_8;

use super::convert::{self, Losses, convert};
use super::retype::Retype;
use super::types::natural;
use crate::Result;
use crate::column::{ColumnSpec, Late, display, lattice};
use crate::format::{Batch, BlockReader, Decoded, ParseMode};
use crate::settings::Settings;

/// Text of a row that is kept with a reject.
const RAW_BYTES: usize = 64 * 1024;

/// A format's own reader: the rows of a file as it declares them.
pub trait Batches {
    /// At most `most` rows from row `first` on; none only behind the last.
    ///
    /// # Errors
    /// Those of the file and of its source.
    fn read(&mut self, first: u64, most: usize) -> Result<Rows>;
}

/// Rows as a file declares them.
#[derive(Debug, Default)]
pub struct Rows {
    /// One a field.
    pub arrays: Vec<ArrayRef>,
    /// The number of each row in the source; what is missing between them is no row.
    pub numbers: Vec<u64>,
    /// Rows of the source, those that are none included.
    pub consumed: usize,
    /// Values that the file itself says are none, which are null: row and column within the arrays, and a reason.
    pub failed: Vec<(u32, u32, String)>,
    /// Rows of the source behind these that are none of the table's: their numbers, and what is in them.
    pub below: Vec<(u64, String)>,
    /// Times that were cut to microseconds: row and column.
    pub cut: Vec<(u32, u32)>,
}

impl Rows {
    /// Rows that follow each other from `first` on.
    pub fn following(first: u64, arrays: Vec<ArrayRef>) -> Self {
        let count = arrays.first().map_or(0, |array| array.len());
        Self { arrays, numbers: (first..first + count as u64).collect(), consumed: count, ..Self::default() }
    }
}

/// The [`BlockReader`] of a format with typed columns.
pub struct BatchReader<B> {
    batches: B,
    columns: Vec<Column>,
    mode: ParseMode,
}

struct Column {
    spec: ColumnSpec,
    natural: LogicalType,
    retype: Retype,
}

/// Rows as the file has them, as the table has them, and the columns that are too narrow for them.
#[derive(Default)]
struct Typed {
    naturals: Vec<ArrayRef>,
    columns: Vec<ArrayRef>,
    widened: Vec<ColumnSpec>,
}

/// One thing wrong with one row.
struct Fault {
    row: u32,
    column: u32,
    /// The cell is null now, or else cut.
    nulled: bool,
    reason: String,
}

impl<B: Batches> BatchReader<B> {
    /// Reads `fields`, those of the file, as `columns`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a type that a column cannot be read as, or columns that the file does not have.
    pub fn new(batches: B, fields: &Fields, settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        if fields.len() != columns.len() {
            let what = format!("the schema has {} columns and the file {}", columns.len(), fields.len());
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Name every column of the file, in its order."));
        }
        let column = |(field, spec): (&arrow_schema::FieldRef, &ColumnSpec)| {
            let natural = natural(field);
            let retype = Retype::new(&natural, spec)?;
            Ok(Column { spec: spec.clone(), natural, retype })
        };
        let columns = fields.iter().zip(columns).map(column).collect::<Result<_>>()?;
        Ok(Self { batches, columns, mode: ParseMode::of(settings) })
    }

    fn typed(&mut self, arrays: &[ArrayRef], faults: &mut Vec<Fault>) -> Result<Typed> {
        let mut typed = Typed::default();
        for (at, (column, array)) in self.columns.iter_mut().zip(arrays).enumerate() {
            let mut losses = Losses::default();
            let natural = convert(array, &column.natural, &mut losses)?;
            let fault = |row: u32, nulled: bool, reason: String| Fault { row, column: at as u32, nulled, reason };
            let own = |what: &str| format!("{:?} {what}", column.spec.name);
            faults.extend(losses.cut.into_iter().map(|row| fault(row, false, own("is finer than a microsecond: cut"))));
            faults
                .extend(losses.nulled.into_iter().map(|row| fault(row, true, own(&format!("is beyond the bounds of {}", column.natural)))));
            let mut misfits = Vec::new();
            typed.columns.push(column.retype.apply(natural.clone(), &mut misfits)?);
            let text = |row: u32| {
                let mut text = String::new();
                display::write_cell(natural.as_ref(), row as usize, &mut text);
                text
            };
            // What a file's values are is declared; how the table holds those of all files is found.
            let wider = misfits.first().map(|&row| (row, column.retype.wider(&column.spec.data_type)));
            match wider.filter(|(_, wider)| column.spec.origin != Origin::Person && *wider != column.spec.data_type) {
                Some((row, wider)) => {
                    let late = Some(Late::new(&column.spec, text(row).as_bytes(), UTF_8, row));
                    typed.widened.push(ColumnSpec { late, ..lattice::widened(&column.spec, wider, None) });
                }
                None => faults.extend(misfits.into_iter().map(|row| {
                    let value = text(row);
                    fault(row, true, format!("{} does not fit {}", crate::format::faults::quoted(value.as_bytes()), column.spec.data_type))
                })),
            }
            typed.naturals.push(natural);
        }
        Ok(typed)
    }

    fn cut(&self, row: u32, column: u32) -> Fault {
        let name = self.columns.get(column as usize).map_or("", |column| column.spec.name.as_str());
        Fault { row, column, nulled: false, reason: format!("{name:?} is finer than a microsecond: cut") }
    }

    /// The row as JSON: a binary file has no text of its own.
    fn raw(&self, naturals: &[ArrayRef], row: usize) -> String {
        let mut raw = String::from("{");
        for (column, array) in self.columns.iter().zip(naturals) {
            if raw.len() > RAW_BYTES {
                raw.push('\u{2026}');
                return raw;
            }
            raw.push_str(if raw.len() > 1 { "," } else { "" });
            raw.push_str(&serde_json::Value::from(column.spec.name.as_str()).to_string());
            raw.push(':');
            display::write_json(array.as_ref(), row, &mut raw);
        }
        raw.push('}');
        raw
    }

    fn batch(&self, numbers: Vec<u64>, naturals: &[ArrayRef], mut columns: Vec<ArrayRef>, mut faults: Vec<Fault>) -> Result<Batch> {
        let rows = numbers.len();
        let place = |row: u32| Place::row(numbers.get(row as usize).copied().unwrap_or_default());
        faults.sort_by_key(|fault| (fault.row, fault.column));
        faults.dedup_by_key(|fault| (fault.row, fault.column));
        if let (ParseMode::FailFast, Some(fault)) = (self.mode, faults.iter().find(|fault| fault.nulled)) {
            let hint = "The mode is FAILFAST: choose PERMISSIVE or DROPMALFORMED to go on and list such rows.";
            return Err(ErrorInfo::new(ErrorKind::Malformed, fault.reason.as_str(), hint).at(place(fault.row)));
        }
        let mut kept = vec![true; rows];
        let mut rejects = Vec::new();
        for of_row in faults.chunk_by(|a, b| a.row == b.row) {
            let Some(fault) = of_row.iter().find(|fault| fault.nulled).or(of_row.first()) else { continue };
            let is_dropped = self.mode == ParseMode::DropMalformed && fault.nulled;
            if let Some(keeps) = kept.get_mut(fault.row as usize) {
                *keeps = !is_dropped;
            }
            rejects.push(Reject {
                outcome: if is_dropped { Outcome::Rejected } else { Outcome::Repaired },
                cause: Cause::TypeMismatch,
                file: None,
                place: place(fault.row),
                column: Some(fault.column),
                reason: of_row.iter().map(|fault| fault.reason.as_str()).collect::<Vec<_>>().join("; "),
                raw: self.raw(naturals, fault.row as usize),
                span: None,
                decisions: Vec::new(),
            });
        }
        let starts: Vec<u64> = numbers.iter().zip(&kept).filter(|(_, keeps)| **keeps).map(|(&row, _)| row).collect();
        if starts.len() < rows {
            let keep = BooleanArray::from(kept);
            columns = columns.iter().map(|column| filter(column, &keep)).collect::<std::result::Result<_, _>>().map_err(convert::defect)?;
        }
        let rejected = (rows - starts.len()) as u64;
        let nulled = faults.iter().filter(|fault| fault.nulled).count() as u64;
        let counts = Counts {
            read: rows as u64,
            written: starts.len() as u64,
            rejected,
            repaired: rejects.len() as u64 - rejected,
            nulled_cells: if self.mode == ParseMode::Permissive { nulled } else { 0 },
            ..Counts::default()
        };
        Ok(Batch { columns, rows: starts.len(), starts, counts, rejects, widened: Vec::new() })
    }
}

impl<B: Batches> BatchReader<B> {
    /// Lists rows that are none of the table's.
    ///
    /// # Errors
    /// The first of them, under FAILFAST.
    fn list(&self, below: Vec<(u64, String)>, batch: &mut Batch) -> Result<()> {
        const REASON: &str = "below the table (tableEnd): a note or another table";
        if let (ParseMode::FailFast, Some((row, _))) = (self.mode, below.first()) {
            let hint = "The mode is FAILFAST: choose PERMISSIVE or DROPMALFORMED to go on and list such rows.";
            return Err(ErrorInfo::new(ErrorKind::Malformed, REASON, hint).at(Place::row(*row)));
        }
        batch.counts.read += below.len() as u64;
        batch.counts.rejected += below.len() as u64;
        batch.rejects.extend(below.into_iter().map(|(row, raw)| Reject {
            outcome: Outcome::Rejected,
            cause: Cause::NotARow,
            file: None,
            place: Place::row(row),
            column: None,
            reason: REASON.to_owned(),
            raw,
            span: None,
            decisions: Vec::new(),
        }));
        Ok(())
    }
}

impl<B: Batches> BlockReader for BatchReader<B> {
    fn read(&mut self, first: u64, most: usize) -> Result<Decoded> {
        let Rows { arrays, numbers, consumed, failed, below, cut } = self.batches.read(first, most)?;
        let mut faults: Vec<Fault> = failed.into_iter().map(|(row, column, reason)| Fault { row, column, nulled: true, reason }).collect();
        faults.extend(cut.into_iter().map(|(row, column)| self.cut(row, column)));
        let Typed { naturals, columns, mut widened } = self.typed(&arrays, &mut faults)?;
        for late in widened.iter_mut().filter_map(|column| column.late.as_mut()) {
            let place = late.place_mut();
            *place = Place::row(numbers.get(place.byte as usize).copied().unwrap_or_default());
        }
        let skipped = (consumed - numbers.len() - below.len()) as u64;
        let mut batch = self.batch(numbers, &naturals, columns, faults)?;
        self.list(below, &mut batch)?;
        batch.counts.skipped = skipped;
        batch.widened = widened;
        Ok(Decoded { consumed, lines: 0, done: consumed == 0, batch })
    }
}
