//! What settings decided about records, so that a person can decide otherwise: counted by option, with the first place and
//! what else there is to choose.

use std::borrow::Cow;

use colonnade_protocol::report::{Change, Decision, Finding, Fix};
use colonnade_protocol::{Place, Reject};
use serde::{Deserialize, Serialize};

use crate::words::{counted_of, placed};

/// The option by whose setting something was done about a record, and how many times in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub option: &'static str,
    pub times: u64,
}

impl By {
    /// It was done once.
    pub fn once(option: &'static str) -> Self {
        Self { option, times: 1 }
    }
}

/// How a person is told of an option's decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What there was one of.
    pub one: Cow<'static, str>,
    /// The same of several.
    pub many: Cow<'static, str>,
    /// What was made of it, or of them.
    pub done: Cow<'static, str>,
    /// What can be decided instead.
    pub instead: Vec<Instead>,
}

/// A setting that decides otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instead {
    /// The button's words.
    pub title: Cow<'static, str>,
    pub option: Cow<'static, str>,
    pub value: Cow<'static, str>,
}

impl Told {
    /// Told in these words, with the titles, options and values of what can be decided instead.
    pub fn new(one: &'static str, many: &'static str, done: &'static str, instead: &[[&'static str; 3]]) -> Self {
        let each =
            |&[title, option, value]: &[&'static str; 3]| Instead { title: title.into(), option: option.into(), value: value.into() };
        Self { one: one.into(), many: many.into(), done: done.into(), instead: instead.iter().map(each).collect() }
    }
}

/// Decisions by option: all of them counted, and where the first is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Decisions {
    counts: Vec<Count>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Count {
    option: Cow<'static, str>,
    told: Told,
    times: u64,
    first: Place,
    file: Option<String>,
}

impl Decisions {
    /// Counts those of the next reject in source order. `told`: how an option's are told; those that are not are not counted.
    pub fn add(&mut self, reject: &Reject, told: impl Fn(&str) -> Option<Told>) {
        for Decision { option, place, times, .. } in &reject.decisions {
            match self.count(option) {
                Some(count) => count.times += times,
                None => {
                    let Some(told) = told(option) else { continue };
                    self.counts.push(Count { option: option.clone(), told, times: *times, first: *place, file: reject.file.clone() });
                }
            }
        }
    }

    /// Counts what a sample shows.
    #[cfg(feature = "every-format")]
    pub fn note(&mut self, option: &'static str, times: u64, place: Place, told: impl Fn(&str) -> Option<Told>) {
        let (first, file) = (place, None);
        match self.count(option) {
            Some(count) => count.times += times,
            None => self.counts.extend(told(option).map(|told| Count { option: option.into(), told, times, first, file })),
        }
    }

    /// Takes in those of the part behind, whose lines begin at `line`.
    pub fn append(&mut self, other: Self, line: u64) {
        for mut theirs in other.counts {
            match self.count(&theirs.option) {
                Some(count) => count.times += theirs.times,
                None => {
                    theirs.first.line += line;
                    self.counts.push(theirs);
                }
            }
        }
    }

    fn count(&mut self, option: &str) -> Option<&mut Count> {
        self.counts.iter_mut().find(|count| count.option == option)
    }

    /// What was `found` before records were read, and of each decision a finding for each way to decide otherwise. Where
    /// both offer the same change, the one that has counted stands.
    pub fn findings(&self, found: &[Finding]) -> Vec<Finding> {
        let decided: Vec<Finding> = self.counts.iter().flat_map(findings).collect();
        let is_counted = |finding: &Finding| {
            let Some(fix) = &finding.fix else { return false };
            decided.iter().any(|decided| decided.fix.as_ref().is_some_and(|decided| decided.change == fix.change))
        };
        found.iter().filter(|finding| !is_counted(finding)).cloned().chain(decided.iter().cloned()).collect()
    }
}

/// Why a record is listed, with the places of what was decided about it where they are others than its own.
pub fn reason(reject: &Reject) -> Cow<'_, str> {
    if reject.decisions.iter().all(|decision| decision.place == reject.place) {
        return Cow::Borrowed(&reject.reason);
    }
    let decided = |decision: &Decision| format!("{}: {}", decision.place, decision.what);
    Cow::Owned(reject.undecided().map(str::to_owned).chain(reject.decisions.iter().map(decided)).collect::<Vec<_>>().join("; "))
}

fn findings(count: &Count) -> Vec<Finding> {
    let told = &count.told;
    let first = if count.times == 1 { "" } else { "first " };
    let file = count.file.as_ref().map(|file| format!("of {file}, ")).unwrap_or_default();
    let what = format!("{}, {first}at {file}{}: {}.", counted_of(count.times, &told.one, &told.many), placed(&count.first), told.done);
    let finding = |instead: &Instead| {
        let change = Change::Option { id: instead.option.clone().into_owned(), value: Some(instead.value.clone().into_owned()) };
        Finding { what: what.clone(), fix: Some(Fix { title: instead.title.clone().into_owned(), change }) }
    };
    told.instead.iter().map(finding).collect()
}
