//! From the text cells of one column to a typed Arrow array.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, MutableBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::Encoding;

use super::arrow::{UUID_BYTES, arrow_type};
use super::cells::{Cells, Span};
use super::decimal::DecimalReader;
use super::number::Reading;
use super::number_pattern::NumberPattern;
use super::pattern::DatePattern;
use super::rules::CellRules;
use super::time::DAY;
use super::timestamp::Moment;
use super::{ColumnSpec, boolean, date, float, integer, text, time, timestamp, uuid};
use crate::Result;

/// One column of one batch.
#[derive(Debug, Clone)]
pub struct ParsedColumn {
    /// Of the type that [`arrow_type`] gives; one value for each row.
    pub array: ArrayRef,
    /// Rows whose text does not fit the type; they are null in the array. Ascending.
    pub misfits: Vec<u32>,
    /// Rows of a text column whose bytes are no text in the source's encoding; they were read as Windows-1252. Ascending.
    pub invalid: Vec<u32>,
}

impl ParsedColumn {
    /// Rows that are null, misfits among them.
    pub fn nulls(&self) -> usize {
        self.array.null_count()
    }
}

/// Reads the cells of one column as its type says. Made once and used for every batch.
#[derive(Debug, Clone)]
pub struct ColumnParser {
    kind: Kind,
    /// How numbers are written, where not plainly.
    numbers: Option<NumberPattern>,
    /// How dates and times are written, where not in the ISO forms.
    dates: Option<DatePattern>,
    data_type: DataType,
    reading: Reading,
    rules: Arc<CellRules>,
    encoding: &'static Encoding,
}

#[derive(Debug, Clone)]
enum Kind {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    Float,
    Double,
    Decimal(DecimalReader),
    Text,
    Json,
    Binary,
    Date,
    Timestamp,
    TimestampNtz,
    Time,
    Uuid,
}

impl ColumnParser {
    /// A parser for the type and pattern of `column`. Where a person chose the type, any form of a value of the type is
    /// read (`+1`, `007`); else only the form in which nothing is lost.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a nested type, which no single cell holds, and for a pattern that cannot be used.
    pub fn new(column: &ColumnSpec, rules: &Arc<CellRules>, encoding: &'static Encoding) -> Result<Self> {
        let reading = if column.origin == Origin::Person { Reading::Lenient } else { Reading::Exact };
        let kind = match &column.data_type {
            LogicalType::Boolean => Kind::Boolean,
            LogicalType::Int8 => Kind::Int8,
            LogicalType::Int16 => Kind::Int16,
            LogicalType::Int32 => Kind::Int32,
            LogicalType::Int64 => Kind::Int64,
            LogicalType::Float => Kind::Float,
            LogicalType::Double => Kind::Double,
            LogicalType::Decimal { precision, scale } => Kind::Decimal(DecimalReader::new(*precision, *scale, reading)),
            LogicalType::String | LogicalType::Void => Kind::Text,
            LogicalType::Json => Kind::Json,
            LogicalType::Binary => Kind::Binary,
            LogicalType::Date => Kind::Date,
            LogicalType::Timestamp => Kind::Timestamp,
            LogicalType::TimestampNtz => Kind::TimestampNtz,
            LogicalType::Time => Kind::Time,
            LogicalType::Uuid => Kind::Uuid,
            nested @ (LogicalType::Struct(_) | LogicalType::List(_) | LogicalType::Map(_)) => {
                return Err(ErrorInfo::new(
                    ErrorKind::Usage,
                    format!("column {:?} cannot be read as {nested}: its cells are plain text", column.name),
                    "Choose a scalar type, or json to keep the text.",
                ));
            }
        };
        let in_column = |error: ErrorInfo| ErrorInfo { what: format!("column {:?}: {}", column.name, error.what), ..error };
        let numbers = match (&kind, &column.pattern) {
            (Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double | Kind::Decimal(_), Some(pattern)) => {
                Some(NumberPattern::compile(pattern).map_err(in_column)?)
            }
            _ => None,
        };
        let language = &rules.language;
        let dates = match (&kind, rules.pattern_of(column)) {
            (_, None) => None,
            (Kind::Date | Kind::Timestamp | Kind::TimestampNtz, Some(pattern)) => {
                Some(DatePattern::of_days(pattern, language, reading).map_err(in_column)?)
            }
            (_, Some(pattern)) => Some(DatePattern::of_times(pattern, language, reading).map_err(in_column)?),
        };
        let dates = dates.map(|pattern| pattern.ignoring_day_names(rules.ignore_day_names));
        let data_type = arrow_type(&column.data_type);
        Ok(Self { kind, numbers, dates, data_type, reading, rules: Arc::clone(rules), encoding })
    }

    /// Reads one batch.
    pub fn parse(&self, cells: Cells<'_>) -> ParsedColumn {
        let (rules, reading) = (&*self.rules, self.reading);
        match &self.kind {
            Kind::Text => text::parse(cells, rules, self.encoding),
            Kind::Json => self.json(cells),
            Kind::Binary => self.binary(cells),
            Kind::Boolean => self.booleans(cells),
            Kind::Uuid => self.uuids(cells),
            Kind::Int8 => self.number::<Int8Type>(cells, |text| integer::read_as(text, reading)),
            Kind::Int16 => self.number::<Int16Type>(cells, |text| integer::read_as(text, reading)),
            Kind::Int32 => self.number::<Int32Type>(cells, |text| integer::read_as(text, reading)),
            Kind::Int64 => self.number::<Int64Type>(cells, |text| integer::read(text, reading)),
            Kind::Float => self.number::<Float32Type>(cells, |text| float::read_f32(text, reading, rules)),
            Kind::Double => self.number::<Float64Type>(cells, |text| float::read_f64(text, reading, rules)),
            Kind::Decimal(reader) => self.number::<Decimal128Type>(cells, |text| reader.read(text)),
            Kind::Date => self.date::<Date32Type>(cells, |text| date::read(text).or_else(|| self.midnight(text)), DatePattern::day),
            Kind::Time => self.date::<Time64MicrosecondType>(cells, |text| time::read(text, reading), DatePattern::time),
            Kind::TimestampNtz => {
                let local = |moment: Moment| moment.offset.is_none().then_some(moment.local);
                self.date::<TimestampMicrosecondType>(
                    cells,
                    |text| timestamp::read(text, reading).and_then(local),
                    |pattern, text| pattern.moment(text).and_then(local),
                )
            }
            Kind::Timestamp => {
                let is_known = |moment: &Moment| moment.offset.is_some() || reading == Reading::Lenient;
                let instant = |moment: Moment| is_known(&moment).then(|| moment.instant(rules.zone_offset));
                self.date::<TimestampMicrosecondType>(
                    cells,
                    |text| timestamp::read(text, reading).and_then(instant),
                    |pattern, text| pattern.moment(text).and_then(instant),
                )
            }
        }
    }

    /// Whether a text fits the type.
    pub fn fits(&self, text: &[u8]) -> bool {
        let spans = [Span::plain(0, text.len())];
        let column = self.parse(Cells { text, scratch: &[], spans: &spans, stride: 1, column: 0 });
        column.misfits.is_empty() && column.invalid.is_empty()
    }

    /// The day of a wall clock at midnight, where a person chose to read days.
    #[cold]
    fn midnight(&self, text: &[u8]) -> Option<i32> {
        let moment = timestamp::read(text, self.reading).filter(|moment| self.reading == Reading::Lenient && moment.offset.is_none())?;
        (moment.local % DAY == 0).then_some((moment.local / DAY) as i32)
    }

    fn number<T: ArrowPrimitiveType>(&self, cells: Cells<'_>, read: impl Fn(&[u8]) -> Option<T::Native>) -> ParsedColumn {
        match &self.numbers {
            None => self.primitive::<T>(cells, read),
            Some(pattern) => self.primitive::<T>(cells, |text| read(pattern.plain(text, &mut [0; 64])?)),
        }
    }

    fn date<T: ArrowPrimitiveType>(
        &self,
        cells: Cells<'_>,
        read: impl Fn(&[u8]) -> Option<T::Native>,
        read_as: impl Fn(&DatePattern, &[u8]) -> Option<T::Native>,
    ) -> ParsedColumn {
        match &self.dates {
            None if self.reading == Reading::Lenient => self.primitive::<T>(cells, |text| read(text.trim_ascii())),
            None => self.primitive::<T>(cells, read),
            Some(pattern) => self.primitive::<T>(cells, |text| {
                // Names of months may have letters beyond ASCII.
                if text.is_ascii() { read_as(pattern, text) } else { read_as(pattern, text::decode_cell(text, self.encoding).0.as_bytes()) }
            }),
        }
    }

    // Each type's loop by itself: browsers compile a function well as a whole, once it is hot.
    #[inline(never)]
    fn primitive<T: ArrowPrimitiveType>(&self, cells: Cells<'_>, read: impl Fn(&[u8]) -> Option<T::Native>) -> ParsedColumn {
        let (values, absent) = collect(cells, &self.rules, read);
        let array = PrimitiveArray::<T>::new(values.into(), absent.null_buffer(cells.rows()));
        absent.column(Arc::new(array.with_data_type(self.data_type.clone())))
    }

    #[inline(never)]
    fn booleans(&self, cells: Cells<'_>) -> ParsedColumn {
        let (values, absent) = collect(cells, &self.rules, |text| boolean::read(text, self.reading));
        let nulls = absent.null_buffer(cells.rows());
        absent.column(Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls)))
    }

    #[inline(never)]
    fn uuids(&self, cells: Cells<'_>) -> ParsedColumn {
        let (values, absent) = collect(cells, &self.rules, uuid::read);
        let mut buffer = MutableBuffer::with_capacity(values.len() * UUID_BYTES as usize);
        for value in &values {
            buffer.extend_from_slice(value);
        }
        let nulls = absent.null_buffer(cells.rows());
        absent.column(Arc::new(FixedSizeBinaryArray::new(UUID_BYTES, buffer.into(), nulls)))
    }

    /// The bytes as they stand in the source.
    fn binary(&self, cells: Cells<'_>) -> ParsedColumn {
        let mut absent = Absent::default();
        let (mut values, mut lengths) = (Vec::new(), Vec::with_capacity(cells.rows()));
        for (row, span) in cells.iter().enumerate() {
            let bytes = cells.bytes(span);
            let is_null = self.rules.is_null_text(span, bytes);
            if is_null {
                absent.null(row);
            } else {
                values.extend_from_slice(bytes);
            }
            lengths.push(if is_null { 0 } else { bytes.len() });
        }
        let nulls = absent.null_buffer(cells.rows());
        absent.column(Arc::new(BinaryArray::new(OffsetBuffer::from_lengths(lengths), values.into(), nulls)))
    }

    /// Text that must be a JSON document.
    fn json(&self, cells: Cells<'_>) -> ParsedColumn {
        let (texts, absent) = collect(cells, &self.rules, |bytes| {
            let (text, is_valid) = text::decode_cell(bytes, self.encoding);
            (is_valid && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()).then_some(text)
        });
        let array = StringArray::from_iter_values(&texts);
        let (offsets, values, _) = array.into_parts();
        let nulls = absent.null_buffer(cells.rows());
        absent.column(Arc::new(StringArray::new(offsets, values, nulls)))
    }
}

/// Rows without a value.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// Null rows, misfits among them. Ascending, as few columns have many.
    nulls: Vec<u32>,
    pub misfits: Vec<u32>,
}

impl Absent {
    #[inline]
    pub fn null(&mut self, row: usize) {
        self.nulls.push(row as u32);
    }

    #[cold]
    fn misfit(&mut self, row: usize) {
        self.nulls.push(row as u32);
        self.misfits.push(row as u32);
    }

    /// Arrow's validity bits; none where every row has a value.
    pub fn null_buffer(&self, rows: usize) -> Option<NullBuffer> {
        if self.nulls.is_empty() {
            return None;
        }
        let mut bits = vec![0xFF_u8; rows.div_ceil(8)];
        for &row in &self.nulls {
            bits[row as usize / 8] &= !(1 << (row % 8));
        }
        Some(NullBuffer::new(BooleanBuffer::new(bits.into(), 0, rows)))
    }

    fn column(self, array: ArrayRef) -> ParsedColumn {
        ParsedColumn { array, misfits: self.misfits, invalid: Vec::new() }
    }
}

/// One value for each row, the type's default where there is none.
#[inline]
fn collect<'a, T: Clone + Default>(cells: Cells<'a>, rules: &CellRules, read: impl Fn(&'a [u8]) -> Option<T>) -> (Vec<T>, Absent) {
    let mut values = Vec::with_capacity(cells.rows());
    let mut absent = Absent::default();
    for (row, span) in cells.iter().enumerate() {
        let bytes = cells.bytes(span);
        let value = if rules.is_null(bytes) {
            absent.null(row);
            T::default()
        } else if let Some(value) = read(bytes) {
            value
        } else {
            absent.misfit(row);
            T::default()
        };
        values.push(value);
    }
    (values, absent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::cells::CellText;
    use arrow_array::cast::AsArray;
    use encoding_rs::UTF_8;

    fn parser(data_type: LogicalType, origin: Origin) -> ColumnParser {
        let column = ColumnSpec { data_type, origin, ..ColumnSpec::text("c") };
        ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap()
    }

    fn parse(data_type: LogicalType, origin: Origin, cells: &[&str]) -> ParsedColumn {
        parser(data_type, origin).parse(CellText::plain(cells).cells())
    }

    #[test]
    fn a_misfit_is_null_and_listed() {
        let column = parse(LogicalType::Int64, Origin::Default, &["1", "", "x", "-7", "01"]);
        assert_eq!(column.array.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(1), None, None, Some(-7), None]);
        assert_eq!(column.misfits, [2, 4]);
        assert_eq!(column.nulls(), 3);
        assert_eq!(column.array.null_count(), 3);
    }

    #[test]
    fn an_empty_cell_in_quotes_is_null_where_the_type_has_no_empty_value() {
        let mut cells = CellText::default();
        cells.push(b"", true);
        cells.push(b"5", true);
        let column = parser(LogicalType::Int64, Origin::Default).parse(cells.cells());
        assert_eq!(column.array.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [None, Some(5)]);
        assert!(column.misfits.is_empty());
    }

    #[test]
    fn every_array_has_its_columns_type_and_length() {
        use LogicalType::*;
        let decimal = Decimal { precision: 9, scale: 2 };
        for data_type in
            [Boolean, Int8, Int16, Int32, Int64, Float, Double, decimal, String, Binary, Date, Timestamp, TimestampNtz, Time, Uuid, Json]
        {
            for origin in [Origin::Default, Origin::Person] {
                let column = parse(data_type.clone(), origin, &["", "1", "?", "true", "2024-01-01T10:00:00Z", "10:00", "2024-01-01"]);
                assert_eq!(column.array.data_type(), &arrow_type(&data_type), "{data_type}");
                assert_eq!(column.array.len(), 7);
                assert!(column.array.is_null(0), "{data_type}");
                assert!(column.misfits.iter().all(|&row| column.array.is_null(row as usize)));
                column.array.to_data().validate_full().unwrap();
            }
        }
    }

    #[test]
    fn a_wall_clock_is_an_instant_only_for_a_person() {
        let text = ["2024-01-01 10:00:00"];
        assert_eq!(parse(LogicalType::Timestamp, Origin::Default, &text).misfits, [0]);
        assert!(parse(LogicalType::Timestamp, Origin::Person, &text).misfits.is_empty());
        assert_eq!(parse(LogicalType::TimestampNtz, Origin::Person, &["2024-01-01 10:00:00Z"]).misfits, [0]);
    }

    #[test]
    fn patterns_say_how_numbers_and_dates_are_written() {
        for (data_type, pattern, text, plain) in [
            (LogicalType::Double, "#.##0,00", "1.234,5", "1234.5"),
            (LogicalType::Decimal { precision: 9, scale: 2 }, "#,##0.00", "1,234.5", "1234.50"),
            (LogicalType::Int64, "# ##0", "1 234", "1234"),
            (LogicalType::Date, "dd.MM.yyyy", "15.03.2024", "2024-03-15"),
            (LogicalType::TimestampNtz, "d/M/yyyy H:mm", "5/3/2024 9:30", "2024-03-05 09:30"),
            (LogicalType::Timestamp, "dd/MMM/yyyy:HH:mm:ss Z", "15/Mar/2024:10:30:59 +0200", "2024-03-15 08:30:59Z"),
            (LogicalType::Time, "h:mm a", "1:30 PM", "13:30"),
        ] {
            let column = ColumnSpec { data_type: data_type.clone(), pattern: Some(pattern.to_owned()), ..ColumnSpec::text("c") };
            let patterned = ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap();
            let read = patterned.parse(CellText::plain([text, "?"]).cells());
            assert_eq!(&read.array, &parse(data_type, Origin::Default, &[plain, "?"]).array, "{pattern} on {text}");
            assert_eq!(read.misfits, [1]);
        }
    }

    #[test]
    fn month_names_are_read_in_the_sources_encoding() {
        let mut rules = CellRules::default();
        rules.language = "de".to_owned();
        let column = ColumnSpec { data_type: LogicalType::Date, pattern: Some("d. MMMM yyyy".to_owned()), ..ColumnSpec::text("c") };
        let parser = ColumnParser::new(&column, &Arc::new(rules), encoding_rs::WINDOWS_1252).unwrap();
        assert!(parser.fits(b"5. M\xE4rz 2024"));
    }

    #[test]
    fn a_format_of_the_settings_holds_where_a_column_has_none() {
        let mut rules = CellRules::default();
        rules.date_format = Some("dd.MM.yyyy".to_owned());
        let rules = Arc::new(rules);
        let mut column = ColumnSpec { data_type: LogicalType::Date, ..ColumnSpec::text("c") };
        assert!(ColumnParser::new(&column, &rules, UTF_8).unwrap().fits(b"15.03.2024"));
        column.pattern = Some("yyyy-MM-dd".to_owned());
        assert!(ColumnParser::new(&column, &rules, UTF_8).unwrap().fits(b"2024-03-15"));
    }

    #[test]
    fn midnight_is_a_day_only_for_a_person() {
        let texts = ["2024-01-01 00:00:00", "2024-01-01 00:01", "2024-01-01T00:00Z"];
        assert_eq!(parse(LogicalType::Date, Origin::Person, &texts).misfits, [1, 2]);
        assert_eq!(parse(LogicalType::Date, Origin::Default, &texts).misfits, [0, 1, 2]);
    }

    #[test]
    fn json_is_checked_and_kept_as_it_stands() {
        let column = parse(LogicalType::Json, Origin::Person, &["{\"a\": 1}", "{", ""]);
        assert_eq!(column.array.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("{\"a\": 1}"), None, None]);
        assert_eq!(column.misfits, [1]);
    }

    #[test]
    fn a_nested_type_is_refused_with_the_columns_name() {
        let column = ColumnSpec { data_type: LogicalType::List(Box::new(LogicalType::Int32)), ..ColumnSpec::text("tags") };
        let error = ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.what.contains("tags"), "{error}");
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused_with_the_columns_name() {
        for (data_type, pattern) in [(LogicalType::Date, "YYYY-MM-dd"), (LogicalType::Double, "abc"), (LogicalType::Time, "dd")] {
            let column = ColumnSpec { data_type, pattern: Some(pattern.to_owned()), ..ColumnSpec::text("when") };
            let error = ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap_err();
            assert!(error.kind == ErrorKind::Usage && error.what.starts_with("column \"when\": "), "{error}");
        }
    }

    #[test]
    fn a_column_of_a_wider_batch_reads_its_own_cells() {
        use crate::column::Span;
        let spans = [Span::plain(0, 1), Span::plain(1, 2), Span::plain(2, 3), Span::plain(3, 4)];
        let cells = Cells { text: b"1a2b", scratch: &[], spans: &spans, stride: 2, column: 0 };
        let column = parser(LogicalType::Int64, Origin::Default).parse(cells);
        assert_eq!(column.array.as_primitive::<Int64Type>().values(), &[1, 2]);
    }
}
