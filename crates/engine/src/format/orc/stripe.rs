//! A stripe's footer: which streams it has and where, and how its columns are encoded.
//!
//! <https://orc.apache.org/specification/ORCv1/#stripe-footer>

use std::collections::HashMap;

use super::malformed;
use super::message::Fields;
use super::stream::{Place, Stream};
use super::tail::{Stripe, Tail, bytes};
use super::zone::Zone;
use crate::Result;
use crate::source::SharedSource;

/// Bytes of a stripe's footer at most, packed and not.
const MOST_FOOTER: u64 = 16 << 20;
/// Bytes that all streams together read ahead, about, and one at least and at most.
const AHEAD: usize = 32 << 20;
const LEAST_AHEAD: usize = 4 << 10;
const MOST_AHEAD: usize = 1 << 20;
/// Rows that a stripe may have whose columns take no bytes.
const FREE_ROWS: u64 = 1 << 20;

/// What a stream holds of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Present,
    Data,
    Length,
    Dictionary,
    Secondary,
}

impl Role {
    fn of(kind: u64) -> Option<Self> {
        Some(match kind {
            0 => Self::Present,
            1 => Self::Data,
            2 => Self::Length,
            3 => Self::Dictionary,
            5 => Self::Secondary,
            _ => return None,
        })
    }
}

/// How a column is encoded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Encoding {
    pub has_dictionary: bool,
    /// Whole numbers are in the second version's runs.
    pub is_second: bool,
    pub dictionary: u64,
}

/// The streams of a stripe, each opened when it is asked for.
pub struct Layout {
    places: HashMap<(usize, Role), (u64, u64)>,
    encodings: Vec<Encoding>,
    /// The zone of its timestamps.
    pub zone: Zone,
    whole: Place,
}

impl Layout {
    /// Reads a stripe's footer.
    ///
    /// # Errors
    /// What contradicts itself or the file's length, those of the source.
    pub fn read(source: &SharedSource, tail: &Tail, stripe: &Stripe) -> Result<Self> {
        if stripe.footer > MOST_FOOTER {
            return Err(malformed(format!("a stripe claims a footer of {} bytes", stripe.footer)));
        }
        if tail.root.is_free() && stripe.rows > FREE_ROWS {
            return Err(malformed(format!("a stripe claims {} rows without a value", stripe.rows)));
        }
        let end = stripe.index.saturating_add(stripe.data);
        let footer = bytes(source, stripe.at.saturating_add(end), stripe.footer)?;
        let footer = tail.packing.unpack_all(&footer, MOST_FOOTER as usize)?;
        let (mut places, mut encodings, mut zone) = (HashMap::new(), Vec::new(), None);
        let mut at: u64 = 0;
        for field in Fields::of(&footer) {
            match field? {
                (1, stream) => {
                    let [kind, column, length] = numbers(stream.bytes())?;
                    let behind = at.checked_add(length).filter(|&behind| behind <= end);
                    let behind = behind.ok_or_else(|| malformed(format!("a stream of column {column} lies outside its stripe")))?;
                    if let (Some(role), true) = (Role::of(kind), length > 0) {
                        places.insert((usize::try_from(column).unwrap_or(usize::MAX), role), (stripe.at + at, length));
                    }
                    at = behind;
                }
                (2, encoding) => {
                    let [kind, dictionary, _] = numbers(encoding.bytes())?;
                    encodings.push(Encoding { has_dictionary: kind & 1 == 1, is_second: kind & 2 == 2, dictionary });
                }
                (3, name) => zone = Some(Zone::named(&name.text())?),
                _ => {}
            }
        }
        let ahead = (AHEAD / places.len().max(1)).clamp(LEAST_AHEAD, MOST_AHEAD);
        let whole = Place { source: source.clone(), packing: tail.packing, at: 0, length: 0, ahead };
        Ok(Self { places, encodings, zone: zone.unwrap_or_default(), whole })
    }

    /// A column's stream, where it has one.
    pub fn optional(&self, column: usize, role: Role) -> Option<Stream> {
        let &(at, length) = self.places.get(&(column, role))?;
        Some(Stream::new(Place { at, length, ..self.whole.clone() }))
    }

    /// The same, or one without bytes: writers leave out what would be empty.
    pub fn stream(&self, column: usize, role: Role) -> Stream {
        self.optional(column, role).unwrap_or_else(|| Stream::new(self.whole.clone()))
    }

    pub fn encoding(&self, column: usize) -> Encoding {
        self.encodings.get(column).copied().unwrap_or_default()
    }
}

/// The first three fields of a message, which are numbers.
fn numbers(message: &[u8]) -> Result<[u64; 3]> {
    let mut numbers = [0; 3];
    for field in Fields::of(message) {
        let (number, value) = field?;
        if let Some(place) = usize::try_from(number).ok().and_then(|number| numbers.get_mut(number.checked_sub(1)?)) {
            *place = value.number();
        }
    }
    Ok(numbers)
}
