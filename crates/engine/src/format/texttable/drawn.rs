//! Whether a table is drawn: rules across the lines, bars between the cells.

use crate::format::csv::detect::tokens::is_rule;
use crate::format::text::row_count::is_row_count;

/// Lines within which the first rule stands: a title, names, and what a report says of itself may be above it.
const DEEPEST: usize = 12;
/// What stands between two cells of a line.
const BARS: [char; 4] = ['|', '│', '┃', '║'];

/// How a table is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Each row stands between two bars.
    Framed,
    /// Bars are between cells only: one at an edge stands beside a cell without a value.
    Open,
}

/// Whether most lines are rows between drawn bars, as many in each as the names and the rules have.
pub fn is_drawn(lines: &[&str]) -> bool {
    find(lines).is_some()
}

/// How most lines are drawn; `None`: they are no rows between bars.
pub fn find(lines: &[&str]) -> Option<Drawn> {
    let filled: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let at = filled.iter().take(DEEPEST).position(|line| is_rule(line.as_bytes()))?;
    // Names stand above the first rule, or below it.
    let table = &filled[at.saturating_sub(1)..];
    let rows: Vec<&str> = table.iter().copied().filter(|line| !is_rule(line.as_bytes()) && !is_row_count(line.as_bytes())).collect();
    let framed = rows.iter().filter(|row| frame(row) == 2).count();
    let how = if framed * 2 > rows.len() { Drawn::Framed } else { Drawn::Open };
    let bars = |row: &&str| row.chars().filter(|sign| BARS.contains(sign)).count() - if how == Drawn::Framed { frame(row) } else { 0 };
    let wanted = match crossings(filled[at]) {
        // A rule of dashes alone says nothing of columns; rows are within bars.
        0 if how == Drawn::Framed => rows.iter().map(bars).max().unwrap_or(0),
        count => count,
    };
    let fitting = rows.iter().filter(|row| bars(row) == wanted).count();
    (wanted > 0 && fitting > 1 && fitting * 2 > rows.len()).then_some(how)
}

/// Whether a bar stands at an edge of some of these lines.
pub fn has_edges(lines: &[&str]) -> bool {
    lines.iter().any(|line| !is_rule(line.as_bytes()) && frame(line) > 0)
}

/// Places where a rule is crossed, its edges aside.
fn crossings(rule: &str) -> usize {
    let is_line = |sign: char| matches!(sign, '-' | '=' | ':' | ' ' | '─' | '━' | '═' | '╌');
    let rule = rule.trim();
    let runs = rule.split(is_line).filter(|crossing| !crossing.is_empty()).count();
    let is_edge = |sign: Option<char>| usize::from(sign.is_some_and(|sign| !is_line(sign)));
    runs.saturating_sub(is_edge(rule.chars().next()) + is_edge(rule.chars().next_back()))
}

/// Bars at the edges of a line.
fn frame(line: &str) -> usize {
    let line = line.trim();
    usize::from(line.starts_with(BARS)) + usize::from(line.len() > 1 && line.ends_with(BARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> bool {
        is_drawn(&text.lines().collect::<Vec<_>>())
    }

    #[test]
    fn tables_of_clients_are_drawn() {
        assert!(drawn("   ts   | level \n--------+-------\n 10:00  | INFO\n        | WARN\n(2 rows)\n"));
        assert!(drawn("+----+------+\n| id | ts   |\n+----+------+\n|  1 | 10:0 |\n+----+------+\n"));
        assert!(drawn("┌────┬──────┐\n│ id │ ts   │\n├────┼──────┤\n│ 1  │ 10:0 │\n└────┴──────┘\n"));
        assert!(drawn("| a | b |\n|---|:-:|\n| 1 | 2 |\n"));
        assert_eq!(find(&["| a | b |", "|---|:-:|", "| 1 | 2 |"]), Some(Drawn::Framed));
        assert_eq!(find(&[" a | b", "---+---", "   | 2", " 1 |  "]), Some(Drawn::Open));
        assert!(has_edges(&[" a | b", "---+---", "   | 2"]) && !has_edges(&[" a | b", "|---+---|", " 1 | 2"]));
        assert!(drawn("01.05.2024   List   1\n\n----------\n|a  |b   |\n----------\n|1  |2   |\n|3  |4   |\n----------\n"));
    }

    #[test]
    fn a_banner_or_a_rule_in_a_log_draws_no_table() {
        assert!(!drawn("+---------+\n| service |\n+---------+\n10:00 INFO it is up\n10:01 INFO so it is\n"));
        assert!(!drawn("10:00 INFO begin\n-----------\n10:01 INFO a | b\n10:02 INFO end\n"));
        assert!(!drawn("10:00 INFO found\n+---+---+\n| a | b |\n+---+---+\n10:01 INFO end\n10:02 INFO end\n10:03 INFO end\n"));
        assert!(!drawn(""));
    }
}
