//! Finds the first record of a unit that starts anywhere.

use super::irregular;
use super::tokenise::Tokeniser;
use crate::format::text::Tokens;

/// Records looked at behind a line end before it is believed to end a record.
const TRIAL_RECORDS: usize = 8;
/// Line ends tried before the first is taken on trust: the unit before tells in the end whether it was right.
const TRIALS: usize = 24;

/// The first record that begins at or after `from`: the line end behind which the next records have as many fields as
/// the table has columns and no faulty quote. A guess: a line end may stand in quotes.
pub(super) fn find(tokeniser: &Tokeniser, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
    let mut tokens = Tokens::default();
    let mut first = None;
    // The byte before `from` may be the line end that makes `from` a record.
    let mut at = from.saturating_sub(1);
    for _ in 0..TRIALS {
        let Some((_, next)) = tokeniser.line_end_after(text, at) else { break };
        if next < from {
            at = next;
            continue;
        }
        if next >= text.len() {
            return first.or(at_end.then_some(text.len()));
        }
        first.get_or_insert(next);
        if irregular::reads_clean(tokeniser, &text[next..], at_end, TRIAL_RECORDS, &mut tokens) {
            return Some(next);
        }
        at = next;
    }
    first.or(at_end.then_some(text.len()))
}
