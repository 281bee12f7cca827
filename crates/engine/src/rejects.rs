//! Rejects by cause: all of them counted, the first of each kept.
//!
//! A file may be nothing but rejects: what is kept is bounded, and the whole list is made by a pass of its own, when a
//! person asks for it.

use colonnade_protocol::Reject;
use colonnade_protocol::report::RejectGroup;
use serde::{Deserialize, Serialize};

use crate::decisions::{Decisions, Told};

/// Rejects of one cause that are kept.
const KEPT: usize = 1000;
/// Characters of a record that are kept with it.
const RAW_CHARS: usize = 1000;

/// Rejects of a unit or a source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rejects {
    groups: Vec<RejectGroup>,
    decisions: Decisions,
}

impl Rejects {
    /// Counts the next reject in source order, and keeps it if its group has room. `told`: how an option's decisions are told.
    pub fn add(&mut self, reject: &Reject, told: impl Fn(&str) -> Option<Told>) {
        self.decisions.add(reject, told);
        let group = self.group(reject);
        group.count += 1;
        if group.first.len() < KEPT {
            group.first.push(shortened(reject));
        }
    }

    /// Takes in the rejects of the part behind, whose lines begin at `line`.
    pub fn append(&mut self, other: Self, line: u64) {
        self.decisions.append(other.decisions, line);
        for theirs in other.groups {
            let Some(first) = theirs.first.first() else { continue };
            let group = self.group(first);
            group.count += theirs.count;
            let room = KEPT.saturating_sub(group.first.len());
            group.first.extend(theirs.first.into_iter().take(room).map(|mut reject| {
                reject.places().for_each(|place| place.line += line);
                reject
            }));
        }
    }

    /// By cause and outcome, in the order in which they were met.
    pub fn groups(&self) -> &[RejectGroup] {
        &self.groups
    }

    /// What settings decided about them.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    fn group(&mut self, of: &Reject) -> &mut RejectGroup {
        let known = self.groups.iter().position(|group| group.cause == of.cause && group.outcome == of.outcome);
        let at = known.unwrap_or_else(|| {
            self.groups.push(RejectGroup { cause: of.cause, outcome: of.outcome, count: 0, first: Vec::new() });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}

/// A reject as reports show it: of a long record, the beginning, and its reason says so.
fn shortened(reject: &Reject) -> Reject {
    let mut shown = reject.clone();
    if let Some((end, _)) = shown.raw.char_indices().nth(RAW_CHARS) {
        shown.reason.push_str(&format!("; the first {end} of {} bytes are shown", shown.raw.len()));
        shown.raw.truncate(end);
        shown.span = shown.span.filter(|&(_, to)| to as usize <= end);
    }
    shown
}

#[cfg(test)]
mod tests {
    use colonnade_protocol::{Cause, Outcome, Place};

    use super::*;

    fn reject(cause: Cause, line: u64) -> Reject {
        Reject {
            outcome: Outcome::Repaired,
            cause,
            file: None,
            place: Place { byte: 0, line },
            column: None,
            reason: String::new(),
            raw: "x".repeat(5000),
            span: Some((4000, 4001)),
            decisions: Vec::new(),
        }
    }

    #[test]
    fn all_are_counted_and_the_first_thousand_kept_with_their_lines_in_the_file() {
        let (mut first, mut second) = (Rejects::default(), Rejects::default());
        (0..700).for_each(|line| first.add(&reject(Cause::TooFewFields, line), |_| None));
        (0..700).for_each(|line| second.add(&reject(Cause::TooFewFields, line), |_| None));
        second.add(&reject(Cause::StrayQuote, 9), |_| None);
        let mut total = Rejects::default();
        total.append(first, 10);
        total.append(second, 1000);
        let [few, stray] = total.groups() else { panic!("two causes") };
        assert_eq!((few.count, few.first.len(), few.first[0].place.line, few.first[999].place.line), (1400, 1000, 10, 1299));
        assert_eq!(stray.first[0].reason, "; the first 1000 of 5000 bytes are shown");
        assert_eq!((stray.count, stray.first[0].place.line, stray.first[0].raw.len(), stray.first[0].span), (1, 1009, 1000, None));
    }
}
