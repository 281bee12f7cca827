//! Where the table stands in its sheet: titles above it, names, rows; and the type of each column, from all its cells.

use std::fmt::Write as _;

use arrow_schema::{DataType, TimeUnit};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::END;
use super::ending::{self, Below};
use super::sheet::Sheet;
use super::value::{DAY, Value};
use crate::Result;
use crate::format::csv::detect::header::{self, Header};
use crate::format::csv::detect::names::{self, ColumnName};
use crate::format::csv::detect::table;
use crate::format::csv::detect::tokens::Tokens;
use crate::format::csv::dialect::Dialect;
use crate::settings::Settings;

/// Rows, and cells, at the top that a header is looked for in.
const HEAD_ROWS: usize = 400;
const HEAD_CELLS: usize = 400_000;

/// A table within a sheet.
pub struct Shape {
    /// What is above the data; `first` and `data` are positions in the sheet's rows.
    pub header: Header,
    pub columns: Vec<Column>,
    /// The position in the sheet's rows behind the table's last.
    pub end: usize,
    /// What stands from there on, where something does.
    pub below: Option<Below>,
    /// Columns with neither a name nor a value, which are left out.
    pub left_out: usize,
}

/// A column of the table.
pub struct Column {
    /// Its column in the sheet.
    pub index: u32,
    pub name: ColumnName,
    pub data_type: DataType,
    pub tally: Tally,
}

/// How many values of each kind a column has.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    whole: u64,
    fractions: u64,
    booleans: u64,
    dates: u64,
    moments: u64,
    clocks: u64,
    durations: u64,
    texts: u64,
    pub errors: u64,
    pub uncomputed: u64,
}

impl Shape {
    /// Finds the table; what a person says of it is taken as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] where a person skips every row.
    pub fn find(sheet: &Sheet, settings: &Settings) -> Result<Self> {
        let from_top = settings.is_by_person("skipRows");
        let skip = if from_top { u64::try_from(settings.integer("skipRows")).unwrap_or_default() } else { 0 };
        let first = sheet.position(skip);
        let columns = sheet.columns(first..sheet.len());
        let head = Head::write(sheet, first, &columns);
        let Some(block) = table::find(&head.tokens) else {
            return Err(ErrorInfo::new(ErrorKind::Empty, "the sheet has no value below the rows to skip", "Lower skipRows."));
        };
        let said = header::by_person(settings);
        let mut found = header::find(&head.text, &head.tokens, &block, said, from_top);
        let top = head.rows.get(found.first).copied().unwrap_or(head.end);
        if said.is_none() && found.rows == 0 && has_dates_for_names(sheet, top, &columns) {
            let evidence = "the first row has dates over values that are none".to_owned();
            found = Header { confidence: 0.8, evidence, ..header::find(&head.text, &head.tokens, &block, Some(1), from_top) };
        }
        let source = names::in_source(&head.text, &head.tokens, &Dialect::default(), &found, columns.len(), false);
        let row = |record: usize| head.rows.get(record).copied().unwrap_or(head.end);
        let header = Header { first: row(found.first), data: row(found.data), ..found };
        let mut tallies = vec![Tally::default(); columns.len()];
        let (end, below) = match said_end(sheet, settings) {
            Some(end) => (end.max(header.data), None),
            None => ending::find(sheet, header.data).map_or((sheet.len(), None), |(end, below)| (end, Some(below))),
        };
        for at in header.data..end {
            for cell in sheet.row(at) {
                if let Some(tally) = cell.column.checked_sub(columns.start).and_then(|k| tallies.get_mut(k as usize)) {
                    tally.add(cell.value);
                }
            }
        }
        let all = tallies.len();
        let kept: Vec<(u32, String, Tally)> = (columns.start..)
            .zip(source)
            .zip(tallies)
            .filter(|((_, name), tally)| !name.is_empty() || *tally != Tally::default())
            .map(|((index, name), tally)| (index, name, tally))
            .collect();
        let names = names::unique(kept.iter().map(|(_, name, _)| name.clone()).collect());
        let left_out = all - kept.len();
        let columns = kept.into_iter().zip(names);
        let columns = columns.map(|((index, _, tally), name)| Column { index, name, data_type: tally.data_type(), tally }).collect();
        Ok(Self { header, columns, end, below, left_out })
    }
}

/// The position behind the table's last row, where a person says its number.
fn said_end(sheet: &Sheet, settings: &Settings) -> Option<usize> {
    let said = settings.is_by_person(END).then(|| u64::try_from(settings.integer(END)).unwrap_or_default())?;
    Some(said.checked_sub(1).map_or(sheet.len(), |number| sheet.position(number)))
}

/// Whether a row names its columns by texts and dates, and those under a date hold values, but no dates: months side by side.
fn has_dates_for_names(sheet: &Sheet, top: usize, columns: &std::ops::Range<u32>) -> bool {
    let is_moment = |value: &Value| matches!(value, Value::Moment(_));
    let names = sheet.row(top);
    let below = |column: u32| (top + 1..sheet.len().min(top + HEAD_ROWS)).filter_map(move |row| sheet.value(row, column));
    let names_values = |column: u32| below(column).next().is_some() && !below(column).any(|value| is_moment(&value));
    names.len() == columns.len()
        && names.iter().any(|name| is_moment(&name.value))
        && names.iter().all(|name| match name.value {
            Value::Moment(_) => names_values(name.column),
            Value::Text { .. } => true,
            _ => false,
        })
}

/// The first rows as text, for the same look at them as at a CSV file's.
struct Head {
    text: String,
    tokens: Tokens,
    /// The sheet's row of each record; blank ones stand for that behind them.
    rows: Vec<usize>,
    end: usize,
}

impl Head {
    fn write(sheet: &Sheet, first: usize, columns: &std::ops::Range<u32>) -> Self {
        let most = (HEAD_CELLS / columns.len().max(1)).clamp(8, HEAD_ROWS);
        let end = sheet.len().min(first.saturating_add(most));
        let mut head = Self { text: String::new(), tokens: Tokens::default(), rows: Vec::new(), end };
        for at in first..end {
            let is_below_a_gap = at > first && sheet.number(at).zip(sheet.number(at - 1)).is_some_and(|(row, above)| row > above + 1);
            if is_below_a_gap {
                head.record(at, Vec::new(), true);
            }
            let start = head.text.len();
            let mut cells = Vec::with_capacity(columns.len());
            for cell in sheet.row(at) {
                let place = cell.column.saturating_sub(columns.start) as usize;
                cells.resize(place.max(cells.len()), (head.text.len(), head.text.len(), false));
                let from = head.text.len();
                cell.value.write(&sheet.texts, &mut head.text);
                cells.push((from, head.text.len(), false));
            }
            // A row of a title has one cell; any other is as wide as the table.
            if sheet.row(at).len() > 1 {
                cells.resize(columns.len().max(cells.len()), (start, start, false));
            }
            head.record(at, cells, false);
        }
        head
    }

    fn record(&mut self, row: usize, cells: Vec<(usize, usize, bool)>, blank: bool) {
        let start = cells.first().map_or(self.text.len(), |cell| cell.0);
        self.tokens.push(start, self.text.len(), self.rows.len(), cells, blank);
        self.rows.push(row);
    }
}

impl Tally {
    fn add(&mut self, value: Value) {
        match value {
            Value::Text { .. } => self.texts += 1,
            Value::Number { .. } if value.is_whole() => self.whole += 1,
            Value::Number { .. } => self.fractions += 1,
            Value::Boolean(_) => self.booleans += 1,
            Value::Moment(micros) if micros.rem_euclid(DAY) == 0 => self.dates += 1,
            Value::Moment(_) => self.moments += 1,
            Value::Clock(_) => self.clocks += 1,
            Value::Duration(_) => self.durations += 1,
            Value::Error(_) => self.errors += 1,
            Value::Uncomputed => self.uncomputed += 1,
        }
    }

    /// Whether every value is a text.
    pub fn is_text(&self) -> bool {
        self.texts > 0 && self.texts == self.values()
    }

    fn numbers(&self) -> u64 {
        self.whole + self.fractions
    }

    fn on_the_calendar(&self) -> u64 {
        self.dates + self.moments
    }

    fn values(&self) -> u64 {
        self.numbers() + self.booleans + self.on_the_calendar() + self.clocks + self.durations + self.texts
    }

    /// The type that holds every value; text, where they are of several kinds.
    fn data_type(&self) -> DataType {
        let all = self.values();
        if all == 0 {
            DataType::Utf8
        } else if self.whole == all {
            DataType::Int64
        } else if self.numbers() == all {
            DataType::Float64
        } else if self.booleans == all {
            DataType::Boolean
        } else if self.dates == all {
            DataType::Date32
        } else if self.clocks == all {
            DataType::Time64(TimeUnit::Microsecond)
        } else if self.on_the_calendar() + self.clocks == all {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        } else {
            DataType::Utf8
        }
    }

    /// `12 whole numbers, 3 texts`
    pub fn evidence(&self) -> String {
        let kinds = [
            (self.whole, "whole numbers"),
            (self.fractions, "numbers with decimals"),
            (self.booleans, "booleans"),
            (self.dates, "dates"),
            (self.moments, "dates with times"),
            (self.clocks, "times"),
            (self.durations, "durations"),
            (self.texts, "texts"),
            (self.errors, "errors"),
            (self.uncomputed, "formulas without a value"),
        ];
        let mut words = String::new();
        for (count, kind) in kinds.into_iter().filter(|kind| kind.0 > 0) {
            let comma = if words.is_empty() { "" } else { ", " };
            let _ = write!(words, "{comma}{count} {kind}");
        }
        if words.is_empty() { "no values".to_owned() } else { words }
    }
}
