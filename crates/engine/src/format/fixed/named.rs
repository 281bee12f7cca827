//! Whether lines are aligned below names that stand over their columns.

use super::align;
use super::cut::FixedCutter;
use crate::format::csv::detect::tokens::is_rule;
use crate::format::text::row_count::is_row_count;

/// Fewer columns with one blank between them are as often words.
const FEWEST_NARROW: usize = 3;

/// Whether every line holds to the same columns, and each column (the first aside) has its name in the first of them. Of the
/// lines that the table does not begin with, `is_record` says whether one is a record of something else.
pub fn is_named(lines: &[&str], is_record: impl Fn(&str) -> bool) -> bool {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !is_row_count(line.as_bytes())).collect();
    let Some(aligned) = align::find(&lines).filter(|aligned| aligned.named || aligned.drawn) else { return false };
    let (above, table) = lines.split_at(aligned.first);
    let filled: Vec<&str> = table.iter().copied().filter(|line| !line.trim().is_empty() && !is_rule(line.as_bytes())).collect();
    let Some(header) = filled.first() else { return false };
    if filled.len() < 3 || above.iter().any(|line| is_record(line)) || is_record(header) {
        return false;
    }
    let least = if aligned.widest_gap > 1 { 2 } else { FEWEST_NARROW };
    let enough = aligned.columns.len() >= least;
    let cutter = FixedCutter::of(aligned.columns, aligned.positions);
    let mut spans = Vec::new();
    let mut holds = |line: &str| {
        spans.clear();
        cutter.cells(line.as_bytes(), 0, line.len(), &mut spans).is_none()
    };
    enough && filled.iter().all(|line| holds(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> bool {
        is_named(&text.lines().collect::<Vec<_>>(), |line| line.starts_with("10:"))
    }

    #[test]
    fn names_stand_over_columns() {
        assert!(named("Host   Status  Load\nweb00  OK      0.00\nweb01  WARN    0.10\nweb02          0.20\n"));
        assert!(named("   level  amt\n0   INFO  0.5\n1   WARN  1.5\n2   INFO  2.5\n"));
        assert!(named("at     what\n10:00  it is up\n10:01  it went down\n10:02  again\n"));
    }

    #[test]
    fn what_goes_over_the_columns_or_names_none_is_no_header() {
        assert!(!named("Caused by: a.b.Error: it\n10:00 INFO it is up\n10:01 WARN it is not\n10:02 INFO who knows\n"));
        assert!(!named("Started\n10:00 INFO it is up\n10:01 WARN it is not\n10:02 INFO who knows\n"));
        assert!(!named("10:00 INFO it is up\n10:01 WARN it is not\n10:02 INFO who knows\n"));
        assert!(!named("at     what\n10:00  it is up\n10:01  it went down\n   at a.b.c(D.java)\n10:02  again\n"));
    }
}
