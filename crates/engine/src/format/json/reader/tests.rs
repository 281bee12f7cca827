use super::super::unescape::unescape;
use super::*;
use proptest::prelude::*;

fn check(text: &[u8]) -> Result<()> {
    let mut reader = Reader::new(text, 0);
    reader.skip()?;
    reader.end()
}

fn fault(text: &str) -> (usize, &'static str) {
    let error = check(text.as_bytes()).unwrap_err();
    (error.at, error.what)
}

#[test]
fn faults_are_where_they_stand() {
    assert_eq!(fault(r#"{"a":1,}"#), (7, "a key in quotes is missing"));
    assert_eq!(fault(r#"{"a" 1}"#), (5, "a colon is missing behind the key"));
    assert_eq!(fault(r#"{"a":01}"#), (5, "a number with a zero in front"));
    assert_eq!(fault(r#"{"a":1"#), (6, "a comma or } is missing"));
    assert_eq!(fault(r#"["\x"]"#), (2, "an escape that JSON does not have"));
    assert_eq!(fault("[\"a\tb\"]"), (3, "a raw control character in a string"));
    assert_eq!(fault(r#"{"abc":"d}"#), (7, "a string is not closed"));
    assert_eq!(fault("[1] 2"), (4, "more text behind the value"));
    assert_eq!(fault(""), (0, "the text ends where a value is expected"));
    assert_eq!(fault("[NaN]").0, 1);
    assert_eq!(fault(&"[".repeat(100_000)).1, "values nest deeper than 1,024");
}

#[test]
fn the_json_test_suite_is_told_right_from_wrong() {
    let folder = std::env::var("COLONNADE_SHARED").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let Ok(files) = std::fs::read_dir(format!("{folder}/corpora/jsontestsuite/test_parsing")) else {
        eprintln!("skipped: the JSON test suite is not beside the checkout");
        return;
    };
    let mut seen = 0;
    for file in files.flatten() {
        let name = file.file_name().into_string().unwrap();
        let accepted = check(&std::fs::read(file.path()).unwrap()).is_ok();
        match name.as_bytes()[0] {
            b'y' => assert!(accepted, "{name} is JSON"),
            b'n' => assert!(!accepted, "{name} is not JSON"),
            _ => {}
        }
        seen += 1;
    }
    assert!(seen > 300);
}

#[test]
fn escapes_stand_for_characters() {
    let mut out = Vec::new();
    assert!(unescape(br#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000"#, &mut out));
    assert_eq!(std::str::from_utf8(&out).unwrap(), "a\"\\/\u{8}\u{c}\n\r\té😀\0");
}

#[test]
fn half_a_surrogate_pair_is_no_character() {
    for raw in [&br"\ud800"[..], br"\ud800x", br"\ud800\n", br"\udc00", br"\ud800\ud800"] {
        let mut out = Vec::new();
        assert!(!unescape(raw, &mut out));
        assert!(std::str::from_utf8(&out).unwrap().contains('\u{fffd}'));
    }
}

proptest! {
    #[test]
    fn what_serde_accepts_is_accepted_and_nothing_else(text in r#"[\[\]{}:,"0-9a\\untrfl.eE+ -]{0,24}"#) {
        prop_assert_eq!(check(text.as_bytes()).is_ok(), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
    }

    #[test]
    fn strings_read_back(value: String) {
        let text = serde_json::to_string(&value).unwrap();
        let mut reader = Reader::new(text.as_bytes(), 0);
        let string = reader.string().unwrap();
        let mut out = Vec::new();
        prop_assert!(unescape(&text.as_bytes()[string.range], &mut out));
        prop_assert_eq!(out, value.into_bytes());
        prop_assert!(reader.end().is_ok());
    }

    #[test]
    fn plain_text_ends_at_the_first_special_byte(text in prop::collection::vec(any::<u8>(), 0..40)) {
        let expected = text.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20).unwrap_or(text.len());
        prop_assert_eq!(plain_end(&text, 0), expected);
    }
}
