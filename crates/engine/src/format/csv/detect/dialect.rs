//! Step 6: separator, quote and escape: the combination with the best score.

use super::one_name::{self, Division};
use super::prose::Sentences;
use super::score::{Score, score};
use super::separators::{self, Candidate};
use super::text::Text;
use super::{Guess, line_end};
use crate::Result;
use crate::format::csv::dialect::Dialect;
use crate::format::csv::options;
use crate::settings::Settings;

/// The dialect with the best score.
#[derive(Debug, Clone)]
pub struct Found {
    pub dialect: Dialect,
    pub separator: Guess<()>,
    pub quote: Guess<()>,
    pub escape: Guess<()>,
    pub trim: Guess<()>,
    /// The first line names the separator (`sep=;`) and is no row.
    pub directive: bool,
}

/// Below this score no separator is believed in: the table has one column.
const WEAKEST: f64 = 0.3;
/// Share of the records that a common separator cuts alike, beyond which blanks are taken for parts of cells.
const PLAIN: f64 = 0.95;
/// What the score of blanks is then multiplied by.
const BLANKS_IN_CELLS: f64 = 0.5;
/// Text scored from the head, and from each other piece.
const HEAD_BYTES: usize = 48 * 1024;
const PIECE_BYTES: usize = 8 * 1024;
/// Separators that are tried with more than the usual quote.
const TRIED_WITH_QUOTES: usize = 4;

/// Finds the dialect; what a person has set stays.
///
/// # Errors
/// [`ErrorKind::Usage`](colonnade_protocol::ErrorKind) where what a person has set cannot be used together.
pub fn find(text: &Text, settings: &Settings) -> Result<Found> {
    let mut given = options::dialect(settings)?;
    if let Some(end) = line_end::marked(text).filter(|_| !settings.is_by_person("lineSep")) {
        given.line_end = end;
    }
    let texts: Vec<&str> =
        text.pieces.iter().enumerate().map(|(k, piece)| whole_lines(&piece.text, if k == 0 { HEAD_BYTES } else { PIECE_BYTES })).collect();
    let directive = directive(text);
    let by_person = settings.is_by_person("sep");
    let candidates = if by_person {
        vec![Candidate { separator: given.separator.clone(), merge: given.merge_separators, prior: 1.0 }]
    } else if let Some(separator) = &directive {
        vec![Candidate { separator: separator.clone(), merge: false, prior: 1.0 }]
    } else {
        separators::worth_trying(text)
    };
    let is_given = by_person || directive.is_some();
    let mut tried: Vec<(Dialect, Score, f64)> = Vec::new();
    for candidate in &candidates {
        let dialect = with_separator(&given, candidate, &texts, settings);
        let score = score(&texts, &dialect);
        tried.push((dialect, score, score.value * candidate.prior));
    }
    if tried.iter().any(|(dialect, score, _)| {
        separators::is_common(&dialect.separator) && score.fitting as f64 >= PLAIN * score.records as f64 && score.width > 1
    }) {
        // Words in the cells of a plain table are not columns.
        tried.iter_mut().filter(|(dialect, ..)| dialect.separator == b" ").for_each(|(.., value)| *value *= BLANKS_IN_CELLS);
    }
    tried.sort_by(|a, b| b.2.total_cmp(&a.2));
    let first: Vec<_> =
        tried.iter().take(TRIED_WITH_QUOTES).map(|(dialect, score, value)| (dialect.clone(), value / score.value.max(1e-9))).collect();
    for (dialect, prior) in first {
        for other in other_quotes(&dialect, &texts, settings) {
            let score = score(&texts, &other);
            if score.quoted > 0 || settings.is_by_person("quote") {
                tried.push((other, score, score.value * prior));
            }
        }
    }
    tried.sort_by(|a, b| b.2.total_cmp(&a.2));
    let from_top = !settings.is_by_person("skipRows");
    let divides_values = |dialect: &Dialect, score: &Score| {
        let Score { width, fitting, records, values, .. } = *score;
        let division = Division { separator: &dialect.separator, merged: dialect.merge_separators, width, fitting, records, values };
        from_top && one_name::is_divided(texts[0], &division)
    };
    let sentences = Sentences::of(texts.iter().flat_map(|text| text.lines()));
    let believable = |(dialect, score, value): &&(Dialect, Score, f64)| {
        let is_pair_of_words = dialect.separator == b" " && score.width == 2 && score.values < 0.3;
        *value >= WEAKEST && !is_pair_of_words && !divides_values(dialect, score) && !sentences.are_divided(&dialect.separator, score)
    };
    let best = tried.iter().find(|tried| is_given || believable(tried)).cloned();
    let mut found = match best {
        Some((dialect, score, value)) => {
            let rival = tried.iter().find(|(other, ..)| other.separator != dialect.separator).map_or(0.0, |(.., value)| *value);
            several_columns(dialect, &score, rival / value.max(1e-9), settings)
        }
        None => one_column(given, &texts, settings),
    };
    found.directive = directive.is_some();
    Ok(found)
}

/// `given` with a candidate's separator. Blanks before quotes must be passed over for the quotes to be seen.
fn with_separator(given: &Dialect, candidate: &Candidate, texts: &[&str], settings: &Settings) -> Dialect {
    let mut dialect = Dialect { separator: candidate.separator.clone(), ..given.clone() };
    if !settings.is_by_person("mergeSeparators") {
        dialect.merge_separators = candidate.merge;
    }
    if !settings.is_by_person("ignoreLeadingWhiteSpace") {
        dialect.trim_leading = blank_before_quotes(&dialect, texts);
    }
    dialect
}

fn blank_before_quotes(dialect: &Dialect, texts: &[&str]) -> bool {
    let (Some(quote), false) = (dialect.quote, dialect.separator.ends_with(b" ")) else { return false };
    let count = |between: &[u8]| {
        let needle = [dialect.separator.as_slice(), between, &[quote]].concat();
        texts.iter().map(|text| memchr::memmem::find_iter(text.as_bytes(), &needle).count()).sum::<usize>()
    };
    count(b" ") > count(b"")
}

/// The dialect with other quotes and escapes, where the text has anything like them.
fn other_quotes(dialect: &Dialect, texts: &[&str], settings: &Settings) -> Vec<Dialect> {
    let holds = |needle: &[u8]| texts.iter().any(|text| memchr::memmem::find(text.as_bytes(), needle).is_some());
    let quotes = if settings.is_by_person("quote") {
        vec![dialect.quote]
    } else {
        let opens = |quote: u8| {
            holds(&[dialect.separator.as_slice(), &[quote]].concat())
                || holds(&[b'\n', quote])
                || holds(&[dialect.separator.as_slice(), b" ", &[quote]].concat())
        };
        [b'"', b'\'', b'`'].into_iter().filter(|&quote| opens(quote)).map(Some).collect()
    };
    let mut others = Vec::new();
    for quote in quotes.into_iter().flatten() {
        let escapes = if settings.is_by_person("escape") {
            vec![dialect.escape]
        } else if holds(&[b'\\', quote]) {
            vec![Some(quote), Some(b'\\')]
        } else {
            vec![Some(quote)]
        };
        for escape in escapes {
            let mut other = Dialect { quote: Some(quote), escape, ..dialect.clone() };
            if !settings.is_by_person("ignoreLeadingWhiteSpace") {
                other.trim_leading = blank_before_quotes(&other, texts);
            }
            if other != *dialect {
                others.push(other);
            }
        }
    }
    others
}

/// Blanks around at least this share of the values belong to the separators.
const BLANKS_BELONG: f64 = 0.9;

fn several_columns(mut dialect: Dialect, score: &Score, rival: f64, settings: &Settings) -> Found {
    let share = score.fitting as f64 / score.records.max(1) as f64;
    let confidence = (share.sqrt() * (1.0 - 0.4 * rival.min(1.0).powi(4))).clamp(0.05, 0.99) as f32;
    let evidence = format!("{} of {} lines have {} fields", score.fitting, score.records, score.width);
    let quotes = match (score.quoted, score.stray) {
        (0, _) => Guess::new((), 0.5, "no quoted value was seen"),
        (quoted, stray) => {
            let sure = quoted as f32 / (quoted + stray) as f32;
            Guess::new((), sure.min(0.99), format!("{quoted} values are quoted, {stray} quotes are out of place"))
        }
    };
    let escape = match score.escaped {
        0 => Guess::new((), 0.5, "no quote inside quotes was seen"),
        escaped => Guess::new((), 0.95, format!("{escaped} quotes inside quotes are written this way")),
    };
    let blank = dialect.separator.ends_with(b" ");
    if !settings.is_by_person("ignoreLeadingWhiteSpace") && score.led_by_blank >= BLANKS_BELONG && !blank {
        dialect.trim_leading = true;
    }
    if !settings.is_by_person("ignoreTrailingWhiteSpace") && score.trailed_by_blank >= BLANKS_BELONG && !blank {
        dialect.trim_trailing = true;
    }
    let percent = |share: f64| (share * 100.0).floor();
    let trim = format!(
        "{} % of the values behind a separator begin with a blank, {} % of those before one end with one",
        percent(score.led_by_blank),
        percent(score.trailed_by_blank)
    );
    let trim = Guess::new((), 0.9, trim);
    Found { dialect, separator: Guess::new((), confidence, evidence), quote: quotes, escape, trim, directive: false }
}

/// No separator explains the text.
fn one_column(given: Dialect, texts: &[&str], settings: &Settings) -> Found {
    let dialect = if settings.is_by_person("sep") { given } else { unused_separator(given, texts) };
    let lines: usize = texts.iter().map(|text| text.lines().filter(|line| !line.trim().is_empty()).count()).sum();
    let evidence =
        if lines == 1 { "there are too few lines to divide".to_owned() } else { format!("no separator divides the {lines} lines alike") };
    let default = Guess::new((), 0.5, "no quoted value was seen");
    Found {
        dialect,
        separator: Guess::new((), 0.7, evidence),
        quote: default.clone(),
        escape: default.clone(),
        trim: Guess::new((), 0.5, "one column"),
        directive: false,
    }
}

/// A common separator that does not cut the lines of a one-column table.
fn unused_separator(given: Dialect, texts: &[&str]) -> Dialect {
    let unused = [b',', b'\t', b';', b'|', 0x1f].into_iter().find(|byte| !texts.iter().any(|text| text.as_bytes().contains(byte)));
    Dialect { separator: vec![unused.unwrap_or(0x1f)], ..given }
}

/// The whole lines at the start of `text` within `bytes`, but the first three at least; of one longer line, its beginning.
fn whole_lines(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut ends = memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).map(|at| at + 1);
    let Some(third) = ends.nth(2) else { return &text[..text.floor_char_boundary(bytes)] };
    let head = &text.as_bytes()[..bytes.max(third)];
    memchr::memrchr2(b'\n', b'\r', head).map_or(text, |at| &text[..=at])
}

/// The separator that a first line `sep=;` names, as spreadsheets write it.
fn directive(text: &Text) -> Option<Vec<u8>> {
    let line = text.head().text.split(['\n', '\r']).next()?;
    let named = line.trim_matches('"').strip_prefix("sep=")?;
    (1..=4).contains(&named.len()).then(|| named.as_bytes().to_vec())
}
