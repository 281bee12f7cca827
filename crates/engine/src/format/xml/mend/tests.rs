use super::super::entities::Entity;
use super::*;

fn mended(text: &str, row: Option<&str>, outer: &[&str]) -> (String, Vec<String>, usize) {
    let outer: Vec<Vec<u8>> = outer.iter().map(|name| name.as_bytes().to_vec()).collect();
    let around = Around { row: row.map(str::as_bytes), outer: &outer, fields: None };
    let mended = element(text.as_bytes(), 0, true, &Entities::default(), around).unwrap();
    (String::from_utf8(mended.xml).unwrap(), mended.repairs.into_iter().map(|repair| repair.what.into_owned()).collect(), mended.end)
}

#[test]
fn what_is_well_formed_stays_as_it_is() {
    let text = "<a b=\"x\"><c>&lt;t&#65;</c><d/><![CDATA[<&]]></a>";
    assert_eq!(mended(text, Some("a"), &[]), (text.to_owned(), Vec::new(), text.len()));
}

#[test]
fn values_get_their_quotes() {
    for (text, expected) in [
        ("<log date=May 01, 2021>x</log>", "<log date=\"May 01, 2021\">x</log>"),
        ("<a b=1 c='2' d=x y z e=3/>", "<a b=\"1\" c=\"2\" d=\"x y z\" e=\"3\"/>"),
        ("<a b = \"1\"c=2 d='3' checked>t</a>", "<a b=\"1\" c=\"2\" d=\"3\" checked=\"checked\">t</a>"),
        ("<a b=1 b=2/>", "<a b=\"1\"/>"),
        ("<a b=\"1>t</a>", "<a b=\"1\">t</a>"),
        ("<a b=\"x < y\">t</a>", "<a b=\"x &lt; y\">t</a>"),
    ] {
        let (xml, repairs, _) = mended(text, None, &[]);
        assert_eq!(xml, expected);
        assert!(!repairs.is_empty());
    }
    assert_eq!(mended("<a b=May 01, 2021/>", None, &[]).1, ["quotes around the value of b, \"May 01, 2021\""]);
}

#[test]
fn end_tags_are_added_where_they_belong() {
    assert_eq!(mended("<a><b>x<c>y</b></a>", None, &[]).0, "<a><b>x<c>y</c></b></a>");
    assert_eq!(mended("<r><x>1</x><r><x>2</x></r>", Some("r"), &[]).0, "<r><x>1</x></r>");
    assert_eq!(mended("<r><x>1</x></log>", Some("r"), &["log"]), ("<r><x>1</x></r>".to_owned(), vec!["</r> added".to_owned()], 11));
    assert_eq!(mended("<r></y><x>1</x>", Some("r"), &[]).0, "<r><x>1</x></r>");
    assert_eq!(mended("<r><x", Some("r"), &[]).0, "<r><x></x></r>");
}

#[test]
fn an_element_that_has_none_ends_before_the_next_field() {
    let fields = Fields { elements: [("a", false), ("b", false), ("c", true)].map(|(name, has)| (name.as_bytes().to_vec(), has)).into() };
    let around = Around { fields: Some(&fields), ..Around::default() };
    for (text, expected) in [
        ("<r><a>1<b>2</b></r>", "<r><a>1</a><b>2</b></r>"),
        ("<r><a>1<i>2</i></a><b>x</r>", "<r><a>1<i>2</i></a><b>x</b></r>"),
        ("<r><c>1<b>2</b></r>", "<r><c>1<b>2</b></c></r>"),
    ] {
        let mended = element(text.as_bytes(), 0, true, &Entities::default(), around).unwrap();
        assert_eq!(String::from_utf8(mended.xml).unwrap(), expected);
    }
}

#[test]
fn stray_marks_are_text() {
    assert_eq!(mended("<a>1 < 2 & 3 &nope; &#0; ]]> <></a>", None, &[]).0, "<a>1 &lt; 2 &amp; 3 &amp;nope; &amp;#0; ]]&gt; &lt;&gt;</a>");
    assert_eq!(mended("<a><!-- x -- y --><!-- never</a>", None, &[]).0, "<a>&lt;!-- never</a>");
}

#[test]
fn entities_with_elements_are_put_in_their_place() {
    let mut entities = Entities::default();
    entities.declare(b"e", Entity::Text(b"<b>&f;</b>".to_vec()));
    entities.declare(b"f", Entity::Text(b"<c/>&amp;".to_vec()));
    let mended = element(b"<a>&e;</a>", 0, true, &entities, Around::default()).unwrap();
    assert_eq!((mended.xml.as_slice(), mended.repairs.len()), (&b"<a><b><c/>&amp;</b></a>"[..], 0));
    entities.declare(b"x", Entity::Text(b"<b/>&x;&x;".to_vec()));
    assert!(element(b"<a>&x;</a>", 0, true, &entities, Around::default()).unwrap().bomb);
}

#[test]
fn a_record_that_goes_on_beyond_the_text_waits_for_more() {
    let text = b"<a b=1><c>x</c></a>";
    for end in 1..text.len() {
        assert!(element(&text[..end], 0, false, &Entities::default(), Around::default()).is_none(), "{end}");
    }
}
