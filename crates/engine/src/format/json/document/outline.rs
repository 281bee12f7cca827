//! What a document is made of, as far as a sample shows it, and where its records are.

use crate::format::json::path::{RecordPath, Step};
use crate::format::json::reader::{Kind, Reader};
use crate::format::json::widen::key_text;

/// Objects are looked into so deep.
const DEPTH: usize = 5;
/// Values at the top that are looked at.
const MOST_VALUES: usize = 50;
/// Members of an object that are looked at.
const MOST_MEMBERS: usize = 5000;
/// Broken elements of an array behind which others are looked for.
const MOST_BROKEN: usize = 20;
/// Names that are kept of an array of texts.
const MOST_NAMES: usize = 2000;

/// Names that services give to the records of an answer.
const USUAL: [&str; 24] = [
    "data",
    "records",
    "items",
    "results",
    "result",
    "rows",
    "features",
    "values",
    "value",
    "entries",
    "entry",
    "hits",
    "docs",
    "documents",
    "list",
    "objects",
    "content",
    "elements",
    "members",
    "nodes",
    "observations",
    "series",
    "events",
    "points",
];

/// Names of what services put beside the records to describe them; what is within is described too.
const DESCRIBING: [&str; 30] = [
    "meta",
    "metadata",
    "_meta",
    "links",
    "_links",
    "included",
    "includes",
    "schema",
    "columns",
    "fields",
    "headers",
    "header",
    "facets",
    "facet_groups",
    "facet_counts",
    "aggregations",
    "aggs",
    "responseheader",
    "parameters",
    "params",
    "paging",
    "pagination",
    "pageinfo",
    "page_info",
    "@context",
    "view",
    "crs",
    "license",
    "warnings",
    "errors",
];
/// Objects with so many members that are objects too are told to be keyed by less.
const MANY: usize = 8;

/// A value in outline.
#[derive(Debug, Clone)]
pub struct Shape {
    pub kind: Kind,
    /// Bytes of it in the sample.
    pub bytes: usize,
    /// Elements by kind, of an array.
    elements: [usize; 6],
    /// Elements that are texts, as long as all are; or what the elements call themselves, if they are objects that all do.
    names: Vec<String>,
    /// Of an object.
    pub members: Vec<(String, Shape)>,
}

/// What may be the records.
struct Candidate {
    bytes: usize,
    is_usual: bool,
    of_arrays: bool,
    steps: Vec<Step>,
    evidence: String,
    names: Vec<Vec<String>>,
}

/// Where the records are, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub path: RecordPath,
    pub confidence: f32,
    pub evidence: String,
    /// Names of columns, where a member beside the records gives them.
    pub names: Vec<Vec<String>>,
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
    let found = |steps, confidence, evidence: String| Found { path: RecordPath::new(steps), confidence, evidence, names: Vec::new() };
    match &shapes[..] {
        [] => found(Vec::new(), 0.5, "no value is whole".to_owned()),
        [one] => match one.kind {
            Kind::Array => found(vec![Step::Elements], 0.95, "the document is an array".to_owned()),
            Kind::Object => one.records().unwrap_or_else(|| {
                found(Vec::new(), 0.8, "the document is one object, without an array of records that is most of it".to_owned())
            }),
            _ => found(Vec::new(), 0.9, "the document is one value".to_owned()),
        },
        many => {
            let of_arrays = many.iter().all(|shape| shape.kind == Kind::Array && shape.of(Kind::Object) * 2 >= shape.count().max(1));
            let within = many.first().and_then(Shape::records);
            let all_within = within.filter(|found| many.iter().all(|shape| shape.records().is_some_and(|other| other.path == found.path)));
            match all_within {
                _ if of_arrays => found(vec![Step::Elements], 0.9, "the values are arrays of objects".to_owned()),
                Some(within) => within,
                None => found(Vec::new(), 0.9, "several values stand one after another".to_owned()),
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

/// The name that an element of a list of names is, or that an object of a description has.
fn name_of(reader: &mut Reader<'_>, kind: Kind) -> Option<String> {
    let text = reader.text();
    match kind {
        Kind::String => Some(key_text(text, &reader.string().ok()?)),
        Kind::Object => {
            reader.open();
            let mut first = true;
            while let Some(key) = reader.next_key(first).ok()? {
                first = false;
                if key_text(text, &key).eq_ignore_ascii_case("name") && reader.peek() == Ok(Kind::String) {
                    return Some(key_text(text, &reader.string().ok()?));
                }
                reader.skip().ok()?;
            }
            None
        }
        _ => None,
    }
}

/// Where another object of an array begins, behind one that is broken.
fn next_object(text: &[u8], from: usize) -> Option<usize> {
    let blank = |byte: &&u8| !byte.is_ascii_whitespace();
    memchr::memchr_iter(b'{', text.get(from..)?).map(|at| from + at).find(|&at| {
        let mut before = text[..at].iter().rev().filter(blank);
        before.next() == Some(&b',') && before.next() == Some(&b'}')
    })
}

fn is_describing(name: &str) -> bool {
    DESCRIBING.iter().any(|describing| name.eq_ignore_ascii_case(describing))
}

fn is_usual(name: &str) -> bool {
    USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual))
}

impl Shape {
    /// The outline of the value that is next; `ended`: it breaks off, and nothing behind it can be read.
    pub fn read(reader: &mut Reader<'_>, depth: usize, ended: &mut bool) -> Self {
        let start = reader.at();
        let kind = reader.peek().unwrap_or(Kind::Null);
        let mut shape = Self { kind, bytes: 0, elements: [0; 6], names: Vec::new(), members: Vec::new() };
        let read = match kind {
            Kind::Array => shape.read_elements(reader),
            Kind::Object if depth < DEPTH => shape.read_members(reader, depth, ended),
            _ => reader.skip().is_ok(),
        };
        *ended |= !read;
        let end = if *ended { reader.text().len() } else { reader.at() };
        shape.bytes = end.saturating_sub(start);
        shape
    }

    fn read_elements(&mut self, reader: &mut Reader<'_>) -> bool {
        reader.open();
        let (mut first, mut broken) = (true, 0);
        loop {
            let element = reader.next_element(first).and_then(|is_one| {
                first = false;
                let Some(kind) = is_one.then(|| reader.peek()).transpose()? else { return Ok(None) };
                // One that breaks off counts too.
                self.elements[kind as usize] += 1;
                reader.skip().map(|range| Some((kind, range)))
            });
            let (kind, range) = match element {
                Ok(Some(element)) => element,
                Ok(None) => return true,
                Err(error) if !error.cut && broken < MOST_BROKEN => {
                    let Some(next) = next_object(reader.text(), error.at) else { return false };
                    *reader = Reader::loosely(reader.text(), next);
                    (first, broken) = (true, broken + 1);
                    continue;
                }
                Err(_) => return false,
            };
            if self.names.len() + 1 == self.count() && self.names.len() < MOST_NAMES {
                self.names.extend(name_of(&mut Reader::new(reader.text(), range.start), kind));
            }
        }
    }

    fn read_members(&mut self, reader: &mut Reader<'_>, depth: usize, ended: &mut bool) -> bool {
        reader.open();
        let mut first = true;
        loop {
            let key = match reader.next_key(first) {
                Ok(Some(key)) => key,
                Ok(None) => return true,
                Err(_) => return false,
            };
            first = false;
            let name = key_text(reader.text(), &key);
            let _ = reader.peek();
            if self.members.len() < MOST_MEMBERS {
                self.members.push((name, Self::read(reader, depth + 1, ended)));
            } else {
                *ended |= reader.skip().is_err();
            }
            if *ended {
                return false;
            }
        }
    }

    /// How many elements of this kind an array has.
    pub fn of(&self, kind: Kind) -> usize {
        self.elements[kind as usize]
    }

    /// How many elements an array has.
    pub fn count(&self) -> usize {
        self.elements.iter().sum()
    }

    /// Whether the members are alike and their names data: objects with mostly the same members.
    fn is_keyed(&self) -> bool {
        let objects = || self.members.iter().map(|(_, member)| member);
        let [(_, first), ..] = &self.members[..] else { return false };
        if self.members.len() < 2 || objects().any(|member| member.kind != Kind::Object) || first.members.is_empty() {
            return false;
        }
        // The last one may be cut.
        let compared = if self.members.len() > 3 { self.members.len() - 1 } else { self.members.len() };
        let shared =
            |member: &Shape| member.members.iter().filter(|(name, _)| first.members.iter().any(|(known, _)| known == name)).count();
        let (same, all) = objects().take(compared).fold((0, 0), |(same, all), member| {
            let shared = shared(member);
            (same + shared, all + member.members.len() + first.members.len() - shared)
        });
        let least = match self.members.len() {
            2 => 100,
            ..MANY => 60,
            _ => 30,
        };
        same * 100 >= all * least
    }

    /// The records within an object: what is most of it, but for what describes them.
    pub fn records(&self) -> Option<Found> {
        let (mut best, mut described) = (None, 0);
        self.search(&mut Vec::new(), &mut best, &mut Some(&mut described));
        if best.is_none() {
            described = 0;
            self.search(&mut Vec::new(), &mut best, &mut None);
        }
        let best: Candidate = best?;
        let share = best.bytes as f32 / self.bytes.saturating_sub(described).max(1) as f32;
        // A usual name speaks for it too.
        let least = if best.is_usual { 0.25 } else { 0.5 };
        let mut names = best.names;
        if best.of_arrays {
            names.extend(self.described_names());
            names.dedup();
        }
        (share >= least).then(|| Found {
            path: RecordPath::new(best.steps),
            confidence: 0.6 + 0.35 * share.min(1.0),
            evidence: format!("{}, {:.0} % of the document", best.evidence, 100.0 * best.bytes as f32 / self.bytes.max(1) as f32),
            names,
        })
    }

    /// Looks for what may be the records. `described`: members that describe them are passed over, and their bytes counted.
    fn search(&self, steps: &mut Vec<Step>, best: &mut Option<Candidate>, described: &mut Option<&mut usize>) {
        let mut offer = |bytes: usize, steps: &[Step], last: Step, evidence: String, names: Option<Vec<Vec<String>>>| {
            if best.as_ref().is_none_or(|best| bytes > best.bytes) {
                let is_usual = matches!(steps.last(), Some(Step::Member(name)) if is_usual(name));
                *best = Some(Candidate {
                    bytes,
                    is_usual,
                    of_arrays: names.is_some(),
                    steps: [steps, &[last]].concat(),
                    evidence,
                    names: names.unwrap_or_default(),
                });
            }
        };
        if self.is_keyed() {
            offer(self.bytes, steps, Step::Members, format!("{} objects with the same members", self.members.len()), None);
        }
        let passes = described.is_some();
        let is_searched = |(name, _): &&(String, Shape)| !passes || !is_describing(name);
        for (name, member) in self.members.iter().filter(is_searched) {
            steps.push(Step::Member(name.clone()));
            let usual = is_usual(name);
            let (objects, arrays, all) = (member.of(Kind::Object), member.of(Kind::Array), member.count());
            if objects * 2 > all && (objects > 1 || usual) {
                offer(member.bytes, steps, Step::Elements, format!("an array of {objects} objects"), None);
            } else if arrays * 2 > all && usual {
                let names = self.members.iter().map(|(_, beside)| beside.names.clone()).filter(|names| !names.is_empty()).collect();
                offer(member.bytes, steps, Step::Elements, format!("an array of {arrays} arrays"), Some(names));
            }
            steps.pop();
        }
        if let Some(described) = described {
            **described += self.members.iter().filter(|(name, _)| is_describing(name)).map(|(_, member)| member.bytes).sum::<usize>();
        }
        for (name, member) in self.members.iter().filter(is_searched).filter(|(_, member)| member.kind == Kind::Object) {
            steps.push(Step::Member(name.clone()));
            member.search(steps, best, described);
            steps.pop();
        }
    }

    /// The lists of names that stand in what describes the records.
    fn described_names(&self) -> Vec<Vec<String>> {
        fn within(shape: &Shape, found: &mut Vec<Vec<String>>) {
            if !shape.names.is_empty() && shape.names.len() == shape.count() {
                found.push(shape.names.clone());
            }
            shape.members.iter().for_each(|(_, member)| within(member, found));
        }
        let mut found = Vec::new();
        self.members.iter().filter(|(name, _)| is_describing(name)).for_each(|(_, member)| within(member, &mut found));
        found
    }
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
}
