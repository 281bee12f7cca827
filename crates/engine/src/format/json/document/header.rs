//! Whether the first of many arrays holds the names of the others' elements, as the first line of a CSV file does.

use crate::format::json::infer::Seen;
use crate::format::json::layout::{Layout, Orient};
use crate::format::json::reader::{Kind, Reader};
use crate::format::json::widen::key_text;

/// Arrays that are compared with the first.
const COMPARED: usize = 100;
const VALUES: Layout = Layout { orient: Orient::Values, keyed: false };

/// An element, as far as it tells a name from a value.
#[derive(Debug, Clone, PartialEq)]
enum Element {
    /// A text that is a word.
    Word(String),
    /// Another text: empty, or one that begins as numbers and dates do.
    Text,
    Null,
    /// What is no text.
    Other,
}

/// The names that the first array holds: words, all different, as many as each of the others has elements, over at least one
/// column that has no word.
pub fn names(records: &[Seen<'_>]) -> Option<Vec<String>> {
    let (first, others) = records.split_first().filter(|(_, others)| !others.is_empty())?;
    let names = words(first)?;
    let mut telling = vec![true; names.len()];
    let mut has_value = vec![false; names.len()];
    for other in others.iter().take(COMPARED) {
        let elements = elements(other).filter(|elements| elements.len() == names.len())?;
        for ((element, telling), has_value) in elements.iter().zip(&mut telling).zip(&mut has_value) {
            *telling &= !matches!(element, Element::Word(_));
            *has_value |= *element != Element::Null;
        }
    }
    telling.iter().zip(has_value).any(|(telling, has_value)| *telling && has_value).then_some(names)
}

/// The elements of an array of words, all different.
pub fn words(record: &Seen<'_>) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for element in elements(record)? {
        match element {
            Element::Word(word) if !words.contains(&word) => words.push(word),
            _ => return None,
        }
    }
    Some(words).filter(|words| !words.is_empty())
}

fn elements(record: &Seen<'_>) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    let mut reader = Reader::loosely(&record.text, record.start);
    let is_array = VALUES.fields(&mut reader, |reader, _| {
        elements.push(match reader.peek()? {
            Kind::String => {
                let string = reader.string()?;
                let text = key_text(&record.text, &string);
                let is_word = text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
                if is_word { Element::Word(text) } else { Element::Text }
            }
            kind => {
                reader.skip()?;
                if kind == Kind::Null { Element::Null } else { Element::Other }
            }
        });
        Ok(())
    });
    is_array.is_ok_and(|is_array| is_array).then_some(elements)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn found(records: &[&str]) -> Option<Vec<String>> {
        let seen: Vec<Seen<'_>> = records.iter().map(|text| Seen { text: Cow::Borrowed(text.as_bytes()), start: 0 }).collect();
        names(&seen)
    }

    #[test]
    fn names_stand_over_a_column_that_has_no_word() {
        for records in [
            &[r#"["id","name"]"#, r#"[1,"x"]"#, r#"[null,"y"]"#][..],
            &[r#"["NAME","P001"]"#, r#"["Alabama","4779736"]"#],
            &[r#"["a","b"]"#, r#"["x",[1]]"#],
        ] {
            assert!(found(records).is_some(), "{records:?}");
        }
        for records in [
            &[r#"["id","name"]"#][..],
            &[r#"["a","b"]"#, r#"["c","d"]"#],
            &[r#"["a","a"]"#, "[1,2]"],
            &[r#"["a","b"]"#, "[1,2,3]"],
            &[r#"["a","b"]"#, "[null,null]"],
            &["[1,2]", "[3,4]"],
            &["[]", "[]"],
        ] {
            assert_eq!(found(records), None, "{records:?}");
        }
    }
}
