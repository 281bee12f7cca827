//! The records of a sample.

use std::borrow::Cow;
use std::collections::HashSet;

use super::resume::{Behind, Marks};
use super::walk::{Met, Walk};
use crate::format::json::infer::Seen;
use crate::format::json::layout::{Layout, Name, Orient};
use crate::format::json::mend::Mender;
use crate::format::json::path::RecordPath;
use crate::format::json::reader::{Kind, Reader, SyntaxError};
use crate::format::json::repair::Repair;
use crate::format::json::shown::RepairCounts;

/// Records whose keys tell others.
const TELLING: usize = 50;

/// What a sample holds.
#[derive(Default)]
pub struct Gathered<'a> {
    pub records: Vec<Seen<'a>>,
    /// Records by kind.
    pub kinds: [usize; 6],
    /// Bytes before the document that are a call, a variable or a guard.
    pub wrapped: usize,
    /// Where the head's first record begins.
    pub first: Option<usize>,
    /// Where the head's second record begins.
    pub second: Option<usize>,
    /// Names of members beside the records.
    pub beside: Vec<String>,
    /// How many of them are before the first record.
    pub beside_first: usize,
    /// The first thing that breaks the grammar, and how many there are.
    pub broken: Option<SyntaxError>,
    pub rejected: usize,
    pub repairs: RepairCounts,
    /// Bytes that the whole records take.
    pub bytes: usize,
    keys: HashSet<String>,
}

/// How records are found.
pub struct Gathering<'s> {
    pub path: &'s RecordPath,
    pub mender: &'s Mender,
}

impl Gathering<'_> {
    /// Takes up the records of a document's start.
    pub fn head<'a>(&self, text: &'a [u8], at_end: bool) -> Gathered<'a> {
        let mut gathered = Gathered { wrapped: self.mender.before(text), ..Gathered::default() };
        self.run(text, gathered.wrapped, at_end, Walk::from_start(self.path), &mut gathered);
        gathered
    }

    /// Takes up those of a piece from the middle.
    pub fn slice<'a>(&self, text: &'a [u8], at_end: bool, layout: Layout, gathered: &mut Gathered<'a>) {
        let first = self.marks(layout, &gathered.keys, |marks| marks.first(text, 1, at_end));
        if let (Some(first), true) = (first, layout.orient != Orient::Value) {
            let beside = gathered.beside.len();
            self.run(text, first, at_end, Walk::at_record(self.path), gathered);
            if !at_end {
                // It may be guessed wrong: what a table says of its envelope comes from the ends.
                gathered.beside.truncate(beside);
            }
        }
    }

    fn run<'a>(&self, text: &'a [u8], mut at: usize, at_end: bool, mut walk: Walk, gathered: &mut Gathered<'a>) {
        let keyed = self.path.is_keyed();
        loop {
            let met = walk.next(text, at, at_end);
            gathered.beside.append(&mut walk.take_beside());
            match met {
                Met::Record(start) => {
                    match gathered.first {
                        None => (gathered.first, gathered.beside_first) = (Some(start), gathered.beside.len()),
                        Some(_) if gathered.second.is_none() => gathered.second = Some(start),
                        Some(_) => {}
                    }
                    let mut reader = Reader::new(text, start);
                    let name = if keyed { reader.member_key().err() } else { None };
                    let error = match name.map_or_else(|| reader.skip().map(|_| reader.at()), Err) {
                        Ok(end) => {
                            gathered.take(Seen { text: Cow::Borrowed(text), start }, keyed, end - start);
                            at = end;
                            walk.passed();
                            continue;
                        }
                        Err(error) => error,
                    };
                    if error.cut && !at_end {
                        if gathered.records.is_empty() {
                            gathered.take(Seen { text: Cow::Borrowed(text), start }, keyed, text.len() - start);
                        }
                        return;
                    }
                    match self.mender.mend(text, start, keyed, at_end) {
                        Ok(mended) => {
                            gathered.repairs.add(mended.kinds().filter(|repair| self.mender.lists(*repair)));
                            gathered.take(Seen { text: Cow::Owned(mended.text), start: 0 }, keyed, mended.end - start);
                            at = mended.end;
                            walk.passed();
                        }
                        Err(mending) if mending.cut && !at_end => return,
                        Err(mending) => {
                            gathered.broken.get_or_insert(self.mender.obstacle(error, mending));
                            gathered.rejected += 1;
                            let orient = match text[start] {
                                b'{' if gathered.records.is_empty() => Orient::Records,
                                b'[' if gathered.records.is_empty() => Orient::Values,
                                _ => gathered.orient(),
                            };
                            let Some(next) = self.go_on(text, start, at_end, orient, &mut walk, gathered) else { return };
                            at = next;
                        }
                    }
                }
                Met::Odd(repair, from, to) => {
                    if !self.mender.allows(repair) {
                        let what = repair.reason().split(';').next().unwrap_or_default();
                        gathered.broken.get_or_insert(SyntaxError { at: from, what, cut: false });
                    } else if repair != Repair::Ellipsis && self.mender.lists(repair) {
                        gathered.repairs.add([repair]);
                    }
                    at = to;
                }
                Met::Broken(error) => {
                    gathered.broken.get_or_insert(error);
                    gathered.rejected += 1;
                    if text.get(error.at) == Some(&b':') && !keyed {
                        gathered.take_back_key();
                    }
                    let orient = gathered.orient();
                    let Some(next) = self.go_on(text, error.at, at_end, orient, &mut walk, gathered) else { return };
                    at = next;
                }
                Met::More(_) | Met::End(_) => return,
            }
        }
    }

    /// Where the walk goes on behind what is broken at `start`, if that can be told.
    fn go_on(&self, text: &[u8], start: usize, at_end: bool, orient: Orient, walk: &mut Walk, gathered: &Gathered<'_>) -> Option<usize> {
        let behind = |orient| {
            let layout = Layout { orient, keyed: self.path.is_keyed() };
            self.marks(layout, &gathered.keys, |marks| marks.behind(text, start, at_end))
        };
        // What is broken may be all that was seen: objects are the most usual.
        let has_records = gathered.kinds[Kind::Object as usize] + gathered.kinds[Kind::Array as usize] > 0;
        let as_objects = (!has_records).then(|| behind(Orient::Records)).filter(|behind| matches!(behind, Behind::Record(_)));
        match as_objects.unwrap_or_else(|| behind(orient)) {
            Behind::Record(next) => {
                walk.resume();
                Some(next)
            }
            Behind::End(end) => {
                walk.passed();
                Some(end)
            }
            Behind::Unknown => None,
        }
    }

    fn marks<T>(&self, layout: Layout, keys: &HashSet<String>, what: impl FnOnce(&Marks<'_>) -> T) -> T {
        let knows = |name: &str| keys.is_empty() || keys.contains(name);
        what(&Marks { layout, path: self.path, knows: &knows })
    }
}

impl<'a> Gathered<'a> {
    fn take(&mut self, seen: Seen<'a>, keyed: bool, bytes: usize) {
        let mut reader = Reader::loosely(&seen.text, seen.start);
        if keyed && reader.member_key().is_err() {
            return;
        }
        let Ok(kind) = reader.peek() else { return };
        self.kinds[kind as usize] += 1;
        self.bytes += bytes;
        if self.records.len() < TELLING {
            let _ = Layout::OBJECTS.fields(&mut reader, |reader, name| {
                if let Name::Member(_) = &name {
                    self.keys.insert(name.source_name(&seen.text));
                }
                reader.skip().map(|_| ())
            });
        }
        self.records.push(seen);
    }

    /// A text before a colon is the key of a record whose bracket is missing.
    fn take_back_key(&mut self) {
        let is_text = |seen: &Seen<'_>| Reader::loosely(&seen.text, seen.start).peek() == Ok(Kind::String);
        if self.records.last().is_some_and(is_text) {
            self.records.pop();
            self.kinds[Kind::String as usize] -= 1;
        }
    }

    /// What most records are.
    pub fn orient(&self) -> Orient {
        let [_, _, _, _, objects, arrays] = self.kinds;
        let others = self.kinds.iter().sum::<usize>() - objects - arrays;
        if objects >= arrays && objects >= others && objects > 0 {
            Orient::Records
        } else if arrays >= others && arrays > 0 {
            Orient::Values
        } else {
            Orient::Value
        }
    }
}
