use super::*;

/// Events as text, or where and why reading stops.
fn read(text: &str, whole: bool) -> String {
    let mut reader = Reader::new(text.as_bytes(), 0, whole);
    let mut shown = String::new();
    let of = |range: Range<usize>| &text[range];
    let result = (|| -> Result<()> {
        loop {
            match reader.next()? {
                Event::Start(name) => {
                    shown += &format!("<{}", of(name));
                    while let Some(attribute) = reader.attribute()? {
                        shown += &format!(" {}={}", of(attribute.name), of(attribute.value));
                    }
                    shown += ">";
                }
                Event::End => shown += "/",
                Event::Text(text) => shown += &format!("[{}]", of(text.range)),
                Event::Doctype => shown += "!",
                Event::Eof => return Ok(()),
            }
        }
    })();
    match result {
        Ok(()) => shown,
        Err(Stop::Cut) => "cut".to_owned(),
        Err(Stop::Broken(error)) => format!("{} {}", error.at, error.what),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn constructs_are_told_apart() {
    let text = "<?pi x?><a b='1' c = \"x>y\"><!-- <no> --><b/>t<![CDATA[<&]]></a >";
    assert_eq!(read(text, true), "<a b=1 c=x>y><b>/[t][<&]/");
}

#[test]
fn what_breaks_the_grammar_has_its_place() {
    for (text, expected) in [
        ("<a b=1>", "5 an attribute's value that is not in quotes"),
        ("<a><b></a>", "6 </a> where </b> is expected"),
        ("<a b='1' b='2'/>", "9 an attribute that is given twice"),
        ("<a b='1'c='2'/>", "8 no blank before an attribute"),
        ("<a b='<'/>", "6 a < in an attribute's value"),
        ("a < b", "2 a < that begins no tag"),
        ("<a>]]></a>", "3 ]]> outside of CDATA"),
        ("<!-- a -- b -->", "7 -- within a comment"),
        ("<?xml version='1.0'?>", "0 an XML declaration that is not at the start"),
        ("<a>\u{1}</a>", "3 a character that XML does not allow"),
        ("<a", "2 the text ends within a name"),
        ("</a>", "0 </a> closes nothing"),
        ("< a/>", "0 a < that begins no tag"),
    ] {
        assert_eq!(read(text, true), expected, "{text}");
    }
    let deep = "<a>".repeat(2000);
    assert!(read(&deep, true).contains("nest deeper"));
}

#[test]
fn a_text_cut_anywhere_is_cut_and_not_broken() {
    let text = "<a b='1' é=\"x\"><!-- c --><?p i?><b/>té&amp;<![CDATA[<&]]></a>";
    for end in 0..text.len() {
        if text.is_char_boundary(end) {
            let read = read(&text[..end], false);
            assert!(read == "cut" || read.starts_with('<') || read.is_empty(), "{}: {read}", &text[..end]);
        }
    }
}

#[test]
fn many_attributes_are_no_trouble() {
    let attributes: String = (0..50_000).map(|k| format!(" a{k}='1'")).collect();
    assert!(read(&format!("<a{attributes}/>"), true).starts_with("<a a0=1"));
    assert!(read(&format!("<a{attributes} a7='2'/>"), true).contains("given twice"));
}
