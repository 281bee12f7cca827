//! Where the records of a document are: what a sample of it is made of tells.

use super::names::{is_describing, is_usual};
use super::shape::Shape;
use crate::format::json::path::{RecordPath, Step};
use crate::format::json::reader::{Kind, Reader};

/// Values at the top that are looked at.
const MOST_VALUES: usize = 50;
/// From so many objects on, texts and numbers beside an array of them do not make a document one record.
const MANY_RECORDS: usize = 10;
/// The records are so much of the only element of an array around them.
const ENVELOPE: f32 = 0.8;
/// Other arrays that are told.
const MOST_OTHERS: usize = 3;

/// What may be the records.
#[derive(Clone)]
struct Candidate {
    bytes: usize,
    beside: Beside,
    count: usize,
    is_usual: bool,
    of_arrays: bool,
    steps: Vec<Step>,
    evidence: String,
    names: Vec<Vec<String>>,
}

/// Bytes of what stands beside the path to a candidate, but for what describes it.
#[derive(Clone, Copy, Default)]
struct Beside {
    /// Of arrays and objects.
    composed: usize,
    /// Of all else, with their names.
    scalars: usize,
}

impl Candidate {
    /// How much of the document it is.
    fn share(&self) -> f32 {
        let are_many = self.is_usual || self.count >= MANY_RECORDS;
        let beside = self.beside.composed + if are_many { 0 } else { self.beside.scalars };
        self.bytes as f32 / (self.bytes + beside).max(1) as f32
    }
}

/// Where the records are, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub path: RecordPath,
    pub confidence: f32,
    pub evidence: String,
    /// Names of columns, where a member beside the records gives them.
    pub names: Vec<Vec<String>>,
    /// What else may be the records, with what it is.
    pub others: Vec<(RecordPath, String)>,
}

impl Found {
    fn new(steps: Vec<Step>, confidence: f32, evidence: impl Into<String>) -> Self {
        Self { path: RecordPath::new(steps), confidence, evidence: evidence.into(), names: Vec::new(), others: Vec::new() }
    }
}

/// Where the records of a text are, which may be cut or break off.
pub fn find(text: &[u8]) -> Found {
    let mut shapes = Vec::new();
    let mut reader = Reader::loosely(text, 0);
    while shapes.len() < MOST_VALUES && pass_separators(&mut reader) {
        let mut ended = false;
        shapes.push(Shape::read(&mut reader, 0, &mut ended));
        if ended {
            break;
        }
    }
    match &shapes[..] {
        [] => Found::new(Vec::new(), 0.5, "no value is whole"),
        [one] => match one.kind {
            Kind::Array => of_array(one),
            Kind::Object => records(one).unwrap_or_else(|| {
                Found::new(Vec::new(), 0.8, "the document is one object, without an array of records that is most of it")
            }),
            _ => Found::new(Vec::new(), 0.9, "the document is one value"),
        },
        many => {
            let of_arrays = many.iter().all(|shape| shape.kind == Kind::Array && shape.of(Kind::Object) * 2 >= shape.count().max(1));
            let within = many.first().and_then(records);
            let all_within = within.filter(|found| many.iter().all(|shape| records(shape).is_some_and(|other| other.path == found.path)));
            match all_within {
                _ if of_arrays => Found::new(vec![Step::Elements], 0.9, "the values are arrays of objects"),
                Some(within) => within,
                None => Found::new(Vec::new(), 0.9, "several values stand one after another"),
            }
        }
    }
}

/// Whether another value follows.
fn pass_separators(reader: &mut Reader<'_>) -> bool {
    let text = reader.text();
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x1E | b',');
    let next = text.get(reader.at()..).and_then(|rest| rest.iter().position(|byte| !is_between(byte)));
    match next {
        Some(length) => {
            *reader = Reader::loosely(text, reader.at() + length);
            reader.peek().is_ok()
        }
        None => false,
    }
}

/// The records of an array: its elements, or what the arrays among them hold, if that is objects.
fn of_array(array: &Shape) -> Found {
    let is_list = |inner: &&Shape| inner.kind == Kind::Array && inner.count() > 0 && inner.of(Kind::Object) == inner.count();
    let lists: Vec<&Shape> = array.inner.iter().filter(is_list).collect();
    let bytes: usize = lists.iter().map(|list| list.bytes).sum();
    let is_mixed = array.count() == array.inner.len() && lists.len() < array.count() && bytes * 2 > array.bytes;
    let is_nested = lists.len() == array.inner.len() && array.of(Kind::Array) == array.count();
    match !lists.is_empty() && (is_mixed || is_nested) {
        true => Found::new(vec![Step::Elements, Step::Elements], 0.85, "an array of arrays of objects"),
        false => Found::new(vec![Step::Elements], 0.95, "the document is an array"),
    }
}

/// The records within an object: what is most of it, but for what describes them.
pub fn records(object: &Shape) -> Option<Found> {
    let mut search = Search::of(object, true);
    if search.found.is_empty() {
        search = Search::of(object, false);
    }
    let best = search.best()?.clone();
    let share = best.share();
    // A usual name speaks for it too.
    let least = if best.is_usual { 0.25 } else { 0.5 };
    if share < least {
        return None;
    }
    let mut names = best.names.clone();
    if best.of_arrays {
        names.extend(described_names(object));
        names.dedup();
    }
    let is_beside = |other: &&Candidate| other.count > 1 && !other.steps.starts_with(&best.steps) && other.steps != best.steps;
    let mut others: Vec<&Candidate> = search.found.iter().filter(is_beside).collect();
    others.sort_by_key(|other| usize::MAX - other.bytes);
    let others = others.into_iter().take(MOST_OTHERS).map(|other| (RecordPath::new(other.steps.clone()), other.evidence.clone()));
    Some(Found {
        confidence: 0.6 + 0.35 * share.min(1.0),
        evidence: format!("{}, {:.0} % of the document", best.evidence, 100.0 * best.bytes as f32 / object.bytes.max(1) as f32),
        names,
        others: others.collect(),
        path: RecordPath::new(best.steps),
    })
}

/// What may be records within an object.
#[derive(Default)]
struct Search {
    found: Vec<Candidate>,
    /// Members that describe the records are passed over.
    passes: bool,
    steps: Vec<Step>,
}

impl Search {
    fn of(object: &Shape, passes: bool) -> Self {
        let mut search = Self { passes, ..Self::default() };
        search.object(object, Beside::default());
        search
    }

    fn best(&self) -> Option<&Candidate> {
        // Of two alike the first.
        self.found.iter().rev().max_by_key(|candidate| candidate.bytes)
    }

    fn offer(&mut self, shape: &Shape, count: usize, beside: Beside, last: Step, evidence: String) {
        let is_usual = matches!(self.steps.last(), Some(Step::Member(name)) if is_usual(name));
        let steps = [&self.steps[..], &[last]].concat();
        self.found.push(Candidate { bytes: shape.bytes, beside, count, is_usual, of_arrays: false, steps, evidence, names: Vec::new() });
    }

    fn object(&mut self, object: &Shape, mut beside: Beside) {
        if object.is_keyed() {
            let count = object.members.len();
            self.offer(object, count, beside, Step::Members, format!("{count} objects with the same members"));
        }
        let passes = self.passes;
        let members = || object.members.iter().filter(|(name, _)| !passes || !is_describing(name));
        for (name, member) in members() {
            match member.kind {
                Kind::Object | Kind::Array => beside.composed += member.bytes,
                _ => beside.scalars += name.len() + member.bytes,
            }
        }
        for (name, member) in members() {
            self.steps.push(Step::Member(name.clone()));
            let beside = Beside { composed: beside.composed.saturating_sub(member.bytes), ..beside };
            match member.kind {
                Kind::Array => self.array(object, name, member, beside),
                Kind::Object => self.object(member, beside),
                _ => {}
            }
            self.steps.pop();
        }
    }

    fn array(&mut self, parent: &Shape, name: &str, array: &Shape, beside: Beside) {
        let (objects, arrays, all) = (array.of(Kind::Object), array.of(Kind::Array), array.count());
        let usual = is_usual(name);
        // One object around the records, as a service puts it that can answer several questions.
        if let ([only], 1) = (&array.inner[..], all)
            && self.only(only, beside)
        {
            return;
        }
        if objects * 2 > all && (objects > 1 || usual) {
            self.offer(array, objects, beside, Step::Elements, format!("an array of {objects} objects"));
        } else if arrays * 2 > all && usual {
            self.offer(array, arrays, beside, Step::Elements, format!("an array of {arrays} arrays"));
            if let Some(offered) = self.found.last_mut() {
                offered.of_arrays = true;
                offered.names = parent.members.iter().map(|(_, beside)| beside.names.clone()).filter(|names| !names.is_empty()).collect();
            }
        }
    }

    /// Looks through the only element of an array; whether nearly all of it is several records.
    fn only(&mut self, element: &Shape, beside: Beside) -> bool {
        let mut within = Self { passes: self.passes, steps: [&self.steps[..], &[Step::Elements]].concat(), ..Self::default() };
        within.object(element, beside);
        let is_most = within.best().is_some_and(|best| best.count > 1 && best.share() >= ENVELOPE);
        self.found.append(&mut within.found);
        is_most
    }
}

/// The lists of names that stand in what describes the records.
fn described_names(object: &Shape) -> Vec<Vec<String>> {
    fn within(shape: &Shape, found: &mut Vec<Vec<String>>) {
        if !shape.names.is_empty() && shape.names.len() == shape.count() {
            found.push(shape.names.clone());
        }
        shape.members.iter().for_each(|(_, member)| within(member, found));
    }
    let mut found = Vec::new();
    object.members.iter().filter(|(name, _)| is_describing(name)).for_each(|(_, member)| within(member, &mut found));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_where_most_of_a_document_is() {
        for (text, path) in [
            (r#"[{"a":1}]"#, "$[*]"),
            ("[1,2]", "$[*]"),
            (r#"[{"a":1},{"a":"cut"#, "$[*]"),
            ("5", "$"),
            (r#"{"a":1,"tags":[{"t":1},{"t":2}],"text":"much longer than what the tags of it are, as texts tend to be"}"#, "$"),
            (r#"{"data":{"records":[{"a":1},{"a":2}]},"n":2}"#, "$.data.records[*]"),
            (r#"{"meta":{"page":1},"results":[{"id":1,"name":"one of one"}]}"#, "$.results[*]"),
            (r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{}},{"type":"Fea"#, "$.features[*]"),
            (r#"{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2],[3,4],[5,6],[7,8]]}}"#, "$"),
            (r#"{"a":{"x":1,"y":2},"b":{"x":3,"y":4}}"#, "$.*"),
            (r#"{"n":"x","p":{"":{"n":"x"},"p":{"v":"1"},"q":{"v":"1"},"r":{"v":"1"}}}"#, "$.p.*"),
            (r#"{"n":"x","p":{"o":{"n":"x"},"p":{"v":"1"},"q":{"v":"1"},"r":{"v":"1"}}}"#, "$"),
            (r#"{"feed":{"2024-01-01":{"o":1,"c":2},"2024-01-02":{"o":1,"c":3},"2024-01-03":{"o":1}},"symbol":"X"}"#, "$.feed.*"),
            (r#"{"user":{"id":1,"name":"x"},"place":{"lat":1}}"#, "$"),
            (r#"{"columns":["a","b"],"index":[0,1],"data":[[1,"some text"],[2,"some text"]]}"#, "$.data[*]"),
            ("{\"a\":1}\n{\"a\":2}", "$"),
            (r#"[{"a":1}][{"a":2}]"#, "$[*]"),
            ("[1,2]\n[3,4]", "$"),
            (r#"{"items":[{"a":1},{"a":2}]} {"items":[{"a":3},{"a":4}]}"#, "$.items[*]"),
            (
                r#"{"schema":{"fields":[{"name":"i","type":"integer"},{"name":"a","type":"string"}],"primaryKey":["i"]},"data":[{"i":0}]}"#,
                "$.data[*]",
            ),
            (r#"{"data":[{"id":1},{"id":2}],"included":[{"id":1,"about":"much more than"},{"id":2,"about":"the data are"}]}"#, "$.data[*]"),
            (r#"{"rows":[[1,2]],"columns":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}"#, "$.rows[*]"),
            (r#"{"columns":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}"#, "$.columns[*]"),
            (
                r#"{"text":"much longer than all of the objects, as the terms of a licence may be, which stand first in the file","a":[{"i":0},{"i":1},{"i":2},{"i":3},{"i":4},{"i":5},{"i":6},{"i":7},{"i":8},{"i":9}]}"#,
                "$.a[*]",
            ),
            (r#"{"count":1,"next":null,"previous":null,"results":[{"id":1}]}"#, "$.results[*]"),
            (r#"{"a":{"b":{"c":{"d":{"e":{"f":{"g":[{"x":1},{"x":2},{"x":3}]}}}}}}}"#, "$.a.b.c.d.e.f.g[*]"),
            (r#"{"results":[{"tables":[{"rows":[{"a":1},{"a":2}]}]}]}"#, "$.results[*].tables[*].rows[*]"),
            (
                r#"{"results":[{"id":0,"series":[{"name":"cpu","columns":["t","v"],"values":[[1,2],[3,4],[5,6]]}]}]}"#,
                "$.results[*].series[*].values[*]",
            ),
            (r#"{"departments":[{"name":"d","staff":[{"n":"a"},{"n":"b"}]},{"name":"e","staff":[{"n":"c"}]}]}"#, "$.departments[*]"),
            (r#"{"items":[{"id":1,"note":"of some length","tags":[{"t":1},{"t":2}]}]}"#, "$.items[*]"),
            (r#"[{"page":1,"pages":1},[{"year":2000,"value":1.5},{"year":2001,"value":2.5}]]"#, "$[*][*]"),
            (r#"[[{"a":1},{"a":2}],[{"a":3}]]"#, "$[*][*]"),
            (r#"[[1,{"a":1}],[2,{"a":2}]]"#, "$[*]"),
            (r#"[{"id":1,"lines":[{"a":1},{"a":2},{"a":3}]}]"#, "$[*]"),
            (r#"{"data":[{"id":1},"id":2},{"id":3},{"id":4}],"n":4}"#, "$.data[*]"),
            ("{}", "$"),
            ("", "$"),
        ] {
            assert_eq!(find(text.as_bytes()).path.to_string(), path, "{text}");
        }
        let split = find(br#"{"columns":["a","b"],"data":[[1,"x"],[2,"y"]]}"#);
        assert_eq!(split.names, [["a".to_owned(), "b".to_owned()]]);
        let described = find(br#"{"meta":{"view":{"columns":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}},"data":[[1,"x"],[2,"y"]]}"#);
        assert_eq!(described.names, [["a".to_owned(), "b".to_owned()]]);
    }
    #[test]
    fn other_arrays_that_may_be_the_records_are_told() {
        let found = find(br#"{"users":[{"id":1},{"id":2}],"orders":[{"id":1,"of":1},{"id":2,"of":1},{"id":3,"of":2}],"n":5}"#);
        assert_eq!(found.path.to_string(), "$.orders[*]");
        let others: Vec<_> = found.others.iter().map(|(path, what)| (path.to_string(), what.as_str())).collect();
        assert_eq!(others, [("$.users[*]".to_owned(), "an array of 2 objects")]);
    }
}
