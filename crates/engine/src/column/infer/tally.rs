//! How many values fit a type, and the first that do not.

use colonnade_protocol::Place;
use colonnade_protocol::schema::Misfit;
use encoding_rs::Encoding;

use crate::column::text::decode_cell;

/// Misfits that are kept.
const KEPT: usize = 3;
/// Characters of a misfit that are kept.
const MISFIT_CHARS: usize = 200;

/// A value with its place, as far as a tally may need them.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub text: &'a [u8],
    pub row: usize,
    pub places: &'a dyn Fn(usize) -> Place,
    pub encoding: &'static Encoding,
}

impl Value<'_> {
    pub fn misfit(&self) -> Misfit {
        let text = decode_cell(self.text, self.encoding).0.chars().take(MISFIT_CHARS).collect();
        Misfit { text, place: (self.places)(self.row) }
    }
}

/// A count of fits with the first misfits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    pub fits: u64,
    pub misfits: Vec<Misfit>,
}

impl Tally {
    #[inline]
    pub fn add(&mut self, fits: bool, value: Value<'_>) {
        if fits {
            self.fits += 1;
        } else if self.misfits.len() < KEPT {
            self.misfits.push(value.misfit());
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.fits += other.fits;
        self.misfits.extend(other.misfits.iter().cloned());
        self.misfits.sort_by_key(|misfit| misfit.place);
        self.misfits.truncate(KEPT);
    }
}
