//! What is made of a unit's report: accepted in source order, run again, or the reason to start over.

use colonnade_protocol::{ErrorInfo, Place};

use super::{Event, Job, UnitState};
use crate::Result;
use crate::column::{ColumnSpec, nested};
use crate::plan::UnitStart;
use crate::union::{self, Part};
use crate::unit::UnitReport;

impl<S: Clone> Job<S> {
    /// Settles the first unit that is not accepted, if it is done. Whether there may be more to settle.
    pub(super) fn accept_next(&mut self, events: &mut Vec<Event<S>>) -> Result<bool> {
        let next = self.accepted;
        if !matches!(self.units.get(next), Some(UnitState::Done(..))) {
            return Ok(false);
        }
        let UnitState::Done(report, segment) = std::mem::replace(&mut self.units[next], UnitState::Accepted) else { return Ok(false) };
        if report.first != self.reached.byte {
            events.extend(segment.map(Event::Discarded));
            self.units[next] = UnitState::Waiting(UnitStart::At(self.reached.byte));
            return Ok(false);
        }
        if let Some(error) = report.failed {
            let part = report.parts.last().map_or(0, |(part, _)| *part);
            return Err(self.of_file(part, self.placed_error(error, next)));
        }
        if !report.widened.is_empty() {
            events.extend(segment.map(Event::Discarded));
            self.widen(*report, events);
            return Ok(false);
        }
        self.accept(*report, segment, events)?;
        Ok(true)
    }

    fn accept(&mut self, report: UnitReport, segment: Option<S>, events: &mut Vec<Event<S>>) -> Result<()> {
        let unit = report.unit as usize;
        let (cut, base) = (self.cuts[unit], self.base_line(unit));
        self.totals.index.append(&report);
        self.totals.counts += report.counts;
        for (part, counts) in &report.parts {
            if let Some(total) = self.totals.parts.get_mut(*part as usize) {
                *total += *counts;
            }
        }
        if self.totals.sketches.is_empty() {
            self.totals.sketches = report.sketches;
        } else {
            for (total, sketch) in self.totals.sketches.iter_mut().zip(&report.sketches) {
                total.merge(sketch)?;
            }
        }
        self.totals.rejects.append(report.rejects, base);
        let mut rejects = report.all_rejects;
        for reject in &mut rejects {
            reject.places().for_each(|place| place.line += base);
        }
        let before: u64 = self.parts[..cut.part].iter().map(Part::bytes).sum();
        self.totals.bytes = before
            + match cut.end - cut.part {
                1 => self.parts[cut.part].extent.bytes_between(self.parts[cut.part].extent.start.byte, report.end),
                _ => self.parts[cut.part..cut.end].iter().map(Part::bytes).sum(),
            };
        self.accepted += 1;
        self.reached = match self.cuts.get(self.accepted).filter(|next| next.is_first) {
            Some(next) => self.parts[next.part].extent.start,
            None => Place { byte: report.end, line: self.reached.line + report.lines },
        };
        self.segments.extend(segment.clone());
        events.push(Event::Accepted { unit: report.unit, segment, rejects });
        Ok(())
    }

    /// Widens by what this unit has found, and those behind it that are done and right, and starts over. A unit that began
    /// within a record has found what no record holds.
    fn widen(&mut self, right: UnitReport, events: &mut Vec<Event<S>>) {
        let first = right.unit as usize + 1;
        let (mut next, mut end, mut line) = (first, right.end, self.reached.line + right.lines);
        let mut found = behind(right.widened, self.base_line(right.unit as usize));
        for k in first..self.units.len() {
            if let UnitState::Done(report, segment) = std::mem::replace(&mut self.units[k], UnitState::Running) {
                let cut = self.cuts[k];
                if cut.is_first || k == next && report.first == end {
                    let start = if cut.is_first { self.parts[cut.part].extent.start.line } else { line };
                    found.extend(behind(report.widened, if cut.is_first { 0 } else { line }));
                    (next, end, line) = (k + 1, report.end, start + report.lines);
                }
                events.extend(segment.map(Event::Discarded));
            }
        }
        let before = self.columns.clone();
        if let [part] = self.parts.as_mut_slice()
            && part.file.is_none()
        {
            let mut wide = Vec::new();
            found.iter().for_each(|(_, column)| nested::add(&mut wide, column, part.read.text_member.as_deref()));
            part.read.widen(&wide, &self.first_columns);
            self.columns.clone_from(&part.read.columns);
        } else {
            union::widen(&mut self.parts, &mut self.columns, &found, &self.first_columns);
        }
        let change = |column: &ColumnSpec| match before.iter().find(|known| known.name == column.name) {
            Some(known) if known == column => None,
            Some(_) => Some(format!("{} to {}", column.name, nested::written(&column.data_type))),
            None => Some(format!("by {} {}", column.name, nested::written(&column.data_type))),
        };
        let changes = self.columns.iter().filter_map(change).collect();
        self.discard(events);
        self.begin();
        events.push(Event::Widened(changes));
    }

    fn placed_error(&self, mut error: ErrorInfo, unit: usize) -> ErrorInfo {
        if let Some(place) = &mut error.place {
            place.line += self.base_line(unit);
        }
        error
    }

    /// An error with the name of the file that it is of, where there are several.
    pub(super) fn of_file(&self, part: u32, mut error: ErrorInfo) -> ErrorInfo {
        if let Some(file) = self.parts.get(part as usize).and_then(|part| part.file.as_ref()) {
            error.what = format!("{file}: {}", error.what);
        }
        error
    }
}

/// Columns that a unit found to be wider, the places of what they did not hold behind so many lines.
fn behind(mut found: Vec<(u32, ColumnSpec)>, lines: u64) -> Vec<(u32, ColumnSpec)> {
    for late in found.iter_mut().filter_map(|(_, column)| column.late.as_mut()) {
        late.place_mut().line += lines;
    }
    found
}
