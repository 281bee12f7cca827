//! Finds the first record of a unit that starts anywhere.

use super::irregular;
use super::tokenise::Tokeniser;
use crate::format::text::Tokens;

/// Records looked at behind a line end before it is believed to end a record.
const TRIAL_RECORDS: usize = 8;
/// Line ends tried before the best of them is taken on trust: the unit before tells in the end whether it was right.
const TRIALS: usize = 24;
/// Text read behind a line end.
const TRIAL_BYTES: usize = 64 * 1024;

/// A line end tried.
struct Trial {
    /// Where the record behind it would begin.
    at: usize,
    /// Of the next records, those that are odd.
    odd: usize,
    /// The very first is odd, as where the line end stood in quotes.
    begins_odd: bool,
}

/// The first record that begins at or after `from`: the line end behind which the next records have as many fields as
/// the table has columns and no faulty quote. Where records of a wrong length are usual, one that comes later says
/// nothing of the line end: the earliest that leads to the best one, record by record, is as good. A guess: a line end may
/// stand in quotes.
pub(super) fn find(tokeniser: &Tokeniser, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
    let mut tokens = Tokens::default();
    let mut trials: Vec<Trial> = Vec::new();
    // The byte before `from` may be the line end that makes `from` a record.
    let mut at = from.saturating_sub(1);
    for _ in 0..TRIALS {
        let Some((_, next)) = tokeniser.line_end_after(text, at) else { break };
        at = next;
        if next < from {
            continue;
        }
        if next >= text.len() {
            break;
        }
        run(tokeniser, text, next, at_end, &mut tokens);
        let odd = irregular::odd_among(&tokens, TRIAL_RECORDS);
        trials.push(Trial { at: next, odd, begins_odd: irregular::begins_odd(&tokens) });
        if odd == 0 {
            break;
        }
    }
    let Some(best) = trials.iter().min_by_key(|trial| trial.odd) else { return at_end.then_some(text.len()) };
    run(tokeniser, text, best.at, at_end, &mut tokens);
    if tokens.odd.is_empty() {
        return Some(best.at);
    }
    let mut leads_to_best = |trial: &&Trial| {
        run(tokeniser, text, trial.at, at_end, &mut tokens);
        irregular::is_start(&tokens, best.at - trial.at)
    };
    let earlier = trials.iter().take_while(|trial| trial.at < best.at).filter(|trial| !trial.begins_odd).find(|trial| leads_to_best(trial));
    Some(earlier.unwrap_or(best).at)
}

fn run(tokeniser: &Tokeniser, text: &[u8], at: usize, at_end: bool, tokens: &mut Tokens) {
    let window = &text[at..text.len().min(at + TRIAL_BYTES)];
    tokeniser.run(window, usize::MAX, at_end && at + window.len() == text.len(), tokens);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::csv::dialect::Dialect;

    /// Starts of all records, and how often the first record behind any byte of the middle is found at once.
    fn hits(text: &str, starts: &[usize], columns: usize) -> (usize, usize) {
        let tokeniser = Tokeniser::new(Dialect::default(), columns, 1 << 20);
        let asked = (text.len() / 4..text.len() / 2).step_by(37);
        let right = |from: usize| {
            let expected = starts.iter().copied().find(|&start| start >= from);
            find(&tokeniser, &text.as_bytes()[from - 1..], 1, true).map(|at| at + from - 1) == expected
        };
        (asked.clone().filter(|&from| right(from)).count(), asked.count())
    }

    fn text_of(records: impl Iterator<Item = String>) -> (String, Vec<usize>) {
        let (mut text, mut starts) = (String::new(), Vec::new());
        for record in records {
            starts.push(text.len());
            text += &record;
        }
        (text, starts)
    }

    #[test]
    fn rows_of_a_wrong_length_do_not_hide_the_records_before_them() {
        let record = |i: usize| if i % 12 == 5 { format!("{i},short\n") } else { format!("{i},x,{}\n", i * 7) };
        let (text, starts) = text_of((0..3000).map(record));
        let (right, asked) = hits(&text, &starts, 3);
        assert!(right * 10 > asked * 8, "{right} of {asked}");
    }

    #[test]
    fn line_ends_in_quotes_are_seen_through_in_a_ragged_text_too() {
        let record = |i: usize| match i % 12 {
            5 => format!("{i},short\n"),
            7 => format!("{i},\"a line\nanother, longer\nand the last\",{i}\n"),
            _ => format!("{i},x,{}\n", i * 7),
        };
        let (text, starts) = text_of((0..3000).map(record));
        let (right, asked) = hits(&text, &starts, 3);
        assert!(right * 10 > asked * 7, "{right} of {asked}");
    }

    #[test]
    fn a_table_within_a_cell_is_not_taken_for_the_table() {
        let record = |i: usize| if i.is_multiple_of(3) { format!("{i},\"1,2,3\n4,5,6\n7,8,9\n\",z\n") } else { format!("{i},x,z\n") };
        let (text, starts) = text_of((0..2000).map(record));
        let (right, asked) = hits(&text, &starts, 3);
        assert_eq!(right, asked);
    }
}
