//! Part of step 6: sentences, whose marks divide nothing.
//!
//! A comma of a sentence stands before a blank, as often as the sentence needs it: no two lines are divided alike, and what is
//! divided are words. A table of sentences has as many cells in every line.

use super::score::Score;

/// Lines looked at.
const MOST_LINES: usize = 300;
/// Of the words, so many tenths are made of letters.
const LETTERS: usize = 7;
/// One line in so many ends a clause, or has a sentence end within it.
const ENDING: usize = 5;
/// Share of the records that must be divided alike for a table.
const ALIKE: f64 = 0.9;
/// Fewer lines than this are divided alike by chance.
const FEW: usize = 3;
/// Share of a mark's places that have a blank behind them.
const BLANKS_BEHIND: f64 = 0.9;
/// More values than this are no words.
const MOST_VALUES: f64 = 0.4;

/// How far lines read as sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentences {
    No,
    /// Most of them do.
    Mostly,
    /// Each ends one.
    Throughout,
}

impl Sentences {
    /// Of lines, blank ones among them.
    pub fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let (mut seen, mut ending, mut ended) = (0, 0, 0);
        let (mut words, mut of_letters) = (0, 0);
        for line in lines.map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES) {
            seen += 1;
            let mut within = false;
            let mut before = "";
            for word in line.split_whitespace() {
                words += 1;
                of_letters += usize::from(is_word(word));
                within |= ends_sentence(before) && word.trim_start_matches(['"', '(', '“', '„', '*', '_']).starts_with(char::is_uppercase);
                before = word;
            }
            let is_line = line.contains(char::is_whitespace);
            ended += usize::from(is_line && ends_sentence(before));
            ending += usize::from(within || is_line && (ends_sentence(before) || ends_clause(before)));
        }
        match ending * ENDING >= seen && ending > 0 && of_letters * 10 >= words * LETTERS {
            false => Self::No,
            true if ended == seen => Self::Throughout,
            true => Self::Mostly,
        }
    }

    /// Whether what a separator divides are these sentences, and no cells.
    pub fn are_divided(self, separator: &[u8], score: &Score) -> bool {
        let Score { width, fitting, records, .. } = *score;
        let is_mark = matches!(separator, [mark] if b",;:!".contains(mark)) || matches!(separator, b", " | b"; ");
        let follow = separator.ends_with(b" ") || score.led_by_blank >= BLANKS_BEHIND;
        let is_even = width > 1 && fitting as f64 >= ALIKE * records as f64;
        // Words of a few sentences may be as many.
        let is_blank = separator == b" ";
        let is_table = is_even && (records > FEW || self != Self::Throughout && !is_blank);
        self != Self::No && (is_mark && follow || is_blank) && !is_table && score.quoted == 0 && score.values < MOST_VALUES
    }
}

/// Letters, with the marks of a sentence around them.
fn is_word(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '/'))
}

/// `word.`, and not an initial or a number.
fn ends_sentence(word: &str) -> bool {
    let bare = word.trim_end_matches(['"', '\'', ')', '”', '“', '’', '*', '_', '`']);
    let Some(inner) = bare.strip_suffix(['.', '!', '?', '…', '。']) else { return false };
    inner.chars().rev().take(2).filter(|c| c.is_alphabetic()).count() == 2 || bare.ends_with('。')
}

/// `word,` at the end of a line.
fn ends_clause(word: &str) -> bool {
    word.strip_suffix([',', ';', ':', '—']).is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::csv::detect::score::score;
    use crate::format::csv::dialect::Dialect;

    fn is_divided(text: &str, separator: &str) -> bool {
        let dialect = Dialect { separator: separator.as_bytes().to_vec(), ..Dialect::default() };
        Sentences::of(text.lines()).are_divided(&dialect.separator, &score(&[text], &dialect))
    }

    #[test]
    fn commas_of_sentences_divide_no_cells() {
        assert!(is_divided("It was a dark night. The wind, it blew.\n\nThen, suddenly, a shot rang out!\nNobody moved.\n", ","));
        assert!(is_divided("Dear all,\n\nplease come, and bring cake.\n\nBye,\nA\n", ","));
        assert!(is_divided(
            "The fox ran; the dog slept. It was noon; so be it.\nIt rained; then, at last, it stopped.\nSo it goes.\n",
            ";"
        ));
        assert!(is_divided("Hello, my friend.\nHow are you, sir?\n", ","));
    }

    #[test]
    fn sentences_in_cells_are_divided_alike() {
        let rows = "the fox, It ran. It did.\na dog, It slept.\nthe cat, It went away.\nno one, It was dark.\n";
        assert!(!is_divided(&format!("who, what\n{rows}"), ","));
        assert!(!is_divided("flour, milk, salt\neggs, salt\nmilk, eggs, flour, butter\nsalt, milk\n", ","));
        assert!(!is_divided("id,said\n1,It was good, really. I liked it.\n2,It was bad.\n3,It was, well, good.\n", ","));
    }
}
