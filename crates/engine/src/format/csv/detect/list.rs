//! Part of step 9: whether the first of one column's texts is its name. Beside other columns names are expected; a list of
//! addresses, words or files has one as often as not, so only what tells it from the texts below makes it a name.

use super::cell::Look;

/// What the first text of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The column's name, for it lacks what the others are made of.
    Name,
    /// The column's name, as far as order, case or blanks tell.
    PerhapsName,
    /// A value like the others.
    Value,
    /// Nothing tells.
    Open,
}

/// Texts looked at.
pub const MOST_TEXTS: usize = 300;
/// Texts whose order says something.
const FEWEST_IN_ORDER: usize = 4;
/// Texts whose case says something.
const FEWEST_OF_A_CASE: usize = 2;

/// What `first` is above `rest`, and why; `None` where these are numbers, dates or the like, or there are none.
pub fn first(first: &str, rest: &[&str]) -> Option<(First, String)> {
    let first = first.trim();
    let nearly_all = |count: usize| count * 10 >= rest.len() * 9;
    let all = |is: &dyn Fn(&str) -> bool| rest.iter().all(|text| is(text));
    if rest.is_empty() || rest.iter().filter(|text| Look::of(text).is_value()).count() * 2 > rest.len() {
        return None;
    }
    let told = |is, why: &str| Some((is, why.to_owned()));
    if rest.contains(&first) {
        return told(First::Value, "the first value stands below once more");
    }
    let shared: Vec<char> = MARKS.chars().filter(|&mark| nearly_all(rest.iter().filter(|text| holds(text, mark)).count())).collect();
    if !shared.is_empty() {
        let lacks = shared.iter().filter(|&&mark| !holds(first, mark)).count();
        return if lacks * 2 >= shared.len() {
            told(First::Name, "the first value lacks the digits or marks that all below it have")
        } else {
            told(First::Value, "the first value is written as all below it are")
        };
    }
    let case = rest.first().map(|text| Case::of(text));
    let of_a_case = rest.len() >= FEWEST_OF_A_CASE && case.is_some_and(|case| case != Case::None && all(&|text| Case::of(text) == case));
    if of_a_case && case.is_some_and(|case| case != Case::of(first)) {
        return told(First::PerhapsName, "the first value is written in another case than all below it");
    }
    if first.contains('_') && !rest.iter().any(|text| text.contains('_')) || !first.contains(' ') && all(&|text| text.contains(' ')) {
        return told(First::PerhapsName, "the first value has its words together, unlike those below it");
    }
    if rest.len() >= FEWEST_IN_ORDER && rest.is_sorted_by_key(|text| text.to_lowercase()) {
        let in_order = rest.first().is_some_and(|second| first.to_lowercase() <= second.to_lowercase());
        return if in_order {
            told(First::Value, "the first value is in order with those below it")
        } else {
            told(First::PerhapsName, "the first value is out of the order that those below it have")
        };
    }
    if Look::of(first) == Look::Text && rest.iter().filter(|text| Look::of(text) == Look::Token).count() * 5 >= rest.len() * 4 {
        return told(First::PerhapsName, "the first value is a word, and those below it have digits or marks");
    }
    told(First::Open, "nothing tells the first value from those below it")
}

/// Marks that values of a kind share; `0` stands for every digit.
const MARKS: &str = "0@:/\\.-=+#%&?~$,;()[]{}<>|*";

fn holds(text: &str, mark: char) -> bool {
    if mark == '0' { text.contains(|c: char| c.is_ascii_digit()) } else { text.contains(mark) }
}

/// How a text's letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// It begins with a small letter.
    Small,
    /// It begins with a capital.
    Capital,
    /// It has capitals only, and several.
    Capitals,
    /// It begins otherwise.
    None,
}

impl Case {
    fn of(text: &str) -> Self {
        let letters = || text.chars().filter(|c| c.is_alphabetic());
        match text.chars().next() {
            Some(first) if first.is_lowercase() => Self::Small,
            Some(first) if first.is_uppercase() && letters().count() > 1 && letters().all(char::is_uppercase) => Self::Capitals,
            Some(first) if first.is_uppercase() => Self::Capital,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &str) -> Option<First> {
        let texts: Vec<&str> = texts.split('\n').collect();
        first(texts[0], &texts[1..]).map(|(first, _)| first)
    }

    #[test]
    fn a_first_value_like_the_others_is_a_value() {
        for list in [
            "https://e.org/0\nhttps://e.org/1\nhttp://e.org/2?q=1",
            "https://e.org\nhttps://e.org/a1\nhttps://e.org/a2",
            "a@b.org\nc.d@e.com",
            "requests==2.1\nnumpy==1.4",
            "apple\nbanana\ncherry\ndate\nelder",
            "/usr/bin/ls\n/usr/bin/cat",
            "blue\nred\ngreen\nblue",
        ] {
            assert_eq!(of(list), Some(First::Value), "{list}");
        }
    }

    #[test]
    fn a_first_value_unlike_the_others_is_a_name() {
        for list in ["email\na@b.c\nd@e.f", "e-mail\na@b.org", "url\nhttps://a.org", "part-no\nAB-123\nAB-124", "file\na.txt\nb.txt"] {
            assert_eq!(of(list), Some(First::Name), "{list}");
        }
        for list in
            ["name\nAnn\nBob", "NAME\nAnn\nBob", "Fruit\napple\nbanana", "Country\nAlbania\nBelgium\nChile\nDenmark", "host_name\nsrv\ndb"]
        {
            assert_eq!(of(list), Some(First::PerhapsName), "{list}");
        }
    }

    #[test]
    fn words_alike_are_left_open_and_numbers_to_the_other_step() {
        assert_eq!(
            (of("Ann\nBob"), of("plum\napple\npear"), of("Name\nZoe\nAnn")),
            (Some(First::Open), Some(First::Open), Some(First::Open))
        );
        assert_eq!((of("age\n1\n2"), of("age")), (None, None));
    }
}
