//! Single values as a sketch keeps them, whatever the Arrow type.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Bytes of a text that are shown. One more is kept, to tell a longer one.
pub const TEXT_BYTES: usize = 64;

/// A value of a column; all values of a column are of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Booleans, integers, dates, timestamps, times.
    Int(i64),
    Float(f64),
    /// Apart: it would make every value twice as large.
    Decimal(Box<i128>),
    /// Texts and bytes, cut.
    Bytes(Vec<u8>),
}

impl Value {
    /// A text, cut to one byte more than is shown.
    pub fn text(bytes: &[u8]) -> Self {
        Self::Bytes(bytes[..bytes.len().min(TEXT_BYTES + 1)].to_vec())
    }

    /// The order of the column: numbers by size, texts by their bytes.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }

    /// Where it stands on an axis; `None` for texts.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Decimal(value) => Some(**value as f64),
            Self::Bytes(_) => None,
        }
    }
}

/// The smallest and the largest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub min: Value,
    pub max: Value,
}

impl Bounds {
    /// Widens `bounds` to hold both.
    pub fn widen(bounds: &mut Option<Self>, min: Value, max: Value) {
        match bounds {
            None => *bounds = Some(Self { min, max }),
            Some(bounds) => {
                if min.compare(&bounds.min).is_lt() {
                    bounds.min = min;
                }
                if max.compare(&bounds.max).is_gt() {
                    bounds.max = max;
                }
            }
        }
    }
}
