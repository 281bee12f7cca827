//! The smallest and the largest value of a page or chunk, as statistics and page index hold them.

use std::cmp::Ordering;

use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::statistics::{Statistics, ValueStatistics};

/// Bytes of a text's bound: long texts would bloat the footer.
const TEXT_BYTES: usize = 64;

/// A value of a column, in its physical type.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    Boolean(bool),
    Int32(i32),
    Int64(i64),
    Float(f32),
    Double(f64),
    /// A decimal of so many bytes.
    Decimal(i128, usize),
    Fixed(Vec<u8>),
    Binary(Vec<u8>),
    /// UTF-8.
    Text(Vec<u8>),
}

/// A smallest and a largest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    pub min: Bound,
    pub max: Bound,
}

impl Bound {
    /// The column's order. NaN is in no bounds.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Int32(a), Self::Int32(b)) => a.cmp(b),
            (Self::Int64(a), Self::Int64(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Double(a), Self::Double(b)) => a.total_cmp(b),
            (Self::Decimal(a, _), Self::Decimal(b, _)) => a.cmp(b),
            (Self::Fixed(a), Self::Fixed(b)) | (Self::Binary(a), Self::Binary(b)) | (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }

    /// Plain-encoded, without a length.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Boolean(value) => vec![u8::from(*value)],
            Self::Int32(value) => value.to_le_bytes().to_vec(),
            Self::Int64(value) => value.to_le_bytes().to_vec(),
            Self::Float(value) => value.to_le_bytes().to_vec(),
            Self::Double(value) => value.to_le_bytes().to_vec(),
            Self::Decimal(value, len) => value.to_be_bytes()[16 - len..].to_vec(),
            Self::Fixed(value) | Self::Binary(value) | Self::Text(value) => value.clone(),
        }
    }
}

impl Bounds {
    /// With what is held by either.
    pub fn joined(self, other: Self) -> Self {
        Self {
            min: if other.min.order(&self.min).is_lt() { other.min } else { self.min },
            max: if other.max.order(&self.max).is_gt() { other.max } else { self.max },
        }
    }

    /// Long texts cut: the smallest to what begins it, the largest to what is above it. A largest one that nothing short is
    /// above stays whole. The flags say whether each is still the value itself.
    pub fn cut(self) -> (Self, bool, bool) {
        let (min, min_exact) = match self.min {
            Bound::Text(text) if text.len() > TEXT_BYTES => (Bound::Text(text[..boundary(&text)].to_vec()), false),
            Bound::Binary(bytes) if bytes.len() > TEXT_BYTES => (Bound::Binary(bytes[..TEXT_BYTES].to_vec()), false),
            min => (min, true),
        };
        let (max, max_exact) = match self.max {
            Bound::Text(text) if text.len() > TEXT_BYTES => match text_above(&text[..boundary(&text)]) {
                Some(above) => (Bound::Text(above), false),
                None => (Bound::Text(text), true),
            },
            Bound::Binary(bytes) if bytes.len() > TEXT_BYTES => match bytes_above(&bytes[..TEXT_BYTES]) {
                Some(above) => (Bound::Binary(above), false),
                None => (Bound::Binary(bytes), true),
            },
            max => (max, true),
        };
        (Self { min, max }, min_exact, max_exact)
    }
}

/// Where a text may be cut: not within a character.
fn boundary(text: &[u8]) -> usize {
    (0..=TEXT_BYTES).rev().find(|&at| text[at] & 0xC0 != 0x80).unwrap_or_default()
}

/// A text just above every text that begins with `start`: its last character that can be raised, raised.
fn text_above(start: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(start).ok()?;
    text.char_indices().rev().find_map(|(at, character)| {
        let next = char::from_u32(character as u32 + 1).filter(|next| next.len_utf8() == character.len_utf8())?;
        Some([&text.as_bytes()[..at], next.encode_utf8(&mut [0; 4]).as_bytes()].concat())
    })
}

fn bytes_above(start: &[u8]) -> Option<Vec<u8>> {
    let last = start.iter().rposition(|&byte| byte < u8::MAX)?;
    let mut above = start[..=last].to_vec();
    above[last] += 1;
    Some(above)
}

/// A chunk's statistics in the footer; `bounds` is `None` where there is nothing to bound. A column's physical type is that
/// of `kind`.
pub fn statistics(kind: &Bound, bounds: Option<Bounds>, nulls: u64) -> Statistics {
    let (bounds, min_exact, max_exact) = match bounds.map(Bounds::cut) {
        Some((bounds, min_exact, max_exact)) => (Some(bounds), min_exact, max_exact),
        None => (None, false, false),
    };
    let (min, max) = bounds.map_or((None, None), |bounds| (Some(bounds.min), Some(bounds.max)));
    macro_rules! statistics {
        ($variant:ident, $($bound:pat => $value:expr),+) => {{
            let value = |bound: Option<Bound>| match bound { $(Some($bound) => Some($value),)+ _ => None };
            Statistics::$variant(
                ValueStatistics::new(value(min), value(max), None, Some(nulls), false)
                    .with_min_is_exact(min_exact)
                    .with_max_is_exact(max_exact),
            )
        }};
    }
    match kind {
        Bound::Boolean(_) => statistics!(Boolean, Bound::Boolean(value) => value),
        Bound::Int32(_) => statistics!(Int32, Bound::Int32(value) => value),
        Bound::Int64(_) => statistics!(Int64, Bound::Int64(value) => value),
        Bound::Float(_) => statistics!(Float, Bound::Float(value) => value),
        Bound::Double(_) => statistics!(Double, Bound::Double(value) => value),
        Bound::Decimal(..) | Bound::Fixed(_) => {
            let fixed = |bytes: Vec<u8>| FixedLenByteArray::from(ByteArray::from(bytes));
            statistics!(FixedLenByteArray, Bound::Fixed(bytes) => fixed(bytes), decimal @ Bound::Decimal(..) => fixed(decimal.bytes()))
        }
        Bound::Binary(_) | Bound::Text(_) => {
            statistics!(ByteArray, Bound::Binary(bytes) | Bound::Text(bytes) => ByteArray::from(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> (Bounds, bool, bool) {
        let bound = Bound::Text(text.as_bytes().to_vec());
        Bounds { min: bound.clone(), max: bound }.cut()
    }

    proptest! {
        #[test]
        fn a_cut_bound_is_text_and_still_a_bound(text in "[a\u{7F}é\u{7FF}\u{D7FF}\u{FFFF}\u{10FFFF}]{0,80}") {
            let (bounds, min_exact, max_exact) = cut(&text);
            for (bound, exact) in [(&bounds.min, min_exact), (&bounds.max, max_exact)] {
                let Bound::Text(bytes) = bound else { panic!() };
                prop_assert!(std::str::from_utf8(bytes).is_ok());
                prop_assert_eq!(exact, bytes.as_slice() == text.as_bytes());
            }
            prop_assert!(bounds.min.bytes().as_slice() <= text.as_bytes() && bounds.max.bytes().as_slice() >= text.as_bytes());
            prop_assert!(bounds.min.bytes().len() <= TEXT_BYTES);
        }

        #[test]
        fn cut_bytes_still_bound(bytes in prop::collection::vec(prop_oneof![Just(255u8), any::<u8>()], 0..80)) {
            let bound = Bound::Binary(bytes.clone());
            let (bounds, ..) = Bounds { min: bound.clone(), max: bound }.cut();
            prop_assert!(bounds.min.bytes() <= bytes && bounds.max.bytes() >= bytes);
        }
    }

    #[test]
    fn a_text_that_cannot_be_raised_stays_whole() {
        let text = "\u{10FFFF}".repeat(20);
        let (bounds, _, exact) = cut(&text);
        assert_eq!((bounds.max.bytes(), exact), (text.into_bytes(), true));
        let text = format!("b{}", "\u{10FFFF}".repeat(20));
        assert_eq!(cut(&text).0.max.bytes(), b"c");
    }
}
