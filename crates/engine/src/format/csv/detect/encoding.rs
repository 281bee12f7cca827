//! Step 2: how bytes are read as text.
//!
//! A byte order mark decides. Without one: UTF-16 by where the zero bytes are, UTF-8 if all of it is valid UTF-8 (other
//! encodings hardly ever are), else the legacy encoding that `chardetng` finds.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Guess, legacy};
use crate::Result;
use crate::sample::Sample;

/// The encoding of a source and the length of its byte order mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub encoding: Guess<&'static Encoding>,
    pub bom: usize,
}

/// Finds the encoding; one that a person has named is taken as it is.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] for UTF-32 and ISO-2022-KR, which cannot be read; [`ErrorKind::Usage`] for a name that
/// is no encoding.
pub fn find(sample: &Sample, named: Option<&str>) -> Result<Found> {
    let marked = Encoding::for_bom(&sample.head);
    if let Some(name) = named {
        let encoding = by_name(name)?;
        let bom = marked.filter(|(marked, _)| *marked == encoding).map_or(0, |(_, length)| length);
        return Ok(Found { encoding: Guess::sure(encoding, "set by hand"), bom });
    }
    refuse_unreadable(&sample.head)?;
    if let Some((encoding, bom)) = marked {
        return Ok(Found { encoding: Guess::sure(encoding, format!("byte order mark of {bom} bytes")), bom });
    }
    let encoding = match utf16(sample) {
        Some(guess) => guess,
        None => utf8(sample).unwrap_or_else(|| other(sample)),
    };
    Ok(Found { encoding, bom: 0 })
}

/// The encoding with this name: a label of the Encoding Standard, or Java's spelling of one (`UTF8`, `Cp1252`).
///
/// # Errors
/// [`ErrorKind::Usage`] where there is none.
pub fn by_name(name: &str) -> Result<&'static Encoding> {
    let name = name.trim();
    let java = name.to_ascii_lowercase().strip_prefix("cp").map(|page| format!("windows-{page}"));
    Encoding::for_label_no_replacement(name.as_bytes())
        .or_else(|| Encoding::for_label_no_replacement(java?.as_bytes()))
        .or_else(|| name.eq_ignore_ascii_case("UTF-16").then_some(UTF_16LE))
        .ok_or_else(|| {
            ErrorInfo::new(
                ErrorKind::Usage,
                format!("there is no encoding {name:?}"),
                "Take a name of the WHATWG Encoding Standard: UTF-8, UTF-16LE, windows-1252, ISO-8859-2, Shift_JIS, GBK, KOI8-R.",
            )
        })
}

fn refuse_unreadable(head: &[u8]) -> Result<()> {
    // Padding with NUL bytes is in no encoding.
    let (units, _) = head.as_chunks::<4>();
    let written = || units.iter().filter(|unit| **unit != [0; 4]);
    let zero_share = |lane: usize| written().filter(|unit| unit[lane] == 0).count() as f64 / written().count().max(1) as f64;
    let utf32 = head.starts_with(&[0xff, 0xfe, 0, 0])
        || head.starts_with(&[0, 0, 0xfe, 0xff])
        || head.len() >= 8 && ((zero_share(2) > 0.9 && zero_share(3) > 0.9) || (zero_share(0) > 0.9 && zero_share(1) > 0.9));
    let what = if utf32 {
        "UTF-32"
    } else if head.starts_with(b"\x1b$)C") {
        "ISO-2022-KR"
    } else {
        return Ok(());
    };
    Err(ErrorInfo::new(
        ErrorKind::UnknownFormat,
        format!("this is {what} text, which cannot be read here"),
        "Save it as UTF-8 and open that.",
    ))
}

/// UTF-16 without a mark: zero bytes in one half of the units only, and line ends, digits or blanks among those units.
pub fn utf16(sample: &Sample) -> Option<Guess<&'static Encoding>> {
    let (mut big, mut little, mut pairs, mut units) = (0, 0, 0, 0);
    for bytes in pieces(sample) {
        units += bytes.chunks_exact(2).filter(|unit| *unit != [0, 0]).count();
        for unit in bytes.chunks_exact(2) {
            big += usize::from(unit[0] == 0 && is_ascii_text(unit[1]));
            little += usize::from(unit[1] == 0 && is_ascii_text(unit[0]));
            pairs += usize::from(is_ascii_text(unit[0]) && is_ascii_text(unit[1]));
        }
    }
    let (encoding, ascii, other) = if big > little { (UTF_16BE, big, little) } else { (UTF_16LE, little, big) };
    let mostly_pairs = pairs * 10 > (units - ascii) * 8 && pairs > ascii;
    if units == 0 || ascii * 40 < units || other * 20 > ascii || mostly_pairs {
        return None;
    }
    let (text, _) = encoding.decode_without_bom_handling(&sample.head[..sample.head.len() & !1]);
    // Numbers in binary have zeros in the same places, and units that are no characters.
    let is_odd = |char: char| matches!(char, '\u{fffd}' | '\x01'..='\x08' | '\x0e'..='\x19' | '\u{e000}'..='\u{f8ff}');
    if text.chars().filter(|&char| is_odd(char)).count() * 100 > units {
        return None;
    }
    Some(Guess::new(encoding, 0.98, format!("{ascii} of {units} units are ASCII characters with a zero byte on one side")))
}

fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// UTF-8, where all is valid, or most.
pub fn utf8(sample: &Sample) -> Option<Guess<&'static Encoding>> {
    let escapes = sample.head.windows(3).any(|bytes| matches!(bytes, b"\x1b$B" | b"\x1b$@" | b"\x1b(J"));
    let (mut good, mut telling, mut bad) = (0, 0, 0);
    for bytes in pieces(sample) {
        for chunk in trim_cut_ends(bytes).utf8_chunks() {
            good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            telling += chunk.valid().chars().filter(|&c| is_telling(c)).count();
            bad += usize::from(!chunk.invalid().is_empty());
        }
    }
    match (good, bad) {
        (0, 0) if escapes => None,
        (0, 0) => Some(Guess::new(UTF_8, 0.99, "ASCII characters only")),
        (good, 0) => Some(Guess::new(UTF_8, 0.99, format!("{good} non-ASCII characters, all of them valid UTF-8"))),
        // By chance a legacy text holds valid sequences too, but far fewer than invalid ones.
        (good, bad) if good >= 3 * bad || telling >= bad => {
            Some(Guess::new(UTF_8, 0.8, format!("{good} non-ASCII characters are valid UTF-8, {bad} places are not")))
        }
        _ => None,
    }
}

/// Whether a character's bytes in UTF-8 are hardly ever text in another encoding: three or more in a row, or a capital letter
/// with a mark before a sign (`Ã¼`).
fn is_telling(character: char) -> bool {
    matches!(character, '\u{c0}'..='\u{17f}') && character.is_alphabetic() || character.len_utf8() > 2
}

/// Whatever `chardetng` and the checks for what it does not know say.
fn other(sample: &Sample) -> Guess<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let mut non_ascii = 0;
    for bytes in pieces(sample) {
        non_ascii += bytes.iter().filter(|byte| !byte.is_ascii()).count();
        detector.feed(bytes, false);
    }
    detector.feed(b"", true);
    legacy::refine(sample, detector.guess(None, Utf8Detection::Deny), non_ascii)
}

/// The head and the slices.
pub(super) fn pieces(sample: &Sample) -> impl Iterator<Item = &[u8]> {
    std::iter::once(sample.head.as_slice()).chain(sample.slices.iter().map(|slice| slice.bytes.as_slice()))
}

/// Without the pieces of characters that a slice begins or ends with.
fn trim_cut_ends(bytes: &[u8]) -> &[u8] {
    let is_inner = |byte: &u8| byte & 0xc0 == 0x80;
    let start = bytes.iter().take(3).take_while(|byte| is_inner(byte)).count();
    let bytes = &bytes[start..];
    let tail = bytes.iter().rev().take(3).take_while(|byte| is_inner(byte)).count();
    let lead = bytes.len().checked_sub(tail + 1).map(|at| bytes[at]);
    let wants = match lead {
        Some(0xc0..=0xdf) => 1,
        Some(0xe0..=0xef) => 2,
        Some(0xf0..=0xff) => 3,
        _ => 0,
    };
    if tail < wants { &bytes[..bytes.len() - tail - 1] } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(bytes: &[u8]) -> Sample {
        Sample { len: bytes.len() as u64, head: bytes.to_vec(), slices: Vec::new() }
    }

    fn name(bytes: &[u8]) -> &'static str {
        find(&sample(bytes), None).unwrap().encoding.value.name()
    }

    fn utf16_bytes(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn marks_decide() {
        assert_eq!(name(b"\xef\xbb\xbfa,b\n"), "UTF-8");
        assert_eq!(name(b"\xff\xfea\0,\0"), "UTF-16LE");
        assert_eq!(find(&sample(b"\xfe\xff\0a"), None).unwrap().bom, 2);
    }

    #[test]
    fn utf16_needs_no_mark() {
        assert_eq!(name(&utf16_bytes("a,b\n1,2\n", false)), "UTF-16LE");
        assert_eq!(name(&utf16_bytes("名前,年齢\n山田,31\n", true)), "UTF-16BE");
        assert_eq!(name(b"a,b,c\n\0,2,3\n"), "UTF-8");
    }

    #[test]
    fn utf8_is_told_from_latin1() {
        assert_eq!(name("a,b\n4,ʤ\n".as_bytes()), "UTF-8");
        assert_eq!(name(b"a,b,c\n1,2,3\n"), "UTF-8");
        assert_eq!(name(b"Name,Ort\nJ\xfcrgen,K\xf6ln\nRen\xe9,M\xfcnchen\n"), "windows-1252");
    }

    #[test]
    fn as_much_utf8_as_other_text_is_utf8_with_faults() {
        assert_eq!(name(b"name,ort\nM\xc3\xbcller,Wien\nAnn,Gie\xdfen\n"), "UTF-8");
        assert_eq!(name(b"name,price\nAnn,5 \xe2\x82\xac\nRen\xe9,6\n"), "UTF-8");
        assert_eq!(name(b"nom,ville\nRen\xe9,Orl\xe9ans\nZo\xe9,M\xc3\xa2con\n"), "windows-1252");
        assert_eq!(name(b"nom,film\nRen\xe9,\xab CAF\xc9\xbb\n"), "windows-1252");
    }

    #[test]
    fn utf32_is_refused_with_a_remedy() {
        let bytes: Vec<u8> = "a,b\n1,2\n".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        let error = find(&sample(&bytes), None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnknownFormat);
        assert!(error.what.contains("UTF-32") && error.hint.contains("UTF-8"));
    }

    #[test]
    fn a_person_decides() {
        assert_eq!(find(&sample(b"a\xe9"), Some("latin1")).unwrap().encoding.value.name(), "windows-1252");
        assert_eq!(by_name("Cp1250").unwrap().name(), "windows-1250");
        assert!(by_name("EBCDIC").is_err());
    }

    #[test]
    fn a_slice_cut_within_a_character_is_still_utf8() {
        let text = "ää€😀".repeat(50);
        for cut in 0..12 {
            assert!(std::str::from_utf8(trim_cut_ends(&text.as_bytes()[cut..text.len() - cut])).is_ok(), "{cut}");
        }
    }
}
