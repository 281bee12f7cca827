//! Counts in sentences.

use std::fmt::Display;

/// A count with its noun: `1 field`, `2 fields`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(n: N, noun: &str) -> String {
    if n == N::from(1) { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|n: u64| super::counted(n, "row")), ["0 rows", "1 row", "2 rows"]);
    }
}
