//! Columns that stand side by side without a gap, as far as the kinds of their characters tell.
//!
//! Where all lines are as long, and digits turn to letters at the same place in every line, one column may end and another
//! begin. It may as well be one value (`12AB`), so borders are offered and not drawn.

/// Fewer lines than this may be alike by chance.
const FEWEST: usize = 10;
const MOST_LINES: usize = 300;
/// Shorter lines are one value.
const SHORTEST: usize = 8;

/// The kind of a character that all lines have at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Mixed,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'0'..=b'9' => Self::Digit,
            b'A'..=b'Z' | b'a'..=b'z' => Self::Letter,
            _ => Self::Mixed,
        }
    }
}

/// The positions at which columns may begin within what no gap divides. Nothing where lines are not all as long.
pub fn borders<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut lines = lines.filter(|line| !line.trim().is_empty()).take(MOST_LINES).map(str::as_bytes);
    let Some(first) = lines.next().filter(|line| line.len() >= SHORTEST && line.is_ascii()) else { return Vec::new() };
    let mut kinds: Vec<Kind> = first.iter().map(|&byte| Kind::of(byte)).collect();
    let mut seen = 1;
    for line in lines {
        if line.len() != first.len() {
            return Vec::new();
        }
        kinds.iter_mut().zip(line).filter(|(kind, byte)| **kind != Kind::of(**byte)).for_each(|(kind, _)| *kind = Kind::Mixed);
        seen += 1;
    }
    let turns = |pair: &[Kind]| pair == [Kind::Digit, Kind::Letter];
    if seen < FEWEST { Vec::new() } else { kinds.windows(2).enumerate().filter(|(_, pair)| turns(pair)).map(|(at, _)| at + 1).collect() }
}

/// What is said of such places.
pub fn told(borders: &[usize]) -> String {
    let places: Vec<String> = borders.iter().map(ToString::to_string).collect();
    format!(
        "all lines are as long, and digits turn to letters at the same places ({}) in each: columns may stand there without a gap, and their borders can be drawn",
        places.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_turn_to_letters_in_every_line_may_be_two_columns() {
        let packed: Vec<String> = (0..20).map(|k| format!("{k:06}AB{k:<6}2024010{:08}", k * 100)).collect();
        assert_eq!(borders(packed.iter().map(String::as_str)), [6]);
        let ids: Vec<String> = (0..20).map(|k| format!("AB{k:08}")).collect();
        assert!(borders(ids.iter().map(String::as_str)).is_empty());
        let words: Vec<String> = (0..20).map(|k| format!("{k:04} name {}", "x".repeat(k))).collect();
        assert!(borders(words.iter().map(String::as_str)).is_empty());
    }
}
