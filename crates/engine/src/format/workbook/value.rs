//! Cells: what a workbook says of each, as small as can be.

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime, ExcelDateTimeType};

use crate::column::display::{write_date, write_double, write_time, write_timestamp};
use crate::column::{read_moment, read_time};

/// Microseconds in a day.
pub const DAY: i64 = 86_400_000_000;
/// The first serial number that is no date: 10000-01-01 (ECMA-376 18.17.4.1).
const LAST_SERIAL: f64 = 2_958_466.0;
/// Days from 1970-01-01 back to the day before serial number 1, for those after the 29 February 1900 that there was not; and
/// for the few before it.
const EPOCH_1900: i64 = -25_569;
const EPOCH_BEFORE_MARCH_1900: i64 = EPOCH_1900 + 1;
const EPOCH_1904: i64 = -24_107;
/// The first serial number behind 29 February 1900.
const MARCH_1900: f64 = 61.0;
/// Whole numbers up to here are exact in a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of a cell that has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A range of the sheet's text.
    Text {
        start: u32,
        end: u32,
    },
    /// A number; `decimals`: its format shows some.
    Number {
        value: f64,
        decimals: bool,
    },
    Boolean(bool),
    /// Microseconds since 1970-01-01 00:00, without a zone.
    Moment(i64),
    /// Microseconds since midnight.
    Clock(i64),
    /// Microseconds.
    Duration(i64),
    Error(&'static str),
    /// Of a formula with which no value is stored.
    Uncomputed,
}

/// A value as calamine gives it; texts go behind `texts`. `None`: the cell is empty.
pub fn read(data: &DataRef<'_>, decimals: bool, texts: &mut String) -> Option<Value> {
    Some(match data {
        DataRef::Int(value) => Value::Number { value: *value as f64, decimals },
        DataRef::Float(value) => Value::Number { value: *value, decimals },
        DataRef::Bool(value) => Value::Boolean(*value),
        DataRef::DateTime(serial) => of_serial(*serial),
        DataRef::String(text) => return of_text(text, texts),
        DataRef::SharedString(text) => return of_text(text, texts),
        DataRef::DateTimeIso(text) => match read_moment(text.as_bytes()) {
            Some(moment) => Value::Moment(moment),
            None => read_time(text.as_bytes()).map(Value::Clock).or_else(|| of_text(text, texts))?,
        },
        DataRef::DurationIso(text) => match iso_duration(text) {
            // OpenDocument writes a time of day as a duration.
            Some(micros) if (0..DAY).contains(&micros) => Value::Clock(micros),
            Some(micros) => Value::Duration(micros),
            None => return of_text(text, texts),
        },
        DataRef::Error(error) => Value::Error(error_name(error)),
        DataRef::Empty => return None,
    })
}

/// The same of an owned value.
pub fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(serial) => DataRef::DateTime(*serial),
        Data::String(text) => DataRef::SharedString(text),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

impl Value {
    /// Whether it is a number without a fraction, shown as one.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Number { value, decimals: false } if value.fract() == 0.0 && value.abs() <= EXACT)
    }

    /// The value as a person sees it; an error is none.
    pub fn write(self, texts: &str, out: &mut String) {
        match self {
            Self::Text { start, end } => out.push_str(texts.get(start as usize..end as usize).unwrap_or_default()),
            Self::Number { value, .. } if value.fract() == 0.0 && value.abs() <= EXACT => out.push_str(&(value as i64).to_string()),
            Self::Number { value, .. } => write_double(value, out),
            Self::Boolean(value) => out.push_str(if value { "TRUE" } else { "FALSE" }),
            Self::Moment(micros) if micros.rem_euclid(DAY) == 0 => write_date(micros.div_euclid(DAY) as i32, out),
            Self::Moment(micros) => write_timestamp(micros, false, out),
            Self::Clock(micros) => write_time(micros, out),
            Self::Duration(micros) => {
                out.push_str(if micros < 0 { "-" } else { "" });
                write_time(micros.saturating_abs(), out);
            }
            Self::Error(_) | Self::Uncomputed => {}
        }
    }
}

fn of_text(text: &str, texts: &mut String) -> Option<Value> {
    let start = u32::try_from(texts.len()).ok()?;
    let end = u32::try_from(texts.len() + text.len()).ok()?;
    texts.push_str(text);
    (start < end).then_some(Value::Text { start, end })
}

/// Days since the workbook's first, and the part of a day (ECMA-376 18.17.4). To the millisecond: a serial number of our time
/// has no finer parts.
fn of_serial(serial: ExcelDateTime) -> Value {
    let value = serial.as_f64();
    // calamine keeps the system to itself.
    let is_1904 = serial == ExcelDateTime::new(value, ExcelDateTimeType::DateTime, true);
    let micros = (value * 86_400_000.0).round();
    if serial.is_duration() && micros.abs() < 9.0e15 {
        return Value::Duration(micros as i64 * 1000);
    }
    if !(0.0..LAST_SERIAL).contains(&value) {
        // A date beyond the calendar is shown as no date either.
        return Value::Number { value, decimals: false };
    }
    let micros = micros as i64 * 1000;
    if micros < DAY {
        return Value::Clock(micros);
    }
    let epoch = match (is_1904, value < MARCH_1900) {
        (true, _) => EPOCH_1904,
        (false, true) => EPOCH_BEFORE_MARCH_1900,
        (false, false) => EPOCH_1900,
    };
    Value::Moment(micros + epoch * DAY)
}

/// A time of day without its day, as the moment that Excel shows: of its day 0.
pub fn on_day_zero(clock: i64) -> i64 {
    clock + EPOCH_BEFORE_MARCH_1900 * DAY
}

/// Microseconds of `PT10H30M00.5S`, of days, hours, minutes and seconds.
fn iso_duration(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
    let (days, time) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let mut seconds = amounts(days, &[('D', 86_400.0)])?;
    seconds += amounts(time, &[('H', 3600.0), ('M', 60.0), ('S', 1.0)])?;
    (seconds < 9.0e12).then_some((sign * seconds * 1e6).round() as i64)
}

/// The sum of amounts before their units.
fn amounts(mut rest: &str, units: &[(char, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest.get(..unit)?.parse().ok()?;
        let name = rest.get(unit..)?.chars().next()?;
        sum += amount * units.iter().find(|(unit, _)| *unit == name)?.1;
        rest = rest.get(unit + 1..)?;
    }
    Some(sum)
}

fn error_name(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}
