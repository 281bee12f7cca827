//! How a document holds its columns, and where, as far as a sample shows it.

use crate::format::json::document::outline;
use crate::format::json::document::shape::Shape;
use crate::format::json::path::{RecordPath, Step};
use crate::format::json::reader::{Kind, Reader};

/// Values of a column that is all that a sample shows of a document.
const MANY: usize = 100;

/// What a column is, under the words of pandas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An array of values: `{"a":[1,2],"b":["x","y"]}`.
    Lists,
    /// An object of values by the rows' names: `{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}`.
    Objects,
}

impl Form {
    /// As the option has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Lists => "list",
            Self::Objects => "columns",
        }
    }

    /// By the option's word; lists, where there is none.
    pub fn of(id: &str) -> Self {
        if id == Self::Objects.id() { Self::Objects } else { Self::Lists }
    }

    /// What a column begins with.
    pub fn opens(self) -> u8 {
        if self == Self::Lists { b'[' } else { b'{' }
    }

    /// What it ends with.
    pub fn closes(self) -> u8 {
        if self == Self::Lists { b']' } else { b'}' }
    }
}

/// Where the columns of a document are, whose start (or all of it) this is; `None`: it has its rows one after another.
pub fn find(text: &[u8], is_whole: bool) -> Option<(RecordPath, Form)> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = Reader::loosely(text, 0);
    if reader.peek().ok()? != Kind::Object {
        return None;
    }
    let mut is_cut = false;
    let shape = Shape::read(&mut reader, 0, &mut is_cut);
    let is_one = text.get(reader.at()..).is_some_and(|rest| rest.trim_ascii().is_empty());
    let has_records = outline::records(&shape).is_some_and(|found| !found.path.is_keyed());
    if has_records || is_cut && is_whole || !is_cut && !is_one {
        return None;
    }
    let mut best = None;
    search(&shape, is_cut, &mut Vec::new(), &mut best);
    let (bytes, steps, form) = best?;
    (bytes * 2 >= shape.bytes).then(|| (RecordPath::new(steps), form))
}

/// Looks at an object and those within it; only what comes last can be cut.
fn search(object: &Shape, is_cut: bool, steps: &mut Vec<Step>, best: &mut Option<(usize, Vec<Step>, Form)>) {
    let form = [(Form::Lists, holds_lists(object, is_cut)), (Form::Objects, holds_objects(object, is_cut))];
    let found = form.into_iter().find_map(|(form, is_so)| is_so.then_some(form));
    if let Some(form) = found.filter(|_| best.as_ref().is_none_or(|(bytes, ..)| object.bytes > *bytes)) {
        *best = Some((object.bytes, [steps.as_slice(), &[Step::Members]].concat(), form));
        return;
    }
    let last = object.members.len().saturating_sub(1);
    for (k, (name, member)) in object.members.iter().enumerate().filter(|(_, (_, member))| member.kind == Kind::Object) {
        steps.push(Step::Member(name.clone()));
        search(member, is_cut && k == last, steps, best);
        steps.pop();
    }
}

fn holds_lists(object: &Shape, is_cut: bool) -> bool {
    let lists: Vec<&Shape> = object.members.iter().map(|(_, member)| member).filter(|member| member.kind == Kind::Array).collect();
    let of_scalars = lists.iter().filter(|list| list.of(Kind::Array) * 2 <= list.count()).count();
    let is_last_cut = is_cut && object.members.last().is_some_and(|(_, last)| last.kind == Kind::Array);
    let whole = lists.len() - usize::from(is_last_cut);
    let longest = lists.iter().map(|list| list.count()).max().unwrap_or(0);
    let shortest = lists.iter().take(whole).map(|list| list.count()).min();
    let bytes: usize = lists.iter().map(|list| list.bytes).sum();
    let all: usize = object.members.iter().map(|(_, member)| member.bytes).sum();
    if lists.iter().any(|list| list.of(Kind::Object) * 2 > list.count()) || of_scalars * 2 < lists.len() || bytes * 5 < all * 3 {
        return false;
    }
    match shortest {
        // Their names may stand beside them, but not as long a list of these.
        Some(shortest) => lists.len() > 1 && longest > 1 && shortest * 2 >= longest,
        None => longest >= MANY && of_scalars > 0,
    }
}

fn holds_objects(object: &Shape, is_cut: bool) -> bool {
    let [(_, first), others @ ..] = &object.members[..] else { return false };
    let are_objects = object.members.iter().all(|(_, member)| member.kind == Kind::Object && !member.members.is_empty());
    if !are_objects {
        return false;
    }
    let nested = |member: &Shape| member.members.iter().filter(|(_, value)| value.kind == Kind::Object).count();
    let names = |member: &Shape| member.members.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let of_first = names(first);
    let is_alike = |(k, (_, member)): (usize, &(String, Shape))| {
        let own = names(member);
        if is_cut && k + 1 == others.len() { of_first.starts_with(&own) } else { of_first == own }
    };
    if nested(first) * 2 > of_first.len() || !others.iter().enumerate().all(is_alike) {
        return false;
    }
    let is_number = |name: &String| name.parse::<i64>().is_ok();
    if of_first.iter().all(is_number) {
        let is_counted = of_first.iter().enumerate().all(|(row, name)| *name == row.to_string());
        let are_rows = object.members.iter().all(|(name, _)| is_number(name));
        return !are_rows && (!others.is_empty() || is_counted && of_first.len() > 1);
    }
    // Rows by names: the values of a column are of one kind, and those of a row are not.
    let kinds = |member: &Shape| member.members.iter().map(|(_, value)| value.kind).filter(|kind| *kind != Kind::Null).collect::<Vec<_>>();
    let is_of_one_kind = |kinds: &[Kind]| kinds.windows(2).all(|pair| pair[0] == pair[1]);
    let whole = &object.members[..object.members.len() - usize::from(is_cut)];
    let columns: Vec<Vec<Kind>> = whole.iter().map(|(_, member)| kinds(member)).collect();
    let row: Vec<Kind> = columns.iter().filter_map(|kinds| kinds.first().copied()).collect();
    of_first.len() > 1 && row.len() > 1 && columns.iter().all(|kinds| is_of_one_kind(kinds)) && !is_of_one_kind(&row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, is_whole: bool) -> Option<(String, Form)> {
        find(text.as_bytes(), is_whole).map(|(path, form)| (path.to_string(), form))
    }

    #[test]
    fn columns_are_told_from_records() {
        let many = (0..200).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        for (text, path, form) in [
            (r#"{"a":[1,2],"b":["x","y"]}"#, "$.*", Form::Lists),
            (r#"{"a":[1,2,3],"b":["x","y"]}"#, "$.*", Form::Lists),
            (r#"{"latitude":52.5,"hourly":{"time":["2024-01-01T00:00","2024-01-01T01:00"],"t":[1.5,2.5]}}"#, "$.hourly.*", Form::Lists),
            (r#"{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}"#, "$.*", Form::Objects),
            (r#"{"a":{"0":1,"1":2}}"#, "$.*", Form::Objects),
            (r#"{"a":{"x":1,"y":2},"b":{"x":"p","y":null}}"#, "$.*", Form::Objects),
            (r#"{"x":[[1,2],[3,4]],"label":["p","q"]}"#, "$.*", Form::Lists),
        ] {
            assert_eq!(found(text, true), Some((path.to_owned(), form)), "{text}");
        }
        assert_eq!(found(&format!("{{\"a\":[{many},"), false), Some(("$.*".to_owned(), Form::Lists)));
        assert_eq!(found(&format!("{{\"columns\":[\"a\",\"b\"],\"index\":[{many},"), false), None);
        for text in [
            r#"[{"a":1}]"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":[1],"b":[2]}"#,
            r#"{"a":[{"x":1},{"x":2}],"b":[{"y":1},{"y":2}]}"#,
            r#"{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}"#,
            r#"{"0":{"a":1,"b":"x"},"1":{"a":2,"b":"y"}}"#,
            r#"{"k":{"a":1,"b":"x"},"l":{"a":2,"b":"y"}}"#,
            r#"{"text":"much longer than what the tags of it are, as texts tend to be","tags":["a","b"],"ids":[1,2]}"#,
            r#"{"type":"LineString","coordinates":[[1,2],[3,4],[5,6]]}"#,
            r#"{"a":[1,2],"b":["x","y"]} {"a":[3]}"#,
            r#"{"a":[1,2],"b":["x","#,
        ] {
            assert_eq!(found(text, true), None, "{text}");
        }
    }
}
