//! Columns found from what is aligned: positions that are blank in every line, or lines drawn below the header.

use super::columns::{Column, LONGEST, Positions};
use super::heading::{Heading, Run};

/// Columns as the lines show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    pub columns: Vec<Column>,
    pub positions: Positions,
    /// A drawn line says where they are.
    pub drawn: bool,
    /// The first of the lines that is aligned.
    pub first: usize,
    /// The first line has a name for each column, the first column aside.
    pub named: bool,
    /// Columns whose values begin or end at one position.
    pub flush: usize,
    /// Columns that hardly a line has a value in.
    pub bare: usize,
    /// Cells that are not blank.
    pub cells: usize,
    /// The widest run of blanks between two columns.
    pub widest_gap: usize,
}

/// Lines that columns are found by.
const MOST_LINES: usize = 1000;
/// One in so many lines may have text where all others are blank.
const TOLERATED: usize = 200;
/// Lines within which the table begins.
const DEEPEST: usize = 40;
/// Lines above the names that no blank or drawn line sets apart, and one more.
const MOST_TITLES: usize = 3;
/// Share of a column's values that begin, or end, at one position.
const FLUSH: f64 = 0.8;
/// A column with a value in fewer than one of so many lines is bare.
const BARE: usize = 20;
/// Fewer lines than this align by chance.
const FEWEST: usize = 3;

/// The columns of lines; `None` where nothing is aligned.
pub fn find(lines: &[&str]) -> Option<Aligned> {
    let lines = &lines[..lines.len().min(MOST_LINES)];
    let tabbed = lines.iter().filter(|line| line.contains('\t')).count();
    if tabbed * 10 > lines.len() {
        return None;
    }
    let by = |positions| drawn(lines, positions).or_else(|| blank(lines, positions));
    let characters = by(Positions::Characters);
    if lines.iter().all(|line| line.is_ascii()) {
        return characters;
    }
    let display = by(Positions::Display);
    let worth = |found: &Option<Aligned>| found.as_ref().map_or((0, 0, 0), |found| (found.columns.len(), found.flush, found.cells));
    if worth(&display) > worth(&characters) { display } else { characters }
}

/// Where a line holds text, position by position.
fn occupied(line: &str, positions: Positions) -> Vec<bool> {
    let mut taken = Vec::with_capacity(line.len());
    for c in line.chars().take(LONGEST) {
        taken.extend(std::iter::repeat_n(!c.is_whitespace(), positions.of(c)));
    }
    taken
}

/// Runs of positions where something stands.
fn runs(is_taken: impl Iterator<Item = bool>) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut from, mut position) = (None, 0);
    for taken in is_taken {
        match (taken, from) {
            (true, None) => from = Some(position),
            (false, Some(start)) => {
                runs.push((start, position));
                from = None;
            }
            _ => {}
        }
        position += 1;
    }
    runs.extend(from.map(|start| (start, position)));
    runs
}

/// Whether a line draws columns: runs of dashes or the like, blanks between them.
fn draws_columns(line: &str) -> bool {
    let line = line.trim();
    (line.contains("--") || line.contains("==")) && line.contains(' ') && line.chars().all(|c| matches!(c, '-' | '=' | ' '))
}

fn drawn(lines: &[&str], positions: Positions) -> Option<Aligned> {
    let at = lines.iter().take(DEEPEST).position(|line| draws_columns(line))?;
    let runs = runs(occupied(lines[at], positions).into_iter());
    // Names stand above it; a line drawn on top has them below.
    let first = lines[..at].iter().rposition(|line| line.trim().is_empty() || draws_columns(line)).map_or(0, |above| above + 1);
    let body: Vec<&str> = lines[at + 1..].iter().copied().filter(|line| !line.trim().is_empty() && !draws_columns(line)).collect();
    (runs.len() > 1).then(|| aligned(&runs, &body, positions, first.min(at), true))
}

/// Columns between positions that are blank in all lines, from the first line on or from one behind a blank or drawn one.
fn blank(lines: &[&str], positions: Positions) -> Option<Aligned> {
    let is_break = |k: usize| {
        let above = lines[k - 1].trim();
        above.is_empty() || above.len() > 2 && above.chars().all(|c| matches!(c, '-' | '=' | '_' | '*'))
    };
    let breaks = (1..lines.len().min(DEEPEST)).filter(|&k| is_break(k));
    let mut firsts: Vec<usize> = std::iter::once(0).chain(breaks).chain(1..MOST_TITLES.min(lines.len())).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let mut best: Option<Aligned> = None;
    for first in firsts {
        let body: Vec<&str> = lines[first..].iter().copied().filter(|line| !line.trim().is_empty()).collect();
        if body.len() < FEWEST {
            break;
        }
        let mut counts: Vec<usize> = Vec::new();
        for line in &body {
            let taken = occupied(line, positions);
            counts.resize(counts.len().max(taken.len()), 0);
            taken.iter().zip(&mut counts).for_each(|(taken, count)| *count += usize::from(*taken));
        }
        let runs = runs(counts.iter().map(|&count| count > body.len() / TOLERATED));
        let heading = Heading::find(&body, positions);
        let has_values = |(from, to): Run| counts[from..to].iter().any(|&count| count > 1);
        let is_narrow = heading.as_ref().is_some_and(|heading| heading.is_narrow(&runs, has_values));
        let runs = if is_narrow { runs } else { join_words(runs, &counts) };
        let runs = heading.as_ref().map_or_else(|| runs.clone(), |heading| heading.join(runs.clone()));
        let named = heading.is_some_and(|heading| heading.names_all(&runs));
        let found = Aligned { named, ..aligned(&runs, &body, positions, first, false) };
        let is_break = first == 0 || is_break(first);
        // A title may stand right above the names, and above nothing else.
        if found.columns.len() < 2 || !(found.named || is_break) {
            continue;
        }
        let worth = |found: &Aligned| (found.named, std::cmp::Reverse(found.bare), found.flush, found.columns.len());
        if best.as_ref().is_none_or(|best| (is_break || !best.named) && worth(&found) > worth(best)) {
            best = Some(found);
        }
    }
    best
}

/// One blank before a place where hardly a line has anything stands between two words of a value.
fn join_words(runs: Vec<Run>, counts: &[usize]) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for (from, to) in runs {
        let lone = counts[from..to].iter().all(|&count| count < 2);
        match joined.last_mut() {
            Some(before) if lone && before.1 + 1 == from => before.1 = to,
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Columns of these runs. What is blank between two goes to the one that may grow into it, but for one position.
fn aligned(runs: &[Run], body: &[&str], positions: Positions, first: usize, drawn: bool) -> Aligned {
    let taken: Vec<Vec<bool>> = body.iter().map(|line| occupied(line, positions)).collect();
    let (mut bare, mut cells) = (0, 0);
    let flushes: Vec<(bool, bool)> = runs
        .iter()
        .map(|&(from, to)| {
            let (mut all, mut left, mut right) = (0, 0, 0);
            for line in &taken {
                let cell = &line[from.min(line.len())..to.min(line.len())];
                if let (Some(start), Some(last)) = (cell.iter().position(|taken| *taken), cell.iter().rposition(|taken| *taken)) {
                    all += 1;
                    left += usize::from(start == 0);
                    right += usize::from(last + 1 == to - from);
                }
            }
            let is_bare = all < 2 || all * BARE < body.len();
            bare += usize::from(is_bare);
            cells += all;
            let most = |count: usize| !is_bare && count as f64 >= FLUSH * all as f64;
            (most(left), most(right))
        })
        .collect();
    let grows_left = |k: usize| flushes.get(k).is_some_and(|&(left, right)| right && !left);
    let columns = (0..runs.len())
        .map(|k| {
            let (from, to) = runs[k];
            let before = k.checked_sub(1).map(|before| runs[before].1);
            let start = match before {
                None if from > 0 && grows_left(k) => 0,
                Some(before) if grows_left(k) && grows_left(k - 1) => before + 1,
                _ => from,
            };
            let end = match runs.get(k + 1) {
                None => None,
                Some(_) if grows_left(k) => Some(to),
                Some(&(next, _)) => Some((next - 1).max(to)),
            };
            Column { start, end }
        })
        .collect();
    let flush = flushes.iter().filter(|(left, right)| *left || *right).count();
    let widest_gap = runs.windows(2).map(|pair| pair[1].0 - pair[0].1).max().unwrap_or(0);
    Aligned { columns, positions, drawn, first, named: false, flush, bare, cells, widest_gap }
}

#[cfg(test)]
mod tests {
    use super::super::columns::write;
    use super::*;

    fn found(text: &str) -> Option<String> {
        find(&text.lines().collect::<Vec<_>>()).map(|found| write(&found.columns))
    }

    #[test]
    fn columns_stand_between_positions_that_are_blank_in_every_line() {
        let text = "name        city   age\nAnn Smith   Rome     4\nBo          Oslo    31\nCy de Wit   Bonn   102\n";
        assert_eq!(found(text).unwrap(), "0-11,12-18,19-");
    }

    #[test]
    fn numbers_grow_to_the_left() {
        let text = "a    b    c\n1   20  300\n2   30  400\n3   40  500\n";
        assert_eq!(found(text).unwrap(), "0-3,4-6,7-");
    }

    #[test]
    fn a_drawn_line_says_where_columns_are() {
        let text = "Col1      Col2 Col3\n---- --------- ----\n 1.2   \"hello\"    1\n 2.4 's worlds    2\n";
        let found = find(&text.lines().collect::<Vec<_>>()).unwrap();
        assert_eq!((found.drawn, write(&found.columns).as_str()), (true, "0-4,5-14,15-"));
    }

    #[test]
    fn a_title_above_a_blank_line_is_not_aligned() {
        let text = "A report of what was seen this year\n\nx      y\n1      a b\n22     c\n333    de f\n4      g h\n";
        assert_eq!(found(text).unwrap(), "0-6,7-");
    }

    #[test]
    fn wide_characters_are_aligned_on_the_screen() {
        let text = "山田  31 東京\nab     4 é\n鈴木  22 大阪\n";
        let found = find(&text.lines().collect::<Vec<_>>()).unwrap();
        assert_eq!((found.positions, found.columns.len()), (Positions::Display, 3));
    }

    #[test]
    fn names_one_blank_apart_are_columns_where_their_values_are_as_near() {
        let found = |text: &str| find(&text.lines().collect::<Vec<_>>()).map(|found| (found.columns.len(), found.named));
        let flags = "ID   VALUE M Q S\nA1      -5 T   W\nA2      10     W\nA3       7 T   W\n";
        assert_eq!(found(flags), Some((5, true)));
        let words = "LAST SEEN  TYPE\n0m         ok 1\n1m         ok 2\n12m        no 3\n";
        assert_eq!(found(words), Some((2, true)));
    }

    #[test]
    fn a_title_right_above_the_names_is_not_aligned() {
        let text = "procs ----memory---- --cpu--\n r  b   swpd   free  us sy\n 1  0      0 100000  10  1\n 2  0      0  90001   9 20\n 1 10     12  80002   8  3\n";
        let found = find(&text.lines().collect::<Vec<_>>()).unwrap();
        assert_eq!((found.first, found.columns.len(), found.named), (1, 6, true));
    }

    #[test]
    fn prose_is_not_aligned() {
        let text = "It was late and cold, they said, and no one\ncame to see what had been left there by those\nwho went away the year before; so it stayed\nwhere it was, and the rain fell on it for days.\n";
        assert_eq!(found(text), None);
    }
}
