//! The lattice of types: where a column goes when a value breaks its inferred type.
//!
//! ```text
//!                  string
//!       ┌────────────┼──────────┬───────┬─────────┐
//!    decimal   timestamp_ntz  boolean  time  timestamp, ...
//!       │            │
//!     double        date
//!       │
//!    integers
//! ```
//!
//! A pattern of dates goes to the one that also reads shorter and longer texts (`d.M.yyyy` for `dd.MM.yyyy`), and then to
//! text.
//!
//! Values are read again from the source after a widening, never cast: a type stands above another if it is where a column
//! goes that needs more, and not because it could hold all values of the other. So the least type that fits all values
//! is found whatever their order, and however the source is cut.

use std::sync::Arc;

use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::number::{MAX_DIGITS, Number, Reading};
use super::number_pattern::NumberPattern;
use super::pattern::broader;
use super::rules::CellRules;
use super::{ColumnParser, ColumnSpec, nested};

/// The column with the least type, at or above its own, that all `texts` fit; and which of them needed it, where one did: what
/// comes before that would have done with less.
#[must_use]
pub fn widen_all<'a>(
    column: &ColumnSpec,
    texts: impl IntoIterator<Item = &'a [u8]>,
    rules: &Arc<CellRules>,
) -> (ColumnSpec, Option<usize>) {
    let (mut wide, mut needed_by) = (column.clone(), None);
    let mut parser = ColumnParser::new(&wide, rules, UTF_8).ok();
    for (k, text) in texts.into_iter().enumerate() {
        if wide.data_type == LogicalType::String {
            break;
        }
        if !parser.as_ref().is_some_and(|parser| parser.fits(text)) {
            wide = widen(&wide, text, rules);
            needed_by = Some(k);
            parser = ColumnParser::new(&wide, rules, UTF_8).ok();
        }
    }
    (wide, needed_by)
}

/// The column with the least type, at or above its own, that `text` fits.
#[must_use]
pub fn widen(column: &ColumnSpec, text: &[u8], rules: &Arc<CellRules>) -> ColumnSpec {
    preferred(least(column, text, rules), column, text, rules)
}

/// The same, decimals only where a double is not exact.
fn least(column: &ColumnSpec, text: &[u8], rules: &Arc<CellRules>) -> ColumnSpec {
    let fits = |column: &ColumnSpec| ColumnParser::new(column, rules, UTF_8).is_ok_and(|parser| parser.fits(text));
    if fits(column) {
        return column.clone();
    }
    let same = || column.pattern.clone();
    let above = match &column.data_type {
        LogicalType::Int8 | LogicalType::Int16 | LogicalType::Int32 => {
            vec![(Some(LogicalType::Int64), same()), (Some(LogicalType::Double), same()), (decimal_for(column, text), same())]
        }
        LogicalType::Int64 | LogicalType::Float => vec![(Some(LogicalType::Double), same()), (decimal_for(column, text), same())],
        LogicalType::Double | LogicalType::Decimal { .. } => vec![(decimal_for(column, text), same())],
        LogicalType::Date if column.pattern.is_none() => vec![(Some(LogicalType::TimestampNtz), None)],
        data_type if is_dated(data_type) => match column.pattern.as_deref().and_then(broader) {
            Some(pattern) => vec![(Some(data_type.clone()), Some(pattern))],
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    above
        .into_iter()
        .filter_map(|(data_type, pattern)| Some(widened(column, data_type?, pattern)))
        .find(fits)
        .unwrap_or_else(|| widened(column, LogicalType::String, None))
}

/// A double as the decimal that holds `text`, where decimals are preferred and there is one.
fn preferred(wide: ColumnSpec, column: &ColumnSpec, text: &[u8], rules: &CellRules) -> ColumnSpec {
    if !rules.prefers_decimal || wide.data_type != LogicalType::Double {
        return wide;
    }
    match decimal_for(column, text) {
        Some(decimal) => widened(column, decimal, column.pattern.clone()),
        None => wide,
    }
}

/// The column with the least type at or above those of both, which are widenings of one column: commutative, associative
/// and idempotent.
#[must_use]
pub fn join(a: &ColumnSpec, b: &ColumnSpec) -> ColumnSpec {
    if a.data_type == b.data_type && a.pattern == b.pattern {
        return a.clone();
    }
    if a.data_type == b.data_type && is_dated(&a.data_type) {
        let is_above =
            |above: &ColumnSpec, below: &ColumnSpec| above.pattern.is_some() && above.pattern == below.pattern.as_deref().and_then(broader);
        if is_above(a, b) {
            return a.clone();
        }
        if is_above(b, a) {
            return b.clone();
        }
    }
    if nested::is_beyond_scalars(&a.data_type) || nested::is_beyond_scalars(&b.data_type) {
        let data_type = nested::union(&a.data_type, &b.data_type);
        let same = [a, b].into_iter().find(|column| column.data_type == data_type);
        return same.cloned().unwrap_or_else(|| met(a, data_type, None));
    }
    let joined = if a.pattern == b.pattern { join_types(&a.data_type, &b.data_type) } else { None };
    match joined {
        Some(data_type) if data_type == a.data_type => a.clone(),
        Some(data_type) if data_type == b.data_type => b.clone(),
        Some(data_type) => met(a, data_type, a.pattern.clone()),
        None => met(a, LogicalType::String, None),
    }
}

/// What neither of two widenings needs alone.
pub(super) fn met(a: &ColumnSpec, data_type: LogicalType, pattern: Option<String>) -> ColumnSpec {
    ColumnSpec { late: a.late.clone(), ..widened(a, data_type, pattern) }
}

/// The least type at or above two that are read in the same way; `None` for text.
pub(super) fn join_types(a: &LogicalType, b: &LogicalType) -> Option<LogicalType> {
    use LogicalType::{Date, Decimal, TimestampNtz};
    match (a, b) {
        (Decimal { precision: p1, scale: s1 }, Decimal { precision: p2, scale: s2 }) => {
            let whole = (p1 - s1).max(p2 - s2);
            decimal(whole.into(), (*s1.max(s2)).into())
        }
        (Date, TimestampNtz) | (TimestampNtz, Date) => Some(TimestampNtz),
        _ => {
            let (rank_a, rank_b) = (numeric_rank(a)?, numeric_rank(b)?);
            Some(if rank_a < rank_b { b } else { a }.clone())
        }
    }
}

/// Whether the texts of two types are written by the same patterns: both numbers, or both points in time.
pub(crate) fn are_kin(a: &LogicalType, b: &LogicalType) -> bool {
    let is_moment = |data_type| is_dated(data_type) && *data_type != LogicalType::Time;
    numeric_rank(a).is_some() && numeric_rank(b).is_some() || is_moment(a) && is_moment(b)
}

/// Whether values are read by a pattern of dates.
fn is_dated(data_type: &LogicalType) -> bool {
    matches!(data_type, LogicalType::Date | LogicalType::Timestamp | LogicalType::TimestampNtz | LogicalType::Time)
}

fn numeric_rank(data_type: &LogicalType) -> Option<u8> {
    Some(match data_type {
        LogicalType::Int8 => 0,
        LogicalType::Int16 => 1,
        LogicalType::Int32 => 2,
        LogicalType::Int64 => 3,
        LogicalType::Float => 4,
        LogicalType::Double => 5,
        LogicalType::Decimal { .. } => 6,
        _ => return None,
    })
}

/// The decimal that holds a text, what the column holds if it is a decimal, and else what its sample held: each widening
/// costs another reading, so that one should be enough.
fn decimal_for(column: &ColumnSpec, text: &[u8]) -> Option<LogicalType> {
    let mut plain = [0; 64];
    let text = match &column.pattern {
        None => text,
        Some(pattern) => NumberPattern::compile(pattern).ok()?.plain(text, &mut plain)?,
    };
    let number = Number::read(text, Reading::Exact)?;
    let of_sample = column.evidence.candidates.iter().filter(|candidate| candidate.pattern == column.pattern);
    let (mut whole, mut scale) = (number.whole_digits(), number.fraction_digits());
    let held = match column.data_type {
        LogicalType::Decimal { .. } => vec![&column.data_type],
        _ => of_sample.map(|candidate| &candidate.data_type).collect(),
    };
    for held in held {
        if let LogicalType::Decimal { precision: p, scale: s } = *held {
            whole = whole.max(u32::from(p - s));
            scale = scale.max(u32::from(s));
        }
    }
    decimal(whole, scale)
}

/// The decimal with so many digits before and after the point, if there is one.
pub(super) fn decimal(whole: u32, scale: u32) -> Option<LogicalType> {
    let precision = whole.checked_add(scale)?.max(1);
    (precision <= MAX_DIGITS).then_some(LogicalType::Decimal { precision: precision as u8, scale: scale as u8 })
}

pub(crate) fn widened(column: &ColumnSpec, data_type: LogicalType, pattern: Option<String>) -> ColumnSpec {
    let evidence = format!("values beyond the sample need {data_type}");
    ColumnSpec { data_type, pattern, origin: Origin::Detected { confidence: 1.0, evidence }, late: None, ..column.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use colonnade_protocol::schema::Candidate;
    use proptest::prelude::*;

    fn column(data_type: &str) -> ColumnSpec {
        ColumnSpec { data_type: data_type.parse().unwrap(), ..ColumnSpec::text("c") }
    }

    fn widened_by(data_type: &str, text: &str) -> String {
        widen(&column(data_type), text.as_bytes(), &Arc::default()).data_type.to_string()
    }

    #[test]
    fn the_least_type_that_fits_is_taken() {
        for (from, text, to) in [
            ("bigint", "7", "bigint"),
            ("int", "5000000000", "bigint"),
            ("bigint", "0.5", "double"),
            ("bigint", "NaN", "double"),
            ("bigint", "12345678901234567890", "decimal(20,0)"),
            ("bigint", "9007199254740993.5", "decimal(17,1)"),
            ("bigint", "01", "string"),
            ("bigint", "AB-77", "string"),
            ("double", "9007199254740993", "decimal(16,0)"),
            ("double", "1e5", "double"),
            ("double", "+1", "string"),
            ("decimal(20,2)", "0.125", "decimal(21,3)"),
            ("decimal(38,0)", "0.5", "string"),
            ("decimal(20,2)", "NaN", "string"),
            ("boolean", "maybe", "string"),
            ("date", "2024-01-01 10:00:00", "timestamp_ntz"),
            ("date", "2024-01-01T10:00:00Z", "string"),
            ("timestamp_ntz", "2024-01-01", "timestamp_ntz"),
            ("timestamp", "2024-01-01 10:00:00", "string"),
            ("time", "later", "string"),
        ] {
            assert_eq!(widened_by(from, text), to, "{from} meets {text}");
        }
    }

    #[test]
    fn a_decimal_has_room_for_what_the_sample_held() {
        let mut column = column("double");
        let data_type = LogicalType::Decimal { precision: 12, scale: 4 };
        column.evidence.candidates.push(Candidate { data_type, pattern: None, fits: 9, misfits: Vec::new() });
        let wide = widen(&column, b"12345678901234567", &Arc::default());
        assert_eq!(wide.data_type, LogicalType::Decimal { precision: 21, scale: 4 });
    }

    #[test]
    fn a_pattern_is_kept_until_the_column_is_text() {
        let mut column = column("double");
        column.pattern = Some("#.##0,00".to_owned());
        let wide = widen(&column, b"9.007.199.254.740.993,5", &Arc::default());
        assert_eq!(wide.data_type, LogicalType::Decimal { precision: 17, scale: 1 });
        assert_eq!(wide.pattern, column.pattern);
        let text = widen(&wide, b"?", &Arc::default());
        assert_eq!((text.data_type, text.pattern), (LogicalType::String, None));
    }

    #[test]
    fn a_pattern_becomes_broader_before_the_column_is_text() {
        let strict = ColumnSpec { pattern: Some("dd.MM.yyyy".to_owned()), ..column("date") };
        let broad = widen(&strict, b"1.2.2024", &Arc::default());
        assert_eq!((&broad.data_type, broad.pattern.as_deref()), (&LogicalType::Date, Some("d.M.yyyy")));
        assert_eq!(join(&strict, &broad), broad);
        assert_eq!(widen(&broad, b"1/2/2024", &Arc::default()).data_type, LogicalType::String);
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?[0-9]{1,22}",
            "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,20}",
            "[1-9]e-?[0-9]{1,3}",
            Just("NaN".to_owned()),
            Just("-0".to_owned()),
            Just("true".to_owned()),
            Just("2024-01-01".to_owned()),
            Just("01.02.2024".to_owned()),
            Just("1.2.2024".to_owned()),
            Just("2024-01-01 10:00".to_owned()),
            Just("2024-01-01T10:00Z".to_owned()),
            "[a-c]{1,2}",
        ]
    }

    fn any_column() -> impl Strategy<Value = ColumnSpec> {
        let types = ["bigint", "double", "decimal(20,3)", "boolean", "date", "timestamp_ntz", "timestamp", "time", "string"];
        let patterned = ColumnSpec { pattern: Some("dd.MM.yyyy".to_owned()), ..column("date") };
        prop_oneof![9 => prop::sample::select(types.to_vec()).prop_map(column), 1 => Just(patterned)]
    }

    /// The type of a column and the pattern its values are read by.
    type Form = (LogicalType, Option<String>);

    fn form(column: &ColumnSpec) -> Form {
        (column.data_type.clone(), column.pattern.clone())
    }

    /// Widens until all texts fit, as a run over the source does.
    fn settle(start: &ColumnSpec, texts: &[String]) -> Form {
        let mut column = start.clone();
        loop {
            let before = form(&column);
            column = widen_all(&column, texts.iter().map(String::as_bytes), &Arc::default()).0;
            if form(&column) == before {
                return before;
            }
        }
    }

    /// The same with each text in a unit of its own: all widen the same column, and the results are joined.
    fn settle_in_units(start: &ColumnSpec, texts: &[String]) -> Form {
        let mut column = start.clone();
        loop {
            let before = form(&column);
            let units: Vec<_> = texts.iter().map(|text| widen(&column, text.as_bytes(), &Arc::default())).collect();
            column = units.iter().fold(column, |all, unit| join(&all, unit));
            if form(&column) == before {
                return before;
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_fits_the_widened_type(start in any_column(), text in any_text()) {
            let wide = widen(&start, text.as_bytes(), &Arc::default());
            prop_assert_eq!(&widen(&wide, text.as_bytes(), &Arc::default()), &wide);
            let parser = ColumnParser::new(&wide, &Arc::default(), UTF_8).unwrap();
            prop_assert!(parser.fits(text.as_bytes()), "{} in {}", text, wide.data_type);
        }

        #[test]
        fn neither_order_nor_units_change_the_outcome(start in any_column(), texts in prop::collection::vec(any_text(), 1..6), seed: u64) {
            let expected = settle(&start, &texts);
            let mut shuffled = texts.clone();
            shuffled.rotate_left((seed as usize) % texts.len());
            prop_assert_eq!(&settle(&start, &shuffled), &expected);
            shuffled.reverse();
            prop_assert_eq!(&settle(&start, &shuffled), &expected);
            prop_assert_eq!(&settle_in_units(&start, &texts), &expected);
        }

        #[test]
        fn join_is_that_of_a_lattice(start in any_column(), texts in prop::array::uniform3(any_text())) {
            let [a, b, c] = texts.map(|text| widen(&start, text.as_bytes(), &Arc::default()));
            prop_assert_eq!(form(&join(&a, &a)), form(&a));
            prop_assert_eq!(form(&join(&a, &b)), form(&join(&b, &a)));
            prop_assert_eq!(form(&join(&join(&a, &b), &c)), form(&join(&a, &join(&b, &c))));
        }
    }
}
