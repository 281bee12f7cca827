//! Which values are numbers, written plainly or by one of the usual conventions.

use std::sync::LazyLock;

use colonnade_protocol::LogicalType;
use colonnade_protocol::schema::Candidate;

use super::tally::{Tally, Value};
use crate::column::lattice;
use crate::column::number::{MAX_DIGITS, Number, Reading};
use crate::column::number_pattern::NumberPattern;
use crate::column::rules::CellRules;
use crate::column::{float, integer};

/// The conventions beside the plain one, the likelier first.
const CONVENTIONS: [&str; 5] = ["#.##0,00", "#,##0.00", "# ##0,00", "#'##0.00", "# ##0.00"];

/// Zeros at the end of a longer fraction are padding and not kept.
const MOST_WRITTEN: usize = 19;

static COMPILED: LazyLock<Vec<NumberPattern>> =
    LazyLock::new(|| CONVENTIONS.iter().filter_map(|pattern| NumberPattern::compile(pattern).ok()).collect());

/// Numbers of one convention.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Convention {
    pattern: Option<&'static str>,
    integers: Tally,
    doubles: Tally,
    decimals: Tally,
    /// Values that are numbers: not `NaN` or an infinity.
    finite: u64,
    /// Values that no other convention reads, or none as another number.
    proofs: u64,
    whole_digits: u32,
    scale: u32,
}

/// What a text in its plain form is.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    is_integer: bool,
    is_double: bool,
    number: Option<Number>,
    /// Digits after the point, zeros at the end among them: they are to be shown as they were written.
    scale: u32,
}

impl Seen {
    fn of(text: &[u8], rules: &CellRules) -> Self {
        let is_integer = integer::read(text, Reading::Exact).is_some();
        let is_double = float::read_f64(text, Reading::Exact, rules).is_some();
        let number = Number::read(text, Reading::Exact);
        let written = text.iter().position(|&byte| byte == b'.').map_or(0, |point| text.len() - point - 1);
        let is_plain = !text.iter().any(|byte| matches!(byte, b'e' | b'E'));
        let scale = match number {
            Some(_) if is_plain && written <= MOST_WRITTEN => written as u32,
            _ => number.map_or(0, |number| number.fraction_digits()),
        };
        Self { is_integer, is_double, number, scale }
    }
}

/// The numbers of a column, by each convention; the plain one is first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbers {
    conventions: Vec<Convention>,
}

impl Default for Numbers {
    fn default() -> Self {
        let patterns = std::iter::once(None).chain(CONVENTIONS.map(Some));
        Self { conventions: patterns.map(|pattern| Convention { pattern, ..Convention::default() }).collect() }
    }
}

impl Numbers {
    pub fn observe(&mut self, value: Value<'_>, rules: &CellRules) {
        let (plain, others) = self.conventions.split_at_mut(1);
        let seen = Seen::of(value.text, rules);
        for plain in plain {
            plain.add(seen, value);
        }
        // What has no sign between its digits is the same by every convention: whole numbers, dates, words such as NaN.
        let has_sign = |byte: &u8| matches!(byte, b',' | b'.' | b' ' | b'\'') || !byte.is_ascii();
        if seen.is_integer || !value.text.iter().any(has_sign) {
            for convention in others {
                convention.add(seen, value);
            }
            return;
        }
        let mut buffers = [[0; 64]; CONVENTIONS.len()];
        let mut numbers = [None; CONVENTIONS.len()];
        let may_be_number = value.text.iter().all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'));
        for (((convention, pattern), buffer), number) in others.iter_mut().zip(&*COMPILED).zip(&mut buffers).zip(&mut numbers) {
            let text = if may_be_number { pattern.plain(value.text, buffer) } else { None };
            let read = match text {
                None => Seen::default(),
                // Most numbers are plain by most conventions.
                Some(text) if text == value.text => seen,
                Some(text) => Seen::of(text, rules),
            };
            convention.add(read, value);
            *number = read.number;
        }
        for (convention, number) in others.iter_mut().zip(numbers) {
            let is_sure = number.is_some() && numbers.iter().flatten().all(|other| Some(*other) == number);
            if seen.number.is_none() && is_sure && convention.is_told_by(value.text) {
                convention.proofs += 1;
            }
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (a, b) in self.conventions.iter_mut().zip(&other.conventions) {
            a.integers.merge(&b.integers);
            a.doubles.merge(&b.doubles);
            a.decimals.merge(&b.decimals);
            a.finite += b.finite;
            a.proofs += b.proofs;
            a.whole_digits = a.whole_digits.max(b.whole_digits);
            a.scale = a.scale.max(b.scale);
        }
    }

    /// The type that all of `count` values fit, if there is one and the convention is sure. `prefers_decimal`: fractions
    /// are exact decimals rather than doubles, where all values are.
    pub fn conclude(&self, count: u64, prefers_decimal: bool) -> Option<(LogicalType, Option<&'static str>)> {
        self.conventions
            .iter()
            .filter(|convention| convention.pattern.is_none() || convention.proofs > 0)
            .find_map(|convention| Some((convention.conclude(count, prefers_decimal)?, convention.pattern)))
    }

    /// The conventions that read all of `count` values as numbers, though not all to the same ones.
    pub fn ambiguous(&self, count: u64) -> Vec<(LogicalType, &'static str)> {
        let readings: Vec<_> = self.conventions[1..3]
            .iter()
            .filter_map(|convention| Some((convention.conclude(count, false)?, convention.pattern?)))
            .collect();
        if readings.len() > 1 && self.conclude(count, false).is_none() { readings } else { Vec::new() }
    }

    /// The types that some values fit. A convention is listed only where it reads more than plain numbers do.
    pub fn candidates(&self) -> Vec<Candidate> {
        let plain = self.conventions.first().map_or(0, |plain| plain.doubles.fits.max(plain.decimals.fits));
        self.conventions
            .iter()
            .filter(|convention| convention.pattern.is_none() || convention.doubles.fits.max(convention.decimals.fits) > plain)
            .flat_map(Convention::candidates)
            .collect()
    }
}

impl Convention {
    fn add(&mut self, seen: Seen, value: Value<'_>) {
        self.integers.add(seen.is_integer, value);
        self.doubles.add(seen.is_double, value);
        let is_decimal = seen.number.is_some_and(|n| n.whole_digits() + n.fraction_digits() <= MAX_DIGITS);
        self.decimals.add(is_decimal, value);
        if let Some(number) = seen.number {
            self.finite += 1;
            self.whole_digits = self.whole_digits.max(number.whole_digits());
            self.scale = self.scale.max(seen.scale);
        }
    }

    /// Whether a value that only this convention reads tells it, and not a number of a house, a telephone or a network:
    /// groups set off by blanks need a fraction beside them, and four groups set off by points are an address.
    fn is_told_by(&self, text: &[u8]) -> bool {
        match self.pattern {
            Some("# ##0,00") => text.contains(&b','),
            Some("# ##0.00") => text.contains(&b'.'),
            Some("#.##0,00") => text.contains(&b',') || text.iter().filter(|&&byte| byte == b'.').count() != 3,
            _ => true,
        }
    }

    fn conclude(&self, count: u64, prefers_decimal: bool) -> Option<LogicalType> {
        let all = |tally: &Tally| tally.fits == count;
        let decimal = || self.decimal().filter(|_| all(&self.decimals));
        if count == 0 || self.finite == 0 {
            None
        } else if all(&self.integers) {
            Some(LogicalType::Int64)
        } else if prefers_decimal || self.scale == 0 && self.finite == count && self.whole_digits > 18 {
            decimal().or_else(|| all(&self.doubles).then_some(LogicalType::Double))
        } else if all(&self.doubles) {
            Some(LogicalType::Double)
        } else {
            decimal()
        }
    }

    fn decimal(&self) -> Option<LogicalType> {
        lattice::decimal(self.whole_digits, self.scale)
    }

    fn candidates(&self) -> impl Iterator<Item = Candidate> {
        let types =
            [(Some(LogicalType::Int64), &self.integers), (Some(LogicalType::Double), &self.doubles), (self.decimal(), &self.decimals)];
        types.into_iter().filter(|(_, tally)| tally.fits > 0).filter_map(|(data_type, tally)| {
            let pattern = self.pattern.map(str::to_owned);
            Some(Candidate { data_type: data_type?, pattern, fits: tally.fits, misfits: tally.misfits.clone() })
        })
    }
}
