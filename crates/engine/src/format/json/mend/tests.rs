use super::*;
use crate::format::json::options;

fn mender(given: &[(&str, &str)]) -> Mender {
    Mender::new(&Settings::new(&options::of_documents(), given.iter().copied()).unwrap(), false)
}

fn mended(text: &str, given: &[(&str, &str)]) -> String {
    let mended = mender(given).mend(text.as_bytes(), 0, false, true).unwrap();
    String::from_utf8(mended.text).unwrap()
}

const ALL: &[(&str, &str)] = &[("allowNumericLeadingZeros", "true"), ("allowBackslashEscapingAnyCharacter", "true")];

#[test]
fn what_is_understood_is_made_right() {
    for (text, expected) in [
        ("{\"a\":\"x\ny\t\u{1}\"}", r#"{"a":"x\ny\t\u0001"}"#),
        ("[1,,2,]", "[1,2]"),
        ("[,1 2]", "[1,2]"),
        ("{\"a\":1, ...\n}", r#"{"a":1}"#),
        ("{..., \"a\":1}", r#"{"a":1}"#),
        ("{\"a\":..., \"b\":[1,…]}", r#"{"a":null,"b":[1]}"#),
        ("{\"a\":[{\"b\":1 \n", r#"{"a":[{"b":1}]}"#),
        (r#"{'a':'it\'s "x"'}"#, r#"{"a":"it's \"x\""}"#),
        ("/* c */[1, // d\n 2\u{feff}]", "[1,2]"),
        ("[NaN,-Infinity,+INF]", "[NaN,-Inf,Inf]"),
        ("{a_1: {$b-c: 1}}", r#"{"a_1":{"$b-c":1}}"#),
        ("[007,-00.5,+1e5,00]", "[7,-0.5,1e5,0]"),
        (r#"["\$\n"]"#, r#"["$\n"]"#),
        ("{'a': None, 'b': [True, False], c: undefined}", r#"{"a":null,"b":[true,false],"c":null}"#),
        (r#"{"a":ObjectId("5f"),"b": new Date( '2024' ),"c":NumberLong(5)}"#, r#"{"a":"5f","b":"2024","c":5}"#),
    ] {
        let mended = mended(text, ALL);
        assert_eq!(mended, expected, "{text}");
        let mut reader = Reader::of_mended(mended.as_bytes());
        assert!(reader.skip().is_ok() && reader.end().is_ok(), "{mended}");
    }
    assert_eq!(mended("\"a\r\nb\"", &[("lineBreaksInText", "blank")]), "\"a b\"");
}

#[test]
fn what_is_not_understood_stays_broken() {
    for text in [
        r#"{"a":}"#,
        r#"{"a" 1}"#,
        r#"["a"#,
        r#"{"a":1]"#,
        r#"{"a":tru}"#,
        r#"{"a":"b"c"}"#,
        "[Nonesuch]",
        "[f(1,2)]",
        "[f()]",
        "[1",
        "{\"a\":1 {",
        "/* x",
        "[.5]",
        "",
    ] {
        assert!(mender(ALL).mend(text.as_bytes(), 0, false, true).is_err(), "{text}");
    }
    assert!(mender(&[]).mend(&b"[".repeat(100_000), 0, false, true).is_err());
    assert!(mender(&[]).mend(b"{\"a\":1 ", 0, false, false).unwrap_err().cut);
}

#[test]
fn each_repair_can_be_declined() {
    for (text, repair) in [
        ("[\"\n\"]", Repair::ControlCharacters),
        ("[1,]", Repair::Commas),
        ("[1,...]", Repair::Ellipsis),
        ("[\"x\"", Repair::Brackets),
        ("['x']", Repair::SingleQuotes),
        ("[/**/1]", Repair::Comments),
        ("[NaN]", Repair::Specials),
        ("{a:1}", Repair::Names),
        ("[\u{feff}1]", Repair::Marks),
        ("[None]", Repair::Words),
        ("[f(1)]", Repair::Calls),
    ] {
        let mended = mender(&[]).mend(text.as_bytes(), 0, false, true).unwrap();
        assert_eq!(mended.kinds().collect::<Vec<_>>(), [repair], "{text}");
        assert!(mender(&[(repair.option(), "false")]).mend(text.as_bytes(), 0, false, true).is_err(), "{text}");
    }
}

#[test]
fn each_repair_has_its_place_and_of_many_of_a_kind_the_first_are_told() {
    let mended = mender(&[]).mend(b"[\"a\r\nb\nc\", ...]", 0, false, true).unwrap();
    let made: Vec<_> = mended.repairs.iter().map(|made| (made.repair, made.at, made.times)).collect();
    assert_eq!(made, [(Repair::ControlCharacters, 3, 1), (Repair::ControlCharacters, 6, 1), (Repair::Ellipsis, 11, 1)]);
    let many = mender(&[]).mend(format!("[{}]", "'x',".repeat(50)).as_bytes(), 0, false, true).unwrap();
    let singles = many.repairs.iter().filter(|made| made.repair == Repair::SingleQuotes);
    assert_eq!((singles.clone().count(), singles.map(|made| made.times).sum::<u64>()), (10, 50));
}
