use super::super::entities::Entity;
use super::*;

fn read(text: &str) -> std::result::Result<(usize, Entities), Stop> {
    let mut entities = Entities::default();
    let start = "<!DOCTYPE".len();
    document_type(text.as_bytes(), start, true, &mut entities).map(|end| (end, entities))
}

#[test]
fn the_internal_subset_declares_entities() {
    let text = "<!DOCTYPE a SYSTEM \"a.dtd\" [<!ENTITY x \"<b>&#233;&amp;</b>\"><!ENTITY y SYSTEM 'y.xml'><!-- c --><?p q?>\
                <!ELEMENT a (b|(c,d?)*)+><!ELEMENT b (#PCDATA|c)*><!ATTLIST a x CDATA #IMPLIED y (p|1q) 'p'>\
                <!NOTATION n PUBLIC 'x'><!ENTITY % p \"<!ENTITY z 'zz'>\">%p;]>rest";
    let (end, entities) = read(text).unwrap();
    assert_eq!(&text[end..], "rest");
    assert_eq!(entities.get(b"x"), Some(&Entity::Text("<b>é&amp;</b>".as_bytes().to_vec())));
    assert_eq!(entities.get(b"y"), Some(&Entity::External));
    assert_eq!(entities.get(b"z"), Some(&Entity::Text(b"zz".to_vec())));
    assert!(entities.has_unread);
    let again = from_declared(&declared(&entities)).unwrap();
    assert_eq!(again.get(b"x"), entities.get(b"x"));
}

#[test]
fn what_breaks_the_subset_is_told() {
    for text in [
        "<!DOCTYPE a [<!ELEMENT a (b,c|d)>]>",
        "<!DOCTYPE a [<!ELEMENT a (#PCDATA|b)>]>",
        "<!DOCTYPE a [<!ATTLIST a b FOO #IMPLIED>]>",
        "<!DOCTYPE a [<!ENTITY x '&'>]>",
        "<!DOCTYPE a [<!ENTITY x 'a' >",
        "<!DOCTYPE [ ]>",
        "<!DOCTYPE a [ junk ]>",
    ] {
        assert!(matches!(read(text), Err(Stop::Broken(_))), "{text}: {:?}", read(text));
    }
    let bomb = "<!DOCTYPE a [<!ENTITY % p \"%p;\">%p;]>";
    assert!(read(bomb).is_err());
}

#[test]
fn the_declaration_is_strict() {
    assert_eq!(declaration(b"<?xml version='1.0' encoding=\"UTF-8\" standalone='no' ?><a/>", true), Ok(55));
    assert_eq!(declaration(b"<?xml-stylesheet x?>", true), Ok(0));
    for text in [
        "<?xml?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' standalone='YES'?>",
        "<?xml version='1.0'encoding='x'?>",
        "<?xml version=1.0?>",
    ] {
        assert!(declaration(text.as_bytes(), true).is_err() || declaration(text.as_bytes(), true) == Ok(0), "{text}");
    }
}
