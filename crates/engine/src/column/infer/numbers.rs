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
        let as_it_is = plain.iter_mut().find_map(|plain| plain.observe(value.text, value, rules));
        let is_integer = integer::read(value.text, Reading::Exact).is_some();
        // What has no sign is the same by every convention: whole numbers, and words such as NaN.
        if is_integer || value.text.iter().all(|byte| byte.is_ascii_alphabetic()) {
            for convention in others {
                convention.observe(value.text, value, rules);
            }
            return;
        }
        let mut buffers = [[0; 64]; CONVENTIONS.len()];
        let mut numbers = [None; CONVENTIONS.len()];
        let may_be_number = value.text.iter().all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'));
        for (((convention, pattern), buffer), number) in others.iter_mut().zip(&*COMPILED).zip(&mut buffers).zip(&mut numbers) {
            let text = if may_be_number { pattern.plain(value.text, buffer) } else { None };
            *number = convention.observe(text.unwrap_or_default(), value, rules);
        }
        for (convention, number) in others.iter_mut().zip(numbers) {
            let is_sure = number.is_some() && numbers.iter().flatten().all(|other| Some(*other) == number);
            if as_it_is.is_none() && is_sure && convention.is_told_by(value.text) {
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

    /// The type that all of `count` values fit, if there is one and the convention is sure.
    pub fn conclude(&self, count: u64) -> Option<(LogicalType, Option<&'static str>)> {
        self.conventions
            .iter()
            .filter(|convention| convention.pattern.is_none() || convention.proofs > 0)
            .find_map(|convention| Some((convention.conclude(count)?, convention.pattern)))
    }

    /// The conventions that read all of `count` values as numbers, though not all to the same ones.
    pub fn ambiguous(&self, count: u64) -> Vec<(LogicalType, &'static str)> {
        let readings: Vec<_> =
            self.conventions[1..3].iter().filter_map(|convention| Some((convention.conclude(count)?, convention.pattern?))).collect();
        if readings.len() > 1 && self.conclude(count).is_none() { readings } else { Vec::new() }
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
    /// Counts a value, given its plain form (empty where it has none); the number it is.
    fn observe(&mut self, plain: &[u8], value: Value<'_>, rules: &CellRules) -> Option<Number> {
        let is_integer = integer::read(plain, Reading::Exact).is_some();
        let number = Number::read(plain, Reading::Exact);
        let is_decimal = number.is_some_and(|n| n.whole_digits() + n.fraction_digits() <= MAX_DIGITS);
        self.integers.add(is_integer, value);
        self.doubles.add(float::read_f64(plain, Reading::Exact, rules).is_some(), value);
        self.decimals.add(is_decimal, value);
        if let Some(number) = number {
            self.finite += 1;
            self.whole_digits = self.whole_digits.max(number.whole_digits());
            // Zeros at the end count, to show a value as it was written, but for scales that nobody writes.
            let written = plain.iter().position(|&byte| byte == b'.').map_or(0, |point| plain.len() - point - 1) as u32;
            let scale = if plain.is_ascii() && !plain.iter().any(|byte| matches!(byte, b'e' | b'E')) && written < 20 {
                written
            } else {
                number.fraction_digits()
            };
            self.scale = self.scale.max(scale);
        }
        number
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

    fn conclude(&self, count: u64) -> Option<LogicalType> {
        let all = |tally: &Tally| tally.fits == count;
        let decimal = || self.decimal().filter(|_| all(&self.decimals));
        if count == 0 || self.finite == 0 {
            None
        } else if all(&self.integers) {
            Some(LogicalType::Int64)
        } else if self.scale == 0 && self.finite == count && self.whole_digits > 18 {
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
