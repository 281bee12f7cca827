//! Legacy encodings that `chardetng` does not know, and tables too short for it: the encoding is right in which letters
//! stand in words and signs do not.

use encoding_rs::{
    Encoding, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_15, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254,
    WINDOWS_1257, X_MAC_CYRILLIC,
};

use super::Guess;
use super::encoding::pieces;
use crate::sample::Sample;

/// Latin encodings, which `chardetng` takes for each other.
const LATIN: &[&Encoding] = &[WINDOWS_1252, WINDOWS_1250, WINDOWS_1254, WINDOWS_1257, ISO_8859_2, ISO_8859_4];
/// What may be meant instead of them.
const INSTEAD_OF_LATIN: &[&Encoding] = &[WINDOWS_1252, ISO_8859_15, MACINTOSH, ISO_8859_3];
const MOST_BYTES: usize = 32 * 1024;

/// `chardetng`'s guess, or an encoding that puts fewer characters in the wrong place.
pub fn refine(sample: &Sample, guess: &'static Encoding, non_ascii: usize) -> Guess<&'static Encoding> {
    let lines = lines_with_more_than_ascii(sample);
    let others: &[&'static Encoding] = if LATIN.contains(&guess) {
        INSTEAD_OF_LATIN
    } else if guess == WINDOWS_1251 {
        &[X_MAC_CYRILLIC]
    } else if non_ascii > 0 && all_apart(&lines) {
        &[WINDOWS_1252]
    } else {
        &[]
    };
    let read = |encoding: &'static Encoding| encoding.decode_without_bom_handling(&lines).0;
    let (mut best, mut fewest) = (guess, misplaced(&read(guess)));
    for &other in others {
        let misplaced = misplaced(&read(other));
        if misplaced < fewest || (other == WINDOWS_1252 && read(other) == read(best)) {
            (best, fewest) = (other, misplaced);
        }
    }
    let confidence = match non_ascii {
        50.. => 0.9,
        10.. => 0.75,
        _ => 0.6,
    };
    let evidence =
        format!("{non_ascii} bytes are not ASCII and not UTF-8; read as {}, {fewest} of them stand where they should not", best.name());
    Guess::new(best, confidence, evidence)
}

fn lines_with_more_than_ascii(sample: &Sample) -> Vec<u8> {
    let mut lines = Vec::new();
    for line in pieces(sample).flat_map(|piece| piece.split_inclusive(|byte| *byte == b'\n')).filter(|line| !line.is_ascii()) {
        if lines.len() + line.len() > MOST_BYTES && !lines.is_empty() {
            break;
        }
        lines.extend_from_slice(line);
    }
    lines
}

/// Whether every byte that is not ASCII stands alone. In words of other scripts they stand together.
fn all_apart(bytes: &[u8]) -> bool {
    bytes.windows(2).all(|pair| pair[0].is_ascii() || pair[1].is_ascii())
}

/// Characters where no writer puts them: signs within words, letters apart from words, capitals behind small letters,
/// control characters.
fn misplaced(text: &str) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let is_letter = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphabetic() && !is_sign(*c));
    let mut count = 0;
    for (k, &c) in chars.iter().enumerate().filter(|(_, c)| !c.is_ascii()) {
        let (before, after) = (is_letter(k.checked_sub(1)), is_letter(Some(k + 1)));
        count += usize::from(if matches!(c, '\u{80}'..='\u{9f}' | '¤' | '\u{fffd}') {
            true
        } else if c.is_alphabetic() && !is_sign(c) {
            let behind_small = k > 0 && chars[k - 1].is_lowercase() && before;
            (!before && !after) || (behind_small && c.is_uppercase())
        } else if matches!(c, '¼' | '½' | '¾' | '¸' | '¨' | '¦' | '´' | '˝' | '¶') {
            before || after
        } else {
            before && after && !matches!(c, '’' | '‘' | '·' | '–' | '—' | '‑' | '\u{ad}' | '\u{a0}')
        });
    }
    count
}

/// Signs that Unicode counts as letters.
fn is_sign(c: char) -> bool {
    matches!(c, 'µ' | 'ª' | 'º')
}

#[cfg(test)]
mod tests {
    use super::super::encoding::find;
    use super::*;

    fn name(encoding: &'static Encoding, text: &str) -> &'static str {
        let (bytes, ..) = encoding.encode(text);
        let sample = Sample { len: bytes.len() as u64, head: bytes.into_owned(), slices: Vec::new() };
        find(&sample, None).unwrap().encoding.value.name()
    }

    #[test]
    fn a_euro_or_a_ligature_tells_latin9() {
        assert_eq!(name(ISO_8859_15, "nom;prix\nCœur;12 €\nÉté;5 €\n"), "ISO-8859-15");
        assert_eq!(name(WINDOWS_1252, "nom;prix\nCafé;1½\nÉté;5 €\n"), "windows-1252");
    }

    #[test]
    fn signs_in_a_table_of_numbers_are_western() {
        for text in ["a,b\n£5,x\n£6,y\n", "t,n\n20 °C,1\n21 °C,2\n", "a,b\n5 – 6,x\n", "a\nit’s\n", "n,m\ncafé,5 µm\n", "p\n5 €\n"]
        {
            assert_eq!(name(WINDOWS_1252, text), "windows-1252", "{text}");
        }
    }

    #[test]
    fn old_macs_kept_their_letters_elsewhere() {
        assert_eq!(name(MACINTOSH, "Name;Ort\nJürgen;Köln\nZoë;Besançon\nRené;Málaga\n"), "macintosh");
        assert_eq!(name(X_MAC_CYRILLIC, "Имя;Город\nИван Петров;Москва\nАнна Сидорова;Казань\n"), "x-mac-cyrillic");
        assert_eq!(name(WINDOWS_1251, "Имя;Город\nИван Петров;Москва\nАнна Сидорова;Казань\n"), "windows-1251");
    }

    #[test]
    fn other_scripts_stay_what_they_are() {
        assert_eq!(name(WINDOWS_1250, "imię,miasto\nŁukasz Żak,Łódź\nWiesława Gąska,Częstochowa\nMichał Śliwa,Kraków\n"), "windows-1250");
        assert_eq!(name(encoding_rs::SHIFT_JIS, "名前,都市\n山田太郎,東京\n佐藤花子,大阪\n"), "Shift_JIS");
        assert_eq!(name(encoding_rs::GBK, "姓名,城市\n王小明,北京\n李小红,上海\n"), "GBK");
    }
}
